import type { EventLeaf } from '../metrics/types.ts';
import type { Asked, AskedSeries } from './evaluate.ts';
import { sumExactly } from './evaluate-sums.ts';
import { type MonthCells, strides } from './types.ts';

/** Entries of a month's header, see SeriesMonths. */
const headerLength = 3;

/** Cells of one account: the day of each, and where in `flat` it is. */
type Cells = { flat: MonthCells; days: number[]; starts: number[] };

/** Evaluates series of `count`, `number` and `seen`, see evaluateSeries. */
export function evaluateCells(
  flat: MonthCells,
  accounts: readonly number[],
  series: ReadonlyMap<number, AskedSeries>,
  days: readonly number[],
): void {
  const cells: Cells = { flat, days: [], starts: [] };
  let [at, month] = [0, 0];
  while (at < flat.length) {
    const [id, account] = [flat[at + 1] as number, accounts[month] as number];
    const { kind, asked } = series.get(id) as AskedSeries;
    const stride = kind === 'number' || kind === 'seen' ? strides[kind] : strides.count;
    cells.days.length = 0;
    cells.starts.length = 0;
    while (at < flat.length && flat[at + 1] === id && accounts[month] === account) {
      const first = flat[at + 2] as number;
      for (at += headerLength; at < flat.length && flat[at] !== 0; at += stride) {
        cells.days.push(first - 1 + (flat[at] as number));
        cells.starts.push(at);
      }
      month += 1;
    }
    const evaluate = kind === 'number' ? evaluateNumbers : kind === 'seen' ? evaluateSeen : evaluateCounts;
    evaluate(cells, asked, days, account * days.length);
  }
}

/** Counts of events; to `distinct` it only says whether there was any. */
function evaluateCounts(
  { flat, days: cellDays, starts }: Cells,
  asked: readonly Asked[],
  days: readonly number[],
  at: number,
) {
  // How many there were before each cell.
  const before = [0];
  let total = 0;
  for (const start of starts) {
    total += flat[start + 1] as number;
    before.push(total);
  }
  for (const { leaf, out } of asked) {
    eachWindow(cellDays, leaf, days, (day, from, to) => {
      const count = (before[to] as number) - (before[from] as number);
      if (leaf.measure === 'count') out[at + day] = count;
      // Of events that never have the property there is no data; where values were found, their number stays.
      else if (count > 0 && out[at + day] === 0) out[at + day] = Number.NaN;
    });
  }
}

/** What the numbers in a property add up to, their extremes, their average and the newest. */
function evaluateNumbers(cells: Cells, asked: readonly Asked[], days: readonly number[], at: number) {
  for (const { leaf, out } of asked) {
    const empty = leaf.measure === 'sum' ? 0 : Number.NaN;
    eachWindow(cells.days, leaf, days, (day, from, to) => {
      out[at + day] = from === to ? empty : numberOf(leaf, cells, from, to);
    });
  }
}

/** Where a cell of `number` keeps what, see MonthCells. */
const inCell = { numbers: 2, sum: 3, smallest: 4, largest: 5, newestAt: 6, newest: 7 };

function numberOf({ measure }: EventLeaf, { flat, starts }: Cells, from: number, to: number): number {
  const sums: (number | string)[] = [];
  let [numbers, smallest, largest, newestAt, newest] = [0, Infinity, -Infinity, -Infinity, Number.NaN];
  for (let cell = from; cell < to; cell += 1) {
    const start = starts[cell] as number;
    const count = flat[start + inCell.numbers] as number;
    if (count === 0) continue;
    numbers += count;
    sums.push(flat[start + inCell.sum] as number | string);
    smallest = Math.min(smallest, flat[start + inCell.smallest] as number);
    largest = Math.max(largest, flat[start + inCell.largest] as number);
    // Days may overlap by a minute or an hour where clocks are set back over midnight.
    if ((flat[start + inCell.newestAt] as number) > newestAt) {
      newestAt = flat[start + inCell.newestAt] as number;
      newest = flat[start + inCell.newest] as number;
    }
  }
  if (numbers === 0) return Number.NaN;
  if (measure === 'minimum') return smallest;
  if (measure === 'maximum') return largest;
  if (measure === 'latest') return newest;
  return sumExactly(sums, measure === 'average' ? numbers : 1);
}

/** When the first and the last event was, in milliseconds since 1970; what is known of other months stays. */
function evaluateSeen(
  { flat, days: cellDays, starts }: Cells,
  asked: readonly Asked[],
  days: readonly number[],
  at: number,
) {
  for (const { leaf, out } of asked) {
    const first = leaf.measure === 'first_seen';
    eachWindow(cellDays, leaf, days, (day, from, to) => {
      let found = out[at + day] as number;
      for (let cell = from; cell < to; cell += 1) {
        const time = flat[(starts[cell] as number) + (first ? 1 : 2)] as number;
        // Not so while nothing is found, which is NaN.
        if (!(first ? time >= found : time <= found)) found = time;
      }
      out[at + day] = found;
    });
  }
}

/** Calls `visit` with each day's place, and the cells from `from` to before `to` that are in the window of that day. */
function eachWindow(
  cellDays: readonly number[],
  { window }: EventLeaf,
  days: readonly number[],
  visit: (day: number, from: number, to: number) => void,
): void {
  let [from, to] = [0, 0];
  for (let place = 0; place < days.length; place += 1) {
    const last = (days[place] as number) - window.daysAgo;
    while (to < cellDays.length && (cellDays[to] as number) <= last) to += 1;
    if (window.days !== null) while (from < to && (cellDays[from] as number) <= last - window.days) from += 1;
    visit(place, from, to);
  }
}
