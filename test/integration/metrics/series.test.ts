import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { countEvents } from '../../../src/db/count-events.ts';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { computeMetricsForDays } from '../../../src/metrics/compute.ts';
import type { CompiledMetric } from '../../../src/metrics/types.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertEvents } from '../../factories.ts';
import { computeMetrics, store } from './scenario.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await sql`truncate accounts, events, event_keys, uncounted_batches, event_names, series cascade`.execute(test.db);
});

const now = new Date('2026-03-31T12:00:00Z');
const today = '2026-03-31';

function compile(...equations: string[]): CompiledMetric[] {
  const { metrics, errors } = compileMetrics(
    equations.map((equation, index) => ({ id: `m${index}`, name: '', unit: 'number', description: '', equation })),
  );
  expect(errors).toEqual([]);
  return metrics;
}

const logins = compile('count("login", 7)', 'days_since(last_seen("*"))');
const at = (time: string, id: string, account_id = 'acme') => ({ account_id, id, name: 'login', occurred_at: time });
const request = { accountIds: ['acme', 'beta'], day: today, now, timeZone: 'UTC' };

async function valuesOf(metrics: readonly CompiledMetric[], of: Partial<typeof request> = {}) {
  const results = await computeMetrics(test.db, metrics, { ...request, ...of });
  return Object.fromEntries([...results].map(([id, { values }]) => [id, Object.values(values)]));
}

it('metrics are read from series, and events that are not counted yet are not in them', async () => {
  await store(test.db, { accounts: [{}, { id: 'beta' }], events: [{ name: 'login', at: '2026-03-30T09:00:00Z' }] });
  await countEvents(test.db, { metrics: logins, timeZone: 'UTC', now });
  await insertEvents(test.db, [at('2026-03-31T09:00:00Z', 'late'), at('2026-03-29T09:00:00Z', 'other', 'beta')]);
  expect(await valuesOf(logins)).toEqual({ acme: [1, 1], beta: [null, null] });
  await countEvents(test.db, { metrics: logins, timeZone: 'UTC', now });
  expect(await valuesOf(logins)).toEqual({ acme: [2, 0], beta: [1, 2] });
});

it('of an account with events after now only those up to now count', async () => {
  await store(test.db, { accounts: [{}, { id: 'beta' }] });
  await insertEvents(test.db, [
    at('2026-03-30T09:00:00Z', '1'),
    at('2026-03-31T11:59:59Z', '2'),
    at('2026-03-31T12:00:01Z', '3'),
    at('2026-03-31T08:00:00Z', '4', 'beta'),
    at('2026-04-02T08:00:00Z', '5', 'beta'),
  ]);
  const later = new Date('2026-04-03T00:00:00Z');
  await countEvents(test.db, { metrics: logins, timeZone: 'UTC', now: later });
  expect(await valuesOf(logins)).toEqual({ acme: [2, 0], beta: [1, 0] });
  expect(await valuesOf(logins, { now: later })).toEqual({ acme: [3, 0], beta: [1, 0] });
});

it('an equation whose series is not there yet, and one of another time zone, are computed from the events', async () => {
  await store(test.db, {
    events: [
      { name: 'login', at: '2026-03-30T09:00:00Z', user: 'ann' },
      { name: 'search', at: '2026-03-30T23:30:00Z', user: 'bob' },
    ],
  });
  await countEvents(test.db, { metrics: logins, timeZone: 'UTC', now });
  const more = compile('count("login", 7)', 'active_users(7)', 'count("search", 1)');
  expect(await valuesOf(more)).toEqual({ acme: [1, 2, 0] });
  expect(await valuesOf(more, { timeZone: 'Europe/Berlin' })).toEqual({ acme: [1, 2, 1] });
});

it('the last event is found when it is many months ago, the first too', async () => {
  const metrics = compile('days_since(last_seen("*"))', 'days_since(first_seen("*"))');
  await store(test.db, {
    accounts: [{}, { id: 'beta' }],
    events: [
      { name: 'login', at: '2025-01-31T09:00:00Z' },
      { name: 'login', at: '2025-11-30T09:00:00Z' },
      { account: 'beta', name: 'login', at: '2025-12-31T09:00:00Z' },
      { account: 'beta', name: 'login', at: '2026-03-30T09:00:00Z' },
    ],
  });
  await countEvents(test.db, { metrics, timeZone: 'UTC', now });
  await sql`truncate events`.execute(test.db);
  expect(await valuesOf(metrics)).toEqual({ acme: [121, 424], beta: [1, 90] });
  expect(await valuesOf(metrics, { day: '2026-03-29' })).toEqual({ acme: [119, 422], beta: [88, 88] });
  expect(await valuesOf(metrics, { day: '2024-12-31' })).toEqual({ acme: [null, null], beta: [null, null] });
});

it('the first and the last event of a window are found beside those of all time', async () => {
  const seen = (which: string, days: string) => `days_since(${which}_seen("login"${days}))`;
  const metrics = compile(...['', ', 40', ', 5'].flatMap((days) => [seen('first', days), seen('last', days)]));
  const on = (account: string, ...days: string[]) =>
    days.map((day) => ({ account, name: 'login', at: `${day}T09:00:00Z` }));
  await store(test.db, {
    accounts: [{}, { id: 'beta' }],
    events: [
      ...on('acme', '2025-01-31', '2026-02-10', '2026-02-20', '2026-02-25'),
      // The first month is the last, too.
      ...on('beta', '2026-02-10', '2026-02-20'),
    ],
  });
  await countEvents(test.db, { metrics, timeZone: 'UTC', now });
  await sql`truncate events`.execute(test.db);
  expect(await valuesOf(metrics)).toEqual({
    acme: [424, 34, 39, 34, null, null],
    beta: [49, 39, 39, 39, null, null],
  });
  expect(await valuesOf(metrics, { day: '2026-03-01' })).toEqual({
    acme: [394, 4, 19, 4, 4, 4],
    beta: [19, 9, 19, 9, null, null],
  });
});

it('a past day has the traits and the revenue that the account had then', async () => {
  await store(test.db, { accounts: [{ arr: 100, traits: { seats: 5 } }] });
  await sql`update accounts set arr = 200, traits = '{"seats": 7}'`.execute(test.db);
  await sql`update accounts set arr = 300`.execute(test.db);
  const changes = ['2026-03-10T00:00:00Z', '2026-03-20T22:30:00Z', '2026-03-31T11:00:00Z'];
  for (const [index, time] of changes.entries()) {
    await sql`
      update account_history set changed_at = ${time}
      where id = (select id from account_history order by id offset ${index} limit 1)
    `.execute(test.db);
  }
  const metrics = compile('arr', 'trait("seats")');
  const days = ['2026-03-01', '2026-03-19', '2026-03-20', '2026-03-21', today];
  const valuesIn = async (timeZone: string) => {
    const given = { accountIds: ['acme'], days, now, timeZone };
    const results = await computeMetricsForDays(test.db, metrics, given);
    return days.map((day) => Object.values(results.get(day)?.get('acme')?.values ?? {}));
  };
  const [first, second, last] = [
    [100, 5],
    [200, 7],
    [300, 7],
  ];
  expect(await valuesIn('UTC')).toEqual([first, first, second, second, last]);
  expect(await valuesIn('Europe/Berlin')).toEqual([first, first, second, second, last]);
  // The 20th is over before the second change there.
  expect(await valuesIn('Asia/Tokyo')).toEqual([first, first, first, second, last]);
});
