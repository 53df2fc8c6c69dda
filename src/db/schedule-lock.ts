import { type Kysely, sql } from 'kysely';
import type { Database } from './types.ts';

/** Key of the advisory lock under which one process at a time touches the schedules. */
const SCHEDULE_LOCK = 7_305_804;

/** Runs `work` while no other process touches the schedules. */
export async function withScheduleLock(db: Kysely<Database>, work: () => Promise<void>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${SCHEDULE_LOCK})`.execute(transaction);
    await work();
  });
}
