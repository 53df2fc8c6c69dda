import { addDays, daysBetween } from '../days.ts';
import type { MetricValue } from '../health/types.ts';
import { difference, percentChange } from './arithmetic.ts';

/** What is kept of a metric for a day; `correctedAt` is when late data made it another value. */
export type MetricDay = { day: string; value: MetricValue; correctedAt: Date | null };

/** A number on a day. */
export type DayNumber = { day: string; value: number };

/** An earlier value, and by how much the newest differs from it: absolutely, and in percent of it. */
export type EarlierValue = { days: number; value: MetricValue; change: number | null; percent: number | null };

/** A metric's values over some days, in figures. `from` and `to` are both included. */
export type Figures = {
  from: string;
  to: string;
  /** The value of `to`. */
  now: MetricValue;
  /** The newest day that has a value. */
  last: { day: string; value: MetricValue } | null;
  before: EarlierValue[];
  lowest: DayNumber | null;
  highest: DayNumber | null;
  /** How many of the days have a value. */
  withValue: number;
  /** The days that were corrected, rising. */
  corrected: { day: string; correctedAt: Date }[];
};

/** How far back figures compare. */
export const COMPARED_DAYS = [7, 30, 90];

/** Figures of the days from `from` to `to`; `stored` is by day, rising, and may hold earlier days for comparison. */
export function figuresOf(stored: readonly MetricDay[], { from, to }: { from: string; to: string }): Figures {
  const byDay = new Map(stored.map((each) => [each.day, each]));
  const shown = stored.filter(({ day }) => day >= from && day <= to);
  const known = shown.filter(({ value }) => value !== null);
  const numbers = known.flatMap(({ day, value }) => (typeof value === 'number' ? [{ day, value }] : []));
  const now = byDay.get(to)?.value ?? null;
  const last = known.at(-1);
  return {
    from,
    to,
    now,
    last: last ? { day: last.day, value: last.value } : null,
    before: COMPARED_DAYS.map((days) => {
      const value = byDay.get(addDays(to, -days))?.value ?? null;
      return { days, value, change: difference(value, now), percent: percentChange(value, now) };
    }),
    // The latest of equals: it is the one that people remember.
    lowest: numbers.reduce<DayNumber | null>((low, each) => (low && low.value < each.value ? low : each), null),
    highest: numbers.reduce<DayNumber | null>((high, each) => (high && high.value > each.value ? high : each), null),
    withValue: known.length,
    corrected: shown.flatMap(({ day, correctedAt }) => (correctedAt ? [{ day, correctedAt }] : [])),
  };
}

/** Days on end with one value. */
export type Stretch = { from: string; to: string; value: MetricValue };

/** The days from `from` to `to` in stretches of one value, rising; a day that was never stored has none. */
export function stretchesOf(stored: readonly MetricDay[], { from, to }: { from: string; to: string }): Stretch[] {
  const byDay = new Map(stored.map((each) => [each.day, each.value]));
  const stretches: Stretch[] = [];
  for (let index = 0; index <= daysBetween(from, to); index++) {
    const day = addDays(from, index);
    const value = byDay.get(day) ?? null;
    const last = stretches.at(-1);
    if (last && last.value === value) last.to = day;
    else stretches.push({ from: day, to: day, value });
  }
  return stretches;
}
