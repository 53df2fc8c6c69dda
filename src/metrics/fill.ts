import { daysFrom, endOfDay } from '../days.ts';
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
export async function fillMetricValues(
  db: Db,
  metrics: readonly CompiledMetric[],
  { ids, redefined, accountIds, from, to, now, timeZone }: Filling,
): Promise<number> {
  const days = daysFrom(from, to);
  const accounts = await findAccountsToScore(db, accountIds);
  const results = await computeMetricsForDays(db, withDependencies(metrics, ids), { accountIds, days, now, timeZone });
  const stored = await findStoredValues(db, accountIds, { from, to, metrics: ids });
  const eventMetrics = findEventMetrics(metrics);
  const groups = [
    { redefined: true, ids: ids.filter((id) => redefined.has(id)) },
    { redefined: false, ids: ids.filter((id) => !redefined.has(id)) },
  ];
  let count = 0;
  await db.transaction().execute(async (transaction) => {
    for (const day of days) {
      const dayEnd = endOfDay(day, timeZone);
      const there = accounts.filter(({ createdAt }) => !createdAt || createdAt < dayEnd);
      for (const group of groups) {
        const values: { account: string; metrics: Record<string, MetricValue> }[] = [];
        for (const { id: account } of there) {
          const computed = results.get(day)?.get(account)?.values ?? {};
          const known = stored.get(keyOf(day, account)) ?? {};
          const changed = group.ids.filter((id) => {
            const value = computed[id] ?? null;
            if (!Object.hasOwn(known, id)) return value !== null;
            return value !== known[id] && (group.redefined || eventMetrics.has(id));
          });
          if (changed.length > 0) values.push({ account, metrics: pick(computed, changed) });
        }
        count += await store(transaction, day, values, { computedAt: now, dayEnd, redefined: group.redefined });
      }
    }
  });
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
