import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { daysFrom } from '../../../src/days.ts';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { computeMetricsForDays } from '../../../src/metrics/compute.ts';
import type { MetricDefinition } from '../../../src/metrics/types.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { computeMetrics, store } from './scenario.ts';

const now = new Date('2026-03-31T12:00:00Z');
const today = '2026-03-31';

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.drop());

function compile(...definitions: (Partial<MetricDefinition> & { id: string })[]) {
  const full = definitions.map((given) => ({ name: given.id, unit: 'number' as const, description: '', ...given }));
  const { metrics, errors } = compileMetrics(full);
  if (errors[0]) throw new Error(errors[0].message);
  return metrics;
}

type Options = { account?: string; day?: string; timeZone?: string; now?: Date };

/** The values of equations for an account, `acme` today unless told otherwise. */
async function computed(equations: readonly string[], options: Options = {}) {
  const { account = 'acme', day = today, timeZone = 'UTC' } = options;
  const metrics = compile(...equations.map((equation, index) => ({ id: `m${index}`, equation })));
  const request = { accountIds: [account], day, now: options.now ?? now, timeZone };
  const results = await computeMetrics(test.db, metrics, request);
  const values = results.get(account)?.values;
  return Object.fromEntries(equations.map((equation, index) => [equation, values?.[`m${index}`]]));
}

