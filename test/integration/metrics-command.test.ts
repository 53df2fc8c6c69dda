import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, localDay } from '../../src/days.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount, insertEvents } from '../factories.ts';
import { makePack } from '../pack.ts';
import { runCli } from '../run-cli.ts';

let database: TestDatabase;
let pack: string;
const today = localDay(new Date(), 'UTC');
const daysAgo = (days: number) => addDays(today, -days);

const metrics = `metrics:
  - id: logins
    name: Logins
    unit: number
    description: In a week.
    equation: count("login", 7)
  - { id: mood, name: Mood, unit: text }
  - { id: champion, name: Champion, unit: boolean }
  - id: active
    name: Active users
    unit: percent
    equation: percent(active_users(30), trait("seats"))
  - id: drop
    name: Drop
    unit: percent
    equation: percent_decrease("logins", 7)
  - id: spent
    name: Spent
    unit: money
    equation: sum("order placed", "amount", 30)
  - id: quiet
    name: Quiet
    unit: days
    equation: days_since(last_seen("login"))
`;

const bellwether = (...args: string[]) =>
  runCli(['metrics', ...args], { env: { DATABASE_URL: database.url, PLAYBOOK: pack, TIMEZONE: 'UTC' } });
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await bellwether(...args, '--json');
  return { code, stderr, answer: stdout === '' ? null : JSON.parse(stdout) };
};

