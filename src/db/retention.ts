import { sql } from 'kysely';
import type { Db } from './types.ts';

/** How long after its event a key is kept, in days: what comes again within it is known for a duplicate. */
const keysKeptDays = 31;
const countsKeptDays = 400;
const refusalsKept = 1000;
const dayMs = 86_400_000;
/** Pages of a table that are looked at in one go, 8 kB each. */
const pagesAtOnce = 5_000;

/**
 * From when on events are taken where older ones have been dropped; null while all are kept. That is two days after what
 * is kept: a calendar day can be counted anew only if all of it is there, whatever the time zone.
 */
export async function findKeptFrom(db: Db): Promise<Date | null> {
  const dropped = await findDroppedBefore(db);
  return dropped && new Date(dropped.getTime() + 2 * dayMs);
}

/** Before when all events have been dropped; null while all are kept. */
export async function findDroppedBefore(db: Db): Promise<Date | null> {
  const row = await db.selectFrom('event_retention').select('kept_from').executeTakeFirst();
  return row?.kept_from ?? null;
}

/** The earliest time that an event may have to be taken: of an older one, nobody knows whether it was counted before. */
export async function findEventHorizon(
  db: Db,
  { now, retentionMonths }: { now: Date; retentionMonths: number },
): Promise<Date> {
  const month = firstKeptMonth(now, retentionMonths);
  const keptFrom = await findKeptFrom(db);
  return keptFrom && keptFrom > month ? keptFrom : month;
}

/** The first instant of the month (UTC) that lies so many months before that of `now`. */
export function firstKeptMonth(now: Date, retentionMonths: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - retentionMonths, 1));
}

/**
 * Drops the events of the months before `month`, and the events and users of that time that still wait. Returns how many months there were;
 * null, and drops nothing, while some of their events are still to be counted into the series.
 */
export async function dropEventsBefore(db: Db, month: Date): Promise<number | null> {
  return db.transaction().execute(async (transaction) => {
    // Nobody counts meanwhile, see count-events.ts. Who writes events is waited for, and then waits: not for long.
    await sql`lock table series in share update exclusive mode`.execute(transaction);
    await sql`set local lock_timeout = '10s'`.execute(transaction);
    await sql`delete from waiting_events where occurred_at < ${month}`.execute(transaction);
    await sql`delete from waiting_users where at < ${month}`.execute(transaction);
    const old = await findMonthsBefore(transaction, month);
    if (old.length === 0) return 0;
    await sql`lock table only events in access exclusive mode`.execute(transaction);
    for (const name of old) await sql`lock table ${sql.table(name)} in access exclusive mode`.execute(transaction);
    if (await hasUncounted(transaction, month)) return null;
    for (const name of old) await sql`drop table ${sql.table(name)}`.execute(transaction);
    await sql`
      insert into event_retention (kept_from) values (${month})
      on conflict (one) do update set kept_from = greatest(event_retention.kept_from, excluded.kept_from)
    `.execute(transaction);
    return old.length;
  });
}

/** The partitions that lie wholly before `month`. */
async function findMonthsBefore(db: Db, month: Date): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'events'::regclass and c.relname < ${`events_${month.toISOString().slice(0, 7).replace('-', '_')}`}
    order by c.relname
  `.execute(db);
  return rows.map(({ name }) => name);
}

/** Whether events before `month` are not in the series yet, or are to be counted anew. */
async function hasUncounted(db: Db, month: Date): Promise<boolean> {
  const { rows } = await sql<{ waits: boolean }>`
    select
      exists (select from events where occurred_at < ${month} and batch in (select id from uncounted_batches))
      -- In a time zone ahead of UTC the last hours of the month before are of the month's first day.
      or exists (select from stale_days where day <= (${month}::timestamptz at time zone 'UTC')::date) as waits
  `.execute(db);
  return rows[0]?.waits === true;
}

/** Deletes the keys of events that were dropped, once they are so old that nobody sends them again. Returns how many. */
export async function deleteOldKeys(db: Db): Promise<number> {
  const keptFrom = await findKeptFrom(db);
  if (keptFrom === null) return 0;
  const before = new Date(keptFrom.getTime() - keysKeptDays * dayMs);
  const { rows } = await sql<{ pages: number }>`
    select pg_relation_size('event_keys') / current_setting('block_size')::int as pages
  `.execute(db);
  const pages = rows[0]?.pages ?? 0;
  let deleted = 0;
  // In pieces by place: the table has no index by time, and one long statement would keep others from being cleaned up.
  for (let page = 0; page < pages; page += pagesAtOnce) {
    const { numAffectedRows } = await sql`
      delete from event_keys
      where ctid >= ${`(${page},0)`}::tid and ctid < ${`(${page + pagesAtOnce},0)`}::tid and occurred_at < ${before}
    `.execute(db);
    deleted += Number(numAffectedRows ?? 0);
  }
  return deleted;
}

/** Forgets what came in more than 400 days ago, and all refused calls but the newest 1000. */
export async function deleteOldIngestRecords(db: Db, now: Date): Promise<void> {
  const day = new Date(now.getTime() - countsKeptDays * dayMs).toISOString().slice(0, 10);
  await db.deleteFrom('ingest_counts').where('day', '<', day).execute();
  await sql`
    delete from ingest_refusals
    where id <= (select id from ingest_refusals order by id desc offset ${refusalsKept} limit 1)
  `.execute(db);
}
