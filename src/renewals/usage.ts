import { addMonths } from '../days.ts';
import type { Day } from './types.ts';

/** A month's use, `YYYY-MM`; `null` is no data. */
export type UsageMonth = { month: string; value: number | null };

/** How use may go on. */
export type Projection = {
  /** A straight line through the months, or the mean of the last three. */
  method: 'trend' | 'level';
  /** By how much of what was used the method would have been wrong in the last three months; `null`: not known. */
  error: number | null;
  /** In the month of the renewal date, and in the same month a year later. */
  atRenewal: number;
  yearOn: number;
  /** In the twelve months after that of the renewal date. */
  nextYear: number;
};

/** Complete months that are shown. */
const USAGE_MONTHS = 12;
/** Fewer months tell nothing. */
const LEAST_MONTHS = 6;
/** Months that the methods are tried on. */
const TESTED_MONTHS = 3;

type Point = { x: number; y: number };
type Method = Projection['method'];

/** The twelve months that are over on `today`, the oldest first, each with its first day and the day after its last. */
export function usageMonths(today: Day): { month: string; from: Day; before: Day }[] {
  const current = `${today.slice(0, 7)}-01`;
  return Array.from({ length: USAGE_MONTHS }, (_, index) => {
    const from = addMonths(current, index - USAGE_MONTHS);
    return { month: from.slice(0, 7), from, before: addMonths(from, 1) };
  });
}

/** Adds days' values up to the months, or takes their mean; a month without a value has no data. */
export function monthlyUse(
  days: ReadonlyMap<Day, number>,
  months: readonly { month: string; from: Day; before: Day }[],
  how: 'sum' | 'mean',
): UsageMonth[] {
  return months.map(({ month, from, before }) => {
    const values = [...days].filter(([day]) => day >= from && day < before).map(([, value]) => value);
    if (values.length === 0) return { month, value: null };
    const sum = values.reduce((total, value) => total + value, 0);
    return { month, value: how === 'sum' ? sum : sum / values.length };
  });
}

/**
 * How use may go on, from the months in a row. Of two simple methods the one that would have foretold the last three months
 * better from those before them; `null` with fewer than six months of data.
 */
export function projectUse(months: readonly UsageMonth[], renewalDate: Day): Projection | null {
  const points = months.flatMap(({ value }, x): Point[] => (value === null ? [] : [{ x, y: value }]));
  const [first] = months;
  if (!first || points.length < LEAST_MONTHS) return null;
  const [level, trend] = (['level', 'trend'] as const).map((method) => ({ method, error: backTest(points, method) }));
  const { method, error } = trend && level && (trend.error ?? Infinity) < (level.error ?? Infinity) ? trend : level!;
  const foretell = foreteller(points, method);
  const at = monthsBetween(first.month, renewalDate);
  const year = Array.from({ length: 12 }, (_, index) => foretell(at + 1 + index));
  return {
    method,
    error,
    atRenewal: foretell(at),
    yearOn: foretell(at + 12),
    nextYear: year.reduce((total, value) => total + value, 0),
  };
}

/** The error in the last three months of what the method makes of those before, as a share of what was used. */
function backTest(points: readonly Point[], method: Method): number | null {
  const known = points.slice(0, -TESTED_MONTHS);
  const tested = points.slice(-TESTED_MONTHS);
  const used = tested.reduce((total, { y }) => total + Math.abs(y), 0);
  if (known.length < TESTED_MONTHS || used === 0) return null;
  const foretell = foreteller(known, method);
  return tested.reduce((total, { x, y }) => total + Math.abs(foretell(x) - y), 0) / used;
}

/** What the method says of month `x`; never less than nothing, since use is not. */
function foreteller(points: readonly Point[], method: Method): (x: number) => number {
  const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
  if (method === 'level') {
    const level = mean(points.slice(-TESTED_MONTHS).map(({ y }) => y));
    return () => level;
  }
  const [x0, y0] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const spread = points.reduce((total, { x }) => total + (x - x0) ** 2, 0);
  const slope = spread === 0 ? 0 : points.reduce((total, { x, y }) => total + (x - x0) * (y - y0), 0) / spread;
  return (x) => Math.max(0, y0 + slope * (x - x0));
}

function monthsBetween(from: string, day: Day): number {
  const number = (text: string) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
  return number(day) - number(from);
}
