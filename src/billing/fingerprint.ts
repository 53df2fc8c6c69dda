import { createHash } from 'node:crypto';
import type { CreditGrant, StripeCustomer, StripeInvoice, StripeSubscription } from './types.ts';

/** What tells whether something has changed since it was read, as far as a list of all of them shows it. */
export const fingerprints = {
  customer: ({ hasCard, ...shown }: StripeCustomer) => hashOf(shown),
  subscription: (shown: StripeSubscription) => hashOf(shown),
  invoice: ({ fault, needsAction, lines, ...shown }: StripeInvoice) => hashOf(shown),
  grant: ({ remaining, ...shown }: CreditGrant) => hashOf(shown),
};

function hashOf(shown: object): string {
  const sorted = Object.fromEntries(Object.entries(shown).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 32);
}