describe('events in a window', () => {
  it('are those of today and the days before, up to now', async () => {
    await store(test.db, {
      events: [
        { name: 'login', at: '2026-03-31T12:00:00Z' },
        { name: 'login', at: '2026-03-31T12:00:01Z' }, // after now
        { name: 'login', at: '2026-03-25T00:00:00Z' }, // the window's first moment
        { name: 'login', at: '2026-03-24T23:59:59Z' },
        { name: 'login', at: '2020-01-01T00:00:00Z' },
      ],
    });
    const values = { 'count("login", 1)': 1, 'count("login", 7)': 2, 'count("login", 7, 7)': 1, 'count("login")': 4 };
    expect(await computed(Object.keys(values))).toEqual(values);
  });

  it('end with the local day when the day is past, whatever came later', async () => {
    await store(test.db, {
      events: [
        { name: 'login', at: '2026-03-28T22:59:59Z' }, // the 28th in Berlin, before the clocks change
        { name: 'login', at: '2026-03-28T23:00:00Z' }, // the 29th
        { name: 'login', at: '2026-03-29T21:59:59Z' }, // the 29th still, which has 23 hours
        { name: 'login', at: '2026-03-29T22:00:00Z' }, // the 30th
      ],
    });
    const timeZone = 'Europe/Berlin';
    const values = { 'count("login", 1)': 2, 'count("login", 1, 1)': 1, 'count("login")': 3 };
    expect(await computed(Object.keys(values), { day: '2026-03-29', timeZone })).toEqual(values);
  });

  it('are told apart by name, by properties and by the traits of their user', async () => {
    const bought = (properties: Record<string, unknown>, user = 'ann') => ({
      name: 'bought',
      at: '2026-03-30T00:00:00Z',
      user,
      properties,
    });
    await store(test.db, {
      users: [
        { id: 'ann', traits: { role: 'owner' } },
        { id: 'bob', traits: { role: 'member' } },
      ],
      events: [
        bought({ plan: 'gold', seats: 5, paid: true }),
        bought({ plan: 'gold', seats: '5', paid: 'TRUE' }, 'bob'),
        bought({ plan: 'tin', seats: 5.5, paid: false }),
        bought({ plan: 5, seats: 'many', paid: null }),
        bought({ plan: ['gold'], seats: [5], paid: {} }),
        { name: 'sold', at: '2026-03-30T00:00:00Z', properties: { plan: 'gold' } },
      ],
    });
    const values = {
      'count("bought", 7)': 5,
      'count(["bought", "sold"], 7)': 6,
      'count("*", 7)': 6,
      'count(event("bought", {"plan": "gold"}), 7)': 2,
      'count(event("*", {"plan": "gold"}), 7)': 3,
      'count(event("bought", {"plan": ["gold", "tin"]}), 7)': 3,
      'count(event("bought", {"plan": "5"}), 7)': 1,
      'count(event("bought", {"plan": 5}), 7)': 1,
      'count(event("bought", {"seats": 5}), 7)': 2,
      'count(event("bought", {"seats": -5}), 7)': 0,
      'count(event("bought", {"paid": true}), 7)': 2,
      'count(event("bought", {"paid": [true, false]}), 7)': 3,
      'count(event("bought", {"plan": "gold", "seats": [5, 7], "paid": true}), 7)': 2,
      'count(event("bought", {"absent": "x"}), 7)': 0,
      'count(by_users("bought", {"role": "owner"}), 7)': 4,
      'count(by_users("*", {"role": ["owner", "member"]}), 7)': 5,
      'count([event("bought", {"plan": "tin"}), "sold"], 7)': 2,
      'count(by_users(event("bought", {"plan": "gold"}), {"role": "member"}), 7)': 1,
    };
    expect(await computed(Object.keys(values))).toEqual(values);
  });

  it('give sum, average, minimum, maximum, latest and number of values of a property', async () => {
    const paid = (at: string, amount: unknown, city?: string) => ({ name: 'paid', at, properties: { amount, city } });
    await store(test.db, {
      events: [
        paid('2026-03-01T00:00:00Z', 1000, 'Oslo'),
        paid('2026-03-29T00:00:00Z', 0.1, 'Oslo'),
        paid('2026-03-30T00:00:00Z', '0.2', 'Rome'),
        paid('2026-03-30T01:00:00Z', -4, ''),
        paid('2026-03-30T02:00:00Z', 'free'),
        paid('2026-03-30T03:00:00Z', '1e999'),
        paid('2026-03-30T04:00:00Z', true),
        paid('2026-03-30T05:00:00Z', null, 'Rome'),
      ],
    });
    const values = {
      'sum("paid", "amount", 7)': -3.7, // exact: decimals are added as decimals
      'sum("paid", "amount")': 996.3,
      'average("paid", "amount", 7)': -3.7 / 3,
      'minimum("paid", "amount", 7)': -4,
      'maximum("paid", "amount", 7)': 0.2,
      'maximum("paid", "amount", 7, 24)': 1000,
      'latest("paid", "amount", 7)': -4,
      'latest("paid", "amount")': -4,
      'distinct("paid", "city", 7)': 2,
      'distinct("paid", "city")': 2,
      'distinct("paid", "city", 1)': 0,
      'sum("paid", "amount", 1)': 0,
      'average("paid", "amount", 1)': null,
      'minimum("paid", "amount", 1)': null,
      'latest("paid", "amount", 1)': null,
      'sum("paid", "absent", 7)': null,
      'sum("paid", "absent", 1)': 0,
      'distinct("paid", "absent", 7)': null,
      'distinct("paid", "absent", 1)': 0,
    };
    expect(await computed(Object.keys(values))).toEqual(values);
  });

  it('give numbers of users, each once, and of days on which users were active, each', async () => {
    const did = (user: string | undefined, name: string, at: string) => ({ name, at, ...(user && { user }) });
    await store(test.db, {
      users: [{ id: 'idle' }],
      events: [
        did('ann', 'read', '2026-03-31T01:00:00Z'),
        did('ann', 'read', '2026-03-31T02:00:00Z'),
        did('ann', 'read', '2026-03-28T01:00:00Z'),
        did('ann', 'wrote', '2026-03-20T01:00:00Z'),
        did('bob', 'wrote', '2026-03-30T01:00:00Z'),
        did('cem', 'read', '2026-01-01T01:00:00Z'),
        did(undefined, 'read', '2026-03-30T01:00:00Z'),
      ],
    });
    const values = {
      'users()': 4,
      'users_who("read", 7)': 1,
      'users_who("read")': 2,
      'users_who(["read", "wrote"], 7)': 2,
      'users_who("wrote", 7, 7)': 1,
      'active_users(7)': 2,
      'active_users(7, 7)': 1,
      'active_users()': 3,
      'user_days("read", 7)': 2,
      'user_days("*", 7)': 3,
      'user_days("*", 7) / 7 / active_users(7)': 3 / 7 / 2,
      'percent(users_who("read", 7), active_users(7))': 50,
      'percent(users_who("read", 7, 14), active_users(7, 14))': null,
    };
    expect(await computed(Object.keys(values))).toEqual(values);
  });

  it('give the days of the first and the last, of any user when no event is named', async () => {
    await store(test.db, {
      events: [
        { name: 'login', at: '2026-03-01T10:00:00Z', user: 'ann' },
        { name: 'login', at: '2026-03-30T23:00:00Z', user: 'ann' },
        { name: 'synced', at: '2026-03-31T10:00:00Z' },
        { name: 'login', at: '2026-03-31T13:00:00Z', user: 'ann' }, // after now
      ],
    });
    const values = {
      'days_since(last_seen("login"))': 1,
      'days_since(first_seen("login"))': 30,
      'days_since(last_seen())': 1,
      'days_since(last_seen("*"))': 0,
      'days_since(last_seen("never"))': null,
      'days_since(last_seen(by_users("*", {"role": "owner"})))': null,
    };
    expect(await computed(Object.keys(values))).toEqual(values);
    expect(await computed(['days_since(last_seen("login"))'], { timeZone: 'Asia/Tokyo' })).toEqual({
      'days_since(last_seen("login"))': 0, // 08:00 of the 31st in Tokyo
    });
  });
});

