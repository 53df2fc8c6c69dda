import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { MetricValue } from '../health/types.ts';
import type { AccountRow, PastMetric, UserLeaf } from '../metrics/types.ts';
import type { PlannedSeries } from '../series/read-plan.ts';
import { meets, numeric } from './json-conditions.ts';
import { type Fact, factsIn, mostLeaves, type Period } from './metric-events.ts';
import { type MonthsPart, type MonthsRow, monthsSql } from './series-read.ts';
import type { Db } from './types.ts';

/** For how many days an imported value stands for the days after its own. */
export const importLastsDays = 35;
const dayMs = 86_400_000;

/** What is asked for beside events and users; days are counted from 1970-01-01, ascending. */
type Wanted = Period & {
  metrics: readonly string[];
  past: readonly PastMetric[];
  /** Names of events. */
  names: readonly string[];
  series: readonly PlannedSeries[];
};

/** A metric's value that was stored or imported for `day`. */
type DayValue = [accountId: string, metric: string, day: number, value: MetricValue];

/** All that a few accounts' metrics are computed from, but for users and what no series has. */
export type MetricInputs = {
  /** As they are now; unknown ids are left out. */
  accounts: AccountRow[];
  /** Those that may stand for one of the days: of the 35 days before it. */
  imported: readonly DayValue[];
  /** Stored values of the days that `past` looks back to. */
  past: readonly DayValue[];
  /** The day on which an event of each name was first counted, of any account; names never counted are left out. */
  firstDays: Map<string, number>;
  /** The ids of the series that are there, by hash. */
  found: ReadonlyMap<string, number>;
  months: MonthsRow;
};

/** Parameters before those of the parts. */
const parametersBefore = 10;

// One statement, prepared once: for a single account each round trip and each plan would take longer than the reading.
const inputsSql = (parts: number) => `-- prepare: metric-inputs-${parts}
  with wanted as materialized (select id, hash from series where hash = any((select $3::text[])::text[]))
  select
    (
      select json_agg(json_build_array(
        id, arr, mrr, extract(epoch from created_at) * 1000, renewal_date, traits
      )) from accounts where id = any((select $1::text[])::text[])
    ) as accounts,
    (
      select json_agg(json_build_array(account_id, metric, day - date '1970-01-01', value)) from imported_metric_values
      where account_id = any((select $1::text[])::text[]) and metric = any((select $4::text[])::text[])
        and day between (select $5::date) and (select $2::date)
    ) as imported,
    (
      select json_agg(json_build_array(account_id, metric, day - date '1970-01-01', value)) from metric_values
      where account_id = any((select $1::text[])::text[]) and metric = any((select $6::text[])::text[])
        and day = any((select $7::date[])::date[])
    ) as past,
    (
      select json_agg(json_build_array(name, (first_at at time zone $8)::date - date '1970-01-01')) from event_names
      where name = any((select $9::text[])::text[]) and first_at <= (select $10::timestamptz)
    ) as names,
    (select json_agg(json_build_array(hash, id)) from wanted) as found,
    months.*
  from (${monthsSql(parts, parametersBefore + 1)}) months`;

type InputsRow = MonthsRow & {
  accounts: [string, number | null, number | null, number | null, string | null, AccountRow['traits']][] | null;
  imported: DayValue[] | null;
  past: DayValue[] | null;
  names: [string, number][] | null;
  found: [string, number][] | null;
};

/** Reads, in one query, what is wanted. */
export async function readMetricInputs(db: Db, wanted: Wanted): Promise<MetricInputs> {
  const { accountIds, days, timeZone, now, metrics, past, names, series } = wanted;
  const [first = 0, last = 0] = [days.at(0), days.at(-1)];
  const pastDays = new Set(past.flatMap(({ daysAgo }) => days.map((day) => day - daysAgo)));
  const parts = partsOf(series, first);
  const result = await db.executeQuery<InputsRow>(
    CompiledQuery.raw(inputsSql(parts.length), [
      accountIds,
      dayText(last),
      series.map(({ hash }) => hash),
      metrics,
      dayText(first - importLastsDays),
      [...new Set(past.map(({ metric }) => metric))],
      [...pastDays].map(dayText),
      timeZone,
      names,
      now,
      ...parts.flatMap(({ hashes, since }) => [hashes, since]),
    ]),
  );
  const row = result.rows[0] as InputsRow;
  return {
    accounts: (row.accounts ?? []).map(([id, arr, mrr, createdAt, renewalDate, traits]) => ({
      id,
      arr,
      mrr,
      created_at: createdAt === null ? null : new Date(createdAt),
      renewal_date: renewalDate,
      traits,
    })),
    imported: row.imported ?? [],
    past: row.past ?? [],
    firstDays: new Map(row.names ?? []),
    found: new Map(row.found ?? []),
    months: row,
  };
}

/** The series by the month that they are read from, for days from `first` on. */
function partsOf(series: readonly PlannedSeries[], first: number): MonthsPart[] {
  const since = ({ back }: PlannedSeries) => (back === null ? '-infinity' : firstOfMonth(first - back));
  const bySince = Map.groupBy(series, since);
  return [...bySince].map(([month, some]) => ({ hashes: some.map(({ hash }) => hash), since: month }));
}

/** What an account was from `changedAt` on, in milliseconds since 1970. */
export type AccountVersion = AccountRow & { changedAt: number };

/**
 * What the accounts were from before `from` to `until`, by account, ascending; the first of each stands for all time
 * before it. Accounts that nothing is known of are left out.
 */
export async function readAccountHistory(
  db: Db,
  accountIds: readonly string[],
  from: Date,
  until: Date,
): Promise<Map<string, AccountVersion[]>> {
  const { rows } = await sql<AccountRow & { changed_at: Date }>`
    select h.changed_at, h.account_id as id, h.arr, h.mrr, h.created_at, h.renewal_date, h.traits
    from unnest(${accountIds}::text[]) as a (id)
    cross join lateral (
      (select * from account_history where account_id = a.id and changed_at < ${from}
        order by changed_at desc, id desc limit 1)
      union all
      (select * from account_history where account_id = a.id and changed_at >= ${from} and changed_at < ${until})
      union all
      (select * from account_history where account_id = a.id order by changed_at, id limit 1)
    ) h
    order by h.changed_at, h.id
  `.execute(db);
  const versions = new Map<string, AccountVersion[]>();
  for (const { changed_at, ...account } of rows) {
    const version = { ...account, changedAt: changed_at.getTime() };
    const known = versions.get(account.id);
    if (known) known.push(version);
    else versions.set(account.id, [version]);
  }
  return versions;
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

/** The first day of the month that `day` is in, `YYYY-MM-01`. */
export function firstOfMonth(day: number): string {
  return `${dayText(day).slice(0, -2)}01`;
}

function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}
