import { sql } from 'kysely';
import type { MetricValue } from '../health/types.ts';
import type { MetricDay } from '../metrics/figures.ts';
import type { Day, Db } from './types.ts';

/**
 * What is kept of an account's metric: the days from `days - 1` before the newest one up to `today`, and those of `also`,
 * as numbers of days before the newest; rising. `null` when nothing was ever kept.
 */
export async function findMetricDays(
  db: Db,
  { accountId, metric, today }: { accountId: string; metric: string; today: Day },
  { days, also }: { days: number; also: readonly number[] },
): Promise<{ to: Day; stored: MetricDay[] } | null> {
  const { rows } = await sql<{ newest: Day; day: Day; value: MetricValue; corrected_at: Date | null }>`
    select newest.day as newest, m.day, m.value, m.corrected_at
    from (
      select max(day) as day from metric_values
      where account_id = ${accountId} and metric = ${metric} and day <= ${today}::date
    ) newest
    join metric_values m on m.account_id = ${accountId} and m.metric = ${metric} and m.day <= newest.day
      and (m.day > newest.day - ${days}::int or newest.day - m.day = any(${also}::int[]))
    order by m.day
  `.execute(db);
  const [first] = rows;
  if (!first) return null;
  return {
    to: first.newest,
    stored: rows.map(({ day, value, corrected_at }) => ({ day, value, correctedAt: corrected_at })),
  };
}

/** The newest value that is kept of each of the metrics, by metric; those that nothing is kept of are left out. */
export async function findNewestValues(
  db: Db,
  { accountId, today }: { accountId: string; today: Day },
  metrics: readonly string[],
): Promise<Map<string, { day: Day; value: MetricValue }>> {
  const { rows } = await sql<{ metric: string; day: Day; value: MetricValue }>`
    select wanted.metric, kept.day, kept.value
    from unnest(${metrics}::text[]) as wanted (metric)
    cross join lateral (
      select day, value from metric_values
      where account_id = ${accountId} and metric = wanted.metric and day <= ${today}::date
      order by day desc limit 1
    ) kept
  `.execute(db);
  return new Map(rows.map(({ metric, day, value }) => [metric, { day, value }]));
}
