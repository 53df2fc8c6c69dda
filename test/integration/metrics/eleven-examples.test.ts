import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countEvents } from '../../../src/db/count-events.ts';
import type { AccountMetrics } from '../../../src/metrics/types.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { computeMetrics, store } from './scenario.ts';

const pack = resolve(import.meta.dirname, '../../../examples/travel');
const ticket = (user: string, at: string, amount: unknown, destination: string) => ({
  name: 'Ticket Purchased',
  user,
  at,
  properties: { amount, destination },
});

let test: TestDatabase;
let results: Map<string, AccountMetrics>;
beforeAll(async () => {
  test = await createTestDatabase();
  await store(test.db, {
    accounts: [{ id: 'acme', traits: { licenses: 20 } }, { id: 'idle', traits: { licenses: '10' } }, { id: 'unknown' }],
    users: [
      { id: 'ann', traits: { total_spent: 1000.5 } },
      { id: 'bob', traits: { total_spent: '250.25' } },
      { id: 'cem', traits: { total_spent: 'a lot' } },
      { id: 'dee' },
      { id: 'eve' },
      { account: 'idle', id: 'ida', traits: { total_spent: 7 } },
    ],
    events: [
      ticket('ann', '2026-03-02T00:00:00Z', 100, 'Oslo'), // the window's first day
      ticket('ann', '2026-03-10T09:00:00Z', 300, 'Rome'),
      ticket('ann', '2026-03-20T09:00:00Z', '200.50', 'Oslo'), // a number as CSV files have it
      ticket('bob', '2026-03-31T11:00:00Z', 99.5, 'Bonn'),
      ticket('bob', '2026-03-01T23:59:59Z', 5000, 'Lima'), // before the window
      ticket('dee', '2026-03-31T13:00:00Z', 5000, 'Lima'), // after now
      { name: 'Lodging Booked', user: 'cem', at: '2026-03-15T09:00:00Z' },
      { name: 'Search', user: 'dee', at: '2026-03-15T09:00:00Z' },
      { account: 'idle', name: 'Search', user: 'ida', at: '2025-01-01T09:00:00Z' },
    ],
  });
});
afterAll(() => test.drop());

describe.each(['read from the events', 'put together from what was counted of them a day'])(
  'the eleven examples, %s',
  (way) => {
    beforeAll(async () => {
      const { metrics } = await readPlaybook(pack);
      const now = new Date('2026-03-31T12:00:00Z');
      if (way !== 'read from the events') {
        // Days are counted to their end, so what comes after now must not be there yet.
        await test.db.deleteFrom('events').where('occurred_at', '>', now).execute();
        await countEvents(test.db, { metrics, timeZone: 'UTC', now });
        // So that nothing can come from them.
        await test.db.deleteFrom('events').execute();
      }
      const accountIds = ['acme', 'idle', 'unknown'];
      results = await computeMetrics(test.db, metrics, { accountIds, day: '2026-03-31', now, timeZone: 'UTC' });
    });

    it.each([
      ['active_user_percent', 80], // ann, bob, cem and dee of 5
      ['license_percent', 20], // 4 of 20
      ['tickets_30d', 4],
      ['purchasers_of_active_percent', 50], // ann and bob of 4
      ['purchasers_of_all_percent', 40], // of 5
      ['tickets_per_active_user', 1], // 4 / 4
      ['tickets_per_user', 0.8], // 4 / 5
      ['amount_30d', 700], // 100 + 300 + 200.50 + 99.50
      ['average_ticket_cost', 175], // 700 / 4
      ['amount_per_user', 140], // 700 / 5
      ['destinations', 3], // Oslo, Rome, Bonn
      ['any_purchase_percent', 60], // ann, bob and cem of 5
      ['total_ever_spent', 1250.75], // 1000.50 + 250.25
    ])('%s of an account in use is %d', (metric, value) => {
      expect(results.get('acme')?.values[metric]).toBe(value);
    });

    it('of an account that was idle for the window are zeros, and no data where zero would be divided by', () => {
      expect(results.get('idle')?.values).toEqual({
        active_user_percent: 0,
        license_percent: 0,
        tickets_30d: 0,
        purchasers_of_active_percent: null,
        purchasers_of_all_percent: 0,
        tickets_per_active_user: null,
        tickets_per_user: 0,
        amount_30d: 0,
        average_ticket_cost: null,
        amount_per_user: 0,
        destinations: 0,
        any_purchase_percent: 0,
        total_ever_spent: 7,
      });
    });

    it('of an account of which nothing is known are no data, each of them', () => {
      const values = Object.values(results.get('unknown')?.values ?? {});
      expect(values).toHaveLength(13);
      expect(new Set(values)).toEqual(new Set([null]));
      expect(results.get('unknown')?.dataAt).toBe(null);
    });
  },
);
