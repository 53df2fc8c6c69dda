import { sql } from 'kysely';
import type { Db } from './types.ts';

/** What an indicator has done so far. */
export type IndicatorActivity = {
  indicator: string;
  /** Times that it fired since the given moment, and in all. */
  recently: number;
  times: number;
  lastAt: Date | null;
  open: number;
  /** Accounts for which there was data. */
  accounts: number;
};

/** Of every indicator that ever had data or fired, those that the pack no longer has too. */
export async function findIndicatorActivity(db: Db, since: Date): Promise<IndicatorActivity[]> {
  const { rows } = await sql<IndicatorActivity>`
    select indicator, coalesce(recently, 0) as recently, coalesce(times, 0) as times, "lastAt",
      coalesce(open, 0) as open, coalesce(accounts, 0) as accounts
    from (
      select indicator, count(*) as times, max(opened_at) as "lastAt",
        count(*) filter (where opened_at >= ${since}) as recently,
        count(*) filter (where state <> 'resolved') as open
      from alerts group by indicator
    ) fired
    full join (
      select indicator, count(distinct account_id) as accounts from indicator_readings group by indicator
    ) read using (indicator)
    order by indicator
  `.execute(db);
  return rows;
}
