import type { EventLeaf } from '../metrics/types.ts';
import type { Asked, AskedSeries } from './evaluate.ts';
import { presenceBytes } from './types.ts';

/** Bytes of a month's header, see SeriesMonths. */
const headerBytes = 12;

/** Where the users or values of a month are, and how far a walk over them has come. */
type Month = { first: number; start: number; end: number; at: number };

/** Evaluates series of `users` and `values`: numbers of different ones in windows, and the days of users added up. */
export function evaluatePresence(
  bytes: Buffer,
  accounts: readonly number[],
  series: ReadonlyMap<number, AskedSeries>,
  days: readonly number[],
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [at, month] = [0, 0];
  while (at < view.byteLength) {
    const [id, account] = [view.getInt32(at), accounts[month] as number];
    const { asked } = series.get(id) as AskedSeries;
    const months: Month[] = [];
    while (at < view.byteLength && view.getInt32(at) === id && accounts[month] === account) {
      const start = at + headerBytes;
      const end = start + view.getInt32(at + 8);
      months.push({ first: view.getInt32(at + 4), start, end, at: start });
      at = end;
      month += 1;
    }
    const [day] = days;
    if (days.length === 1 && day !== undefined) {
      for (const { leaf, out } of asked) set(out, account, countInWindow(view, months, leaf, day));
    } else {
      countOnDays(view, months, asked, days, account * days.length);
    }
  }
}

/** Leaves what is there where nothing was found: 0, and of events without a value no data. */
function set(out: Float64Array, at: number, count: number): void {
  if (count > 0) out[at] = count;
}

/** On a single day it is enough whether a key has any day in the window: a mask over the bits says so. */
function countInWindow(view: DataView, months: readonly Month[], { measure, window }: EventLeaf, day: number): number {
  const last = day - window.daysAgo;
  const from = window.days === null ? -Infinity : last - window.days + 1;
  const inside: Month[] = [];
  const masks: number[] = [];
  for (const month of months) {
    const mask = daysMask(from - month.first, last - month.first);
    if (mask === 0) continue;
    inside.push({ ...month, at: month.start });
    masks.push(mask);
  }
  let count = 0;
  if (measure === 'user_days') {
    for (const [index, { start, end }] of inside.entries()) {
      for (let at = start; at < end; at += presenceBytes) {
        count += bitCount(view.getUint32(at + 8) & (masks[index] as number));
      }
    }
    return count;
  }
  let found = false;
  eachKey(
    view,
    inside,
    (index, bits) => {
      found ||= (bits & (masks[index] as number)) !== 0;
    },
    () => {
      if (found) count += 1;
      found = false;
    },
  );
  return count;
}

/**
 * Each day on which a key was active makes the windows of the following days count it, up to the day when it is active
 * again: so no key is counted twice, and no day is looked at twice.
 */
function countOnDays(
  view: DataView,
  months: readonly Month[],
  asked: readonly Asked[],
  days: readonly number[],
  at: number,
): void {
  const firstDay = days[0] as number;
  const length = (days.at(-1) as number) - firstDay + 1;
  // By how much the number of a day is above that of the day before.
  const steps = asked.map(() => new Float64Array(length + 1));
  const active: number[] = [];
  const addSpans = () => {
    for (let index = 0; index < asked.length; index += 1) {
      addSpansOf((asked[index] as Asked).leaf, active, firstDay, length, steps[index] as Float64Array);
    }
    active.length = 0;
  };
  eachKey(
    view,
    months,
    (index, bits) => {
      const { first } = months[index] as Month;
      for (let rest = bits; rest !== 0; rest &= rest - 1) active.push(first + 31 - Math.clz32(rest & -rest));
    },
    addSpans,
  );
  for (const [index, { out }] of asked.entries()) {
    const step = steps[index] as Float64Array;
    let [count, next] = [0, 0];
    for (let offset = 0; offset < length; offset += 1) {
      count += step[offset] as number;
      if (firstDay + offset !== days[next]) continue;
      set(out, at + next, count);
      next += 1;
    }
  }
}

/** Adds the days that count a key, which was active on the days `active`, to those from `firstDay` on. */
function addSpansOf(
  { measure, window }: EventLeaf,
  active: readonly number[],
  firstDay: number,
  length: number,
  step: Float64Array,
): void {
  for (let index = 0; index < active.length; index += 1) {
    const from = (active[index] as number) + window.daysAgo - firstDay;
    const again = measure === 'user_days' ? undefined : active[index + 1];
    const until = Math.min(
      length,
      window.days === null ? length : from + window.days,
      again === undefined ? length : again + window.daysAgo - firstDay,
    );
    if (until <= 0 || from >= until) continue;
    const start = Math.max(0, from);
    step[start] = (step[start] as number) + 1;
    step[until] = (step[until] as number) - 1;
  }
}

/**
 * Walks over all keys of some months at once, ascending: `inMonth` is called for each month that has the key, in the order
 * of the months, then `afterKey` once. The months are used up.
 */
function eachKey(
  view: DataView,
  months: readonly Month[],
  inMonth: (index: number, bits: number) => void,
  afterKey: () => void,
): void {
  for (;;) {
    let [high, low] = [Infinity, Infinity];
    for (const { at, end } of months) {
      if (at >= end) continue;
      const thisHigh = view.getUint32(at);
      if (thisHigh > high) continue;
      const thisLow = view.getUint32(at + 4);
      if (thisHigh < high || thisLow < low) {
        high = thisHigh;
        low = thisLow;
      }
    }
    if (high === Infinity) return;
    for (let index = 0; index < months.length; index += 1) {
      const month = months[index] as Month;
      const { at, end } = month;
      if (at >= end || view.getUint32(at) !== high || view.getUint32(at + 4) !== low) continue;
      inMonth(index, view.getUint32(at + 8));
      month.at += presenceBytes;
    }
    afterKey();
  }
}

/** The bits from `from` to `to`, of 0 to 31. */
function daysMask(from: number, to: number): number {
  const [low, high] = [Math.max(0, from), Math.min(31, to)];
  if (low > high) return 0;
  return (-1 << low) & (-1 >>> (31 - high));
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
