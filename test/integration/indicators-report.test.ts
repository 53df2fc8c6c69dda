import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeAlert, voteAlert } from '../../src/db/alerts.ts';
import { findIndicatorFigures } from '../../src/db/indicator-report.ts';
import { finishTask, insertTask } from '../../src/db/tasks.ts';
import { insertAlert } from '../alert-factories.ts';
import { csTeam, general, guest, maya, startTestBot, type TestBot, tom, wordsOf } from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount } from '../factories.ts';
import { makeIndicator, makeIndicators } from '../indicators.ts';
import { createTestPlaybook } from '../playbook.ts';

const now = new Date('2026-11-26T12:00:00Z');
const indicators = [
  makeIndicator(),
  makeIndicator({ id: 'other', name: 'Other' }),
  makeIndicator({ id: 'dead', name: 'Dead' }),
];
const playbook = { ...createTestPlaybook(), indicators: makeIndicators(indicators) };

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
  await database.db.deleteFrom('accounts').execute();
  bot.failures.length = 0;
});

const alert = (account: string, given: Parameters<typeof insertAlert>[1] = {}) =>
  insertAlert(database.db, { account_id: account, ...given });
const acknowledge = (alertId: number) => changeAlert(database.db, { alertId, to: 'acknowledged', by: maya, now });
const vote = (alertId: number, useful: boolean, by = maya) => voteAlert(database.db, { alertId, by, useful, now });
const task = (alertId: number, accountId: string, createdBy: string | null) =>
  insertTask(database.db, {
    key: `alert:${alertId}`,
    accountId,
    alertId,
    title: 'x',
    assigneeEmail: null,
    due: null,
    createdBy,
    now,
  });
const figures = async (indicator = 'few_logins') =>
  (await findIndicatorFigures(database.db, { now, days: 90 })).find((each) => each.indicator === indicator);

describe('what an indicator’s alerts came to', () => {
  test('counts an alert once: acted on, called noise, judged, open', async () => {
    const seen = await alert('seen');
    await acknowledge(seen);
    await vote(seen, true);
    await vote(await alert('noise', { state: 'resolved' }), false);
    // Acted on and yet called noise by somebody: judged, and not precise.
    const both = await alert('both');
    await acknowledge(both);
    await vote(both, false, tom);
    await task(await alert('made'), 'made', maya);
    await task(await alert('by-rule'), 'by-rule', null);
    const done = await task(await alert('done'), 'done', null);
    await finishTask(database.db, done?.task.id ?? 0, maya, now);
    const snoozed = await alert('snoozed');
    await changeAlert(database.db, { alertId: snoozed, to: 'snoozed', by: maya, now });
    await alert('seen', { indicator: 'few_logins', subject: 'again' });
    expect(await figures()).toEqual({
      indicator: 'few_logins',
      kind: 'risk',
      fired: 8,
      accounts: 7,
      acted: 4,
      noise: 2,
      open: 7,
      judged: 5,
      precise: 3,
      churned: 0,
    });
  });

  test('looks back 90 days, exactly', async () => {
    const ago = (ms: number) => new Date(now.getTime() - 90 * 24 * 60 * 60_000 + ms);
    await alert('just', { opened_at: ago(1), changed_at: now });
    await alert('too-old', { opened_at: ago(0), changed_at: now });
    expect(await figures()).toMatchObject({ fired: 1 });
  });

  test('counts the accounts that churned after it, and none that had before', async () => {
    // What has churned by now is asked by the database's own clock, so all of it lies long ago.
    const [opened_at, then] = [new Date('2025-05-01T10:00:00Z'), new Date('2025-06-01T10:00:00Z')];
    const churned = (id: string, churned_at: string) =>
      insertAccount(database.db, { id, traits: JSON.stringify({ churned_at }) });
    await churned('after', '2025-05-20T08:00:00Z');
    await churned('before', '2025-04-01');
    await churned('to-come', '2999-01-01');
    await churned('odd', 'soon');
    await insertAccount(database.db, { id: 'segment' });
    await database.db.insertInto('account_segments').values({ account_id: 'segment', segment: 'churned' }).execute();
    for (const id of ['after', 'before', 'to-come', 'odd', 'segment', 'well']) await alert(id, { opened_at });
    await alert('after', { opened_at, subject: 'again' });
    const [found] = await findIndicatorFigures(database.db, { now: then, days: 90 });
    expect(found).toMatchObject({ fired: 7, accounts: 6, churned: 2 });
  });
});

describe('/cs indicators', () => {
  test('has the worst first, and names those that did not fire in these days', async () => {
    await vote(await alert('a'), false);
    await vote(await alert('b', { indicator: 'other' }), true);
    const longAgo = new Date(now.getTime() - 100 * 24 * 60 * 60_000);
    await alert('c', { indicator: 'dead', opened_at: longAgo, changed_at: longAgo });
    const lines = wordsOf((await bot.ask(maya, csTeam, '/cs indicators'))[0]);
    expect(lines.slice(0, 7)).toEqual([
      'Indicators, the last 90 days',
      '🔴 *Few logins* `few_logins`',
      'Precision *0%* of 1 judged · fired 1 time for 1 account',
      '0 acted on · 1 called noise · 1 open · 0 accounts churned later',
      '🔴 *Other* `other`',
      'Precision *100%* of 1 judged · fired 1 time for 1 account',
      '1 acted on · 0 called noise · 1 open · 0 accounts churned later',
    ]);
    expect(lines).toContain('💤 *Did not fire:* `dead`');
  });

  test('shows one by id or name, with its last firings', async () => {
    await acknowledge(await alert('acme'));
    for (const words of ['few_logins', 'FEW LOGINS', '"few_logins"']) {
      const lines = wordsOf((await bot.ask(maya, csTeam, `/cs indicators ${words}`))[0]);
      expect(lines[0]).toBe('🔴 Risk · Few logins');
      expect(lines).toContain('• 24 Nov 2026 *acme*: acknowledged, still open');
    }
    expect((await bot.ask(maya, csTeam, '/cs indicators nothing'))[0]?.text).toContain(
      'There is no indicator called “nothing”. There are `few_logins`, `other`, `dead`.',
    );
    expect(bot.failures).toEqual([]);
  });

  test('refuses a guest', async () => {
    await alert('sekrit');
    const [answer] = await bot.ask(guest, general, '/cs indicators few_logins');
    expect(answer?.text).toMatch(/^Sorry, .*guest/);
    expect(JSON.stringify(answer)).not.toContain('sekrit');
  });
});
