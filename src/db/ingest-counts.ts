import { sql } from 'kysely';
import type { Db, IngestOutcome } from './types.ts';

/** How many calls of a door became what; `reason` is empty unless refused. */
export type OutcomeCount = { door: string; outcome: IngestOutcome; reason: string; count: number };

/** A refused call, as it is kept to look at. */
export type RefusedSample = { door: string; reason: string; sample: string };

const SAMPLES_KEPT = 1000;
/** Of a door and day; further ones are counted together. */
const MOST_REASONS = 100;
const OTHER_REASON = 'another reason';

/** Adds to what came in today (UTC). The last thing in a transaction: others add to the same rows. */
export async function addIngestCounts(transaction: Db, counts: readonly OutcomeCount[], now: Date): Promise<void> {
  const given = counts.filter(({ count }) => count > 0);
  if (given.length === 0) return;
  const day = now.toISOString().slice(0, 10);
  await sql`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
        as g (door text, outcome text, reason text, count bigint)
    ),
    known as (select door, reason from ingest_counts where day = ${day} and outcome = 'refused'),
    bounded as (
      select g.door, g.outcome, g.count,
        case when g.reason <> '' and (g.door, g.reason) not in (select door, reason from known)
            and (select count(*) from known k where k.door = g.door) >= ${MOST_REASONS}
          then ${OTHER_REASON} else g.reason end as reason
      from given g
    )
    insert into ingest_counts as c (day, door, outcome, reason, count, last_at)
    select ${day}::date, door, outcome, reason, sum(count), ${now} from bounded
    group by door, outcome, reason order by door, outcome, reason
    on conflict (day, door, outcome, reason) do update
      set count = c.count + excluded.count, last_at = greatest(c.last_at, excluded.last_at)
  `.execute(transaction);
}

/** Keeps the newest thousand of what was refused. */
export async function addRefusedSamples(transaction: Db, samples: readonly RefusedSample[], now: Date): Promise<void> {
  if (samples.length === 0) return;
  await sql`
    insert into ingest_refusals (at, door, reason, sample)
    select ${now}, door, reason, sample from jsonb_to_recordset(${JSON.stringify(samples.slice(-SAMPLES_KEPT))}::jsonb)
      as g (door text, reason text, sample text)
  `.execute(transaction);
  await sql`
    delete from ingest_refusals where id <= (
      select id from ingest_refusals order by id desc offset ${SAMPLES_KEPT} limit 1
    )
  `.execute(transaction);
}
