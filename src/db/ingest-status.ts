import { sql } from 'kysely';
import type { Day, Db, IngestOutcome } from './types.ts';

/** How many calls came in by a door on a day (UTC), by what became of them. */
export type IngestDay = { day: Day; door: string } & Record<IngestOutcome, number>;

/** What was refused for one reason, and the newest of it. */
export type RefusalGroup = {
  door: string;
  reason: string;
  count: number;
  lastAt: Date;
  samples: { at: Date; sample: string }[];
};

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

/** What was refused, the most frequent reason first, each with its newest samples. */
export async function findRefusals(db: Db, { from, door }: StatusPeriod, samplesEach: number): Promise<RefusalGroup[]> {
  const { rows } = await sql<RefusalGroup>`
    select counted.*, coalesce(newest.samples, '[]') as samples
    from (
      select door, reason, sum(count)::float8 as count, max(last_at) as "lastAt"
      from ingest_counts
      where outcome = 'refused' and day >= ${from} and (${door}::text is null or door = ${door})
      group by door, reason
    ) counted
    left join lateral (
      select json_agg(json_build_object('at', at, 'sample', sample) order by id desc) as samples
      from (
        select id, at, sample from ingest_refusals
        where door = counted.door and reason = counted.reason order by id desc limit ${samplesEach}
      ) newest
    ) newest on true
    order by count desc, door, reason
  `.execute(db);
  return rows.map((row) => ({
    ...row,
    samples: row.samples.map(({ at, sample }) => ({ at: new Date(at), sample })),
  }));
}

/** Events that wait for their account: how many, since when, and for whom most of them. */
export async function findWaitingEvents(
  db: Db,
  most: number,
): Promise<{ events: number; oldest: Date | null; for: WaitingFor[] }> {
  const total = await sql<{ events: number; oldest: Date | null }>`
    select count(*)::float8 as events, min(received_at) as oldest from waiting_events
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
