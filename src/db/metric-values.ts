import { sql } from 'kysely';
import type { MetricValue } from '../health/types.ts';
import type { Day, Db } from './types.ts';

/** Values of accounts on one day. */
export type DayValues = readonly { account: string; metrics: Readonly<Record<string, MetricValue>> }[];

/** When the run began, and when the day is over; `redefined`: another value then comes from another equation. */
type Computation = { computedAt: Date; dayEnd: Date; redefined?: boolean };

/**
 * Stores what was computed for `day` over what an earlier run stored; what is the same is left untouched. Another value
 * than the one that was computed when the day was over is a correction, and marked as one.
 */
export async function upsertMetricValues(
  db: Db,
  day: Day,
  values: DayValues,
  { computedAt, dayEnd, redefined = false }: Computation,
): Promise<void> {
  await sql`
    insert into metric_values (account_id, metric, day, value, computed_at)
    select given.account, metric.key, ${day}::date, nullif(metric.value, 'null'), ${computedAt}
    from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as given (account text, metrics jsonb)
    cross join lateral jsonb_each(given.metrics) as metric
    -- In one order, so that two runs at once wait for each other instead of deadlocking.
    order by given.account, metric.key
    on conflict (account_id, metric, day) do update set
      value = excluded.value,
      computed_at = excluded.computed_at,
      corrected_at = case
        when metric_values.value is not distinct from excluded.value then metric_values.corrected_at
        when ${redefined} then null
        when metric_values.computed_at >= ${dayEnd}::timestamptz then excluded.computed_at
        else metric_values.corrected_at
      end
      where metric_values.computed_at <= excluded.computed_at and (
        metric_values.value is distinct from excluded.value
        -- Now the value is the day's last.
        or (metric_values.computed_at < ${dayEnd}::timestamptz and excluded.computed_at >= ${dayEnd}::timestamptz)
      )
  `.execute(db);
}

/** What is stored of some accounts and days, by `keyOf(day, account)`; `metrics` null is all. */
export async function findStoredValues(
  db: Db,
  accountIds: readonly string[],
  { from, to, metrics = null }: { from: Day; to: Day; metrics?: readonly string[] | null },
): Promise<Map<string, Record<string, MetricValue>>> {
  const { rows } = await sql<{ account: string; day: Day; metrics: Record<string, MetricValue> }>`
    select account_id as account, day, jsonb_object_agg(metric, value) as metrics from metric_values
    where account_id = any(${accountIds}::text[]) and day between ${from} and ${to}
      and (${metrics}::text[] is null or metric = any(${metrics}::text[]))
    group by account_id, day
  `.execute(db);
  return new Map(rows.map(({ account, day, metrics: values }) => [keyOf(day, account), values]));
}

/** The key of an account's day. */
export function keyOf(day: Day, account: string): string {
  return `${day} ${account}`;
}

/** Where an account's past begins: with its first event, score or imported value. Accounts without any are left out. */
export async function findFirstDays(
  db: Db,
  accountIds: readonly string[],
  timeZone: string,
): Promise<{ account: string; day: Day }[]> {
  const { rows } = await sql<{ account: string; day: Day }>`
    select account, least(
      event.day,
      -- Events are kept for a year or so, and what they were counted to for longer.
      case when event.day is null or month < date_trunc('month', event.day) then month end,
      (select min(day) from scores where account_id = account),
      (select min(day) from imported_metric_values where account_id = account)
    ) as day
    from unnest(${accountIds}::text[]) as account
    cross join lateral (
      select (min(occurred_at) at time zone ${timeZone})::date as day from events where account_id = account
    ) event
    cross join lateral (select min(month) as month from series_months where account_id = account) counted
    where coalesce(event.day, month) is not null
      or exists (select from scores where account_id = account)
      or exists (select from imported_metric_values where account_id = account)
    order by account
  `.execute(db);
  return rows;
}
