/** Months of a series, as SeriesMonths; both null where it has none of the wanted. */
export type SeriesRow = {
  hash: string;
  /** JSON, with brackets around each month's cells that are none of SeriesMonths, as taking them off is slow in SQL. */
  cells: string | null;
  presence: Buffer | null;
};

/**
 * The series that are there, a row each, with the months wanted of it.
 * Parameters: $1 the accounts; a place for each series: $2 its hash, $3 the first month and $4 the last, $5 whether the
 * newest month before these is wanted too, unless the first has a day up to $7 (a day of the month), and $6 whether the
 * first month of all is. They stand in queries of their own, for else they would be planned anew each time.
 */
export const seriesSql = `
  select w.hash, m.cells, m.presence
  from unnest((select $2::text[]), (select $3::date[]), (select $4::date[]), (select $5::bool[]), (select $6::bool[]))
    as w (hash, since, until, before, oldest)
  join series s on s.hash = w.hash
  left join lateral (
    select
      string_agg(concat('0,', place - 1, ',', month - date '1970-01-01', ',', cells), ',')
        filter (where cells is not null) as cells,
      string_agg(
        int4send(place::int - 1) || int4send(month - date '1970-01-01') || int4send(length(presence)) || presence, ''
      ) as presence
    from (
      select a.place, found.*
      from unnest((select $1::text[])) with ordinality as a (id, place)
      cross join lateral (
        select month, cells, presence from series_months
        where series_id = s.id and account_id = a.id and month between w.since and w.until order by month
      ) found
      union all
      select a.place, found.*
      from unnest((select $1::text[])) with ordinality as a (id, place)
      cross join lateral (
        select month, cells, presence from series_months
        where series_id = s.id and account_id = a.id and month < w.since order by month desc limit 1
      ) found
      where w.before and not exists (
        select from series_months
        where series_id = s.id and account_id = a.id and month = w.since
          and rtrim(ltrim(left(cells::text, 3), '['), ',')::int <= $7::int
      )
      union all
      select a.place, found.*
      from unnest((select $1::text[])) with ordinality as a (id, place)
      cross join lateral (
        select month, cells, presence from series_months
        where series_id = s.id and account_id = a.id order by month limit 1
      ) found
      where w.oldest
    ) months
  ) m on true`;