describe('missing data', () => {
  const counts = ['count("login", 7)', 'sum("login", "n", 7)', 'users_who("login", 7)', 'distinct("login", "n")'];

  it('is what an account without any event has, never 0', async () => {
    await store(test.db, {
      accounts: [{ id: 'acme' }, { id: 'other' }],
      events: [{ account: 'other', name: 'login', at: '2026-03-30T00:00:00Z', user: 'ann' }],
    });
    const all = [...counts, 'active_users(7)', 'count("*")', 'users()', 'percent(active_users(7), users())'];
    expect(new Set(Object.values(await computed(all)))).toEqual(new Set([null]));
  });

  it('is what nobody ever sent: a source that is not connected, a name misspelt', async () => {
    await store(test.db, { events: [{ name: 'search', at: '2026-03-30T00:00:00Z', user: 'ann' }] });
    expect(new Set(Object.values(await computed(counts)))).toEqual(new Set([null]));
    expect(await computed(['count(["login", "search"], 7)'])).toEqual({ 'count(["login", "search"], 7)': 1 });
  });

  it('ends with the first event of that name, of any account: from then on silence is 0', async () => {
    await store(test.db, {
      accounts: [{ id: 'acme' }, { id: 'other' }],
      events: [
        { name: 'search', at: '2026-03-01T00:00:00Z', user: 'ann' },
        { account: 'other', name: 'login', at: '2026-03-30T00:00:00Z', user: 'ann' },
      ],
    });
    expect(new Set(Object.values(await computed(counts)))).toEqual(new Set([0]));
    expect(new Set(Object.values(await computed(counts, { day: '2026-03-29' })))).toEqual(new Set([null]));
  });

  it('is not what a window before the first event has: from nothing to something is growth', async () => {
    await store(test.db, { events: [{ name: 'login', at: '2026-03-30T00:00:00Z' }] });
    const values = { 'count("login", 7, 7)': 0, 'decrease(count("login", 7, 7), count("login", 7))': 0 };
    expect(await computed(Object.keys(values))).toEqual(values);
    expect(await computed(['count("login", 7)'], { day: '2026-03-29' })).toEqual({ 'count("login", 7)': null });
  });
});

