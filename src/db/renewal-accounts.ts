import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { RenewalAccount } from '../renewals/plan.ts';
import { isChurned } from './churned.ts';
import type { Database, Day, Db } from './types.ts';

/** The segment that accounts are in from the first reminder to the renewal date, or until somebody says what became of it. */
export const UPCOMING_RENEWAL = 'upcoming-renewal';

/**
 * Accounts whose renewal date is from `today` to `last`, those of which a contract runs, and those named in `also`, by id:
 * those that `planRenewal` may find work for.
 */
export function findRenewalAccounts(
  db: Db,
  { today, last, also }: { today: Day; last: Day; also: readonly string[] },
): Promise<Map<string, RenewalAccount>> {
  return readRenewalAccounts(
    db,
    sql`a.renewal_date between ${today}::date and ${last}::date or a.id = any(${also}::text[])
      or exists (select from renewals r where r.account_id = a.id and r.state in ('open', 'past'))`,
  );
}

/** Runs `work` in a transaction with an account as it is, which nobody else changes meanwhile; `null` when it is gone. */
export function withAccountLocked<Result>(
  db: Kysely<Database>,
  accountId: string,
  work: (transaction: Db, account: RenewalAccount | null) => Promise<Result>,
): Promise<Result> {
  return db.transaction().execute(async (transaction) => {
    // In this order, since an import takes the table and then the row.
    await sql`lock table accounts in row exclusive mode`.execute(transaction);
    // Events and alerts of the account go on being stored.
    await sql`select from accounts where id = ${accountId} for no key update`.execute(transaction);
    const accounts = await readRenewalAccounts(transaction, sql`a.id = ${accountId}`);
    return work(transaction, accounts.get(accountId) ?? null);
  });
}

/** Accounts with all that is stored of their contracts, by id; `isWanted` calls the table `a`. */
export async function readRenewalAccounts(db: Db, isWanted: RawBuilder<unknown>): Promise<Map<string, RenewalAccount>> {
  const { rows } = await sql<RenewalAccount & { id: string }>`
    select a.id, a.renewal_date as date, a.csm_email as "csmEmail", ${isChurned(sql`a`)} as "isChurned",
      coalesce((
        select json_agg(json_build_object(
          'id', r.id, 'armedFor', r.armed_for, 'date', r.renewal_date, 'state', r.state,
          'steps', array(select step from renewal_steps where renewal_id = r.id),
          'isTaskOpen', exists (select from tasks where id = r.task_id and done_at is null),
          'ownerEmail', (${newestOwner(sql`r.id`)}),
          'isInSegment', exists (
            select from account_segments where account_id = a.id and segment = ${UPCOMING_RENEWAL}
          )
        ) order by r.id)
        from renewals r where r.account_id = a.id
      ), '[]') as renewals
    from accounts a where ${isWanted}
    order by a.id
  `.execute(db);
  return new Map(rows.map(({ id, ...account }) => [id, account]));
}

/** Whom the newest message about a contract was meant for. */
export function newestOwner(renewalId: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select owner_email from messages where renewal_id = ${renewalId} order by id desc limit 1`;
}
