import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { computeMetrics, computeMetricsForDays } from '../../../src/metrics/compute.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { store } from './scenario.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.drop());

/** The equation's value for `acme` at noon (UTC) of the day, among metrics that are told or computed. */
async function valueOf(equation: string, { day = '2026-03-31', timeZone = 'UTC', unit = 'number' as const } = {}) {
  const { metrics, errors } = compileMetrics([{ id: 'asked', name: 'Asked', unit, description: '', equation }]);
  if (errors[0]) throw new Error(errors[0].message);
  const now = new Date('2026-03-31T12:00:00Z');
  const results = await computeMetrics(test.db, metrics, { accountIds: ['acme'], day, now, timeZone });
  return results.get('acme')?.values.asked;
}

describe('events', () => {
  it('counts in a window of today and the days before, up to now', async () => {
    await store(test.db, {
      events: [
        { name: 'login', at: '2026-03-31T11:59:00Z' },
        { name: 'login', at: '2026-03-31T12:01:00Z' },
        { name: 'login', at: '2026-03-25T00:00:00Z' },
        { name: 'login', at: '2026-03-24T23:59:00Z' },
      ],
    });
    expect(await valueOf('count("login", 7)')).toBe(2);
    expect(await valueOf('count("login", 7, 7)')).toBe(1);
    expect(await valueOf('count("login")')).toBe(3);
    expect(await valueOf('users()')).toBe(null);
  });
});