describe('a text', () => {
  const numbers = ['sum("paid", "n")', 'latest("paid", "n")', 'user_sum("n")', 'trait("n")'];

  it.each<[string, number | null]>([
    [' 12.5\n', 12.5],
    ['+.5', 0.5],
    ['1e3', 1000],
    ['\u00a05', null], // no-break space, as spreadsheets write it
    ['5\u2003', null],
    ['\u0665', null], // an Arabic five
    ['1,5', null],
    ['0x10', null],
    ['NaN', null],
    ['1e400', null],
    ['9'.repeat(300), null],
  ])('%j is the number %j wherever it stands', async (text, number) => {
    const [traits, properties] = [{ n: text }, { n: text }];
    await store(test.db, {
      accounts: [{ traits }],
      users: [{ id: 'ann', traits }],
      events: [{ name: 'paid', user: 'ann', at: '2026-03-30T00:00:00Z', properties }],
    });
    expect(await computed(numbers)).toEqual(Object.fromEntries(numbers.map((equation) => [equation, number])));
  });
});

describe('users', () => {
  it('count with their traits from the day they were created', async () => {
    await store(test.db, {
      users: [
        { id: 'ann', traits: { spent: 10, plan: 'pro', beta: true } },
        { id: 'bob', created_at: '2026-03-31T08:00:00Z', traits: { spent: '2.5', plan: 'free', beta: 'false' } },
        { id: 'cem', created_at: '2026-03-01T08:00:00Z', traits: { spent: 'much', plan: 'pro' } },
        { id: 'new', created_at: '2026-04-01T08:00:00Z', traits: { spent: 1000 } },
      ],
    });
    const values = {
      'users()': 3,
      'users(1)': 2,
      'users(31)': 1,
      'user_sum("spent")': 12.5,
      'user_average("spent")': 6.25,
      'user_sum("absent")': null,
      'user_average("plan")': null,
      'users_with("plan", "pro")': 2,
      'users_with("plan", ["pro", "free"])': 3,
      'users_with("plan", "gold")': 0,
      'users_with("beta", true)': 1,
      'users_with("spent", 2.5)': 1,
      'users_with("absent", "x")': null,
    };
    expect(await computed(Object.keys(values))).toEqual(values);
    const before = { 'users()': 2, 'user_sum("spent")': 10, 'users_with("plan", "free")': 0 };
    expect(await computed(Object.keys(before), { day: '2026-03-30' })).toEqual(before);
  });
});

