import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSimulator } from '../../simulator/simulator.ts';
import type { Simulator } from '../../simulator/types.ts';
import { readConfig } from '../../src/config.ts';
import { type Bellwether, startBellwether } from '../../src/main.ts';
import { csTeam, maya } from '../bot.ts';
import { createTestDatabase } from '../database.ts';
import { insertAccount } from '../factories.ts';

const secrets = { signingSecret: '0123456789abcdef', botToken: 'xoxb-test', appToken: 'xapp-test' };
const log = pino({ level: 'silent' });

type Started = { slack: Simulator; bellwether: Bellwether; url: string };

/** The whole product on a database of its own, with a workspace that it reaches over HTTP or Socket Mode. */
async function start(
  how: 'http' | 'socket',
  roles: readonly ('bot' | 'worker')[] = ['bot', 'worker'],
): Promise<Started> {
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const slack = createSimulator(secrets);
  const { apiUrl } = await slack.listen();
  onTestFinished(() => slack.close());
  const config = readConfig(
    {
      PORT: '0',
      DATABASE_URL: database.url,
      SLACK_API_URL: apiUrl,
      SLACK_BOT_TOKEN: secrets.botToken,
      ...(how === 'socket' ? { SLACK_APP_TOKEN: secrets.appToken } : { SLACK_SIGNING_SECRET: secrets.signingSecret }),
    },
    roles,
  );
  const bellwether = await startBellwether({ config, roles, log, host: '127.0.0.1' });
  onTestFinished(bellwether.close);
  const url = `http://127.0.0.1:${bellwether.port}`;
  if (how === 'http') slack.connect(`${url}/slack/events`);
  return { slack, bellwether, url };
}

async function answerTo(slack: Simulator, line: string): Promise<string> {
  expect(await slack.command(maya, csTeam, line)).toEqual({ ok: true });
  const seen = await slack.waitFor(() => slack.ephemerals(csTeam, maya).at(-1), 10_000);
  return JSON.stringify(seen);
}

describe('startBellwether', () => {
  it.each(['http', 'socket'] as const)('answers /health over %s', async (how) => {
    const { slack, bellwether } = await start(how);
    await insertAccount(bellwether.deps.db, { id: 'acme', name: 'Acme' });
    expect(await answerTo(slack, '/health acme')).toContain('Acme');
  });

  it('has no door for unsigned requests in Socket Mode', async () => {
    const { url } = await start('socket');
    expect((await fetch(`${url}/slack/events`, { method: 'POST', body: '{}' })).status).toBe(404);
  });

  it('refuses what Slack did not sign, and what it signed too long ago', async () => {
    const { slack } = await start('http');
    slack.signWrongly('secret');
    expect(await slack.command(maya, csTeam, '/health')).toMatchObject({ ok: false });
    slack.signWrongly('timestamp');
    expect(await slack.command(maya, csTeam, '/health')).toMatchObject({ ok: false });
    expect(slack.ephemerals(csTeam, maya)).toEqual([]);
  });

  it('says so while it cannot ask Slack who somebody is, and answers once it can', async () => {
    const { slack, url } = await start('http');
    slack.fault({ method: 'auth.test', kind: 'status', status: 500, count: 2 });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect(await answerTo(slack, '/health help')).toContain('could not check with Slack who you are');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    await slack.command(maya, csTeam, '/health help');
    await slack.waitFor(() => JSON.stringify(slack.ephemerals(csTeam, maya)).includes('your accounts'), 10_000);
  });

  it('computes in a worker without the bot, which then has no door for Slack', async () => {
    const { bellwether, url } = await start('http', ['worker']);
    const { db } = bellwether.deps;
    await insertAccount(db, { id: 'acme' });
    await bellwether.deps.queue.enqueue('compute-health', {});
    const scored = () => db.selectFrom('scores').select('account_id').execute();
    await expect.poll(scored, { timeout: 15_000 }).toEqual([{ account_id: 'acme' }]);
    expect((await fetch(`${url}/slack/events`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('refuses to start on a playbook with faults, naming them', async () => {
    const config = readConfig({ SLACK_BOT_TOKEN: 'xoxb-1', PLAYBOOK: 'no-such-pack' }, ['worker']);
    await expect(startBellwether({ config, roles: ['worker'], log })).rejects.toThrow(/no-such-pack/);
  });
});
