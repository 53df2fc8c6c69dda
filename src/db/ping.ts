import { sql } from 'kysely';
import type { Db } from './types.ts';

/** One round trip; rejects when the database does not answer. */
export async function ping(db: Db): Promise<void> {
  await sql`select 1`.execute(db);
}

/** How the database stores text, such as UTF8; rejects when it does not answer. */
export async function findEncoding(db: Db): Promise<string> {
  const { rows } = await sql<{ encoding: string }>`select current_setting('server_encoding') as encoding`.execute(db);
  return rows[0]?.encoding ?? '';
}
