import { daysFrom, endOfDay } from '../days.ts';
import { withAccountsLocked } from '../db/account-locks.ts';
import { type DayValues, findStoredValues, keyOf, upsertMetricValues } from '../db/metric-values.ts';
import { findAccountsToScore } from '../db/scores.ts';
import type { Db } from '../db/types.ts';
import type { MetricValue } from '../health/types.ts';
import { computeMetricsForDays } from './compute.ts';
import { findEventMetrics, withDependencies } from './dependencies.ts';
import type { CompiledMetric } from './types.ts';

/** Which metrics are filled in, for whom and when. */
type Filling = {
  ids: readonly string[];
  /** Those of `ids` whose stored values come from another equation. */
  redefined: ReadonlySet<string>;
  accountIds: readonly string[];
  from: string;
  to: string;
  now: Date;
  timeZone: string;
};

/**
 * Computes metrics of some days and stores what is missing or different; nothing is stored for days without data. Values
 * that rest on no events are kept as they are: they were computed from what the account was then. Returns how many
 * values were stored.
 */
export function fillMetricValues(db: Db, metrics: readonly CompiledMetric[], filling: Filling): Promise<number> {
  return withAccountsLocked(db, filling.accountIds, () => fillLocked(db, metrics, filling));
}

async function fillLocked(
  db: Db,
  metrics: readonly CompiledMetric[],
  { ids, redefined, accountIds, from, to, now, timeZone }: Filling,
): Promise<number> {
  const days = daysFrom(from, to);
  const accounts = await findAccountsToScore(db, accountIds);
  const results = await computeMetricsForDays(db, withDependencies(metrics, ids), { accountIds, days, now, timeZone });
  const stored = await findStoredValues(db, accountIds, { from, to, metrics: ids });
  const eventMetrics = findEventMetrics(metrics);
  const changedOn = (day: string, wanted: readonly string[], isRedefined: boolean): DayValues => {
    const dayEnd = endOfDay(day, timeZone);
    return accounts.flatMap(({ id: account, createdAt }) => {
      if (createdAt && createdAt >= dayEnd) return [];
      const computed = results.get(day)?.get(account)?.values ?? {};
      const known = stored.get(keyOf(day, account)) ?? {};
      const changed = wanted.filter((id) => {
        const value = computed[id] ?? null;
        if (!Object.hasOwn(known, id)) return value !== null;
        return value !== known[id] && (isRedefined || eventMetrics.has(id));
      });
      return changed.length > 0 ? [{ account, metrics: pick(computed, changed) }] : [];
    });
  };
  let count = 0;
  for (const isRedefined of [true, false]) {
    const wanted = ids.filter((id) => redefined.has(id) === isRedefined);
    // One transaction each: within one, rows are locked in an order that is the same for all who write values.
    await db.transaction().execute(async (transaction) => {
      for (const day of days) {
        const values = changedOn(day, wanted, isRedefined);
        const computation = { computedAt: now, dayEnd: endOfDay(day, timeZone), redefined: isRedefined };
        count += await store(transaction, day, values, computation);
      }
    });
  }
  return count;
}

function pick(values: Readonly<Record<string, MetricValue>>, ids: readonly string[]): Record<string, MetricValue> {
  return Object.fromEntries(ids.map((id) => [id, values[id] ?? null]));
}

async function store(
  db: Db,
  day: string,
  values: DayValues,
  computation: Parameters<typeof upsertMetricValues>[3],
): Promise<number> {
  if (values.length > 0) await upsertMetricValues(db, day, values, computation);
  return values.reduce((sum, { metrics }) => sum + Object.keys(metrics).length, 0);
}
