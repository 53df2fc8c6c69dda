import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NEXT_METRIC_PAGE, PREVIOUS_METRIC_PAGE } from '../../blocks/metric-list.ts';
import { OPEN_ACCOUNT } from '../../blocks/my-accounts.ts';
import { addDays } from '../../src/days.ts';
import type { MetricValue } from '../../src/health/types.ts';
import { readPlaybook } from '../../src/playbook/read.ts';
import { acmeShared, csTeam, general, guest, maya, startTestBot, type TestBot, wordsOf } from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount, insertMetricValues, insertScore } from '../factories.ts';

const today = '2026-11-21';
const playbook = await readPlaybook('new-vs-established');

let database: TestDatabase;
let bot: TestBot;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTestBot({ db: database.db, playbook, now: () => new Date(`${today}T14:00:00Z`) });
});
afterAll(async () => {
  await bot.close();
  await database.drop();
});
beforeEach(async () => {
  await database.db.deleteFrom('accounts').execute();
  bot.failures.length = 0;
});

/** An account with these values, by how many days ago they were. */
async function account(id: string, values: Record<number, MetricValue>, metric = 'nps_score', csm?: string) {
  await insertAccount(database.db, { id, csm_email: csm ?? null });
  const rows = Object.entries(values).map(([ago, value]) => ({ day: addDays(today, -Number(ago)), value }));
  if (rows.length === 0) return;
  await insertMetricValues(
    database.db,
    rows.map((row) => ({ account: id, metric, ...row })),
  );
}

const ask = async (line: string) => (await bot.ask(maya, csTeam, line))[0];
/** The names of a list, in order. */
const listed = (message: Parameters<typeof wordsOf>[0]) =>
  wordsOf(message).flatMap((line) => /^\*(.+?)\* {2}/.exec(line)?.[1] ?? []);
const summary = (message: Parameters<typeof wordsOf>[0]) => wordsOf(message)[1];

describe('/cs metric <name>', () => {
  test('lists the accounts by value, the worst first, and counts those without data', async () => {
    await account('good', { 0: 9, 30: 6 });
    await account('bad', { 0: 2 }, 'nps_score', 'maya@bellwether.example');
    await account('empty', { 0: null });
    await account('unknown', {});
    const message = await ask('/cs metric nps_score');
    expect(listed(message)).toEqual(['bad', 'good']);
    expect(summary(message)).toBe('2 of 4 accounts have a value; 2 without data. Worst first: more is better.');
    expect(wordsOf(message)).toContain('no data 30 days before · CSM maya@bellwether.example');
    expect(wordsOf(message)).toContain('▲ 3 (+50%) since 22 Oct 2026, when it was 6 · no CSM');
    expect(bot.failures).toEqual([]);
  });

  test('takes the highest for the worst where the models say that less is better', async () => {
    await account('low', { 0: 1 }, 'days_since_owner_seen');
    await account('high', { 0: 40 }, 'days_since_owner_seen');
    expect(listed(await ask('/cs metric days_since_owner_seen'))).toEqual(['high', 'low']);
  });

  test('finds the metric by its name, and shows the band of the model that scores the account', async () => {
    await account('acme', { 0: 9 });
    await insertScore(database.db, playbook, { account: 'acme', day: today, metrics: { nps_score: 9 } });
    const message = await ask('/cs metric nps');
    expect(wordsOf(message)[0]).toBe('NPS');
    expect(wordsOf(message)[2]).toBe('*acme*  🟢 9, Healthy');
  });

  test('says of which day a value is that is not of today', async () => {
    await account('late', { 3: 5 });
    expect(wordsOf(await ask('/cs metric nps_score')).join('\n')).toContain('value of 18 Nov 2026');
  });

  test('lists only mine, and says when there are none of mine', async () => {
    await account('theirs', { 0: 1 }, 'nps_score', 'tom@bellwether.example');
    expect((await ask('/cs metric nps_score mine'))?.text).toContain('No account has you as its CSM');
    await account('my-own', { 0: 5 }, 'nps_score', 'maya@bellwether.example');
    const message = await ask('/cs metric nps_score below 50 mine');
    expect(listed(message)).toEqual(['my-own']);
    expect(summary(message)).toContain('1 of your 1 account is at 50 or below.');
  });

  test('turns pages of ten in place, and opens a card from each', async () => {
    for (let index = 10; index < 33; index++) await account(`a${index}`, { 0: index, 14: 100 });
    const first = await ask('/cs metric nps_score fell 20% in 14d');
    expect(listed(first)).toEqual(Array.from({ length: 10 }, (_, index) => `a${10 + index}`));
    expect(wordsOf(first)).toContain('Page 1 of 3');
    const [second] = await bot.press(maya, first!, NEXT_METRIC_PAGE);
    expect(second?.ts).toBe(first?.ts);
    const [third] = await bot.press(maya, second!, NEXT_METRIC_PAGE);
    expect(listed(third)).toEqual(['a30', 'a31', 'a32']);
    const [back] = await bot.press(maya, third!, PREVIOUS_METRIC_PAGE);
    expect(listed(back)[0]).toBe('a20');
    const [card] = await bot.press(maya, back!, OPEN_ACCOUNT, 'a21');
    expect(card?.text).toMatch(/^a21: /);
    expect(bot.failures).toEqual([]);
  });
});

