import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PICK_METRIC } from '../../blocks/metric-menu.ts';
import { OPEN_ACCOUNT } from '../../blocks/my-accounts.ts';
import { addDays, daysFrom } from '../../src/days.ts';
import type { MetricValue } from '../../src/health/types.ts';
import { readPlaybook } from '../../src/playbook/read.ts';
import { acmeShared, csTeam, general, guest, maya, startTestBot, type TestBot, tom, wordsOf } from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount, insertMetricValues, insertScore } from '../factories.ts';

const today = '2026-11-21';
const now = () => new Date(`${today}T14:00:00Z`);
const playbook = await readPlaybook('new-vs-established');

let database: TestDatabase;
let bot: TestBot;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTestBot({ db: database.db, playbook, now });
});
afterAll(async () => {
  await bot.close();
  await database.drop();
});
beforeEach(async () => {
  await database.db.deleteFrom('accounts').execute();
  bot.failures.length = 0;
});

async function keep(account: string, metric: string, valueOn: (day: string) => MetricValue | undefined, days = 100) {
  const rows = daysFrom(addDays(today, 1 - days), today).flatMap((day) => {
    const value = valueOn(day);
    return value === undefined ? [] : [{ account, metric, day, value }];
  });
  await insertMetricValues(database.db, rows);
}

/** Acme, whose NPS was 5 until 20 days ago and is 9 since. */
async function acme(): Promise<void> {
  await insertAccount(database.db, { id: 'acme', name: 'Acme GmbH' });
  await insertScore(database.db, playbook, { account: 'acme', day: today, metrics: { nps_score: 9 } });
  await keep('acme', 'nps_score', (day) => (day > addDays(today, -20) ? 9 : 5));
}

const ask = (line: string) => bot.ask(maya, csTeam, line);
const images = (message: { blocks: { type: string }[] } | undefined) =>
  message?.blocks.filter(({ type }) => type === 'image').length;
const titleOf = (message: Parameters<typeof wordsOf>[0]) => wordsOf(message)[0];

