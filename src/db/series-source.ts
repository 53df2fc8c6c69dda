import { type RawBuilder, sql } from 'kysely';
import type { AccountDay, Pending } from './series-pending.ts';

/** What is counted in one transaction: new batches, and days of which everything is counted anew. */
export type CountedSource = {
  pending: Pick<Pending, 'batches' | 'later'>;
  /** In `timeZone`. */
  days: readonly AccountDay[];
  timeZone: string;
};

/** The events to be counted, each once: those of new batches, and all of the days that are counted anew. */
export function eventsToCount({ pending, days, timeZone }: CountedSource): RawBuilder<unknown> {
  const fresh = sql`
    select ${columns} from events e where e.batch = any(${pending.batches}::bigint[])
  `;
  if (days.length === 0) return fresh;
  const list = sql`
    unnest(${days.map(({ accountId }) => accountId)}::text[], ${days.map(({ day }) => day)}::date[])
      as d (account_id, day)
  `;
  const sameDay = sql`d.account_id = e.account_id and d.day = (e.occurred_at at time zone ${timeZone})::date`;
  // A local day is within these hours of the day in UTC, wherever in the world.
  const near = sql`
    e.occurred_at >= (d.day::timestamp at time zone 'UTC') - interval '15 hours'
    and e.occurred_at < (d.day::timestamp at time zone 'UTC') + interval '37 hours'
  `;
  return sql`
    ${fresh} and not exists (select from ${list} where ${sameDay})
    union all
    select ${columns} from ${list} join events e on ${sameDay} and ${near}
    where e.batch <> all(${pending.later}::bigint[])
  `;
}

/** The events of a month but those whose batch is yet to be counted. */
export function eventsCounted(
  later: readonly number[],
  { from, until }: { from: Date; until: Date },
): RawBuilder<unknown> {
  return sql`
    select ${columns} from events e
    where e.occurred_at >= ${from} and e.occurred_at < ${until} and e.batch <> all(${later}::bigint[])
  `;
}

const columns = sql`e.account_id, e.user_id, e.name, e.occurred_at, e.properties`;
