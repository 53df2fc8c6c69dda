import { type RawBuilder, sql } from 'kysely';
import type { EventLeaf, Property } from '../metrics/types.ts';
import { type HitColumns, identity, newest, readHits } from './event-hits.ts';
import type { Db } from './types.ts';

/** Which accounts and days are asked for; days are counted from 1970-01-01 in `timeZone`, ascending. */
export type Period = {
  accountIds: readonly string[];
  days: readonly number[];
  /** Events after it do not count yet. */
  now: Date;
  timeZone: string;
};

/** What a leaf is on a day; `value` is a number, of dates the milliseconds since 1970. */
export type Fact = { slot: number; accountId: string; day: number; value: number | null };
/** A leaf, and where its facts go. */
export type EventFactLeaf = { slot: number; leaf: EventLeaf };

const dayMs = 86_400_000;
/** Asked in one query: it may have 1,664 columns, and a leaf takes up to three. */
export const mostLeaves = 400;
/** In days, longer than any history. */
const allTime = 1_000_000;

/**
 * What each leaf is for each account and day; what is left out is 0 or no data, as for an account without events.
 * Events are scanned once or twice for leaves with a window and for leaves of all time: reduced to calendar days, with
 * the windows laid over these. So many days cost little more than one.
 */
export async function readEventFacts(db: Db, leaves: readonly EventFactLeaf[], period: Period): Promise<Fact[]> {
  const parts: Fact[][] = [];
  if (leaves.length > mostLeaves) parts.push(await readEventFacts(db, leaves.slice(mostLeaves), period));
  const asked = leaves.slice(0, mostLeaves);
  for (const allOfTime of [false, true]) {
    const group = asked.filter(({ leaf }) => (leaf.window.days === null) === allOfTime);
    const [perUser, sums] = [group.filter(({ leaf }) => ofUsers(leaf)), group.filter(({ leaf }) => !ofUsers(leaf))];
    const values = Map.groupBy(
      group.filter(({ leaf }) => leaf.measure === 'distinct'),
      ({ leaf }) => leaf.property,
    );
    parts.push(await readSums(db, sums, period));
    parts.push(await readKeyCounts(db, perUser, null, period));
    for (const [property, distinct] of values) parts.push(await readKeyCounts(db, distinct, property, period));
  }
  return parts.flat();
}

/** Whether the leaf counts users rather than events. */
function ofUsers({ measure }: EventLeaf): boolean {
  return measure === 'users' || measure === 'user_days';
}

/** A day's facts add up to a window's. */
async function readSums(db: Db, leaves: readonly EventFactLeaf[], period: Period): Promise<Fact[]> {
  if (leaves.length === 0) return [];
  const { hits, column } = hitsOf(leaves, period);
  const daily = leaves.map(({ slot, leaf }) => dailyColumns(slot, leaf, column));
  const windows = leaves.map(({ slot, leaf }) => sql`${windowValue(slot, leaf)} as ${sql.ref(`v${slot}`)}`);
  const { rows } = await sql<Record<string, unknown> & { account_id: string; day: number }>`
    with hits as (${hits}),
    daily as (select account_id, day, ${sql.join(daily)} from hits group by account_id, day)
    select daily.account_id, d.day, ${sql.join(windows)}
    from daily
    join unnest(${period.days}::int[]) as d (day) on daily.day <= d.day and daily.day > d.day - ${reach(leaves)}::int
    group by daily.account_id, d.day
  `.execute(db);
  return factsIn(rows, leaves);
}

/** The facts of rows in which each leaf has a column, `v` and its slot. */
export function factsIn(
  rows: readonly (Record<string, unknown> & { account_id: string; day: number })[],
  leaves: readonly { slot: number }[],
): Fact[] {
  return rows.flatMap((row) =>
    leaves.map(({ slot }) => {
      const value = row[`v${slot}`];
      return { slot, accountId: row.account_id, day: row.day, value: typeof value === 'number' ? value : null };
    }),
  );
}

/** What the windows of `leaf` are put together from; a sum must know whether anything happened at all. */
function dailyColumns(slot: number, leaf: EventLeaf, column: HitColumns): RawBuilder<unknown> {
  const is = column.is(leaf);
  const number = column.number(leaf.property ?? '');
  const of = (name: string, aggregate: RawBuilder<unknown>) =>
    sql`${aggregate} filter (where ${is}) as ${sql.ref(`${name}${slot}`)}`;
  switch (leaf.measure) {
    case 'sum':
    case 'average':
      return sql.join([of('n', sql`count(*)`), of('k', sql`count(${number})`), of('a', sql`sum(${number})`)]);
    case 'minimum':
      return of('a', sql`min(${number})`);
    case 'maximum':
      return of('a', sql`max(${number})`);
    case 'latest':
      return sql`${newest(is, number)} as ${sql.ref(`a${slot}`)}`;
    case 'first_seen':
      return of('a', sql`min(occurred_at)`);
    case 'last_seen':
      return of('a', sql`max(occurred_at)`);
    default:
      return of('n', sql`count(*)`);
  }
}

