/** How a price is found: for each unit of use alone, or on top of a base. */
export type PriceMethod = 'rate' | 'base_and_rate';

/** What a period costs: `unit` for each unit of use, and `base` whatever is used; `null` where the method has none. */
export type Price = { unit: number; base: number | null };

type Point = { use: number; amount: number };

/** Periods that say what a unit costs. */
const RATE_PERIODS = 3;
/** Periods that the line is drawn through, at most and at least. */
const LINE_PERIODS = 6;
const LEAST_LINE_PERIODS = 3;
/** Where use differs by a smaller share of its mean, there is no telling what it costs. */
const LEAST_DIFFERENCE = 0.01;
/** Where use makes a smaller share of what is billed, it does not make the price. */
const LEAST_PART = 0.01;

/** The price that periods, the oldest first, were billed by; `null` where they do not tell. Neither part is below zero. */
export function fitPrice(method: PriceMethod, periods: readonly Point[]): Price | null {
  return method === 'rate' ? fitRate(periods.slice(-RATE_PERIODS)) : fitLine(periods.slice(-LINE_PERIODS));
}

// All that was billed by all that was used: a period of little use has little say.
function fitRate(points: readonly Point[]): Price | null {
  const used = sum(points.map(({ use }) => use));
  return used > 0 ? { unit: sum(points.map(({ amount }) => amount)) / used, base: null } : null;
}

// Least squares. A base below zero is none: then the line goes through zero.
function fitLine(points: readonly Point[]): Price | null {
  const uses = points.map(({ use }) => use);
  const meanUse = sum(uses) / uses.length;
  if (points.length < LEAST_LINE_PERIODS || Math.max(...uses) - Math.min(...uses) <= LEAST_DIFFERENCE * meanUse)
    return null;
  const meanAmount = sum(points.map(({ amount }) => amount)) / points.length;
  const spread = sum(uses.map((use) => (use - meanUse) ** 2));
  const unit = sum(points.map(({ use, amount }) => (use - meanUse) * (amount - meanAmount))) / spread;
  const base = meanAmount - unit * meanUse;
  if (unit * meanUse <= LEAST_PART * meanAmount) return null;
  if (base >= 0) return { unit, base };
  return { unit: sum(points.map(({ use, amount }) => use * amount)) / sum(uses.map((use) => use ** 2)), base: 0 };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
