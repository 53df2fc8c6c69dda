import { sql } from 'kysely';
import { type CountedSource, eventsToCount, type TouchedAccount } from './series-source.ts';
import type { Db } from './types.ts';

/**
 * Notes what the events about to be counted touch: when each name was first seen, and from which day on the metrics of
 * which accounts must be computed anew. Returns the accounts; events of an account that is gone are nobody's.
 */
export async function noteTouched(db: Db, source: CountedSource): Promise<TouchedAccount[]> {
  const { days, timeZone } = source;
  const { rows } = await sql<TouchedAccount>`
    with touched as materialized (
      select e.account_id, e.name, min(e.occurred_at) as first, max(e.occurred_at) as last, count(*) as events
      from (${eventsToCount(source)}) e group by e.account_id, e.name
    ),
    known as materialized (
      select t.account_id, min(t.first) as first, max(t.last) as last, sum(t.events) as events
      from touched t join accounts a on a.id = t.account_id group by t.account_id
    ),
    names as (
      insert into event_names (name, first_at) select name, min(first) from touched group by name
      on conflict (name) do update set first_at = excluded.first_at where event_names.first_at > excluded.first_at
    ),
    stale as (
      insert into stale_accounts (account_id, from_day)
      select account_id, min(day) from (
        select account_id, (first at time zone ${timeZone})::date as day from known
        union all
        select d.account_id, d.day
        from unnest(${days.map(({ accountId }) => accountId)}::text[], ${days.map(({ day }) => day)}::date[])
          as d (account_id, day)
        join accounts a on a.id = d.account_id
      ) s group by account_id
    )
    select account_id as "accountId", least(events, extract(epoch from last - first) / 86400 + 2)::int as days
    from known order by account_id
  `.execute(db);
  return rows;
}
