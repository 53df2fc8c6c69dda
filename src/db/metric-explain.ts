import { sql } from 'kysely';
import type { MetricValue } from '../health/types.ts';
import { askEvent, type EventQuestion } from './event-hits.ts';
import type { Day, Db } from './types.ts';

/** An event as an explanation lists it. */
export type ListedEvent = { at: Date; name: string; user: string | null; properties: Record<string, unknown> };

/** Of an account, from `from` (null is ever) to before `to`. */
type Span = { account: string; from: Date | null; to: Date };

/** How many of the stored events meet a question, and the newest `limit` of them. */
export async function findEventsThatMeet(
  db: Db,
  question: EventQuestion,
  { account, from, to }: Span,
  limit: number,
): Promise<{ count: number; newest: ListedEvent[] }> {
  const { meets, join } = askEvent(question);
  const events = sql`
    select e.occurred_at, e.name, e.user_id, e.anonymous_id, e.properties
    from events e ${join}
    where e.account_id = ${account} and e.occurred_at < ${to} and ${meets}
      ${from ? sql`and e.occurred_at >= ${from}` : sql``}
  `;
  const counted = await sql<{ count: number }>`
    select count(*) as count from (${events}) hits
  `.execute(db);
  const newest = await sql<ListedEvent>`
    select occurred_at as at, name, coalesce(user_id, anonymous_id) as "user", properties from (${events}) hits
    order by occurred_at desc limit ${limit}
  `.execute(db);
  return { count: counted.rows[0]?.count ?? 0, newest: newest.rows };
}

/** A stored value, and since when. */
export type StoredValue = { value: MetricValue; computedAt: Date; correctedAt: Date | null };

/** The stored value of a metric, account and day; `null` when there is none. */
export async function findStoredValue(db: Db, account: string, metric: string, day: Day): Promise<StoredValue | null> {
  const row = await db
    .selectFrom('metric_values')
    .select(['value', 'computed_at as computedAt', 'corrected_at as correctedAt'])
    .where('account_id', '=', account)
    .where('metric', '=', metric)
    .where('day', '=', day)
    .executeTakeFirst();
  return row ?? null;
}

/** The newest value that was imported for the metric on or before `day`, not before `since`. */
export async function findImportedValue(
  db: Db,
  account: string,
  metric: string,
  { since, day }: { since: Day; day: Day },
): Promise<{ value: MetricValue; day: Day } | null> {
  const row = await db
    .selectFrom('imported_metric_values')
    .select(['value', 'day'])
    .where('account_id', '=', account)
    .where('metric', '=', metric)
    .where('day', '>=', since)
    .where('day', '<=', day)
    .orderBy('day', 'desc')
    .executeTakeFirst();
  return row ?? null;
}

/** What an account was when a day was over. */
export type AccountThen = {
  createdAt: Date | null;
  traits: Record<string, unknown>;
  /** Its first event up to then. */
  firstEvent: Date | null;
  users: number;
};

/** The account as it was before `end`, as far as that is known; `null` when there is none. */
export async function findAccountThen(db: Db, account: string, end: Date): Promise<AccountThen | null> {
  const { rows } = await sql<AccountThen>`
    select a.created_at as "createdAt", coalesce(h.traits, a.traits) as traits,
      (select min(occurred_at) from events where account_id = a.id and occurred_at < ${end}) as "firstEvent",
      (select count(*) from users where account_id = a.id and (created_at is null or created_at < ${end})) as users
    from accounts a
    left join lateral (
      -- The newest before, else the oldest.
      select traits from account_history where account_id = a.id
      order by changed_at >= ${end}, case when changed_at < ${end} then -extract(epoch from changed_at) else extract(epoch from changed_at) end
      limit 1
    ) h on true
    where a.id = ${account}
  `.execute(db);
  return rows[0] ?? null;
}

/** Which of `names` some account had sent before `end`. */
export async function findKnownNames(db: Db, names: readonly string[], end: Date): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    select name from unnest(${names}::text[]) as name
    where exists (select from event_names n where n.name = name.name and n.first_at < ${end})
      or exists (
        select from accounts a cross join lateral (
          select from events e where e.account_id = a.id and e.name = name.name and e.occurred_at < ${end} limit 1
        ) f
      )
  `.execute(db);
  return new Set(rows.map(({ name }) => name));
}

/** How far the values of metrics go. */
export type MetricCoverage = { metric: string; accountsToday: number; newestDay: Day | null };

/** For how many accounts each metric has data today, and the newest day on which any has. */
export async function findMetricCoverage(db: Db, metrics: readonly string[], today: Day): Promise<MetricCoverage[]> {
  const { rows } = await sql<MetricCoverage>`
    select metric, count(*) filter (where newest.day = ${today}) as "accountsToday", max(newest.day) as "newestDay"
    from unnest(${metrics}::text[]) as metric
    left join accounts a on true
    -- The newest of each account is one look into the index.
    left join lateral (
      select v.day from metric_values v
      where v.account_id = a.id and v.metric = metric.metric and v.day <= ${today} and v.value is not null
      order by v.day desc limit 1
    ) newest on true
    group by metric
  `.execute(db);
  return rows;
}
