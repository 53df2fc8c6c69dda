import { type Kysely, type RawBuilder, sql } from 'kysely';
import { lockIngestion } from './ingest-lock.ts';
import { inTransaction } from './rehearse.ts';
import type { Database, Db } from './types.ts';

/**
 * Runs `work` in a transaction while nobody stores or counts events, and takes all of it back when it is `rehearsed`: so
 * a dry run tells what would happen because it happened.
 */
export async function forgetInTransaction<Result>(
  db: Kysely<Database>,
  rehearsed: boolean,
  work: (transaction: Db) => Promise<Result>,
): Promise<Result> {
  return inTransaction(db, rehearsed, async (transaction) => {
    // As the counter does, see count-events.ts; before the doors, so that these do not wait for it as well.
    await sql`lock table series in share update exclusive mode`.execute(transaction);
    await lockIngestion(transaction, 'alone');
    await sql`
      create temp table forgotten_events (account_id text, key uuid, name text, occurred_at timestamptz) on commit drop
    `.execute(transaction);
    return work(transaction);
  });
}

/** Deletes the events `e` of which `which` is true, with their keys, and lists them in `forgotten_events`. */
export async function deleteEvents(transaction: Db, which: RawBuilder<boolean>): Promise<number> {
  const { numAffectedRows } = await sql`
    with gone as (delete from events e where ${which} returning account_id, key, name, occurred_at)
    insert into forgotten_events select * from gone
  `.execute(transaction);
  await sql`delete from event_keys k using forgotten_events f where k.key = f.key`.execute(transaction);
  return Number(numAffectedRows ?? 0);
}

/** Deletes the waiting events `w` of which `which` is true, with their keys. */
export async function deleteWaitingEvents(transaction: Db, which: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with gone as (delete from waiting_events w where ${which} returning key),
    keys as (delete from event_keys where key in (select key from gone))
    select count(*) as count from gone
  `.execute(transaction);
  return rows[0]?.count ?? 0;
}

/**
 * Finds anew when each name was first seen, where that was by an event that is forgotten: of a name that nobody sent, all
 * accounts have no data rather than 0. So all are computed anew where the day is another.
 */
export async function settleEventNames(transaction: Db, timeZone: string): Promise<void> {
  await sql`
    with lost as materialized (
      select k.name, k.first_at from event_names k
      join (select name, min(occurred_at) as first from forgotten_events group by name) f on f.name = k.name
      where k.first_at >= f.first
        -- Who was first in a time of which nothing is kept is not known any more.
        and k.first_at >= coalesce((select kept_from from event_retention), '-infinity')
    ),
    again as materialized (
      select name, min(occurred_at) as first_at from events where name in (select name from lost) group by name
    ),
    unheard as (delete from event_names where name in (select name from lost) and name not in (select name from again)),
    later as (update event_names k set first_at = a.first_at from again a where k.name = a.name)
    insert into stale_accounts (account_id, from_day)
    select accounts.id, changed.day
    from accounts cross join (
      select min(l.first_at at time zone ${timeZone})::date as day from lost l left join again a on a.name = l.name
      where (l.first_at at time zone ${timeZone})::date is distinct from (a.first_at at time zone ${timeZone})::date
    ) changed
    where changed.day is not null
  `.execute(transaction);
}

/** Deletes the samples of refused calls in which one of the words stands by itself. */
export async function deleteRefusalsWith(transaction: Db, words: readonly string[]): Promise<number> {
  const forms = new Set(words.flatMap((word) => [word, JSON.stringify(word).slice(1, -1)]));
  const literal = (form: string) => form.replaceAll(/[^\p{L}\p{N}]/gu, '\\$&');
  const patterns = [...forms].map((form) => `(^|[^[:alnum:]])${literal(form)}($|[^[:alnum:]])`);
  const { numAffectedRows } = await sql`
    delete from ingest_refusals where sample ~ any(${patterns}::text[])
  `.execute(transaction);
  return Number(numAffectedRows ?? 0);
}
