import type { EventLeaf } from '../metrics/types.ts';
import { evaluateCells } from './evaluate-cells.ts';
import { evaluatePresence } from './evaluate-presence.ts';
import type { MonthCells, SeriesKind } from './types.ts';

/**
 * Months of some series and accounts, all in a row, because thousands of small arrays would take longer than what is in
 * them. A month is a header and its content, and has its account's place in a list beside. The months of a series and
 * account follow each other, ascending; those of `seen` may come once more, in another row. A header has the series' id, and the month's first
 * day, counted from 1970-01-01:
 * - `cells`: 0 (which no day of a month is), id, first day, then the cells as stored; sums of at most 15 digits may be
 *   numbers, and nulls may be 0
 * - `presence`: id, first day and number of bytes, of 32 bits each, then the bytes as stored
 */
export type SeriesMonths = {
  cellAccounts: readonly number[];
  cells: MonthCells;
  presenceAccounts: readonly number[];
  presence: Buffer;
};

/** A leaf, and where its values go: `out[account * days.length + day]`, NaN for no data. */
export type Asked = { leaf: EventLeaf; out: Float64Array };

/** What is asked of a series. */
export type AskedSeries = { kind: SeriesKind; asked: readonly Asked[] };

/**
 * What each leaf is for each account and day, `series` being by id; accounts without any month are not touched. `days` are counted from
 * 1970-01-01, ascending. A leaf of two series is asked of both, in any order.
 */
export function evaluateSeries(
  months: SeriesMonths,
  series: ReadonlyMap<number, AskedSeries>,
  days: readonly number[],
): void {
  evaluateCells(months.cells, months.cellAccounts, series, days);
  evaluatePresence(months.presence, months.presenceAccounts, series, days);
}
