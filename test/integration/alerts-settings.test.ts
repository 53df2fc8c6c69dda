import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ALERT_MENU } from '../../blocks/alert-list.ts';
import { NEXT_ALERTS, SET_DIGEST, SET_QUIET_HOURS, SET_WEEKEND, USUAL_ALERTS } from '../../blocks/alert-settings.ts';
import { findPreferences } from '../../src/db/alert-preferences.ts';
import { insertAlert, insertAlertMessage } from '../alert-factories.ts';
import { acmeShared, csTeam, general, guest, maya, startTestBot, type TestBot, tom, wordsOf } from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount } from '../factories.ts';
import { makeIndicator, makeIndicators } from '../indicators.ts';
import { createTestPlaybook } from '../playbook.ts';

const now = new Date('2026-11-24T11:00:00Z');
const email = 'maya@bellwether.example';
const playbook = {
  ...createTestPlaybook(),
  indicators: makeIndicators([makeIndicator()], { quietHours: { from: '19:00', to: '08:00' }, digestAt: '09:30' }),
};

let database: TestDatabase;
let bot: TestBot;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTestBot({ db: database.db, playbook, now: () => now });
});
afterAll(async () => {
  await bot.close();
  await database.drop();
});
beforeEach(async () => {
  for (const table of ['accounts', 'messages', 'alert_preferences'] as const)
    await database.db.deleteFrom(table).execute();
  bot.failures.length = 0;
});

const ask = async (line: string, user = maya) => (await bot.ask(user, csTeam, line))[0];
const chosen = () => findPreferences(database.db, email);

