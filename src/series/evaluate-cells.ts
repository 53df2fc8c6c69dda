import type { EventLeaf } from '../metrics/types.ts';
import type { Asked, CellMonth } from './evaluate.ts';
import { sumExactly } from './evaluate-sums.ts';
import { strides } from './types.ts';

/** Cells of all months in a row, and the day of each. */
type Cells = { days: number[]; flat: CellMonth['cells'] };

/** Counts of events; to `distinct` it only says whether there was any. */
export function evaluateCounts(
  months: readonly CellMonth[],
  asked: readonly Asked[],
  days: readonly number[],
  at: number,
): void {
  const { days: cellDays, flat } = inRow(months, strides.count);
  // How many there were before each cell.
  const before = [0];
  for (let cell = 0; cell < cellDays.length; cell += 1) {
    before.push((before[cell] as number) + (flat[cell * strides.count + 1] as number));
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
export function evaluateNumbers(
  months: readonly CellMonth[],
  asked: readonly Asked[],
  days: readonly number[],
  at: number,
): void {
  const cells = inRow(months, strides.number);
  for (const { leaf, out } of asked) {
    eachWindow(cells.days, leaf, days, (day, from, to) => {
      out[at + day] = from === to ? emptyNumber(leaf) : numberOf(leaf, cells.flat, from, to);
    });
  }
}

function emptyNumber({ measure }: EventLeaf): number {
  return measure === 'sum' ? 0 : Number.NaN;
}

/** Where a cell of `number` keeps what, see MonthCells. */
const place = { numbers: 2, sum: 3, smallest: 4, largest: 5, newestAt: 6, newest: 7 };

function numberOf({ measure }: EventLeaf, flat: Cells['flat'], from: number, to: number): number {
  const sums: string[] = [];
  let [numbers, smallest, largest, newestAt, newest] = [0, Infinity, -Infinity, -Infinity, Number.NaN];
  for (let start = from * strides.number; start < to * strides.number; start += strides.number) {
    const count = flat[start + place.numbers] as number;
    if (count === 0) continue;
    numbers += count;
    sums.push(String(flat[start + place.sum]));
    smallest = Math.min(smallest, flat[start + place.smallest] as number);
    largest = Math.max(largest, flat[start + place.largest] as number);
    // Days may overlap by a minute or an hour where clocks are set back over midnight.
    if ((flat[start + place.newestAt] as number) > newestAt) {
      newestAt = flat[start + place.newestAt] as number;
      newest = flat[start + place.newest] as number;
    }
  }
  if (numbers === 0) return Number.NaN;
  if (measure === 'minimum') return smallest;
  if (measure === 'maximum') return largest;
  if (measure === 'latest') return newest;
  return sumExactly(sums, measure === 'average' ? numbers : 1);
}

/** When the first and the last event was, in milliseconds since 1970. */
export function evaluateSeen(
  months: readonly CellMonth[],
  asked: readonly Asked[],
  days: readonly number[],
  at: number,
): void {
  const cells = inRow(months, strides.seen);
  for (const { leaf, out } of asked) {
    const first = leaf.measure === 'first_seen';
    eachWindow(cells.days, leaf, days, (day, from, to) => {
      let found = Number.NaN;
      for (let cell = from; cell < to; cell += 1) {
        const time = cells.flat[cell * strides.seen + (first ? 1 : 2)] as number;
        // Not so when either is NaN.
        if (!(first ? time >= found : time <= found)) found = time;
      }
      out[at + day] = found;
    });
  }
}

function inRow(months: readonly CellMonth[], stride: number): Cells {
  const days: number[] = [];
  for (const { first, cells } of months) {
    for (let start = 0; start < cells.length; start += stride) days.push(first - 1 + (cells[start] as number));
  }
  return { days, flat: months.length === 1 ? (months[0] as CellMonth).cells : months.flatMap(({ cells }) => cells) };
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
