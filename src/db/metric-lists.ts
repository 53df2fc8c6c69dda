import { sql } from 'kysely';
import type { MetricValue } from '../health/types.ts';
import type { Day, Db } from './types.ts';

/** An account with its newest value of a metric and the one that was kept for some days before it. */
export type AccountValue = {
  id: string;
  name: string;
  csmEmail: string | null;
  currency: string;
  /** The model that gave its newest score; `null` without a score. */
  model: string | null;
  /** The day of the newest value; `null` when none is kept. */
  day: Day | null;
  value: MetricValue;
  before: MetricValue;
};

/** Every account, or every account of a CSM, with its values of a metric, `daysAgo` days apart. */
export async function findAccountValues(
  db: Db,
  { metric, daysAgo, today, csmEmail }: { metric: string; daysAgo: number; today: Day; csmEmail: string | null },
): Promise<AccountValue[]> {
  const { rows } = await sql<AccountValue>`
    select
      a.id, a.name, a.csm_email as "csmEmail", a.currency, scored.model, newest.day, newest.value, earlier.value as before
    from accounts a
    left join lateral (
      select day, value from metric_values
      where account_id = a.id and metric = ${metric} and day <= ${today}::date
      order by day desc limit 1
    ) newest on true
    left join metric_values earlier
      on earlier.account_id = a.id and earlier.metric = ${metric} and earlier.day = newest.day - ${daysAgo}::int
    left join lateral (
      select model from scores where account_id = a.id and day <= ${today}::date order by day desc limit 1
    ) scored on true
    where ${csmEmail}::text is null or a.csm_email = ${csmEmail}
  `.execute(db);
  return rows;
}