describe('imported values', () => {
  const metrics = compile({ id: 'logins', equation: 'count("login", 7)' }, { id: 'nps' }, { id: 'tier', unit: 'text' });

  async function importValue(metric: string, day: string, value: unknown) {
    await sql`insert into imported_metric_values (account_id, metric, day, value)
      values ('acme', ${metric}, ${day}, ${JSON.stringify(value)}::jsonb)`.execute(test.db);
  }

  it('stand for their day before the equation, and for 35 days after it behind the equation', async () => {
    await store(test.db, { events: [{ name: 'login', at: '2026-03-03T00:00:00Z' }] });
    await importValue('logins', '2026-03-02', 50);
    await importValue('logins', '2026-03-05', 40);
    await importValue('nps', '2026-01-01', 9);
    await importValue('nps', '2026-02-24', 8);
    await importValue('tier', '2026-03-04', 'gold');
    const days = daysFrom('2026-02-28', '2026-03-31').concat('2026-04-01');
    const later = new Date('2026-04-02T12:00:00Z');
    const results = await computeMetricsForDays(test.db, metrics, {
      accountIds: ['acme'],
      days,
      now: later,
      timeZone: 'UTC',
    });
    const on = (day: string) => results.get(day)?.get('acme')?.values;
    expect(on('2026-02-28')).toEqual({ logins: null, nps: 8, tier: null });
    expect(on('2026-03-02')).toEqual({ logins: 50, nps: 8, tier: null });
    expect(on('2026-03-03')).toEqual({ logins: 1, nps: 8, tier: null });
    expect(on('2026-03-04')).toEqual({ logins: 1, nps: 8, tier: 'gold' });
    expect(on('2026-03-05')).toEqual({ logins: 40, nps: 8, tier: 'gold' });
    expect(on('2026-03-31')).toEqual({ logins: 0, nps: 8, tier: 'gold' }); // the 35th day
    expect(on('2026-04-01')).toEqual({ logins: 0, nps: null, tier: 'gold' });
  });

  it('count for the age of the data, as events do', async () => {
    await store(test.db, {
      accounts: [{ id: 'acme' }, { id: 'silent' }],
      events: [
        { name: 'login', at: '2026-03-20T10:00:00Z' },
        { name: 'login', at: '2026-03-31T12:00:01Z' },
      ],
    });
    const dataAt = async (day: string) => {
      const results = await computeMetrics(test.db, metrics, {
        accountIds: ['acme', 'silent'],
        day,
        now,
        timeZone: 'UTC',
      });
      expect(results.get('silent')?.dataAt).toBe(null);
      return results.get('acme')?.dataAt?.toISOString();
    };
    expect(await dataAt(today)).toBe('2026-03-20T10:00:00.000Z');
    expect(await dataAt('2026-03-19')).toBe(undefined);
    await importValue('nps', '2026-03-25', 9);
    expect(await dataAt(today)).toBe('2026-03-26T00:00:00.000Z'); // that day's end
    await importValue('nps', today, 9);
    expect(await dataAt(today)).toBe(now.toISOString());
  });
});

describe('the past of metrics', () => {
  it('comes from the stored values, and from the days computed along before these', async () => {
    await store(test.db, { accounts: [{ arr: 100 }] });
    await sql`insert into metric_values (account_id, metric, day, value, computed_at)
      values ('acme', 'revenue', '2026-03-29', '400', now()), ('acme', 'revenue', '2026-03-30', '200', now())`.execute(
      test.db,
    );
    const metrics = compile(
      { id: 'revenue', equation: 'arr' },
      { id: 'fall', equation: 'percent_decrease("revenue", 1)' },
      { id: 'change', equation: 'change("revenue", 2)' },
      { id: 'long_ago', equation: 'metric("revenue", 30)' },
    );
    const request = { accountIds: ['acme'], now, timeZone: 'UTC' };
    const one = await computeMetrics(test.db, metrics, { ...request, day: today });
    expect(one.get('acme')?.values).toEqual({ revenue: 100, fall: 50, change: -300, long_ago: null });
    const days = await computeMetricsForDays(test.db, metrics, { ...request, days: ['2026-03-30', today] });
    expect(days.get(today)?.get('acme')?.values).toEqual({ revenue: 100, fall: 0, change: -300, long_ago: null });
    expect(days.get('2026-03-30')?.get('acme')?.values).toMatchObject({ fall: 75 });
  });
});