describe('/cs metric <name> fell x% in n days', () => {
  test('lists who fell so much or more, the largest fall first', async () => {
    await account('exactly', { 0: 8, 14: 10 });
    await account('less', { 0: 8.01, 14: 10 });
    await account('gone', { 0: 0, 14: 10 });
    await account('noise', { 0: 0.24, 14: 0.3 });
    const message = await ask('/cs metric nps_score fell 20% in 14d');
    expect(listed(message)).toEqual(['gone', 'exactly', 'noise']);
    expect(summary(message)).toBe('3 of 4 accounts fell by 20% or more in 14 days. The largest fall first.');
    expect(wordsOf(message)).toContain('▼ 2 (−20%) since 7 Nov 2026, when it was 10 · no CSM');
  });

  test('takes 0 to more for growth, 0 to 0 for no data, and a day without a value for no data', async () => {
    await account('grew', { 0: 5, 14: 0 });
    await account('nothing', { 0: 0, 14: 0 });
    await account('too-young', { 0: 5, 13: 10, 15: 10 });
    await account('null-then', { 0: 5, 14: null });
    await account('null-now', { 0: null, 1: 5, 14: 10 });
    expect(summary(await ask('/cs metric nps_score fell 1% in 14d'))).toBe(
      'None of 5 accounts fell by 1% or more in 14 days; 4 without data for today or 14 days before.',
    );
  });

  test.each([1, 45, 365, 730])('looks back %i days', async (days) => {
    await account('acme', { 0: 5, [days]: 10 });
    expect(listed(await ask(`/cs metric nps_score dropped by 50 in ${days} days`))).toEqual(['acme']);
  });

  test('lists who rose, the largest rise first', async () => {
    await account('twice', { 0: 10, 7: 5 });
    await account('more', { 0: 6, 7: 5 });
    await account('fell', { 0: 4, 7: 5 });
    expect(listed(await ask('/cs metric nps_score rose 20% in 1w'))).toEqual(['twice', 'more']);
  });
});

describe('/cs metric <name> above or below', () => {
  test('takes exactly at the threshold in, the worst first', async () => {
    for (const value of [49.9, 50, 51]) await account(`v${value}`, { 0: value });
    expect(listed(await ask('/cs metric nps_score above 50'))).toEqual(['v50', 'v51']);
    expect(listed(await ask('/cs metric nps_score <= 50'))).toEqual(['v49.9', 'v50']);
  });
});

describe('/cs metric of texts and of yes or no', () => {
  test('orders by band, and cannot fall', async () => {
    const other = await startTestBot({
      db: database.db,
      playbook: await readPlaybook('by-segment'),
      now: () => new Date(`${today}T14:00:00Z`),
    });
    await account('b', { 0: 'healthy' }, 'account_sentiment');
    await account('c', { 0: 'poor', 30: 'healthy' }, 'account_sentiment');
    await account('d', { 0: 'odd' }, 'account_sentiment');
    const [message] = await other.ask(maya, csTeam, '/cs metric account_sentiment');
    expect(listed(message)).toEqual(['c', 'b', 'd']);
    expect(wordsOf(message).join('\n')).toContain('healthy on 22 Oct 2026');
    const [refusal] = await other.ask(maya, csTeam, '/cs metric account_sentiment fell 20% in 14d');
    expect(refusal?.text).toContain('is a text, which neither falls nor rises');
    await account('e', { 0: false }, 'active_champion');
    await account('f', { 0: true }, 'active_champion');
    expect(listed((await other.ask(maya, csTeam, '/cs metric active_champion'))[0])).toEqual(['e', 'f']);
    await other.close();
  });
});

describe('/cs', () => {
  test.each(['/cs', '/cs help', '/cs HELP'])('%s explains itself', async (line) => {
    expect((await ask(line))?.text).toContain('`/cs metric team_members_invited_total fell 20% in 14d`');
  });

  test('tells what it does not know', async () => {
    expect((await ask('/cs renewalz'))?.text).toMatch(/^I do not know “renewalz”\.\n\*What I can list\*/);
  });

  test('lists the metrics', async () => {
    const message = await ask('/cs metric');
    for (const { id } of playbook.metrics) expect(wordsOf(message).join('\n')).toContain(`\`${id}\``);
  });

  test.each([
    ['/cs metric nps_scor', 'There is no metric called “nps_scor”. Did you mean `nps_score` (NPS)?'],
    ['/cs metric zzzzzz fell 20% in 14d', 'There is no metric called “zzzzzz”. `/cs metric` lists all metrics.'],
    ['/cs metric nps_score fell', 'I did not understand “fell”'],
    ['/cs metric nps_score fell 20% in 731d', 'from 1 to 730 days'],
    ['/cs metric nps_score fell 20% in 0d', 'from 1 to 730 days'],
  ])('%s is refused in words', async (line, words) => {
    expect((await ask(line))?.text).toContain(words);
    expect(bot.failures).toEqual([]);
  });

  test.each(['/cs', '/cs metric', '/cs metric nps_score', '/cs metric nope'])(
    '%s refuses guests and shared channels, without data',
    async (line) => {
      await account('sekrit', { 0: 1 });
      for (const [user, channel] of [
        [guest, general],
        [maya, acmeShared],
      ] as const) {
        const answers = await bot.ask(user, channel, line);
        expect(answers).toHaveLength(1);
        expect(answers[0]?.text).toMatch(/^Sorry, /);
        expect(JSON.stringify(answers)).not.toMatch(/sekrit|nps/i);
      }
    },
  );

  test('a guest by now gets nothing from a page', async () => {
    for (let index = 10; index < 22; index++) await account(`a${index}`, { 0: index });
    const page = await ask('/cs metric nps_score');
    const person = bot.slack.workspace.users.find(({ id }) => id === maya)!;
    person.is_restricted = true;
    const [answer] = await bot.press(maya, page!, NEXT_METRIC_PAGE);
    person.is_restricted = false;
    expect(answer?.text).toMatch(/^Sorry, .*guest/);
  });
});
