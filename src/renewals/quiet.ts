import type { MetricValue } from '../health/types.ts';
import { type RenewalSettings, renewalMetrics } from './types.ts';

/**
 * Whether nobody of an account was seen and nobody talked with it for long. `values` are those of `renewalMetrics`.
 * An account of which no user was ever seen is quiet where others have some; where none has (`hasSeenUsers` false), use is not
 * known at all, and no account is called quiet for it. A source of conversations that is not connected does not make an
 * account lively: the earlier reminder does less harm than the later one.
 */
export function isQuiet(
  values: Readonly<Record<string, MetricValue>>,
  { quietDays }: Pick<RenewalSettings, 'quietDays'>,
  hasSeenUsers: boolean,
): boolean {
  const since = (metric: string) => {
    const value = values[metric];
    return typeof value === 'number' ? value : null;
  };
  const isSilent = (days: number | null) => days === null || days >= quietDays;
  const seen = since(renewalMetrics.seen);
  if (seen === null && !hasSeenUsers) return false;
  return [seen, since(renewalMetrics.meeting), since(renewalMetrics.ticket)].every(isSilent);
}
