import { addDays, daysBetween, localDay } from '../days.ts';
import type { CreditUse, Day } from './types.ts';

/** How fast credit goes: a day, and what went since the newest use that was billed. */
export type Burn = { perDay: number; unbilled: number };

/** Credit that was used from `from` until before `before`, a day later at least. */
export type SpreadUse = { amount: number; from: Day; before: Day };

const WINDOW_DAYS = 30;
/** Days that are too few to go by. */
const LEAST_DAYS = 7;
/** An invoice may be late by so much. */
const LATE_DAYS = 7;
const LONGEST_MONTH = 31;

/**
 * Mean daily use over the newest 30 days that the uses tell of, each of which is spread evenly over its own days; `null` where
 * these are fewer than 7. Where a whole period went by since and no use was billed, nothing was used in it. `since`: the day
 * from which credit could be used, where it never was; `null` is not known.
 */
export function measureBurn(uses: readonly SpreadUse[], since: Day | null, today: Day): Burn | null {
  const first = earliest(uses.map(({ from }) => from)) ?? since;
  if (first === null) return null;
  const billedUntil = latest([first, ...uses.map(({ before }) => before)]);
  const newest = uses
    .filter(({ before }) => before === billedUntil)
    .map(({ from, before }) => daysBetween(from, before));
  const isOver = daysBetween(billedUntil, today) > Math.max(LONGEST_MONTH, ...newest) + LATE_DAYS;
  const until = isOver ? today : earliest([billedUntil, addDays(today, 1)])!;
  const from = latest([first, addDays(until, -WINDOW_DAYS)]);
  const days = daysBetween(from, until);
  if (days < LEAST_DAYS) return null;
  const used = uses.reduce((total, use) => total + use.amount * shareWithin(use, from, until), 0);
  const perDay = Math.max(0, used / days);
  return { perDay, unbilled: perDay * Math.max(0, daysBetween(until, today)) };
}

/** The days over which a use is spread; one at an instant, or within a day, is of that day. */
export function spreadUse({ amount, from, to }: CreditUse, timeZone: string): SpreadUse {
  const [first, last] = [localDay(from, timeZone), localDay(to, timeZone)];
  return { amount, from: first, before: last > first ? last : addDays(first, 1) };
}

function shareWithin(use: SpreadUse, from: Day, before: Day): number {
  const days = daysBetween(latest([use.from, from]), earliest([use.before, before])!);
  return Math.max(0, days) / daysBetween(use.from, use.before);
}

function earliest(days: readonly Day[]): Day | null {
  return days.reduce<Day | null>((found, day) => (found === null || day < found ? day : found), null);
}

function latest(days: readonly [Day, ...Day[]]): Day {
  return days.reduce((found, day) => (day > found ? day : found));
}
