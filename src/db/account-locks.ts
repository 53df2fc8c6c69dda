import { sql } from 'kysely';
import type { Db } from './types.ts';

const LOCK = 7_305_812;

/**
 * Runs `work` while nobody else computes metrics of these accounts. Who computes leaves alone what is stored and the same;
 * without the lock, one that began earlier and knows less could write over that afterwards.
 */
export async function withAccountsLocked<Result>(
  db: Db,
  accountIds: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  return db.transaction().execute(async (transaction) => {
    await sql`
      select pg_advisory_xact_lock(${LOCK}, key)
      -- In one order, so that two who share accounts wait for each other instead of deadlocking.
      from (select distinct hashtext(id) as key from unnest(${accountIds}::text[]) as id order by key) as keys
    `.execute(transaction);
    return work();
  });
}
