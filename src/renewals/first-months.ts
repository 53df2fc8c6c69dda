import type { MetricValue } from '../health/types.ts';
import { isQuiet } from './quiet.ts';
import { type RenewalSettings, renewalMetrics } from './types.ts';

type Months = Pick<RenewalSettings, 'firstMonths' | 'firstMonthsQuiet' | 'firstMonthsCredit'>;

/**
 * How many months before its date an account is first reminded of: the most that any reason asks for. `values` are those of
 * `renewalMetrics`; `hasSeenUsers` is as for `isQuiet`.
 */
export function firstMonthsOf(
  values: Readonly<Record<string, MetricValue>>,
  settings: Months & Pick<RenewalSettings, 'quietDays'>,
  hasSeenUsers: boolean,
): number {
  const expiring = values[renewalMetrics.creditExpiring];
  return Math.max(
    settings.firstMonths,
    isQuiet(values, settings, hasSeenUsers) ? settings.firstMonthsQuiet : 0,
    typeof expiring === 'number' && expiring > 0 ? settings.firstMonthsCredit : 0,
  );
}

/** The most that it can be for any account. */
export function mostFirstMonths({ firstMonths, firstMonthsQuiet, firstMonthsCredit }: Months): number {
  return Math.max(firstMonths, firstMonthsQuiet, firstMonthsCredit);
}
