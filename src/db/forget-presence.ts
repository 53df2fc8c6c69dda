import { sql } from 'kysely';
import { hashOfKey } from '../series/codec.ts';
import { presenceBytes } from '../series/types.ts';
import type { Day, Db } from './types.ts';

type Row = { series_id: number; account_id: string; month: Day; presence: Buffer };

/**
 * Takes users out of what is counted of users, also of days whose events are no longer kept. Returns the first month
 * (`YYYY-MM-01`) in which each account had one of them.
 */
export async function deletePresence(
  transaction: Db,
  accountIds: readonly string[],
  userIds: readonly string[],
): Promise<Map<string, Day>> {
  const hashes = userIds.map(hashOfKey);
  const first = new Map<string, Day>();
  if (hashes.length === 0) return first;
  const { rows } = await sql<Row>`
    select m.series_id, m.account_id, m.month, m.presence
    from series_months m join series s on s.id = m.series_id
    where s.definition ->> 'kind' = 'users' and m.account_id = any(${accountIds}::text[])
      and (${sql.join(
        hashes.map((hash) => sql`position(${hash}::bytea in m.presence) > 0`),
        sql` or `,
      )})
    order by m.month
  `.execute(transaction);
  for (const { series_id, account_id, month, presence } of rows) {
    const kept = withoutKeys(presence, hashes);
    // The bytes of two others may look like a key.
    if (kept.length === presence.length) continue;
    if (!first.has(account_id)) first.set(account_id, month);
    const row = sql`series_id = ${series_id} and account_id = ${account_id} and month = ${month}`;
    await (kept.length === 0
      ? sql`delete from series_months where ${row}`
      : sql`update series_months set presence = ${kept} where ${row}`
    ).execute(transaction);
  }
  return first;
}

function withoutKeys(presence: Buffer, hashes: readonly Buffer[]): Buffer {
  const entries: Buffer[] = [];
  for (let at = 0; at < presence.length; at += presenceBytes) {
    const entry = presence.subarray(at, at + presenceBytes);
    if (!hashes.some((hash) => entry.subarray(0, hash.length).equals(hash))) entries.push(entry);
  }
  return Buffer.concat(entries);
}