describe('a computation', () => {
  it('leaves out accounts that are not there, and gives nothing for no accounts and no days', async () => {
    await store(test.db, {});
    const metrics = compile({ id: 'logins', equation: 'count("login", 7)' });
    const request = { now, timeZone: 'UTC' };
    const results = await computeMetrics(test.db, metrics, { ...request, accountIds: ['gone', 'acme'], day: today });
    expect([...results.keys()]).toEqual(['acme']);
    expect((await computeMetrics(test.db, metrics, { ...request, accountIds: [], day: today })).size).toBe(0);
    expect((await computeMetricsForDays(test.db, metrics, { ...request, accountIds: ['acme'], days: [] })).size).toBe(
      0,
    );
    const none = await computeMetrics(test.db, [], { ...request, accountIds: ['acme'], day: today });
    expect(none.get('acme')).toEqual({ values: {}, dataAt: null });
  });

  it('takes more accounts than are read at once, within a transaction too', async () => {
    const accounts = Array.from({ length: 1203 }, (_, index) => ({ id: `a${index}` }));
    await store(test.db, {
      accounts,
      events: accounts.map(({ id }) => ({ account: id, name: 'login', at: '2026-03-30T00:00:00Z' })),
    });
    const metrics = compile({ id: 'logins', equation: 'count("login", 7)' });
    const results = await test.db.transaction().execute((transaction) =>
      computeMetrics(transaction, metrics, {
        accountIds: accounts.map(({ id }) => id),
        day: today,
        now,
        timeZone: 'UTC',
      }),
    );
    expect(results.size).toBe(1203);
    expect(new Set([...results.values()].map(({ values }) => values.logins))).toEqual(new Set([1]));
  });

  it('takes more facts than a function takes arguments', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `account-${index}`);
    const events = ids.map((account) => ({ account, name: 'login', at: '2026-01-01T00:00:00Z' }));
    await store(test.db, { accounts: ids.map((id) => ({ id })), events });
    const metrics = compile(
      ...[100, 101, 102, 103, 104].map((n) => ({ id: `m${n}`, equation: `count("login", ${n})` })),
    );
    const days = daysFrom('2026-01-01', '2026-03-31');
    const results = await computeMetricsForDays(test.db, metrics, { accountIds: ids, days, now, timeZone: 'UTC' });
    expect(results.size).toBe(90);
    expect(results.get(today)?.get('account-299')?.values).toEqual({ m100: 1, m101: 1, m102: 1, m103: 1, m104: 1 });
  });

  it('takes more questions than a query has columns', async () => {
    const numbers = Array.from({ length: 900 }, (_, index) => index);
    await store(test.db, {
      users: [{ id: 'ann', traits: { t899: 7 } }],
      events: [{ name: 'paid', user: 'ann', at: '2026-03-31T00:00:00Z', properties: { n0: 1, n899: 2 } }],
    });
    const metrics = compile(
      ...numbers.flatMap((n) => [
        { id: `e${n}`, equation: `sum("paid", "n${n}", 7)` },
        { id: `u${n}`, equation: `user_sum("t${n}") + user_average("t${n}")` },
      ]),
    );
    const results = await computeMetrics(test.db, metrics, { accountIds: ['acme'], day: today, now, timeZone: 'UTC' });
    const { values = {} } = results.get('acme') ?? {};
    expect(Object.entries(values).filter(([, value]) => value !== null)).toEqual([
      ['e0', 1],
      ['e899', 2],
      ['u899', 14],
    ]);
  });

  it('gives for many days what it gives for each of them', async () => {
    await store(test.db, {
      users: [{ id: 'ann', created_at: '2026-03-05T00:00:00Z' }],
      events: [
        { name: 'login', at: '2026-03-02T00:00:00Z', user: 'bob', properties: { n: 1 } },
        { name: 'login', at: '2026-03-10T00:00:00Z', user: 'ann', properties: { n: 2 } },
        { name: 'login', at: '2026-03-11T00:00:00Z', user: 'ann', properties: { n: 5 } },
      ],
    });
    const equations = [
      'count("login", 7)',
      'users()',
      'active_users(7, 3)',
      'sum("login", "n")',
      'latest("login", "n", 3)',
      'distinct("login", "n", 8)',
      'user_days("*", 5)',
      'days_since(last_seen())',
    ];
    const metrics = compile(...equations.map((equation, index) => ({ id: `m${index}`, equation })));
    const days = daysFrom('2026-02-27', '2026-03-31').filter((_, index) => index % 3 !== 1);
    const request = { accountIds: ['acme'], now, timeZone: 'America/Santiago' };
    const together = await computeMetricsForDays(test.db, metrics, { ...request, days });
    expect([...together.keys()]).toEqual(days);
    for (const day of days) {
      expect([day, together.get(day)]).toEqual([day, await computeMetrics(test.db, metrics, { ...request, day })]);
    }
  });
});
