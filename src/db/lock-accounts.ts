import { sql } from 'kysely';
import type { Db } from './types.ts';

/**
 * Has others that change these accounts wait until the transaction ends; events and alerts of them go on being stored. Whoever writes to
 * some of them before claims are noted of more locks them all first, so that two who share accounts do not deadlock.
 */
export async function lockAccounts(transaction: Db, accountIds: readonly string[]): Promise<void> {
  // In this order, since an import takes the table and then the rows.
  await sql`lock table accounts in row exclusive mode`.execute(transaction);
  await sql`
    select from accounts where id = any(${accountIds}::text[]) order by id for no key update
  `.execute(transaction);
}
