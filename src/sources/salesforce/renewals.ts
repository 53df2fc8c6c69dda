import type { SalesforceRenewal } from '../../crm/settings.ts';
import { readAccountTraits } from '../../ingest/known-traits.ts';
import { type SalesforceRecord, valueAt } from './query.ts';

/** A renewal of an account: its day, and its amount as Salesforce has it. */
type Renewal = { day: string; amount: unknown };

/**
 * The renewal of each account that counts, by Salesforce's id of the account: the nearest of today or later, else the
 * latest past one.
 */
export function pickRenewals(
  records: readonly SalesforceRecord[],
  { date, account, amount }: Extract<SalesforceRenewal, { kind: 'object' }>,
  today: string,
): Map<string, Renewal> {
  const picked = new Map<string, Renewal>();
  for (const record of records) {
    const accountId = valueAt(record, account);
    const day = readAccountTraits({ renewal_date: valueAt(record, date) }).renewalDate;
    if (typeof accountId !== 'string' || day === undefined) continue;
    const known = picked.get(accountId);
    if (!known || isNearer(day, known.day, today))
      picked.set(accountId, { day, amount: amount === null ? null : valueAt(record, amount) });
  }
  return picked;
}

function isNearer(day: string, than: string, today: string): boolean {
  if (day >= today !== than >= today) return day >= today;
  return day >= today ? day < than : day > than;
}
