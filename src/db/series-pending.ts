import { type RawBuilder, sql } from 'kysely';
import type { Condition } from '../metrics/types.ts';
import { meets } from './json-conditions.ts';
import type { StoredSeries } from './series.ts';
import type { Db } from './types.ts';

/** What one transaction counts, and what it must leave for a later one. */
export type Pending = {
  /** Batches to be counted now. */
  batches: number[];
  /** Batches that are stored and to be counted later. */
  later: number[];
  staleDays: number[];
  changedUsers: number[];
  /** Whether this is all there is. */
  complete: boolean;
};

/** An account's calendar day, in whichever time zone is meant. */
export type AccountDay = { accountId: string; day: string };

const mostBatches = 2000;
const mostRows = 20_000;

/** Whether anything waits to be counted. */
export async function hasPending(db: Db): Promise<boolean> {
  const { rows } = await sql<{ pending: boolean }>`
    select exists (select from uncounted_batches) or exists (select from stale_days)
      or exists (select from changed_users) as pending
  `.execute(db);
  return rows[0]!.pending;
}

/** What is to be counted next, as far as the transaction sees it: `mostEvents` at most, unless a batch alone has more. */
export async function findPending(db: Db, mostEvents: number): Promise<Pending> {
  const uncounted = await sql<{ id: number }>`select id from uncounted_batches order by id`.execute(db);
  const ids = uncounted.rows.map(({ id }) => id);
  const sizes = await sql<{ batch: number; events: number }>`
    select batch, count(*) as events from events where batch = any(${ids.slice(0, mostBatches)}::bigint[]) group by batch
  `.execute(db);
  const eventsOf = new Map(sizes.rows.map(({ batch, events }) => [batch, events]));
  let [taken, events] = [0, 0];
  while (taken < Math.min(ids.length, mostBatches)) {
    const more = eventsOf.get(ids[taken]!) ?? 0;
    if (taken > 0 && events + more > mostEvents) break;
    [taken, events] = [taken + 1, events + more];
  }
  const stale = await sql<{ id: number }>`select id from stale_days order by id limit ${mostRows}`.execute(db);
  const changed = await sql<{ id: number }>`select id from changed_users order by id limit ${mostRows}`.execute(db);
  return {
    batches: ids.slice(0, taken),
    later: ids.slice(taken),
    staleDays: stale.rows.map(({ id }) => id),
    changedUsers: changed.rows.map(({ id }) => id),
    complete: taken === ids.length && stale.rows.length < mostRows && changed.rows.length < mostRows,
  };
}

/** Forgets what has been counted. */
export async function deletePending(db: Db, { batches, staleDays, changedUsers }: Pending): Promise<void> {
  await sql`delete from uncounted_batches where id = any(${batches}::bigint[])`.execute(db);
  await sql`delete from stale_days where id = any(${staleDays}::bigint[])`.execute(db);
  await sql`delete from changed_users where id = any(${changedUsers}::bigint[])`.execute(db);
}

/**
 * The days, in `timeZone`, that must be counted anew from the events. Stale days may have been noted in another time zone
 * than the series are in; then (`nearby`) the days before and after are as well. Days of which raw events are gone are not
 * among them: what was counted of these stands.
 */
export async function findDaysToRecount(
  db: Db,
  { staleDays, changedUsers }: Pending,
  { series, timeZone, nearby }: { series: readonly StoredSeries[]; timeZone: string; nearby: boolean },
): Promise<AccountDay[]> {
  if (staleDays.length === 0 && changedUsers.length === 0) return [];
  const reach = nearby ? 1 : 0;
  const changed = flipped(conditionsOf(series));
  const { rows } = await sql<AccountDay>`
    select account_id as "accountId", day
    from (
      select s.account_id, s.day + n as day
      from stale_days s cross join generate_series(${-reach}::int, ${reach}::int) n
      where s.id = any(${staleDays}::bigint[])
      union
      select c.account_id, (e.occurred_at at time zone ${timeZone})::date
      from changed_users c
      left join users u on u.account_id = c.account_id and u.id = c.user_id
      join events e on e.account_id = c.account_id and e.user_id = c.user_id
      where c.id = any(${changedUsers}::bigint[]) and ${changed}
    ) d
    where not exists (
      select from event_retention where kept_from > (d.day::timestamp at time zone ${timeZone})
    )
    order by account_id, day
  `.execute(db);
  return rows;
}

/** What the series ask of users' traits, each once. */
function conditionsOf(series: readonly StoredSeries[]): Condition[] {
  const conditions = series.flatMap(({ definition }) => definition.events.flatMap(({ userTraits }) => userTraits));
  return [...new Map(conditions.map((condition) => [JSON.stringify(condition), condition])).values()];
}

/** Whether the user `u` meets one of the conditions now and did not before `c`, or the other way round. */
function flipped(conditions: readonly Condition[]): RawBuilder<unknown> {
  if (conditions.length === 0) return sql`false`;
  const flips = conditions.map(
    (condition) =>
      sql`${meets(sql`c.old_traits`, condition)} <> (u.id is not null and ${meets(sql`u.traits`, condition)})`,
  );
  return sql`(${sql.join(flips, sql` or `)})`;
}
