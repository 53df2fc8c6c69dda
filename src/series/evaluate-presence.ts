import type { EventLeaf } from '../metrics/types.ts';
import type { Asked, PresenceMonth } from './evaluate.ts';
import { presenceBytes } from './types.ts';

/** Users or values of a month, and how far a walk over them has come. */
type Cursor = { first: number; view: DataView; length: number; offset: number };

/** Numbers of different users or values in windows, and the days of users added up. */
export function evaluatePresence(
  months: readonly PresenceMonth[],
  asked: readonly Asked[],
  days: readonly number[],
  at: number,
): void {
  const [day] = days;
  if (days.length === 1 && day !== undefined) {
    for (const { leaf, out } of asked) set(out, at, countInWindow(months, leaf, day));
  } else {
    countOnDays(months, asked, days, at);
  }
}

/** Leaves what is there where nothing was found: 0, and of events without a value no data. */
function set(out: Float64Array, at: number, count: number): void {
  if (count > 0) out[at] = count;
}

/** On a single day it is enough whether a key has any day in the window: a mask over the bits says so. */
function countInWindow(months: readonly PresenceMonth[], { measure, window }: EventLeaf, day: number): number {
  const last = day - window.daysAgo;
  const start = window.days === null ? -Infinity : last - window.days + 1;
  const inside = months.flatMap((month) => {
    const mask = daysMask(start - month.first, last - month.first);
    return mask === 0 ? [] : [{ cursor: cursorOf(month), mask }];
  });
  let count = 0;
  if (measure === 'user_days') {
    for (const { cursor, mask } of inside) {
      for (let offset = 8; offset < cursor.length; offset += presenceBytes) {
        count += bitCount(cursor.view.getUint32(offset) & mask);
      }
    }
    return count;
  }
  const cursors = inside.map(({ cursor }) => cursor);
  const masks = inside.map(({ mask }) => mask);
  let found = false;
  eachKey(
    cursors,
    (place, bits) => {
      found ||= (bits & (masks[place] as number)) !== 0;
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
  months: readonly PresenceMonth[],
  asked: readonly Asked[],
  days: readonly number[],
  at: number,
): void {
  const firstDay = days[0] as number;
  const length = (days.at(-1) as number) - firstDay + 1;
  // By how much the number of a day is above that of the day before.
  const steps = asked.map(() => new Float64Array(length + 1));
  const cursors = months.map(cursorOf);
  let active: number[] = [];
  const addSpans = () => {
    for (const [place, { leaf }] of asked.entries()) {
      const step = steps[place] as Float64Array;
      const { days: windowDays, daysAgo } = leaf.window;
      for (let index = 0; index < active.length; index += 1) {
        const start = (active[index] as number) + daysAgo - firstDay;
        const again = leaf.measure === 'user_days' ? undefined : active[index + 1];
        const until = Math.min(
          windowDays === null ? length : start + windowDays,
          again === undefined ? length : again + daysAgo - firstDay,
          length,
        );
        if (until <= 0 || start >= until) continue;
        step[Math.max(0, start)]! += 1;
        step[until]! -= 1;
      }
    }
    active = [];
  };
  eachKey(
    cursors,
    (place, bits) => {
      const { first } = cursors[place] as Cursor;
      for (let rest = bits; rest !== 0; rest &= rest - 1) active.push(first + 31 - Math.clz32(rest & -rest));
    },
    addSpans,
  );
  for (const [place, { out }] of asked.entries()) {
    const step = steps[place] as Float64Array;
    let [count, next] = [0, 0];
    for (let index = 0; index < length; index += 1) {
      count += step[index] as number;
      if (firstDay + index === days[next]) {
        set(out, at + next, count);
        next += 1;
      }
    }
  }
}

/**
 * Walks over all keys of some months at once, ascending: `inMonth` is called for each month that has the key, in the order
 * of the months, then `afterKey` once.
 */
function eachKey(
  cursors: readonly Cursor[],
  inMonth: (place: number, bits: number) => void,
  afterKey: () => void,
): void {
  for (;;) {
    let [high, low] = [Infinity, Infinity];
    for (const { view, length, offset } of cursors) {
      if (offset >= length) continue;
      const thisHigh = view.getUint32(offset);
      if (thisHigh > high) continue;
      const thisLow = view.getUint32(offset + 4);
      if (thisHigh < high || thisLow < low) [high, low] = [thisHigh, thisLow];
    }
    if (high === Infinity) return;
    for (let place = 0; place < cursors.length; place += 1) {
      const cursor = cursors[place] as Cursor;
      const { view, length, offset } = cursor;
      if (offset >= length || view.getUint32(offset) !== high || view.getUint32(offset + 4) !== low) continue;
      inMonth(place, view.getUint32(offset + 8));
      cursor.offset += presenceBytes;
    }
    afterKey();
  }
}

function cursorOf({ first, presence }: PresenceMonth): Cursor {
  const view = new DataView(presence.buffer, presence.byteOffset, presence.byteLength);
  return { first, view, length: presence.byteLength, offset: 0 };
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