describe('/health <account> trend <metric>', () => {
  test('answers with the figures at once, and follows with the picture', async () => {
    await acme();
    const answers = await ask('/health acme trend nps_score');
    expect(answers.map(images)).toEqual([0, 1]);
    expect(wordsOf(answers[0])).toEqual(
      expect.arrayContaining([
        'Acme GmbH · NPS',
        'Today: *🟢 9, Healthy* (healthy 9 - 10 · poor 0 - 6)',
        '7 days ago: 9 · unchanged since',
        '30 days ago: 5 · ▲ 4 (+80%) since',
        '90 days ago: 5 · ▲ 4 (+80%) since',
        'Lowest in these 90 days: 5 on 1 Nov 2026 · highest: 9 on 21 Nov 2026',
        'Bands of the model *Established customer* · newest data 2 hours ago · computed 2 hours ago',
      ]),
    );
    expect(answers[1]?.text).toMatch(/^\*Acme GmbH\*, NPS, the 90 days to 21 Nov 2026\. NPS from 24 Aug 2026 to/);
    expect(bot.slack.ephemerals(csTeam, tom)).toEqual([]);
    expect(bot.failures).toEqual([]);
  });

  test('has the picture at once the second time, and a new one for other days or another value', async () => {
    await acme();
    await ask('/health acme trend nps_score');
    expect((await ask('/health acme trend NPS')).map(images)).toEqual([1]);
    expect((await ask('/health acme trend nps 30d')).map(images)).toEqual([0, 1]);
    expect((await ask('/health acme trend nps')).map(images)).toEqual([1]);
    await database.db.updateTable('metric_values').set({ value: '3' }).where('day', '=', today).execute();
    expect((await ask('/health acme trend nps')).map(images)).toEqual([0, 1]);
  });

  test('draws a new picture when somebody has deleted it, and the figures go out all the same', async () => {
    await acme();
    await ask('/health acme trend nps');
    await database.db.updateTable('trend_pictures').set({ file_id: 'F0DELETED00' }).execute();
    const answers = await ask('/health acme trend nps');
    expect(titleOf(answers[0])).toBe('Acme GmbH · NPS');
    expect(answers.map(images)).toEqual([0, 1]);
    expect((await ask('/health acme trend nps')).map(images)).toEqual([1]);
  });

  test.each([
    ['30d', '23 Oct'],
    ['365d', '22 Nov 2025'],
    ['last 4 weeks', '25 Oct'],
  ])('shows %s', async (period, from) => {
    await acme();
    const answers = await ask(`/health acme trend nps ${period}`);
    expect(answers[1]?.text).toContain(`NPS from ${from}`);
  });

  test('tells what is missing, and what late data corrected', async () => {
    await acme();
    await database.db.deleteFrom('metric_values').where('day', '<', '2026-10-23').execute();
    await database.db
      .updateTable('metric_values')
      .set({ corrected_at: new Date(`${today}T11:00:00Z`), computed_at: new Date(`${today}T11:00:00Z`) })
      .where('day', 'in', ['2026-11-09', '2026-11-10'])
      .execute();
    const lines = wordsOf((await ask('/health acme trend nps'))[0]);
    expect(lines).toContain('30 of these 90 days have data.');
    expect(lines).toContain('90 days ago: no data');
    expect(lines).toContain('Corrected by late data: the values of 2 days, last that of 9 Nov 2026, 3 hours ago.');
  });

  test('says of which day the newest value is, when it is not of today, and the last one before no data', async () => {
    await acme();
    await database.db.deleteFrom('metric_values').where('day', '>', '2026-11-18').execute();
    const [late] = await ask('/health acme trend nps');
    expect(wordsOf(late)[1]).toMatch(/^On 18 Nov 2026: \*🟢 9, Healthy\*/);
    expect(wordsOf(late)[2]).toMatch(/^7 days before: 9/);
    await insertMetricValues(database.db, [{ account: 'acme', metric: 'nps_score', day: today, value: null }]);
    expect(wordsOf((await ask('/health acme trend nps'))[0])[1]).toMatch(
      /^Today: \*no data\*.*; the last was 9 on 18 Nov 2026$/,
    );
  });

  test('says plainly that there are no values yet, or no data', async () => {
    await insertAccount(database.db, { id: 'new', name: 'New' });
    const [answer] = await ask('/health new trend nps');
    expect(answer?.text).toMatch(/^\*New\* has no values of \*NPS\* yet\./);
    await keep('new', 'nps_score', () => null, 10);
    const answers = await ask('/health new trend nps');
    expect(answers.map(images)).toEqual([0]);
    expect(wordsOf(answers[0])).toContain('None of these 90 days has any data.');
  });

  test('tells the changes of a text and of yes or no instead of a line', async () => {
    const other = await startTestBot({ db: database.db, playbook: await readPlaybook('by-segment'), now });
    await insertAccount(database.db, { id: 'acme', name: 'Acme' });
    await keep('acme', 'account_sentiment', (day) =>
      day < '2026-09-01' ? undefined : day < '2026-11-12' ? 'concerning' : 'healthy',
    );
    await keep('acme', 'active_champion', () => true);
    const answers = await other.ask(maya, csTeam, '/health acme trend account_sentiment');
    expect(answers.map(images)).toEqual([0]);
    expect(wordsOf(answers[0]).slice(1, 4)).toEqual([
      '*healthy* since 12 Nov 2026',
      'concerning from 1 Sep 2026 to 11 Nov 2026',
      'no data at the latest since 24 Aug 2026 to 31 Aug 2026',
    ]);
    const [flag] = await other.ask(maya, csTeam, '/health acme trend active champion');
    expect(wordsOf(flag)[1]).toBe('*yes* on all of the 90 days to 21 Nov 2026');
    await other.close();
  });

  test('opens the card', async () => {
    await acme();
    const [figures] = await ask('/health acme trend nps');
    expect((await bot.press(maya, figures!, OPEN_ACCOUNT))[0]?.text).toMatch(/^Acme GmbH: /);
  });

  test.each(['6d', '731d', '0 days'])('refuses %s in words', async (period) => {
    await acme();
    expect((await ask(`/health acme trend nps ${period}`))[0]?.text).toBe(
      'I can look back from 7 to 730 days, as in `30d`.',
    );
  });
});

