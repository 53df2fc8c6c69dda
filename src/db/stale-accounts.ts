import { sql } from 'kysely';
import type { Day, Db } from './types.ts';

/** An account whose values are to be computed anew from `from` on; `rows` ask for it. */
export type StaleAccount = { account: string; from: Day; rows: number[] };

/** How many rows are looked at in one go. */
const mostRows = 100_000;

/** Of days that nothing is stored of, so many are computed when events of them come. */
const mostNewDays = 90;

/**
 * The accounts that were told to be computed anew, those with the fewest days first. Days before the first that anything
 * is stored of for the account reach 90 days back at most; none is after `today`.
 */
export async function findStaleAccounts(db: Db, today: Day): Promise<StaleAccount[]> {
  const { rows } = await sql<StaleAccount>`
    select account, rows, least(${today}::date, case
      when first_score <= day then day
      else greatest(day, least(
        ${today}::date - ${mostNewDays - 1}::int,
        first_score,
        (select min(v.day) from metric_values v where v.account_id = account)
      ))
    end) as "from"
    from (
      select account_id as account, min(from_day) as day, json_agg(id) as rows
      from (select * from stale_accounts order by id limit ${mostRows}) s group by account_id
    ) asked
    cross join lateral (select min(s.day) as first_score from scores s where s.account_id = account) scored
    order by "from" desc, account
  `.execute(db);
  return rows;
}

/** Forgets what has been done. */
export async function deleteStaleRows(db: Db, rows: readonly number[]): Promise<void> {
  await sql`delete from stale_accounts where id = any(${rows}::bigint[])`.execute(db);
}

/** Whether any account waits to be computed anew. */
export async function hasStaleAccounts(db: Db): Promise<boolean> {
  const { rows } = await sql`select from stale_accounts limit 1`.execute(db);
  return rows.length > 0;
}
