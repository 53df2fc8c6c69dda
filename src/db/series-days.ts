import { type RawBuilder, sql } from 'kysely';
import { hasCells, unpackPresence } from '../series/codec.ts';
import type { MonthCells, SeriesKind } from '../series/types.ts';
import { identity, keyOf, newest, readHits } from './event-hits.ts';
import type { StoredSeries } from './series.ts';
import type { Db } from './types.ts';

/** What was counted of an account's month (`YYYY-MM-01`) for a series; either cells or presence, by its kind. */
export type MonthPart = {
  series: StoredSeries;
  accountId: string;
  month: string;
  content: MonthCells | Buffer;
};

/** Asked in one query: it may have 1,664 columns, and a series takes up to seven. */
const mostSeries = 200;
/** Days of accounts, and months of accounts with all their users, that are in memory at once. */
const pieces = { days: 5000, months: 200 };
const dayMs = 86_400_000;

/**
 * Counts the events of `source`, a query for columns of `events`, for each of `series`, which are all of one time zone.
 * The events are read once for all sums, once for all users, and once for each property whose values are kept. What was
 * counted comes in pieces that fit into memory; a month may come in two.
 */
export async function* countMonths(
  db: Db,
  series: readonly StoredSeries[],
  source: RawBuilder<unknown>,
): AsyncGenerator<MonthPart[]> {
  for (let start = 0; start < series.length; start += mostSeries) {
    const some = series.slice(start, start + mostSeries);
    const sums = some.filter(({ definition }) => hasCells(definition.kind));
    const keyed = some.filter(({ definition }) => !hasCells(definition.kind));
    if (sums.length > 0) yield* countSums(db, sums, source);
    for (const group of Map.groupBy(keyed, ({ definition: { property } }) => property && keyOf(property)).values()) {
      yield* countKeys(db, group, source);
    }
  }
}

