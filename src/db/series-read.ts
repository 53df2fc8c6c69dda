import { sql } from 'kysely';
import type { SeriesMonths } from '../series/evaluate.ts';
import { readCells } from '../series/read-cells.ts';
import type { PlannedSeries } from '../series/read-plan.ts';
import type { Db } from './types.ts';

/** Columns of months of series, see SeriesMonths. */
const columns = `
  json_agg(m.account_id) filter (where m.cells is not null) as cell_accounts,
  string_agg(concat('0,', w.place - 1, ',', m.month - date '1970-01-01', ',', m.cells), ',')
    filter (where m.cells is not null) as cells,
  json_agg(m.account_id) filter (where m.presence is not null) as presence_accounts,
  string_agg(
    int4send(w.place::int - 1) || int4send(m.month - date '1970-01-01') || int4send(length(m.presence)) || m.presence, ''
  ) as presence`;

/** What `columns` come as. */
export type MonthsRow = {
  cell_accounts: string[] | null;
  /** See readCells; the brackets around each month's cells stay, as taking them off is slow in SQL. */
  cells: string | null;
  presence_accounts: string[] | null;
  presence: Buffer | null;
};

/**
 * One row of months, of all accounts and series. Parameters: $1 the accounts, $2 for each series its hash and $3 the first
 * month wanted, $4 the last day. They stand in queries of their own, for else the statement would be planned anew each time.
 */
export const monthsSql = `
  select ${columns}
  from unnest((select $2::text[]), (select $3::date[])) with ordinality as w (hash, since, place)
  join series s on s.hash = w.hash
  cross join lateral (
    select account_id, month, cells, presence from series_months
    where series_id = s.id and account_id = any((select $1::text[])::text[])
      and month between w.since and (select $4::date)
    order by account_id, month
  ) m`;

/**
 * Of each series and account the newest month before `month` (`YYYY-MM-01`), if `before`, and the first of all, if `oldest`:
 * when the last and the first event was, wherever that is.
 */
export async function readOuterMonths(
  db: Db,
  series: readonly PlannedSeries[],
  accountIds: readonly string[],
  month: string,
): Promise<MonthsRow> {
  const [hashes, before] = [series.map(({ hash }) => hash), series.map((one) => one.before)];
  const { rows } = await sql<MonthsRow>`
    select ${sql.raw(columns)}
    from unnest(${hashes}::text[], ${before}::bool[], ${series.map(({ oldest }) => oldest)}::bool[])
      with ordinality as w (hash, before, oldest, place)
    join series s on s.hash = w.hash
    cross join unnest(${accountIds}::text[]) as a (id)
    cross join lateral (
      (select * from series_months where w.before and series_id = s.id and account_id = a.id and month < ${month}
        order by month desc limit 1)
      union all
      (select * from series_months where w.oldest and series_id = s.id and account_id = a.id order by month limit 1)
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