describe('bellwether metrics', () => {
  beforeAll(async () => {
    database = await createTestDatabase();
    const traits = JSON.stringify({ seats: 4 });
    await insertAccount(database.db, {
      id: 'acme',
      name: 'Acme Corp',
      domain: 'acme.test',
      aliases: ['initech'],
      traits,
    });
    await insertAccount(database.db, { id: 'globex', name: 'Globex' });
    await insertAccount(database.db, { id: 'silent', name: 'Silent' });
    const event = (account_id: string, days: number, more: object = {}) => {
      const id = `${account_id} ${days} ${JSON.stringify(more)}`;
      return { account_id, id, name: 'login', occurred_at: `${daysAgo(days)}T00:00:00Z`, user_id: 'ada', ...more };
    };
    await insertEvents(database.db, [
      ...[0, 1, 2, 9].map((days) => event('acme', days)),
      event('acme', 1, { user_id: 'bob' }),
      event('acme', 3, { name: 'order placed', properties: { amount: 12.5, city: 'Rome' } }),
      event('globex', 5),
    ]);
  });
  afterAll(() => database.drop());

  // makePack removes its folder with the test.
  const withPack = (name: string, body: () => Promise<void>) =>
    test(name, async () => {
      pack = makePack({ 'metrics.yml': metrics });
      await body();
    });

  describe('explain', () => {
    withPack('shows each part of the equation with its figure, window and newest events', async () => {
      const { code, stderr, answer } = await json('explain', 'active', '--account', 'acme', '--events', '2');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(answer).toMatchObject({ account: { id: 'acme' }, day: today, value: 50, source: 'equation', note: null });
      expect(answer.traits).toEqual([{ trait: 'seats', value: 4 }]);
      const shown = answer.parts.map(({ text, depth, value }: Record<string, unknown>) => [text, depth, value]);
      expect(shown).toEqual([
        ['percent(active_users(30), trait("seats"))', 0, 50],
        ['active_users(30)', 1, 2],
        ['trait("seats")', 1, 4],
      ]);
      expect(answer.parts[1]).toMatchObject({ window: { from: daysAgo(29), to: today }, events: { count: 6 } });
      expect(answer.parts[1].events.newest).toMatchObject([
        { at: `${today}T00:00:00.000Z`, name: 'login', user: 'ada', properties: {} },
        { at: `${daysAgo(1)}T00:00:00.000Z` },
      ]);
    });

    withPack('is read by people as lines', async () => {
      const { code, stdout } = await bellwether('explain', 'spent', '--account', 'Acme Corp');
      expect(code).toBe(0);
      expect(stdout).toContain(`Spent (spent) of Acme Corp on ${today}: 12.5\n`);
      expect(stdout).toContain('  sum("order placed", "amount", 30) = 12.5\n');
      expect(stdout).toContain(`    ${daysAgo(29)} to ${today}: 1 event\n`);
      expect(stdout).toContain(
        `      ${daysAgo(3)}T00:00:00.000Z  "order placed"  ada  {"city":"Rome","amount":12.5}\n`,
      );
    });

    withPack('shows dates as dates, and a past day as it was', async () => {
      const { answer } = await json('explain', 'quiet', '--account', 'acme', '--day', daysAgo(4));
      expect(answer).toMatchObject({ value: 5, day: daysAgo(4) });
      expect(answer.parts[1]).toMatchObject({ value: `${daysAgo(9)}T00:00:00.000Z`, events: { count: 1 } });
    });

    withPack('shows the other metrics that it reads', async () => {
      const { answer } = await json('explain', 'drop', '--account', 'acme');
      expect(answer.value).toBeNull();
      expect(answer.metrics).toEqual([
        { metric: 'logins', day: today, value: 4 },
        { metric: 'logins', day: daysAgo(7), value: null },
      ]);
      const [logins] = answer.reads;
      expect(logins).toMatchObject({
        metric: { id: 'logins' },
        value: 4,
        parts: [{ events: { count: 4 } }],
        reads: [],
      });
      const { stdout } = await bellwether('explain', 'drop', '--account', 'acme');
      expect(stdout).toContain(`Logins (logins) of Acme Corp on ${today}: 4\n`);
    });

    test.each([
      ['spent', 'silent', /the account had not sent any event by then/],
      ['active', 'globex', /trait\("seats"\)|a part has no data/],
      ['mood', 'acme', /lives from imported values, and none was imported for the 35 days to/],
      ['drop', 'acme', /the metric has no value on one of the two days/],
    ])('says why there is no data: %s of %s', async (metric, account, why) => {
      pack = makePack({ 'metrics.yml': metrics });
      const { answer } = await json('explain', metric, '--account', account);
      expect(answer).toMatchObject({ value: null, source: 'none', note: expect.stringMatching(why) });
    });

    withPack('says that nobody ever sent the event', async () => {
      pack = makePack({ 'metrics.yml': metrics.replace('count("login", 7)', 'count("lgoin", 7)') });
      const { answer } = await json('explain', 'logins', '--account', 'acme');
      expect(answer.parts[0].note).toMatch(/no account had sent "lgoin" by then/);
    });

    withPack('says that an imported value takes precedence', async () => {
      const row = { account_id: 'globex', metric: 'logins', day: today, value: '77' };
      await database.db.insertInto('imported_metric_values').values(row).execute();
      const { answer } = await json('explain', 'logins', '--account', 'globex');
      expect(answer).toMatchObject({ value: 77, source: 'imported', imported: { value: 77, day: today } });
      await database.db.deleteFrom('imported_metric_values').execute();
    });

    withPack('says what is stored, and when it was corrected', async () => {
      const at = `${daysAgo(1)}T10:00:00.000Z`;
      const row = {
        account_id: 'acme',
        metric: 'logins',
        day: daysAgo(3),
        value: '9',
        computed_at: at,
        corrected_at: at,
      };
      await database.db.insertInto('metric_values').values(row).execute();
      const { answer } = await json('explain', 'logins', '--account', 'acme', '--day', daysAgo(3));
      expect(answer).toMatchObject({ value: 1, stored: { value: 9, computedAt: at, correctedAt: at } });
      const { stdout } = await bellwether('explain', 'logins', '--account', 'acme', '--day', daysAgo(3));
      expect(stdout).toContain(`Stored: 9, computed ${at}, corrected ${at}; computed now, it is another.`);
      await database.db.deleteFrom('metric_values').execute();
    });

    test.each(['initech', 'acme.test', 'https://www.acme.test/about', 'ACME corp', 'acm'])(
      'finds the account by %s',
      async (words) => {
        pack = makePack({ 'metrics.yml': metrics });
        expect((await json('explain', 'logins', '--account', words)).answer).toMatchObject({ account: { id: 'acme' } });
      },
    );

    withPack('ends with 1 and the nearest names when there is no such account', async () => {
      const { code, stdout, stderr } = await bellwether('explain', 'logins', '--account', 'zzzzzzzzzzz');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/There is no account "zzzzzzzzzzz"\. The nearest are:\n {2}\w+/);
      const { stderr: told } = await json('explain', 'logins', '--account', 'zzzzzzzzzzz');
      expect(JSON.parse(told).error).toMatchObject({ code: 'no_account', accounts: expect.any(Array) });
    });

    test.each([
      [['explain', 'login', '--account', 'acme'], /has no metric "login"; did you mean logins\?/],
      [['explain', 'logins'], /required option '--account/],
      [['explain', 'logins', '--account', 'acme', '--day', 'soon'], /--day soon is no day; write it as/],
      [['explain', 'logins', '--account', 'acme', '--day', '2999-01-01'], /is in the future/],
      [['explain', 'logins', '--account', 'acme', '--events', 'many'], /whole number from 0 to 100/],
      [['explain', 'logins', '--account', 'acme', '--events', '-1'], /./],
      [['backfill', 'nothing_like_it_at_all'], /`bellwether metrics list` shows/],
      [['backfill', '--from', '2020-01-01'], /At most 1100 days/],
      [['backfill', '--from', today, '--to', '2026-01-01'], /--from .* is after --to 2026-01-01/],
      [['backfil'], /Did you mean backfill\?/],
    ])('refuses %j as wrong use', async (args, message) => {
      pack = makePack({ 'metrics.yml': metrics });
      const { code, stdout, stderr } = await bellwether(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    });
  });

  describe('backfill and list', () => {
    const stored = () =>
      database.db
        .selectFrom('metric_values')
        .select(['account_id', 'day', 'value'])
        .where('metric', '=', 'logins')
        .orderBy('account_id')
        .orderBy('day')
        .execute();

    withPack('stores the values of all days since the first event, and again nothing', async () => {
      const { code, stderr, answer } = await json('backfill', 'logins');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(answer).toEqual({
        metrics: ['logins'],
        accounts: 2,
        from: daysAgo(9),
        to: today,
        stored: 16,
        bounded: false,
        interrupted: false,
        after: null,
      });
      const values = await stored();
      const acme = values.filter(({ account_id }) => account_id === 'acme').map(({ value }) => value);
      expect(acme).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 3, 4]);
      expect((await json('backfill', 'logins')).answer.stored).toBe(0);
      expect(await stored()).toEqual(values);
    });

    withPack('takes days and an account', async () => {
      const args = ['backfill', 'spent', '--from', daysAgo(2), '--to', daysAgo(1), '--account', 'initech'];
      expect((await json(...args)).answer).toMatchObject({ accounts: 1, from: daysAgo(2), to: daysAgo(1), stored: 2 });
      const { stdout } = await bellwether(...args);
      expect(stdout).toBe(`0 values stored or corrected, of 1 metric and 1 account, ${daysAgo(2)} to ${daysAgo(1)}.\n`);
    });

    withPack('goes on after an account', async () => {
      expect((await json('backfill', 'active', '--after', 'acme')).answer).toMatchObject({ accounts: 1 });
    });

    withPack('list tells what each reads and for how many accounts there is data', async () => {
      const { answer } = await json('list');
      expect(answer.map(({ id }: { id: string }) => id).sort()).toEqual(
        ['active', 'champion', 'drop', 'logins', 'mood', 'quiet', 'spent'].sort(),
      );
      const byId = Object.fromEntries(answer.map((metric: { id: string }) => [metric.id, metric]));
      expect(byId.logins).toMatchObject({
        unit: 'number',
        accountsToday: 2,
        newestDay: today,
        reads: { events: ['login'] },
      });
      expect(byId.active.reads).toMatchObject({ events: ['*'], accountTraits: ['seats'] });
      expect(byId.spent).toMatchObject({ newestDay: daysAgo(1), accountsToday: 0, reads: { properties: ['amount'] } });
      expect(byId.drop.reads.metrics).toEqual(['logins']);
      expect(byId.mood).toMatchObject({ equation: null, newestDay: null });
      const { code, stdout } = await bellwether('list');
      expect(code).toBe(0);
      expect(stdout).toContain('logins: Logins, number\n  equation   count("login", 7)\n  reads      events: login\n');
      expect(stdout).toContain(`  values     2 accounts with data today, the newest of ${today}\n`);
    });

    withPack('list takes another playbook', async () => {
      const { answer } = await json('list', '--playbook', 'product-usage');
      expect(answer.length).toBeGreaterThan(3);
    });
  });
});
