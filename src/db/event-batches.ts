import { hash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './types.ts';

/**
 * Begins a batch in the current transaction: the number to store events with. When the transaction is over they are
 * counted into the series.
 */
export async function startBatch(transaction: Db): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into uncounted_batches (id) values (nextval('event_batches')) returning id
  `.execute(transaction);
  return rows[0]!.id;
}

/** The key of an event that came through a door: its message id makes it one. A UUID. */
export function keyOfMessage(messageId: string): string {
  return hash('md5', `message\n${messageId}`);
}

/** The same, in SQL, of an event that was imported: ids in files are each account's own. */
export function importedKey(account: RawBuilder<unknown>, id: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`md5('import' || chr(10) || ${account} || chr(10) || ${id})::uuid`;
}