describe('/health <account> trend', () => {
  test('lists the metrics with their newest values, and shows the one that is chosen in its place', async () => {
    await acme();
    const [list] = await ask('/health acme trend');
    expect(wordsOf(list)).toContain('• `nps_score` NPS: *9*');
    expect(wordsOf(list)).toContain('• `surveys_total` Surveys created: *no value yet*');
    const [trend] = await bot.choose(maya, list!, PICK_METRIC, 'nps_score acme');
    expect(trend?.ts).toBe(list?.ts);
    expect(titleOf(trend)).toBe('Acme GmbH · NPS');
    expect(images(trend)).toBe(1);
    expect(bot.failures).toEqual([]);
  });

  test('goes without a menu where the id is too long for one', async () => {
    await insertAccount(database.db, { id: 'x'.repeat(255), name: 'Long' });
    const [list] = await ask('/health long trend');
    expect(list?.text).toContain('*Long*: which metric?');
    expect(JSON.stringify(list?.blocks)).not.toContain(PICK_METRIC);
  });

  test('offers the nearest metric and the list for one that there is not', async () => {
    await acme();
    const [list] = await ask('/health acme trend nps_scor 30d');
    expect(wordsOf(list)[0]).toBe('There is no metric called “nps_scor 30d”. Did you mean `nps_score` (NPS)?');
    expect(wordsOf(list)).toContain('• `nps_score` NPS: *9*');
  });

  test('asks for the account first where it is not clear', async () => {
    await acme();
    expect((await ask('/health hooli trend nps'))[0]?.text).toContain('I found no account called “hooli”');
  });
});

describe('accounts with the word in their name', () => {
  beforeEach(async () => {
    for (const [id, name] of [
      ['tm', 'Trend Micro'],
      ['gt', 'Global Trend'],
      ['ft', 'Fashion Trends Today'],
    ] as const) {
      await insertAccount(database.db, { id, name });
      await insertMetricValues(database.db, [{ account: id, metric: 'nps_score', day: today, value: 7 }]);
    }
  });

  test.each([
    ['/health trend micro', /^Trend Micro: ⚪ No score/],
    ['/health trend micro trend nps_score', /^Trend Micro, NPS: 7/],
    ['/health "trend micro" trend "NPS" 30d', /^Trend Micro, NPS: 7/],
    ['/health global trend', /^Global Trend: ⚪ No score/],
    ['/health global trend trend', /^\*Global Trend\*: which metric/],
    ['/health global trend trend nps', /^Global Trend, NPS: 7/],
    ['/health "global trend" trend', /^\*Global Trend\*: which metric/],
    ['/health global trend why', /^\*Global Trend\*: no score/],
    ['/health fashion trends', /^Fashion Trends Today: ⚪ No score/],
    ['/health gt trend nps', /^Global Trend, NPS: 7/],
  ])('%s', async (line, answer) => {
    const text = (await ask(line))[0]?.text;
    expect(text).toMatch(answer);
  });
});

describe('trends are for full members alone', () => {
  test.each(['/health acme trend', '/health acme trend nps', '/health acme trend nope'])('%s', async (line) => {
    await acme();
    for (const [user, channel] of [
      [guest, general],
      [maya, acmeShared],
    ] as const) {
      const answers = await bot.ask(user, channel, line);
      expect(answers).toHaveLength(1);
      expect(answers[0]?.text).toMatch(/^Sorry, /);
      expect(JSON.stringify(answers)).not.toMatch(/nps|gmbh/i);
    }
  });

  test('a guest by now gets nothing from the menu', async () => {
    await acme();
    const [list] = await ask('/health acme trend');
    const person = bot.slack.workspace.users.find(({ id }) => id === maya)!;
    person.is_restricted = true;
    const [answer] = await bot.choose(maya, list!, PICK_METRIC, 'nps_score acme');
    person.is_restricted = false;
    expect(answer?.text).toMatch(/^Sorry, .*guest/);
  });
});