describe('/cs alerts', () => {
  test('shows what the playbook says, in my own time zone, until I choose', async () => {
    const words = wordsOf(await ask('/cs alerts'));
    expect(words).toEqual(
      expect.arrayContaining([
        '🌙 Quiet from *19:00* to *08:00*',
        '📅 Quiet at weekends',
        '📰 No digest: each alert by itself',
        '_The usual; you have not chosen._',
        'Times are in your Slack time zone, Europe/Stockholm. High severity always comes at once.',
        'Your open alerts: none',
      ]),
    );
    expect(await chosen()).toBeNull();
  });

  test.each([
    ['quiet 22:00-07:30', { quietHours: { from: '22:00', to: '07:30' }, quietWeekend: true, digestAt: null }],
    ['quiet 9pm to 7 am', { quietHours: { from: '21:00', to: '07:00' }, quietWeekend: true, digestAt: null }],
    ['quiet off', { quietHours: null, quietWeekend: true, digestAt: null }],
    ['weekend on', { quietHours: { from: '19:00', to: '08:00' }, quietWeekend: false, digestAt: null }],
    ['weekend off', { quietHours: { from: '19:00', to: '08:00' }, quietWeekend: true, digestAt: null }],
    ['digest 9', { quietHours: { from: '19:00', to: '08:00' }, quietWeekend: true, digestAt: '09:00' }],
    ['digest on', { quietHours: { from: '19:00', to: '08:00' }, quietWeekend: true, digestAt: '09:30' }],
    ['digest off', { quietHours: { from: '19:00', to: '08:00' }, quietWeekend: true, digestAt: null }],
  ])('%s is kept beside the rest', async (words, preferences) => {
    const answer = await ask(`/cs alerts ${words}`);
    expect(wordsOf(answer)[0]).toBe('Changed.');
    expect(await chosen()).toEqual(preferences);
    expect(bot.failures).toEqual([]);
  });

  test('default forgets what I chose', async () => {
    await ask('/cs alerts quiet off');
    expect(wordsOf(await ask('/cs alerts default'))).toContain('_The usual; you have not chosen._');
    expect(await chosen()).toBeNull();
  });

  test.each([
    'loud',
    'quiet',
    'quiet 25:00-08:00',
    'quiet 08:00-08:00',
    'quiet 13pm-2pm',
    'weekend maybe',
    'digest 24:00',
    'digest noon',
  ])('%s is answered with what would have been right', async (words) => {
    expect((await ask(`/cs alerts ${words}`))?.text).toMatch(/`\/cs alerts|must end at another time/);
    expect(await chosen()).toBeNull();
    expect(bot.failures).toEqual([]);
  });

  test('has menus for the same, and is replaced in place', async () => {
    const seen = await ask('/cs alerts');
    const [quiet] = await bot.choose(maya, seen!, SET_QUIET_HOURS, 'off');
    expect(quiet?.ts).toBe(seen?.ts);
    expect(wordsOf(quiet)).toContain('🌙 No quiet hours');
    const [weekend] = await bot.choose(maya, quiet!, SET_WEEKEND, 'on');
    const [digest] = await bot.choose(maya, weekend!, SET_DIGEST, '17:00');
    expect(wordsOf(digest)).toContain('📰 One digest a day at *17:00*');
    expect(await chosen()).toEqual({ quietHours: null, quietWeekend: false, digestAt: '17:00' });
    await bot.press(maya, digest!, USUAL_ALERTS);
    expect(await chosen()).toBeNull();
  });

  test('has what was put off for me decided anew', async () => {
    const later = new Date('2026-11-25T07:00:00Z');
    const { id } = await insertAlertMessage(database.db, { recipient: email, due_at: later });
    const due = async () =>
      (await database.db.selectFrom('messages').select('due_at').where('id', '=', id).executeTakeFirstOrThrow()).due_at;
    await ask('/cs alerts weekend on', tom);
    expect(await due()).toEqual(later);
    await ask('/cs alerts default');
    expect(await due()).toEqual(now);
  });
});

describe('the open alerts of my accounts', () => {
  const mine = async (id: string, given: Parameters<typeof insertAlert>[1] = {}) => {
    await insertAccount(database.db, { id, csm_email: email });
    return insertAlert(database.db, { account_id: id, ...given });
  };

  test('are listed, the most severe first, with how they stand', async () => {
    await mine('low', { severity: 'low', kind: 'opportunity' });
    await mine('high', { severity: 'high' });
    await mine('seen', { state: 'acknowledged', changed_by: tom });
    await mine('over', { state: 'resolved' });
    await insertAccount(database.db, { id: 'theirs', csm_email: 'tom@bellwether.example' });
    await insertAlert(database.db, { account_id: 'theirs' });
    const words = wordsOf(await ask('/cs alerts'));
    expect(words).toContain('Your open alerts: 3');
    expect(words.flatMap((line) => /^. \*(\w+)\*/u.exec(line)?.[1] ?? [])).toEqual(['high', 'seen', 'low']);
    expect(words).toContain('🟢 *low* · Opportunity: Few logins · since 24 Nov');
    expect(words.join()).toContain(`Acknowledged by <@${tom}>`);
  });

  test('are changed where they stand, and pages are turned', async () => {
    const ids: number[] = [];
    for (let index = 10; index < 18; index++) ids.push(await mine(`account-${index}`));
    const first = await ask('/cs alerts');
    const [second] = await bot.press(maya, first!, NEXT_ALERTS);
    expect(wordsOf(second)).toContain('Page 2 of 2');
    const [after] = await bot.choose(maya, second!, ALERT_MENU, `acknowledge ${ids[7]} 2`);
    expect(after?.ts).toBe(first?.ts);
    expect(wordsOf(after).join()).toContain(`Acknowledged by <@${maya}>`);
    expect(wordsOf(after)).toContain('Page 2 of 2');
    const answers = await bot.choose(maya, after!, ALERT_MENU, `task ${ids[7]} 2`);
    expect(answers.map((message) => wordsOf(message)[0])).toEqual(
      expect.arrayContaining(['Task made.', 'How alerts reach you']),
    );
    expect(bot.failures).toEqual([]);
  });
});

describe('/cs alerts refuses', () => {
  test.each([
    [guest, general, /guest/],
    [maya, acmeShared, /shared with people outside/],
  ])('%s in %s', async (user, channel, reason) => {
    for (const line of ['/cs alerts', '/cs alerts quiet off'])
      expect((await bot.ask(user, channel, line))[0]?.text).toMatch(reason);
    expect(await database.db.selectFrom('alert_preferences').selectAll().execute()).toEqual([]);
  });
});
