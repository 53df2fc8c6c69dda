import { findMetric } from '../../src/metrics/find.ts';
import type { CompiledMetric } from '../../src/metrics/types.ts';
import { daysOf, PERIOD, unescaped, unquoted } from './words.ts';

/** How many days a trend shows unless told. */
export const USUAL_TREND_DAYS = 90;
const LEAST_DAYS = 7;
const MOST_DAYS = 730;

const withPeriod = new RegExp(`^(.*?)(?:^| )(?:(?:in|over|for|the|last|past) )*${PERIOD}$`, 'iu');

/** The metric and days that were asked for; `metric` is `null` when the words, if any, name none. */
export type TrendWords = { metric: CompiledMetric | null; days: number; words: string };

/** Reads what follows `trend`: a metric and a number of days, both optional. Throws a UserError for days that cannot be shown. */
export function parseTrendWords(input: string, metrics: readonly CompiledMetric[]): TrendWords {
  const text = unescaped(input);
  // Names of metrics may end in a period themselves.
  const whole = findMetric(metrics, unquoted(text));
  if (whole) return { metric: whole, days: USUAL_TREND_DAYS, words: text };
  const [, name = text, count, unit = ''] = withPeriod.exec(text) ?? [];
  const metric = findMetric(metrics, unquoted(name));
  const days =
    count !== undefined && (metric || name === '') ? daysOf(count, unit, [LEAST_DAYS, MOST_DAYS]) : USUAL_TREND_DAYS;
  return { metric, days, words: unquoted(metric || name === '' ? name : text) };
}
