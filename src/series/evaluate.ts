import type { EventLeaf } from '../metrics/types.ts';
import { evaluateCounts, evaluateNumbers, evaluateSeen } from './evaluate-cells.ts';
import { evaluatePresence } from './evaluate-presence.ts';
import type { MonthCells, SeriesKind } from './types.ts';

/** Months of a series of one account, ascending; `first` is the month's first day, counted from 1970-01-01. */
export type CellMonth = { first: number; cells: MonthCells };
export type PresenceMonth = { first: number; presence: Buffer };

/** Months of a series of some accounts, in any order; either `cells` or `presence` has one for each. */
export type SeriesMonths = {
  /** The account's place among those asked for. */
  accounts: readonly number[];
  firsts: readonly number[];
  cells: readonly MonthCells[] | null;
  presence: readonly Buffer[] | null;
};

/** A leaf, and where its values go: `out[account * days.length + day]`, NaN for no data. */
export type Asked = { leaf: EventLeaf; out: Float64Array };

/**
 * What each leaf is for each account and day; accounts without any month are not touched. `days` are counted from
 * 1970-01-01, ascending. A leaf of two series is asked of both, in any order.
 */
export function evaluateSeries(
  kind: SeriesKind,
  { accounts, firsts, cells, presence }: SeriesMonths,
  asked: readonly Asked[],
  days: readonly number[],
): void {
  const order = inOrder(accounts, firsts);
  for (let start = 0; start < order.length; ) {
    const account = accounts[order[start] as number] as number;
    let end = start + 1;
    while (end < order.length && accounts[order[end] as number] === account) end += 1;
    const places = order.slice(start, end);
    const at = account * days.length;
    if (cells) {
      const months = places.map((place) => ({ first: firsts[place] as number, cells: cells[place] as MonthCells }));
      evaluateMonths(kind, months, asked, days, at);
    } else if (presence) {
      const months = places.map((place) => ({ first: firsts[place] as number, presence: presence[place] as Buffer }));
      evaluatePresence(months, asked, days, at);
    }
    start = end;
  }
}

/** The places of months by account and month, each month once. */
function inOrder(accounts: readonly number[], firsts: readonly number[]): number[] {
  const compare = (left: number, right: number) =>
    (accounts[left] as number) - (accounts[right] as number) || (firsts[left] as number) - (firsts[right] as number);
  const order = Array.from(accounts, (_, place) => place).sort(compare);
  return order.filter((place, index) => index === 0 || compare(order[index - 1] as number, place) !== 0);
}

function evaluateMonths(
  kind: SeriesKind,
  months: readonly CellMonth[],
  asked: readonly Asked[],
  days: readonly number[],
  at: number,
): void {
  if (kind === 'count') evaluateCounts(months, asked, days, at);
  else if (kind === 'number') evaluateNumbers(months, asked, days, at);
  else evaluateSeen(months, asked, days, at);
}
