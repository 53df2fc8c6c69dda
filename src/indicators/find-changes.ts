import type { IndicatorAccount } from '../db/indicator-standings.ts';
import { segmentKey } from '../health/compile.ts';
import { inputOf } from './evaluate.ts';
import { type AccountToRead, type Changes, end, type Known, noChanges, readOne } from './note-changes.ts';
import { readInvoices } from './read-invoices.ts';
import type { Indicator } from './types.ts';

/** Reads every indicator of an account: what to keep of it, which alerts begin and which end. `day` is the local day of `now`. */
export function findChanges(
  indicators: readonly Indicator[],
  read: AccountToRead,
  moment: { now: Date; day: string; timeZone?: string },
): Changes {
  const changes = noChanges();
  const known: Known = { ...read, ...moment, input: inputOf(read.values), stored: undefined };
  for (const indicator of indicators) {
    const applies = isFor(indicator, read.account);
    const ofInvoices = indicator.rules.some(({ forEach }) => forEach !== null);
    for (const rule of indicator.rules) {
      if (rule.forEach !== null) {
        readInvoices(indicator, rule, { ...known, applies }, changes);
        continue;
      }
      const stored = read.standing(indicator.id, rule.subject);
      // Where each invoice is told of, the account as a whole is not, so that nobody hears of one thing twice.
      if (applies && !(ofInvoices && read.invoices)) readOne(indicator, rule, { ...known, stored }, changes);
      else end(indicator, known, stored, 'excluded', changes);
    }
  }
  return changes;
}

/** Whether an indicator looks at an account at all. */
export function isFor(
  { segments, exceptSegments, churned }: Pick<Indicator, 'segments' | 'exceptSegments' | 'churned'>,
  account: Pick<IndicatorAccount, 'segments' | 'churned'>,
): boolean {
  if (account.churned && !churned) return false;
  if (segments.length + exceptSegments.length === 0) return true;
  const own = new Set(account.segments.map(segmentKey));
  const isIn = (list: readonly string[]) => list.some((segment) => own.has(segmentKey(segment)));
  return (segments.length === 0 || isIn(segments)) && !isIn(exceptSegments);
}
