import type { Value } from './types.ts';

/** The number, or no data where it is none: dividing by zero, overflow. */
export function finite(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return value === 0 ? 0 : value;
}

/** The number with its sign turned. */
export function negative(value: Value): number | null {
  return typeof value === 'number' ? finite(-value) : null;
}

/** current - previous. */
export function difference(previous: Value, current: Value): number | null {
  return typeof previous === 'number' && typeof current === 'number' ? finite(current - previous) : null;
}

/** 100 * part / whole; a zero whole is no data. */
export function percent(part: Value, whole: Value): number | null {
  if (typeof part !== 'number' || typeof whole !== 'number' || whole === 0) return null;
  return finite((100 * part) / whole);
}

/**
 * 100 * (previous - current) / previous, so growth is negative. From nothing to something is 0;
 * from nothing to nothing is no data, and so is a previous value below zero, of which no share can be taken.
 */
export function percentDecrease(previous: Value, current: Value): number | null {
  if (typeof previous !== 'number' || typeof current !== 'number') return null;
  if (previous === 0) return current > 0 ? 0 : null;
  return previous < 0 ? null : finite((100 * (previous - current)) / previous);
}

/** 100 * (current - previous) / previous; no data unless previous is above zero. */
export function percentChange(previous: Value, current: Value): number | null {
  if (typeof previous !== 'number' || typeof current !== 'number' || previous <= 0) return null;
  return finite((100 * (current - previous)) / previous);
}
