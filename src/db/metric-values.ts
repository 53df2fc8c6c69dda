import { sql } from 'kysely';
import type { MetricValue } from '../health/types.ts';
import type { Day, Db } from './types.ts';

/**
 * Stores what was computed for `day` over what an earlier run stored; what is the same is left untouched. `computedAt` is
 * when the run began.
 */
export async function upsertMetricValues(
  db: Db,
  day: Day,
  values: readonly { account: string; metrics: Readonly<Record<string, MetricValue>> }[],
  computedAt: Date,
): Promise<void> {
  await sql`
    insert into metric_values (account_id, metric, day, value, computed_at)
    select given.account, metric.key, ${day}::date, nullif(metric.value, 'null'), ${computedAt}
    from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as given (account text, metrics jsonb)
    cross join lateral jsonb_each(given.metrics) as metric
    -- In one order, so that two runs at once wait for each other instead of deadlocking.
    order by given.account, metric.key
    on conflict (account_id, metric, day) do update set value = excluded.value, computed_at = excluded.computed_at
      where metric_values.value is distinct from excluded.value and metric_values.computed_at <= excluded.computed_at
  `.execute(db);
}
