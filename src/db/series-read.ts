import { sql } from 'kysely';
import type { SeriesMonths } from '../series/evaluate.ts';
import { readCells } from '../series/read-cells.ts';
import type { PlannedSeries } from '../series/read-plan.ts';
import type { Db } from './types.ts';

/** Columns of months of series, see SeriesMonths. */
const columns = `
  json_agg(m.account_id) filter (where m.cells is not null) as cell_accounts,
  string_agg(concat('0,', m.series_id, ',', m.month - date '1970-01-01', ',', m.cells), ',')
    filter (where m.cells is not null) as cells,
  json_agg(m.account_id) filter (where m.presence is not null) as presence_accounts,
  string_agg(
    int4send(m.series_id) || int4send(m.month - date '1970-01-01') || int4send(length(m.presence)) || m.presence, ''
  ) as presence`;

/** What `columns` come as. */
export type MonthsRow = {
  cell_accounts: string[] | null;
  /** See readCells; the brackets around each month's cells stay, as taking them off is slow in SQL. */
  cells: string | null;
  presence_accounts: string[] | null;
  presence: Buffer | null;
};

/** Series that are read from one month on (`YYYY-MM-01`, or `-infinity`); they are named by their hashes. */
export type MonthsPart = { hashes: string[]; since: string };

/**
 * One row of months, of all accounts and of as many parts. Parameters: $1 the accounts, $2 the last day, and from `first` on
 * each part's hashes and month; `wanted` is a table of the series. Parameters stand in queries of their own, for else the
 * statement would be planned anew each time.
 */
export function monthsSql(parts: number, first: number): string {
  const part = (_: unknown, index: number) => `(
    select series_id, account_id, month, cells, presence from series_months
    where account_id = any((select $1::text[])::text[])
      and series_id = any((
        select array_agg(id) from wanted where hash = any((select $${first + 2 * index}::text[])::text[])
      )::int[])
      and month between (select $${first + 2 * index + 1}::date) and (select $2::date)
    order by account_id, series_id, month
  )`;
  return `select ${columns} from (${Array.from({ length: parts }, part).join(' union all ')}) m`;
}

/**
 * Of each series and account the newest month before `month` (`YYYY-MM-01`), if `before`, and the first of all, if `oldest`:
 * when the last and the first event was, wherever that is. `ids` are those of the series, by hash.
 */
export async function readOuterMonths(
  db: Db,
  series: readonly PlannedSeries[],
  { ids, accountIds, month }: { ids: ReadonlyMap<string, number>; accountIds: readonly string[]; month: string },
): Promise<MonthsRow> {
  const there = series.filter(({ hash }) => ids.has(hash));
  const { rows } = await sql<MonthsRow>`
    select ${sql.raw(columns)}
    from unnest(
      ${there.map(({ hash }) => ids.get(hash))}::int[], ${there.map(({ before }) => before)}::bool[],
      ${there.map(({ oldest }) => oldest)}::bool[]
    ) as s (id, before, oldest)
    cross join unnest(${accountIds}::text[]) as a (id)
    cross join lateral (
      select * from series_months
      where series_id = s.id and account_id = a.id and month in (
        -- May be the same.
        (select max(month) from series_months
          where s.before and series_id = s.id and account_id = a.id and month < ${month}),
        (select min(month) from series_months where s.oldest and series_id = s.id and account_id = a.id)
      )
      order by month
    ) m
  `.execute(db);
  return rows[0] as MonthsRow;
}

/** What `row` has; `places` are the accounts' by id. */
export function monthsOf(row: MonthsRow, places: ReadonlyMap<string, number>): SeriesMonths {
  const placesOf = (ids: readonly string[] | null) => (ids ?? []).map((id) => places.get(id) as number);
  return {
    cellAccounts: placesOf(row.cell_accounts),
    cells: readCells(row.cells ?? ''),
    presenceAccounts: placesOf(row.presence_accounts),
    presence: row.presence ?? Buffer.alloc(0),
  };
}
