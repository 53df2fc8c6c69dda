import { sql } from 'kysely';
import type { Db } from './types.ts';

const LOCK = 7_305_811;

/**
 * Held to the end of the transaction: shared by who stores events, alone by who changes which user an id is, or which
 * account a user's, and by who deletes an account. So whoever resolves ids sees all that was said before, and leaves nothing
 * behind unseen.
 */
export async function lockIngestion(transaction: Db, how: 'shared' | 'alone'): Promise<void> {
  const lock = how === 'shared' ? sql`pg_advisory_xact_lock_shared` : sql`pg_advisory_xact_lock`;
  await sql`select ${lock}(${LOCK})`.execute(transaction);
}
