import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countEvents } from '../../../src/db/count-events.ts';
import type { MetricValue } from '../../../src/health/types.ts';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { noNames } from '../../../src/metrics/names.ts';
import type { CompiledMetric, Names } from '../../../src/metrics/types.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { computeMetrics, store } from './scenario.ts';

const now = new Date('2026-03-31T12:00:00Z');

/** What an equation can use, and what it is for the account below, counted by hand. */
const cases: Record<string, [equation: string, value: number | null][]> = {
  'counts, over 1 to 30 days and of all time': [
    ['count("login", 1)', 1],
    ['count("login", 30)', 2],
    ['count("login", 31)', 3],
    ['count("login", 30, 30)', 1],
    ['count("login")', 4],
  ],
  'a property’s sum, average, extremes and different values': [
    ['sum("paid", "amount", 30)', 160],
    ['sum("paid", "amount")', 1160],
    ['average("paid", "amount", 1)', 30],
    ['average("paid", "amount")', 290],
    ['minimum("paid", "amount", 30)', 9.5],
    ['maximum("paid", "amount", 30)', 100],
    ['maximum("paid", "amount")', 1000],
    ['latest("paid", "amount")', 50.5],
    ['distinct("paid", "city", 30)', 2],
    ['distinct("paid", "city")', 3],
  ],
  'only events whose property has a value': [
    ['count(event("paid", {"kind": "card"}), 30)', 2],
    ['count(event("paid", {"urgent": true}), 30)', 1],
    ['count(event("paid", {"amount": 9.5}))', 1],
    ['sum(event("paid", {"city": ["Oslo", "Bonn"]}), "amount")', 1109.5],
    ['users_who(event("paid", {"kind": "card", "city": "Oslo"}), 30)', 1],
    ['count(by_users("*", {"plan": "free"}), 1)', 1],
  ],
  'users who did one or any of several events': [
    ['users_who("paid", 30)', 2],
    ['users_who("login", 1)', 1],
    ['users_who(["paid", "search"], 30)', 3],
    ['users_who(["paid", "search"], 1)', 3],
    ['users_who("search", 30, 1)', 0],
    ['users_who("login")', 2],
  ],
  'when an event was first and last seen': [
    ['days_since(first_seen("login"))', 454],
    ['days_since(last_seen("login"))', 0],
    ['days_since(first_seen("login", 30))', 29],
    ['days_since(last_seen("login", 30, 1))', 29],
    ['days_since(last_seen("login", 7, 7))', null],
    ['days_since(first_seen())', 454],
  ],
  'the users of the account, those active, and their traits': [
    ['users()', 3],
    ['users(30)', 2],
    ['active_users(1)', 3],
    ['active_users(30, 30)', 1],
    ['user_sum("spent")', 12.5],
    ['user_average("spent")', 6.25],
    ['users_with("plan", "pro")', 2],
  ],
  'traits of the account: numbers, true or false, texts, dates': [
    ['trait("licenses")', 20],
    ['trait_flag("beta") ? 1 : 0', 1],
    ['trait_text("tier") == "gold" ? 1 : 0', 1],
    ['days_until(trait_date("trial_end"))', 10],
    ['days_since(trait_date("signed"))', 30],
  ],
  'other metrics, and their change over some days': [
    ['metric("told")', 2],
    ['metric("told", 7)', 4],
    ['metric("told", 8)', null],
    ['change("told", 7)', -2],
    ['percent_change("told", 7)', -50],
    ['percent_decrease("told", 7)', 50],
  ],
  'arithmetic, comparisons, conditions, and no data for a share of nothing': [
    ['(count("login", 30) + 1) * 2 - users() / 2', 4.5],
    ['arr >= 1200 && users() != 2 ? arr / 12 : 0', 100],
    ['percent(users_who("login", 1), users_who("search", 30, 1))', null],
    ['percent(users_who("login", 1), active_users(30))', 100 / 3],
  ],
};
const equations = Object.values(cases).flat();

const compile = (list: readonly string[], names: Names) => {
  const definitions = list.map((equation, index) => ({ id: `m${index}`, equation }));
  const { metrics, errors } = compileMetrics(
    [{ id: 'told', equation: 'count("login", 30)' }, ...definitions].map((definition) => {
      return { ...definition, name: definition.id, unit: 'number' as const, description: '' };
    }),
    names,
  );
  expect(errors).toEqual([]);
  return metrics;
};

