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