/** The columns of a leaf's days, over its window that ends on or before `d.day`. */
function windowValue(slot: number, leaf: EventLeaf): RawBuilder<unknown> {
  const { days, daysAgo } = leaf.window;
  const inside = sql`daily.day <= d.day - ${daysAgo}::int and daily.day > d.day - ${daysAgo + (days ?? allTime)}::int`;
  const over = (aggregate: string, name: string) =>
    sql`${sql.raw(aggregate)}(${sql.ref(`${name}${slot}`)}) filter (where ${inside})`;
  const nothing = sql`coalesce(${over('sum', 'n')}, 0) = 0`;
  switch (leaf.measure) {
    case 'count':
      return sql`coalesce(${over('sum', 'n')}, 0)::float8`;
    case 'sum':
      return sql`case when ${nothing} then 0 when ${over('sum', 'k')} > 0 then ${over('sum', 'a')}::float8 end`;
    case 'average':
      return sql`(${over('sum', 'a')} / nullif(${over('sum', 'k')}, 0))::float8`;
    case 'minimum':
      return sql`${over('min', 'a')}::float8`;
    case 'latest':
      return sql`(${over('max', 'a')})[2]::float8`;
    case 'first_seen':
      return sql`(extract(epoch from ${over('min', 'a')}) * 1000)::float8`;
    case 'last_seen':
      return sql`(extract(epoch from ${over('max', 'a')}) * 1000)::float8`;
    case 'distinct':
      // No event: 0. Events without the property: no data. How many values there were, is counted apart.
      return sql`case when ${nothing} then 0 end::float8`;
    default:
      return sql`${over('max', 'a')}::float8`;
  }
}

/**
 * Numbers of different users, or of values of the property `key`. Each day on which a key was active makes the windows of the following days
 * count it, up to the day when it is active again: so no key is counted twice, and no day is looked at twice.
 */
async function readKeyCounts(
  db: Db,
  leaves: readonly EventFactLeaf[],
  key: Property | null,
  period: Period,
): Promise<Fact[]> {
  if (leaves.length === 0) return [];
  const { hits, column } = hitsOf(leaves, period);
  const questions = [...new Map(leaves.map(({ leaf }) => [identity(leaf), column.is(leaf)])).entries()];
  const answers = questions.map(([, is]) => sql`bool_or(${is}) as ${is}`);
  const active = questions.map(
    ([, is], index) => sql`select ${sql.lit(index)} as base, account_id, key, day from keyed where ${is}`,
  );
  const keyColumn = key === null ? sql`user_id` : column.text(key);
  const windows = leaves.map(({ slot, leaf }) => ({
    slot,
    base: questions.findIndex(([question]) => question === identity(leaf)),
    length: leaf.window.days ?? allTime,
    ago: leaf.window.daysAgo,
    every: leaf.measure === 'user_days',
  }));
  const { rows } = await sql<{ slot: number; account_id: string; day: number; value: number }>`
    with keyed as (
      select account_id, ${keyColumn} as key, day, ${sql.join(answers)}
      from (${hits}) h where ${keyColumn} is not null group by account_id, ${keyColumn}, day
    ),
    active as (${sql.join(active, sql` union all `)}),
    spans as (
      select base, account_id, day, lead(day) over (partition by base, account_id, key order by day) as next_day
      from active
    )
    select w.slot, s.account_id, d.day, count(*)::float8 as value
    from jsonb_to_recordset(${JSON.stringify(windows)}::jsonb)
      as w (slot int, base int, length int, ago int, every boolean)
    join spans s on s.base = w.base
    cross join lateral generate_series(
      greatest(s.day + w.ago, ${period.days.at(0)}::int),
      least(
        s.day + w.ago + w.length - 1,
        case when not w.every then s.next_day + w.ago - 1 end,
        ${period.days.at(-1)}::int
      )
    ) as d (day)
    where d.day = any(${period.days}::int[])
    group by w.slot, s.account_id, d.day
  `.execute(db);
  return rows.map(({ slot, account_id, day, value }) => ({ slot, accountId: account_id, day, value }));
}

/** The events that may count, each with its day and with one column a question. */
function hitsOf(leaves: readonly EventFactLeaf[], { accountIds, days, now, timeZone }: Period) {
  // A day before the first, because that day may begin earlier than in UTC.
  const from = new Date(((days[0] ?? 0) - reach(leaves)) * dayMs);
  const where = sql`
    e.account_id = any(${accountIds}::text[]) and e.occurred_at <= ${now}
    ${reach(leaves) < allTime ? sql`and e.occurred_at >= ${from}` : sql``}
  `;
  return readHits(
    leaves.map(({ leaf }) => leaf),
    { from: sql`events`, where, timeZone },
  );
}

/** How many days back from a day the leaves look. */
function reach(leaves: readonly EventFactLeaf[]): number {
  return Math.max(...leaves.map(({ leaf }) => (leaf.window.days ?? allTime) + leaf.window.daysAgo));
}
