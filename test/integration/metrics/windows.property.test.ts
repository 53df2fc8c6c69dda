import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { computeMetricsForDays } from '../../../src/metrics/compute.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { store, type TestEvent } from './scenario.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const hour = 3_600_000;
const dayMs = 24 * hour;
const names = ['read', 'wrote', 'paid'];

/** Days around which clocks change: by an hour, by half an hour, at midnight, and a day that never was. */
const changes = [
  { timeZone: 'UTC', around: '2026-03-01' },
  { timeZone: 'Europe/Berlin', around: '2026-03-29' },
  { timeZone: 'America/New_York', around: '2026-11-01' },
  { timeZone: 'America/Santiago', around: '2026-09-06' },
  { timeZone: 'Australia/Lord_Howe', around: '2026-04-05' },
  { timeZone: 'Pacific/Apia', around: '2011-12-30' },
];

const event = fc.record({
  name: fc.constantFrom(...names),
  user: fc.option(fc.constantFrom('ann', 'bob', 'cem'), { nil: undefined }),
  hours: fc.integer({ min: -15 * 24 * 4, max: 6 * 24 * 4 }).map((quarters) => quarters / 4),
  n: fc.integer({ min: -5, max: 5 }),
});
const window = fc.record({ days: fc.integer({ min: 1, max: 12 }), daysAgo: fc.integer({ min: 0, max: 5 }) });
const scenario = fc.record({
  change: fc.constantFrom(...changes),
  events: fc.array(event, { maxLength: 40 }),
  windows: fc.array(window, { minLength: 1, maxLength: 3 }),
  dayOffsets: fc.uniqueArray(fc.integer({ min: -6, max: 5 }), { minLength: 1, maxLength: 5 }),
  nowHours: fc.integer({ min: 0, max: 5 * 24 }),
});

type Happened = { name: string; user: string | undefined; at: number; n: number };

/** What each measure means, said as plainly as can be. */
const measures: Record<
  string,
  { equation: (w: string) => string; plain: (events: Happened[], dayOf: (at: number) => number) => number | null }
> = {
  count: {
    equation: (w) => `count("read", ${w})`,
    plain: (events) => events.filter(({ name }) => name === 'read').length,
  },
  any: {
    equation: (w) => `count(["read", "paid"], ${w})`,
    plain: (events) => events.filter(({ name }) => name !== 'wrote').length,
  },
  sum: {
    equation: (w) => `sum("paid", "n", ${w})`,
    plain: (events) => events.filter(({ name }) => name === 'paid').reduce((sum, { n }) => sum + n, 0),
  },
  highest: {
    equation: (w) => `maximum("*", "n", ${w})`,
    plain: (events) => (events.length === 0 ? null : Math.max(...events.map(({ n }) => n))),
  },
  values: {
    equation: (w) => `distinct("wrote", "n", ${w})`,
    plain: (events) => new Set(events.filter(({ name }) => name === 'wrote').map(({ n }) => n)).size,
  },
  users: {
    equation: (w) => `users_who(["read", "wrote"], ${w})`,
    plain: (events) => usersOf(events.filter(({ name }) => name !== 'paid')).size,
  },
  active: { equation: (w) => `active_users(${w})`, plain: (events) => usersOf(events).size },
  userDays: {
    equation: (w) => `user_days("*", ${w})`,
    plain: (events, dayOf) => new Set(events.flatMap(({ user, at }) => (user ? `${user} ${dayOf(at)}` : []))).size,
  },
};

function usersOf(events: readonly Happened[]): Set<string> {
  return new Set(events.flatMap(({ user }) => user ?? []));
}

/** The calendar day in a time zone, counted from 1970, by way of Intl alone. */
function dayCounter(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => Date.parse(`${format.format(at)}T00:00:00Z`) / dayMs;
}

it('what the database computes over windows is what a plain count over the events gives', async () => {
  const definitions = (windows: readonly { days: number; daysAgo: number }[]) =>
    windows.flatMap(({ days, daysAgo }, index) =>
      Object.entries(measures).map(([name, { equation }]) => ({
        id: `${name.toLowerCase()}_${index}`,
        name,
        unit: 'number' as const,
        description: '',
        equation: equation(`${days}, ${daysAgo}`),
      })),
    );
  await fc.assert(
    fc.asyncProperty(scenario, async ({ change: { timeZone, around }, events, windows, dayOffsets, nowHours }) => {
      const middle = Date.parse(`${around}T00:00:00Z`);
      const now = middle + nowHours * hour;
      const dayOf = dayCounter(timeZone);
      const happened = events.map(({ hours, ...rest }) => ({ ...rest, at: middle + hours * hour }));
      // One of each name long before, so that silence means none.
      const known = names.map((name) => ({ name, user: undefined, at: middle - 100 * dayMs, n: 0 }));
      const stored = [...known, ...happened].map(
        ({ name, user, at, n }): TestEvent => ({
          name,
          at: new Date(at).toISOString(),
          properties: { n },
          ...(user && { user }),
        }),
      );
      await test.db.deleteFrom('accounts').execute();
      await test.db.deleteFrom('events').execute();
      await test.db.deleteFrom('event_keys').execute();
      await store(test.db, { events: stored });

      const days = dayOffsets.map((offset) => new Date(middle + offset * dayMs).toISOString().slice(0, 10));
      const { metrics } = compileMetrics(definitions(windows));
      const request = { accountIds: ['acme'], days, now: new Date(now), timeZone };
      const results = await computeMetricsForDays(test.db, metrics, request);
      for (const day of days) {
        const last = Date.parse(day) / dayMs;
        const expected = windows.flatMap(({ days: length, daysAgo }, index) => {
          const inside = happened.filter(
            ({ at }) => at <= now && dayOf(at) <= last - daysAgo && dayOf(at) > last - daysAgo - length,
          );
          return Object.entries(measures).map(([name, { plain }]) => [
            `${name.toLowerCase()}_${index}`,
            plain(inside, dayOf),
          ]);
        });
        expect([day, results.get(day)?.get('acme')?.values]).toEqual([day, Object.fromEntries(expected)]);
      }
    }),
    { numRuns: 60 },
  );
});