/** The rows of a query, so many at a time. The transaction must see one state of the database. */
async function* inPieces<Row>(db: Db, query: RawBuilder<unknown>, size: number): AsyncGenerator<Row[]> {
  await sql`declare counted no scroll cursor for ${query}`.execute(db);
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(size)} from counted`.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < size) break;
  }
  await sql`close counted`.execute(db);
}

/** The events, each with its local day and the answers to what `series` ask. */
function hitsOf(series: readonly StoredSeries[], source: RawBuilder<unknown>) {
  const questions = series.map(({ definition }) => definition);
  return readHits(questions, { from: sql`(${source})`, where: sql`true`, timeZone: series[0]!.timeZone });
}

async function* countSums(
  db: Db,
  series: readonly StoredSeries[],
  source: RawBuilder<unknown>,
): AsyncGenerator<MonthPart[]> {
  const { hits, column } = hitsOf(series, source);
  const columns = series.flatMap(({ definition }, index) => {
    const is = column.is(definition);
    const of = (name: string, value: RawBuilder<unknown>) => sql`${value} as ${sql.ref(`${name}${index}`)}`;
    const events = of('n', sql`(count(*) filter (where ${is}))::float8`);
    if (definition.kind === 'seen') {
      return [
        of('a', sql`(extract(epoch from min(occurred_at) filter (where ${is})) * 1000)::float8`),
        of('b', sql`(extract(epoch from max(occurred_at) filter (where ${is})) * 1000)::float8`),
      ];
    }
    if (definition.kind === 'count') return [events];
    const number = column.number(definition.property ?? '');
    const having = (aggregate: RawBuilder<unknown>) => sql`${aggregate} filter (where ${is})`;
    return [
      events,
      of('k', sql`(${having(sql`count(${number})`)})::float8`),
      of('s', sql`(${having(sql`sum(${number})`)})::text`),
      of('a', sql`(${having(sql`min(${number})`)})::float8`),
      of('b', sql`(${having(sql`max(${number})`)})::float8`),
      of('t', sql`((${newest(is, number)})[1] * 1000)::float8`),
      of('l', sql`(${newest(is, number)})[2]::float8`),
    ];
  });
  const query = sql`
    select * from (
      select account_id, day, ${sql.join(columns)} from (${hits}) h group by account_id, day
    ) d
    where exists (select from accounts a where a.id = d.account_id)
    order by account_id collate "C", day
  `;
  for await (const rows of inPieces<CountedDay>(db, query, pieces.days)) {
    const dates = rows.map(({ day }) => dateOf(day));
    yield series.flatMap((one, index) => cellParts(one, index, rows, dates));
  }
}

type CountedDay = Record<string, number | string | null> & { account_id: string; day: number };

/** The months of a series; `rows` are ordered by account and day, which are these `dates`. */
function cellParts(
  series: StoredSeries,
  index: number,
  rows: readonly CountedDay[],
  dates: readonly LocalDate[],
): MonthPart[] {
  const { kind } = series.definition;
  const names = cellColumns[kind].map((name) => `${name}${index}`);
  const parts: MonthPart[] = [];
  let [accountId, month, cells]: [string, string, MonthCells] = ['', '', []];
  for (const [place, row] of rows.entries()) {
    // The number of events, or when the first was.
    const first = row[names[0] ?? ''];
    if (first === null || (first === 0 && kind !== 'seen')) continue;
    const date = dates[place]!;
    if (row.account_id !== accountId || date.month !== month) {
      [accountId, month, cells] = [row.account_id, date.month, []];
      parts.push({ series, accountId, month, content: cells });
    }
    cells.push(date.dayOfMonth);
    for (const name of names) cells.push(row[name] ?? null);
  }
  return parts;
}

/** In which columns a day's cells are, in their order; see MonthCells. */
const cellColumns: Readonly<Record<SeriesKind, readonly string[]>> = {
  count: ['n'],
  number: ['n', 'k', 's', 'a', 'b', 't', 'l'],
  seen: ['a', 'b'],
  users: [],
  values: [],
};

/** Users, or values of a property: of each key, the days of the month on which it was seen, as bits. */
async function* countKeys(
  db: Db,
  series: readonly StoredSeries[],
  source: RawBuilder<unknown>,
): AsyncGenerator<MonthPart[]> {
  const { hits, column } = hitsOf(series, source);
  const property = series[0]!.definition.property;
  const key = property === null ? sql`user_id` : column.text(property);
  const questions = new Map(series.map(({ definition }) => [identity(definition), definition]));
  const bits = [...questions.values()].map(
    (question) => sql`int4send(coalesce(bit_or(1 << (date - 1)) filter (where ${column.is(question)}), 0))`,
  );
  const query = sql`
    select account_id, month, string_agg(packed, ''::bytea) as packed
    from (
      select account_id, day - date as month, decode(substr(md5(key), 1, 16), 'hex') || ${sql.join(bits, sql` || `)} as packed
      from (
        select *, ${key} as key, date_part('day', date '1970-01-01' + day)::int as date
        from (${hits}) h where ${key} is not null
        offset 0
      ) k
      group by account_id, day - date, key
    ) p
    where exists (select from accounts a where a.id = p.account_id)
    group by account_id, month
  `;
  const places = [...questions.keys()];
  for await (const rows of inPieces<PackedMonth>(db, query, pieces.months)) {
    yield rows.flatMap(({ account_id: accountId, month, packed }) => {
      const presences = unpackPresence(packed, places.length);
      const date = dateOf(month + 1);
      return series.flatMap((one): MonthPart[] => {
        const content = presences[places.indexOf(identity(one.definition))];
        return content && content.length > 0 ? [{ series: one, accountId, month: date.month, content }] : [];
      });
    });
  }
}

/** `month` is the day before the month's first, counted from 1970-01-01. */
type PackedMonth = { account_id: string; month: number; packed: Buffer };

/** A month (`YYYY-MM-01`) and a day of it. */
type LocalDate = { month: string; dayOfMonth: number };

/** `day` is counted from 1970-01-01. */
function dateOf(day: number): LocalDate {
  const iso = new Date(day * dayMs).toISOString();
  return { month: `${iso.slice(0, -17)}-01`, dayOfMonth: Number(iso.slice(-16, -14)) };
}