/** An event that the deployment calls differently from another, and so its property. */
const invoiced = {
  name: 'invoiced',
  where: [],
  properties: new Map([['amount', { key: 'total', values: new Map() }]]),
};
const names: Names = { ...noNames, events: new Map([['billed', [invoiced]]]) };
const mapped: [equation: string, value: number | null][] = [
  ['sum("billed", "amount")', 7],
  ['sum(["billed", "paid"], "amount")', 1167],
  ['distinct(["paid", "billed"], "amount")', 5],
];

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  const paid = (user: string, at: string, properties: Record<string, unknown>) => ({
    name: 'paid',
    user,
    at,
    properties,
  });
  await store(test.db, {
    accounts: [
      {
        arr: 1200,
        traits: { licenses: 20, beta: true, tier: 'gold', trial_end: '2026-04-10', signed: '2026-03-01T10:00:00Z' },
      },
    ],
    users: [
      { id: 'ann', traits: { spent: 10, plan: 'pro' } },
      { id: 'bob', traits: { spent: '2.5', plan: 'free' } },
      { id: 'cem', traits: { plan: 'pro' }, created_at: '2026-03-20T08:00:00Z' },
    ],
    events: [
      { name: 'login', user: 'ann', at: '2025-01-01T08:00:00Z' },
      { name: 'login', user: 'bob', at: '2026-03-01T23:59:59Z' },
      { name: 'login', user: 'bob', at: '2026-03-02T00:00:00Z' },
      { name: 'login', user: 'ann', at: '2026-03-31T10:00:00Z' },
      paid('ann', '2025-06-01T09:00:00Z', { amount: 1000, city: 'Bonn' }),
      paid('ann', '2026-03-30T09:00:00Z', { amount: 100, city: 'Oslo', kind: 'card' }),
      paid('ann', '2026-03-31T09:00:00Z', { amount: '9.5', city: 'Oslo', kind: 'card' }),
      paid('bob', '2026-03-31T11:00:00Z', { amount: 50.5, city: 'Rome', kind: 'cash', urgent: true }),
      { name: 'search', user: 'cem', at: '2026-03-31T09:00:00Z' },
      { name: 'search', at: '2025-03-31T09:00:00Z' },
      { name: 'invoiced', at: '2026-01-31T09:00:00Z', properties: { total: 7, amount: '' } },
    ],
  });
  await sql`insert into metric_values (account_id, metric, day, value, computed_at)
    values ('acme', 'told', '2026-03-24', '4', now())`.execute(test.db);
});
afterAll(() => test.drop());

async function answers(metrics: readonly CompiledMetric[]): Promise<Record<string, MetricValue> | undefined> {
  const request = { accountIds: ['acme'], day: '2026-03-31', now, timeZone: 'UTC' };
  return (await computeMetrics(test.db, metrics, request)).get('acme')?.values;
}

describe.each(['read from the events', 'put together from what was counted of them a day'])('%s,', (way) => {
  let values: Record<string, MetricValue> | undefined;
  let ofMapped: Record<string, MetricValue> | undefined;
  beforeAll(async () => {
    const list = [
      compile(
        equations.map(([equation]) => equation),
        noNames,
      ),
      compile(
        mapped.map(([equation]) => equation),
        names,
      ),
    ];
    if (way !== 'read from the events') {
      for (const metrics of list) await countEvents(test.db, { metrics, timeZone: 'UTC', now });
      // So that nothing can come from them.
      await test.db.deleteFrom('events').execute();
    }
    [values, ofMapped] = [await answers(list[0] ?? []), await answers(list[1] ?? [])];
  });

  describe.each(Object.entries(cases))('an equation can use %s:', (_, some) => {
    it.each(some)('%s is %s', (equation, value) => {
      const index = equations.findIndex(([other]) => other === equation);
      if (value === null) expect(values?.[`m${index}`]).toBe(null);
      else expect(values?.[`m${index}`]).toBeCloseTo(value, 9);
    });
  });

  it.each(mapped)('where the deployment has names of its own, %s is %s', (equation, value) => {
    expect(ofMapped?.[`m${mapped.findIndex(([other]) => other === equation)}`]).toBe(value);
  });
});
