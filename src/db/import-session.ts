import { pipeline } from 'node:stream/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { from as copyFrom } from 'pg-copy-streams';
import { openPool } from './client.ts';
import type { Database } from './types.ts';

/** Key of the advisory lock under which one import at a time writes. */
const IMPORT_LOCK = 7_305_805;

/** One connection, on which temporary tables and locks live until it is closed. */
export type ImportSession = {
  db: Kysely<Database>;
  /** Copies lines in COPY's text format into the stage. */
  copyToStage(lines: AsyncIterable<string>): Promise<void>;
  /** Takes the right to write; false while another import has it. Closing gives it back. */
  tryLock(): Promise<boolean>;
  close(): Promise<void>;
};

/** Opens a session on the database at `url`. */
export async function openImportSession(url: string): Promise<ImportSession> {
  const pool = openPool(url, { applicationName: 'bellwether import', max: 1, idleTimeoutMs: 0 });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  await sql`set work_mem = '64MB'`.execute(db);
  await sql`set jit = off`.execute(db);
  return {
    db,
    async copyToStage(lines) {
      const client = await pool.connect();
      try {
        await pipeline(lines, client.query(copyFrom('copy import_stage from stdin')));
        client.release();
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    async tryLock() {
      const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_lock(${IMPORT_LOCK}) as locked`.execute(
        db,
      );
      return rows[0]?.locked === true;
    },
    close: () => db.destroy(),
  };
}
