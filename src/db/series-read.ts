import type { SeriesMonths } from '../series/evaluate.ts';
import type { MonthCells } from '../series/types.ts';

/** Months of a series as `seriesSql` gives them: the columns, of which `cells` or `presence` has nothing but nulls. */
export type SeriesRow = [
  hash: string,
  accounts: string[] | null,
  /** The first day of each, counted from 1970-01-01. */
  firsts: number[] | null,
  cells: (MonthCells | null)[] | null,
  /** All months' bytes in a row, in hex. */
  presence: string | null,
  lengths: (number | null)[] | null,
];

/**
 * A JSON array of the series that are there, with the months wanted of each: by column, for a row of its own would cost
 * more than what is in it.
 * Parameters: $1 the accounts; a place for each series: $2 its hash, $3 the first month and $4 the last, $5 whether the
 * last month before these is wanted too, and $6 the first of all.
 */
export const seriesSql = `
  select json_agg(json_build_array(w.hash, m.accounts, m.firsts, m.cells, m.presence, m.lengths))
  from unnest($2::text[], $3::date[], $4::date[], $5::bool[], $6::bool[])
    as w (hash, since, until, before, oldest)
  join series s on s.hash = w.hash
  left join lateral (
    select
      json_agg(account_id) as accounts, json_agg(month - date '1970-01-01') as firsts, json_agg(cells) as cells,
      encode(string_agg(presence, ''), 'hex') as presence, json_agg(length(presence)) as lengths
    from (
      select account_id, month, cells, presence from series_months
      where series_id = s.id and account_id = any($1::text[]) and month between w.since and w.until
      union all
      select found.* from unnest($1::text[]) as a (id) cross join lateral (
        select account_id, month, cells, presence from series_months
        where series_id = s.id and account_id = a.id and month < w.since order by month desc limit 1
      ) found
      where w.before
      union all
      select found.* from unnest($1::text[]) as a (id) cross join lateral (
        select account_id, month, cells, presence from series_months
        where series_id = s.id and account_id = a.id order by month limit 1
      ) found
      where w.oldest
    ) months
  ) m on true`;

/** The months of a row; `places` are the accounts' places by id. */
export function seriesMonths(
  [, accounts, firsts, cells, presence, lengths]: SeriesRow,
  places: ReadonlyMap<string, number>,
): SeriesMonths {
  const ids = accounts ?? [];
  const months = { accounts: ids.map((id) => places.get(id) ?? -1), firsts: firsts ?? [] };
  if (presence === null) return { ...months, cells: (cells ?? []) as MonthCells[], presence: null };
  const bytes = Buffer.from(presence, 'hex');
  let end = 0;
  const buffers = (lengths ?? []).map((length) => {
    const start = end;
    end += length ?? 0;
    return bytes.subarray(start, end);
  });
  return { ...months, cells: null, presence: buffers };
}
