import { addDays, daysFrom } from '../days.ts';
import type { Day } from './types.ts';

/** Daily use; a day without an entry has no data, one below zero was taken back and counts as zero. */
export type DailyUse = ReadonlyMap<Day, number>;

/** Weeks that say how much is used on a weekday. */
const WEEKS = 4;
/** With data of fewer of its days, what was used in a period is not known. */
const LEAST_SHARE = 0.5;

/** What was used from `from` until before `before`. A day without data counts as the mean of the others; `null`: most have none. */
export function usedIn(usage: DailyUse, from: Day, before: Day): number | null {
  const days = daysFrom(from, addDays(before, -1));
  const known = valuesOn(usage, days);
  if (days.length === 0 || known.length < LEAST_SHARE * days.length) return null;
  return (sum(known) / known.length) * days.length;
}

/**
 * What is used from `from` until before `before`, as far as it is known on the morning of `today`: each day that is to come, or
 * has no data, counts as its weekday did in the four weeks before `today`; `null`: these have no data.
 */
export function expectedUse(usage: DailyUse, from: Day, before: Day, today: Day): number | null {
  const byWeekday = meansByWeekday(usage, today);
  if (!byWeekday) return null;
  return sum(
    daysFrom(from, addDays(before, -1)).map((day) => {
      const value = day < today ? usage.get(day) : undefined;
      return value === undefined ? byWeekday[weekdayOf(day)]! : Math.max(0, value);
    }),
  );
}

/** What is known to be used from `from` until before `before`; `null`: no day has data. */
export function knownUse(usage: DailyUse, from: Day, before: Day): number | null {
  const known = valuesOn(usage, daysFrom(from, addDays(before, -1)));
  return known.length === 0 ? null : sum(known);
}

// A newer week counts for more, the newest four times as much as the oldest: so use that grows or jumps is followed sooner, and
// a single odd day still does little. A weekday without data is taken for the mean of all days.
function meansByWeekday(usage: DailyUse, today: Day): number[] | null {
  const sums = Array.from({ length: 7 }, () => ({ value: 0, weight: 0 }));
  for (const [index, day] of daysFrom(addDays(today, -7 * WEEKS), addDays(today, -1)).entries()) {
    const weight = 1 + Math.floor(index / 7);
    for (const value of valuesOn(usage, [day])) {
      const found = sums[weekdayOf(day)]!;
      found.value += weight * value;
      found.weight += weight;
    }
  }
  const weights = sum(sums.map(({ weight }) => weight));
  if (weights === 0) return null;
  const overall = sum(sums.map(({ value }) => value)) / weights;
  return sums.map(({ value, weight }) => (weight === 0 ? overall : value / weight));
}

function valuesOn(usage: DailyUse, days: readonly Day[]): number[] {
  return days.flatMap((day) => {
    const value = usage.get(day);
    return value === undefined ? [] : [Math.max(0, value)];
  });
}

function weekdayOf(day: Day): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
