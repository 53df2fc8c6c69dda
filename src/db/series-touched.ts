import { sql } from 'kysely';
import { type CountedSource, eventsToCount } from './series-source.ts';
import type { Db } from './types.ts';

/**
 * Notes what the events about to be counted touch: when each name was first seen, and from which day on the metrics of
 * which accounts must be computed anew. Events of an account that is gone are nobody's.
 */
export async function noteTouched(db: Db, source: CountedSource): Promise<void> {
  const { days, timeZone } = source;
  await sql`
    with touched as materialized (
      select e.account_id, e.name, min(e.occurred_at) as first
      from (${eventsToCount(source)}) e group by e.account_id, e.name
    ),
    names as (
      insert into event_names (name, first_at) select name, min(first) from touched group by name
      on conflict (name) do update set first_at = excluded.first_at where event_names.first_at > excluded.first_at
    )
    insert into stale_accounts (account_id, from_day)
    select account_id, min(day) from (
      select account_id, (first at time zone ${timeZone})::date as day from touched
      union all
      select d.account_id, d.day
      from unnest(${days.map(({ accountId }) => accountId)}::text[], ${days.map(({ day }) => day)}::date[])
        as d (account_id, day)
    ) s
    where exists (select from accounts a where a.id = s.account_id)
    group by account_id
  `.execute(db);
}
