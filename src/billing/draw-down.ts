import { addDays, daysBetween } from '../days.ts';
import type { Day } from './types.ts';

/** Credit, not below zero, that is drawn from until it is empty, or until the day on which it expires; `null` is never. */
export type Pot = { left: number; expiresOn: Day | null };

/** What becomes of credit: all that was there is either used, expired or left. */
export type DrawnDown = {
  used: number;
  left: number;
  expired: { amount: number; on: Day }[];
  /** The day in which the last of it is used; `null`: it lasts longer, expires before, or there was none. */
  endsOn: Day | null;
};

/** Less is what rounding leaves. */
const NOTHING = 1e-6;
/** About a century: nobody plans for later, and days of years beyond 9999 cannot be written. */
const MOST_DAYS = 36_525;

/**
 * Draws `burn` a day from the pots, the first of them first, from `today` on until before the day `until`. On the day on which
 * a pot expires it is no longer drawn from.
 */
export function drawDown(pots: readonly Pot[], burn: number, today: Day, until: Day): DrawnDown {
  const expiries = pots.flatMap(({ expiresOn }) => (expiresOn !== null && expiresOn <= until ? [expiresOn] : []));
  const expired: DrawnDown['expired'] = [];
  let left = pots;
  let used = 0;
  let endsOn: Day | null = null;
  let from = today;
  for (const day of [...new Set(expiries)].sort().concat(until)) {
    const before = sumOf(left);
    left = drawFrom(left, burn * Math.max(0, daysBetween(from, day)));
    const after = sumOf(left);
    used += before - after;
    if (before > NOTHING && after <= NOTHING) endsOn = lastDay(from, before, burn);
    const on = day > from ? day : from;
    left = left.map((pot) => {
      if (pot.left === 0 || pot.expiresOn === null || pot.expiresOn > day) return pot;
      expired.push({ amount: pot.left, on });
      return { ...pot, left: 0 };
    });
    from = on;
  }
  return { used, left: sumOf(left), expired, endsOn };
}

/** The pots after `amount` was drawn, the first of them first, as far as it was there. */
export function drawFrom(pots: readonly Pot[], amount: number): Pot[] {
  let open = amount;
  return pots.map((pot) => {
    const drawn = Math.min(pot.left, open);
    open -= drawn;
    return { ...pot, left: pot.left - drawn };
  });
}

/** What is left in all of them. */
export function sumOf(pots: readonly Pot[]): number {
  return pots.reduce((total, { left }) => total + left, 0);
}

/** As far ahead as is looked. */
export function horizon(today: Day): Day {
  return addDays(today, MOST_DAYS);
}

function lastDay(from: Day, amount: number, burn: number): Day {
  return addDays(from, Math.max(1, Math.ceil(amount / burn - NOTHING)) - 1);
}
