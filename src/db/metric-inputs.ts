import { type RawBuilder, sql } from 'kysely';
import type { MetricValue } from '../health/types.ts';
import type { AccountRow, PastMetric, UserLeaf } from '../metrics/types.ts';
import { meets, numeric } from './json-conditions.ts';
import { type Fact, factsIn, mostLeaves, type Period } from './metric-events.ts';
import type { Db } from './types.ts';

/** For how many days an imported value stands for the days after its own. */
const importLastsDays = 35;

/** The accounts' own fields and traits; unknown ids are left out. */
export async function readAccountRows(db: Db, accountIds: readonly string[]): Promise<AccountRow[]> {
  return await db
    .selectFrom('accounts')
    .select(['id', 'arr', 'mrr', 'created_at', 'renewal_date', 'traits'])
    .where('id', 'in', accountIds)
    .execute();
}

/** What each leaf is for each account and day; accounts without users are left out. */
export async function readUserFacts(
  db: Db,
  leaves: readonly { slot: number; leaf: UserLeaf }[],
  period: Period,
): Promise<Fact[]> {
  if (leaves.length === 0) return [];
  const asked = leaves.slice(0, mostLeaves);
  const columns = asked.map(({ slot, leaf }) => sql`${userValue(leaf)} as ${sql.ref(`v${slot}`)}`);
  const { rows } = await sql<Record<string, unknown> & { account_id: string; day: number }>`
    select u.account_id, d.day, ${sql.join(columns)}
    from (
      select *, (created_at at time zone ${period.timeZone})::date - date '1970-01-01' as created_day
      from users where account_id = any(${period.accountIds}::text[])
    ) u
    cross join unnest(${period.days}::int[]) as d (day)
    group by u.account_id, d.day
  `.execute(db);
  return [...factsIn(rows, asked), ...(await readUserFacts(db, leaves.slice(mostLeaves), period))];
}

/** A user without a date of creation was always there. */
function userValue(leaf: UserLeaf): RawBuilder<unknown> {
  const daysAgo = leaf.measure === 'count' ? leaf.daysAgo : 0;
  const present = sql`(u.created_day is null or u.created_day <= d.day - ${daysAgo}::int)`;
  if (leaf.measure === 'count') return sql`nullif(count(*) filter (where ${present}), 0)::float8`;
  const text = sql`nullif(u.traits ->> ${leaf.trait}::text, '')`;
  if (leaf.measure === 'with') {
    const having = sql`count(*) filter (where ${present} and ${meets(sql`u.traits`, { key: leaf.trait, anyOf: leaf.anyOf })})`;
    return sql`case when count(${text}) filter (where ${present}) > 0 then ${having}::float8 end`;
  }
  const aggregate = sql.raw(leaf.measure === 'sum' ? 'sum' : 'avg');
  return sql`(${aggregate}(${numeric(text)}) filter (where ${present}))::float8`;
}

/** The day on which an event of each name was first seen, of any account; names never seen are left out. */
export async function readFirstDays(
  db: Db,
  names: readonly string[],
  { now, timeZone }: Pick<Period, 'now' | 'timeZone'>,
): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  // One look into the index an account and name, rather than a scan of the events.
  const { rows } = await sql<{ name: string; day: number }>`
    select n.name, (min(f.at) at time zone ${timeZone})::date - date '1970-01-01' as day
    from unnest(${names}::text[]) as n (name)
    cross join accounts a
    cross join lateral (
      select min(e.occurred_at) as at from events e where e.account_id = a.id and e.name = n.name
    ) f
    where f.at <= ${now}
    group by n.name
  `.execute(db);
  return new Map(rows.map(({ name, day }) => [name, day]));
}

/** An imported value that stands for `day`; it was imported for `importedFor`. */
export type ImportedValue = {
  accountId: string;
  metric: string;
  day: number;
  importedFor: number;
  value: MetricValue;
};

/** The newest imported value of each metric on or before each day, if it is at most 35 days old. */
export async function readImportedValues(db: Db, metrics: readonly string[], period: Period): Promise<ImportedValue[]> {
  const first = period.days.at(0) ?? 0;
  const last = period.days.at(-1) ?? 0;
  const { rows } = await sql<{
    account_id: string;
    metric: string;
    day: number;
    imported_for: number;
    value: MetricValue;
  }>`
    with spans as (
      select account_id, metric, value, day - date '1970-01-01' as day,
        lead(day) over (partition by account_id, metric order by day) - date '1970-01-01' as next_day
      from imported_metric_values
      where account_id = any(${period.accountIds}::text[]) and metric = any(${metrics}::text[])
        and day between date '1970-01-01' + ${first - importLastsDays}::int and date '1970-01-01' + ${last}::int
    )
    select s.account_id, s.metric, d.day, s.day as imported_for, s.value
    from spans s
    cross join lateral generate_series(
      greatest(s.day, ${first}::int),
      least(s.day + ${importLastsDays}::int, s.next_day - 1, ${last}::int)
    ) as d (day)
    where d.day = any(${period.days}::int[])
  `.execute(db);
  return rows.map(({ account_id, metric, day, imported_for, value }) => ({
    accountId: account_id,
    metric,
    day,
    importedFor: imported_for,
    value,
  }));
}

/** Stored values of the days that `past` looks back to. */
export async function readPastValues(
  db: Db,
  past: readonly PastMetric[],
  { accountIds, days }: Pick<Period, 'accountIds' | 'days'>,
): Promise<{ accountId: string; metric: string; day: number; value: MetricValue }[]> {
  if (past.length === 0) return [];
  const wanted = [...new Set(past.flatMap(({ daysAgo }) => days.map((day) => day - daysAgo)))];
  const { rows } = await sql<{ account_id: string; metric: string; day: number; value: MetricValue }>`
    select account_id, metric, day - date '1970-01-01' as day, value
    from metric_values
    where account_id = any(${accountIds}::text[])
      and metric = any(${[...new Set(past.map(({ metric }) => metric))]}::text[])
      and day = any(select date '1970-01-01' + n from unnest(${wanted}::int[]) as n)
  `.execute(db);
  return rows.map(({ account_id, metric, day, value }) => ({ accountId: account_id, metric, day, value }));
}
