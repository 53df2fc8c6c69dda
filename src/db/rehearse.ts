import type { Kysely } from 'kysely';
import type { Database, Db } from './types.ts';

/** Does something in a transaction, and takes it back where it is only `rehearsed`. */
export async function inTransaction<Result>(
  db: Kysely<Database>,
  rehearsed: boolean,
  work: (transaction: Db) => Promise<Result>,
): Promise<Result> {
  const transaction = await db.startTransaction().execute();
  try {
    const result = await work(transaction);
    await (rehearsed ? transaction.rollback() : transaction.commit()).execute();
    return result;
  } catch (error) {
    if (!transaction.isCommitted && !transaction.isRolledBack) await transaction.rollback().execute();
    throw error;
  }
}
