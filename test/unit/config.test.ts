import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';

const bot = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: '0123456789abcdef' };

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('fills in the documented defaults', () => {
    const config = readConfig(bot, ['bot', 'worker']);
    expect(config).toMatchObject({
      port: 3000,
      dataDir: '.data',
      playbook: 'product-usage',
      timeZone: 'UTC',
      ticketEmoji: 'ticket',
      ticketReminderMinutes: 10,
      ticketDefaultMinutes: 60,
      logLevel: 'info',
      slack: { apiUrl: 'https://slack.com/api/' },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every fault at once', () => {
    const faults = faultsOf(() =>
      readConfig(
        {
          PORT: 'eighty',
          SLACK_BOT_TOKEN: 'xoxp-user',
          DATABASE_URL: 'mysql://x',
          REDIS_URL: 'nonsense',
          TIMEZONE: 'Mars/Base',
          LOG_LEVEL: 'loud',
          SUPPORT_CHANNEL: '#support',
          ZENDESK_URL: 'https://x.zendesk.com',
          SALESFORCE_CLIENT_ID: 'key',
          VITALLY_URL: 'acme.rest.vitally.io',
          INGEST_WRITE_KEYS: 'short',
          TICKET_REMINDER_MINUTES: '0',
          TICKET_DEFAULT_MINUTES: 'an hour',
        },
        ['bot'],
      ),
    );
    for (const name of [
      'PORT',
      'SLACK_BOT_TOKEN',
      'SLACK_SIGNING_SECRET',
      'DATABASE_URL',
      'REDIS_URL',
      'TIMEZONE',
      'LOG_LEVEL',
      'SUPPORT_CHANNEL',
      'ZENDESK_EMAIL',
      'ZENDESK_API_TOKEN',
      'SALESFORCE_URL',
      'SALESFORCE_CLIENT_SECRET',
      'VITALLY_URL',
      'VITALLY_API_KEY',
      'INGEST_WRITE_KEYS',
      'TICKET_REMINDER_MINUTES',
      'TICKET_DEFAULT_MINUTES',
    ]) {
      expect(
        faults.some((fault) => fault.startsWith(`${name} `)),
        name,
      ).toBe(true);
    }
  });

  it('asks the command line for no Slack', () => {
    expect(faultsOf(() => readConfig({}, ['cli']))).toEqual([]);
  });

  it('asks a worker for the bot token but for no signing secret', () => {
    expect(faultsOf(() => readConfig({ SLACK_BOT_TOKEN: 'xoxb-1' }, ['worker']))).toEqual([]);
    expect(faultsOf(() => readConfig({}, ['worker']))).toHaveLength(1);
  });

  it('takes an app-level token in place of the signing secret', () => {
    expect(faultsOf(() => readConfig({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }, ['bot']))).toEqual([]);
  });

  it('counts an empty variable as unset', () => {
    expect(readConfig({ ...bot, DATABASE_URL: '', PORT: ' ' }, ['bot']).port).toBe(3000);
  });

  it('takes values without the space around them, as a pasted secret or a file may have it', () => {
    const { slack } = readConfig({ SLACK_BOT_TOKEN: ' xoxb-1', SLACK_SIGNING_SECRET: '0123456789abcdef\n' }, ['bot']);
    expect(slack).toMatchObject({ botToken: 'xoxb-1', signingSecret: '0123456789abcdef' });
  });

  it.each([
    ['DATABASE_URL', 'postgres://app:p@ss/word@db/bell'],
    ['DATABASE_URL', 'postgres://app:12#word@db/bell'],
    ['REDIS_URL', 'redis://:p@ss/word@db/1'],
  ])('refuses a %s whose password is not encoded, and does not repeat it', (name, value) => {
    const faults = faultsOf(() => readConfig({ [name]: value }, ['cli']));
    expect(faults).toEqual([expect.stringMatching(`^${name} has a user or password with / or # in it`)]);
    expect(faults.join()).not.toContain(value.slice(-12));
    expect(faultsOf(() => readConfig({ [name]: value.replace(/p@ss.word|12#word/, 'p%2Fw') }, ['cli']))).toEqual([]);
  });

  it.each(['redis://h', 'redis://h/', 'redis://h:6379/3', 'rediss://u:p@h/0'])('takes %s', (value) => {
    expect(readConfig({ REDIS_URL: value }, ['cli']).redisUrl).toBe(value);
  });

  it('refuses a REDIS_URL with a database that is no number', () => {
    expect(faultsOf(() => readConfig({ REDIS_URL: 'redis://h/main' }, ['cli']))).toEqual([
      'REDIS_URL must end in the number of a database, such as /0, or without one',
    ]);
  });

  it('wants all settings of a CRM, or none', () => {
    const salesforce = { SALESFORCE_URL: 'https://acme.my.salesforce.com', SALESFORCE_CLIENT_ID: 'id' };
    expect(faultsOf(() => readConfig(salesforce, ['cli']))).toEqual([
      'SALESFORCE_CLIENT_SECRET is missing; it is needed together with SALESFORCE_URL',
    ]);
    const open = { ...salesforce, SALESFORCE_URL: 'http://acme.example', SALESFORCE_CLIENT_SECRET: 's' };
    expect(faultsOf(() => readConfig(open, ['cli']))).toEqual([
      'SALESFORCE_URL must start with https://, since a secret is sent there',
    ]);
    const config = readConfig({ ...salesforce, SALESFORCE_CLIENT_SECRET: 's' }, ['cli']);
    expect(config.salesforce).toEqual({ url: salesforce.SALESFORCE_URL, clientId: 'id', clientSecret: 's' });
    expect(config.vitally).toBeUndefined();
  });

  it('never repeats a secret in a fault', () => {
    const faults = faultsOf(() =>
      readConfig({ SLACK_BOT_TOKEN: 'my-secret-token', SLACK_SIGNING_SECRET: 'abc' }, ['bot']),
    );
    expect(faults.join()).not.toContain('my-secret-token');
  });
});
