import { addDays, daysBetween } from '../days.ts';
import { type DailyUse, expectedUse, knownUse, usedIn } from './period-use.ts';
import { fitPrice, type Price, type PriceMethod } from './price.ts';
import type { Day } from './types.ts';

/** A billing period, until before the day `before`. */
type Period = { from: Day; before: Day };

/** What a billing period brought before taxes, one-offs left out. */
export type BilledPeriod = Period & { amount: number };

/** As the last period; expected use times the price of a unit; a base and a price of a unit. The simplest first. */
export type ForecastMethod = 'level' | PriceMethod;

/** What a running billing period will bring, in the unit of the billed amounts. */
export type Forecast = {
  amount: number;
  method: ForecastMethod;
  /** By how much of what was billed the method would have been wrong in the last three periods; 0 to 1. */
  error: number;
  basis: {
    /** Use in the running period: until yesterday, and as expected of the whole; `null` is no data. */
    usedToDate: number | null;
    expectedUse: number | null;
    /** `null` where the method has none. */
    unitPrice: number | null;
    base: number | null;
    /** What the last three periods brought, the oldest first. */
    lastAmounts: number[];
  };
};

/** What is known of an account, or of one of its subscriptions. */
export type ForecastInput = {
  usage: DailyUse;
  /** The oldest first; see `forecastPeriod` for which count. */
  months: readonly BilledPeriod[];
  current: Period;
  today: Day;
};

/** What one method makes of the running period; `error` is `null` where it could not be tried. */
export type TriedMethod = { method: ForecastMethod; amount: number; error: number | null; price: Price | null };

type UsedPeriod = BilledPeriod & { use: number | null };
/** What is known on a day: the periods that are over, and the use expected in the one that runs. */
type Standpoint = { known: readonly UsedPeriod[]; use: number | null };

const METHODS = ['level', 'rate', 'base_and_rate'] as const satisfies readonly ForecastMethod[];
/** Periods that the methods are tried on; each needs one before it. */
const TESTED_PERIODS = 3;
/** A period whose length differs from the running one's by a larger share is of another kind: a first part of a month. */
const OTHER_LENGTH = 0.2;
/** A method goes before a simpler one only where it is less wrong by more than what comes of rounding. */
const CLEARLY = 1e-6;

/**
 * What the running period will bring, by the method that would have been least wrong in the last three periods. Amounts below
 * zero, as of refunds, count as zero. Periods count that were over by `today` and are as long as the running one, give or
 * take a fifth: so months go with months, quarters with quarters. `null` with fewer than four of these, before the running
 * period began, or where every method would have been wrong by more than what was billed.
 */
export function forecastPeriod(input: ForecastInput): Forecast | null {
  const tried = tryMethods(input).filter((one): one is TriedMethod & { error: number } => (one.error ?? 2) <= 1);
  const [first, ...others] = tried;
  if (!first) return null;
  const best = others.reduce((least, one) => (one.error < least.error - CLEARLY ? one : least), first);
  const { usage, current, today, months } = input;
  const until = today < current.before ? today : current.before;
  return {
    amount: best.amount,
    method: best.method,
    error: best.error,
    basis: {
      usedToDate: knownUse(usage, current.from, until),
      expectedUse: expectedUse(usage, current.from, current.before, until),
      unitPrice: best.price?.unit ?? null,
      base: best.price?.base ?? null,
      lastAmounts: periodsThatCount(months, current, until)
        .slice(-TESTED_PERIODS)
        .map(({ amount }) => amount),
    },
  };
}

/** What each method that has enough to go by makes of the running period, and how wrong it would have been. */
export function tryMethods({ usage, months, current, today }: ForecastInput): TriedMethod[] {
  if (today < current.from) return [];
  const until = today < current.before ? today : current.before;
  const periods = periodsThatCount(months, current, until).map(
    (period): UsedPeriod => ({ ...period, use: usedIn(usage, period.from, period.before) }),
  );
  if (periods.length <= TESTED_PERIODS) return [];
  const share = daysBetween(current.from, until) / lengthOf(current);
  const now = { known: periods, use: expectedUse(usage, current.from, current.before, until) };
  // At the same share of each, from what was known then.
  const tests = periods.slice(-TESTED_PERIODS).map((period) => {
    const day = addDays(period.from, Math.round(share * lengthOf(period)));
    return {
      known: periods.filter(({ before }) => before <= period.from),
      use: expectedUse(usage, period.from, period.before, day),
      billed: period.amount,
    };
  });
  return METHODS.flatMap((method) => {
    const foretold = foretell(method, now);
    return foretold ? [{ method, ...foretold, error: backTest(method, tests) }] : [];
  });
}

/** By how much of what was billed the method would have been wrong; `null` where it had not enough to go by. */
function backTest(method: ForecastMethod, tests: readonly (Standpoint & { billed: number })[]): number | null {
  let [wrong, billed] = [0, 0];
  for (const test of tests) {
    const foretold = foretell(method, test);
    if (!foretold) return null;
    wrong += Math.abs(foretold.amount - test.billed);
    billed += test.billed;
  }
  if (wrong === 0) return 0;
  return billed === 0 ? null : wrong / billed;
}

function foretell(method: ForecastMethod, { known, use }: Standpoint): { amount: number; price: Price | null } | null {
  const last = known.at(-1);
  if (!last) return null;
  if (method === 'level') return { amount: last.amount, price: null };
  const price = fitPrice(
    method,
    known.flatMap((period) => (period.use === null ? [] : [{ use: period.use, amount: period.amount }])),
  );
  return use === null || price === null ? null : { amount: (price.base ?? 0) + price.unit * use, price };
}

function periodsThatCount(months: readonly BilledPeriod[], current: Period, until: Day): BilledPeriod[] {
  const length = lengthOf(current);
  return months
    .filter((period) => period.before <= until && Math.abs(lengthOf(period) - length) <= OTHER_LENGTH * length)
    .map((period) => ({ ...period, amount: Math.max(0, period.amount) }));
}

function lengthOf({ from, before }: Period): number {
  return daysBetween(from, before);
}
