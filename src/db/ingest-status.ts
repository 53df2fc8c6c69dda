import { sql } from 'kysely';
import type { Day, Db, IngestOutcome } from './types.ts';

/** How many calls came in by a door on a day (UTC), by what became of them. */
export type IngestDay = { day: Day; door: string } & Record<IngestOutcome, number>;

/** How much was refused for a kind of reason. */
export type RefusalCount = { door: string; reason: string; count: number; lastAt: Date };

/** One that was refused: why in full, and what it was. */
export type RefusalSample = { door: string; reason: string; at: Date; sample: string };

/** Who events wait for: an account that nobody has told of, or somebody who is in no account. */
export type WaitingFor = { account: string | null; userId: string | null; anonymousId: string | null; events: number };

/** The days and doors that are asked for; without a door it is all of them. */
export type StatusPeriod = { from: Day; door: string | null };

/** What came in, the newest day first. */
export async function findIngestDays(db: Db, { from, door }: StatusPeriod): Promise<IngestDay[]> {
  const { rows } = await sql<IngestDay>`
    select day, door,
      coalesce(sum(count) filter (where outcome = 'stored'), 0)::float8 as stored,
      coalesce(sum(count) filter (where outcome = 'duplicate'), 0)::float8 as duplicate,
      coalesce(sum(count) filter (where outcome = 'waiting'), 0)::float8 as waiting,
      coalesce(sum(count) filter (where outcome = 'applied'), 0)::float8 as applied,
      coalesce(sum(count) filter (where outcome = 'refused'), 0)::float8 as refused
    from ingest_counts
    where day >= ${from} and (${door}::text is null or door = ${door})
    group by day, door order by day desc, door
  `.execute(db);
  return rows;
}

/** What was refused, the most frequent first. */
export async function findRefusalCounts(db: Db, { from, door }: StatusPeriod): Promise<RefusalCount[]> {
  const { rows } = await sql<RefusalCount>`
    select door, reason, sum(count)::float8 as count, max(last_at) as "lastAt"
    from ingest_counts
    where outcome = 'refused' and day >= ${from} and (${door}::text is null or door = ${door})
    group by door, reason order by count desc, door, reason
  `.execute(db);
  return rows;
}

/** The newest few that were refused for each reason, the newest first. */
export async function findRefusalSamples(
  db: Db,
  { from, door }: StatusPeriod,
  ofEach: number,
): Promise<RefusalSample[]> {
  const { rows } = await sql<RefusalSample>`
    select door, reason, at, sample
    from (
      select *, row_number() over (partition by door, reason order by id desc) as place
      from ingest_refusals where at >= ${from}::date and (${door}::text is null or door = ${door})
    ) newest
    where place <= ${ofEach} order by id desc
  `.execute(db);
  return rows;
}

/** What waits: how many events, since when, for whom most of them; and of how many users something was told. */
export type Waiting = { events: number; oldest: Date | null; users: number; for: WaitingFor[] };

/** What waits for its account or user; `most` of whom it waits for. */
export async function findWaiting(db: Db, most: number): Promise<Waiting> {
  const total = await sql<Omit<Waiting, 'for'>>`
    select count(*)::float8 as events, min(received_at) as oldest,
      (select count(distinct actor)::float8 from waiting_users) as users
    from waiting_events
  `.execute(db);
  const { rows } = await sql<WaitingFor>`
    select account, case when account is null then user_id end as "userId",
      case when account is null and user_id is null then anonymous_id end as "anonymousId", count(*)::float8 as events
    from waiting_events group by 1, 2, 3 order by events desc, 1, 2, 3 limit ${most}
  `.execute(db);
  return { ...total.rows[0]!, for: rows };
}

/** What is stored and not in the series yet: transactions, and when the oldest of them began. */
export async function findUncounted(db: Db): Promise<{ batches: number; oldest: Date | null }> {
  const { rows } = await sql<{ batches: number; oldest: Date | null }>`
    select count(*)::float8 as batches, min(created_at) as oldest from uncounted_batches
  `.execute(db);
  return rows[0]!;
}
