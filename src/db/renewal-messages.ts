import { sql } from 'kysely';
import type { Db } from './types.ts';

/** Has the messages of a contract say what is so now. */
export async function touchRenewalMessages(db: Db, renewalId: number): Promise<void> {
  await sql`
    update messages set version = version + 1
    where id in (select id from messages where renewal_id = ${renewalId} order by id for update)
  `.execute(db);
}

/** The same for the contract that a task is about, if it is about one. */
export async function touchRenewalOfTask(db: Db, taskId: number): Promise<void> {
  const row = await db.selectFrom('renewals').select('id').where('task_id', '=', taskId).executeTakeFirst();
  if (row) await touchRenewalMessages(db, row.id);
}

/** The same for the contracts of an account that are still to be decided. */
export async function touchRenewalsOfAccount(db: Db, accountId: string): Promise<void> {
  await sql`
    update messages set version = version + 1
    where id in (
      select m.id from messages m join renewals r on r.id = m.renewal_id
      where r.account_id = ${accountId} and r.state in ('open', 'past') order by m.id for update of m
    )
  `.execute(db);
}
