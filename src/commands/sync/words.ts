import type { ClaimValue, Conflict, Silence } from '../../crm/types.ts';
import { formatNumber } from '../../format.ts';
import { oneLine } from '../../one-line.ts';

const sources = {
  salesforce: 'Salesforce',
  vitally: 'Vitally',
  stripe: 'Stripe',
  files: 'imports and events',
  people: 'people in Slack',
} as const;

/** A value in a line of its own, without what a terminal would act upon. */
export function showValue(value: ClaimValue | null): string {
  return value === null ? 'nothing' : oneLine(String(value));
}

/** `Acme (acme) renewal_date is 2027-01-31; Salesforce says 2027-02-28 since 2026-11-20; the owner is Salesforce`. */
export function conflictLine({ accountId, name, field, value, source, says, since, owner }: Conflict): string {
  const whose = owner === null ? 'nobody owns it' : owner === source ? 'and owns it' : `${sources[owner]} owns it`;
  return `${titleOf(accountId, name)} ${oneLine(field)} is ${showValue(value)}; ${sources[source]} says ${showValue(says)} since ${since.toISOString().slice(0, 10)}, ${whose}`;
}

/** `Acme (acme)`. */
export function titleOf(id: string, name: string): string {
  return name === id ? oneLine(id) : `${oneLine(name)} (${oneLine(id)})`;
}

/** That a field was not emptied of most accounts at once, and what to do. */
export function silenceLine(label: string, { field, silent, said }: Silence): string {
  const count = `${formatNumber(silent)} of ${formatNumber(said)} accounts`;
  return `silent: ${label} says nothing any more of ${oneLine(field)} for ${count}; nothing of that is cleared. Check the mapping and what the app may see; --clear clears it`;
}
