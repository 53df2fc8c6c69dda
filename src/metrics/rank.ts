import type { MetricValue } from '../health/types.ts';
import { difference, percentChange, percentDecrease } from './arithmetic.ts';
import type { MetricType } from './types.ts';

/** 20% on paper comes out as 19.999999999999996 now and then. */
const SHORT_OF = 1 - 1e-9;

/** Which accounts of a list: those whose value fell or rose by so many percent over so many days, or is so high or low. */
export type MetricCondition =
  | { kind: 'fell' | 'rose'; percent: number; days: number }
  | { kind: 'above' | 'below'; value: number };

/** An account's newest value of a metric, and the one of some days before that. */
type Values = { name: string; id: string; value: MetricValue; before: MetricValue };

/** With the change since: absolute, and in percent of the earlier value. */
export type Ranked<T> = T & { change: number | null; percent: number | null };

/** How a list is made. `worstOf` tells how bad a text, yes or no is, the worst being lowest. */
export type Ranking = {
  type: MetricType;
  condition: MetricCondition | null;
  better: 'higher' | 'lower' | null;
  worstOf: (value: MetricValue) => number;
};

/**
 * The accounts that meet the condition, the worst first, and how many have no data for it. Exactly at a threshold is in.
 * A fall follows percentDecrease: from nothing to something is growth, from nothing to nothing is no data.
 */
export function rankAccounts<T extends Values>(
  accounts: readonly T[],
  ranking: Ranking,
): { ranked: Ranked<T>[]; withoutData: number } {
  const judged = accounts.flatMap((account) => {
    const measure = measureOf(account, ranking);
    return measure === null ? [] : [{ account, measure }];
  });
  const ranked = judged
    .filter(({ measure }) => meets(measure, ranking.condition))
    .sort((a, b) => compare(a.measure, b.measure, ranking) || byName(a.account, b.account))
    .map(({ account }) => ({
      ...account,
      change: difference(account.before, account.value),
      percent: percentChange(account.before, account.value),
    }));
  return { ranked, withoutData: accounts.length - judged.length };
}

/** What the condition is about and the order goes by: a change in percent, or the value; `null` is no data. */
function measureOf({ value, before }: Values, { type, condition }: Ranking): MetricValue {
  if (condition?.kind === 'fell') return percentDecrease(before, value);
  if (condition?.kind === 'rose') return percentChange(before, value);
  const fits = type === 'text' ? 'string' : type;
  // The metric may have had another type when the value was stored.
  return typeof value === fits ? value : null;
}

function meets(measure: MetricValue, condition: MetricCondition | null): boolean {
  if (condition === null) return true;
  if (typeof measure !== 'number') return false;
  if ('percent' in condition) return measure >= condition.percent * SHORT_OF;
  return condition.kind === 'below' ? measure <= condition.value : measure >= condition.value;
}

function compare(a: MetricValue, b: MetricValue, { condition, better, worstOf }: Ranking): number {
  if (typeof a !== 'number' || typeof b !== 'number') {
    return worstOf(a) - worstOf(b) || String(a).localeCompare(String(b), 'en');
  }
  const largestFirst = condition?.kind === 'fell' || condition?.kind === 'rose' || better === 'lower';
  return largestFirst ? b - a : a - b;
}

function byName(a: Values, b: Values): number {
  return a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1);
}
