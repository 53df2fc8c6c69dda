import { createHash } from 'node:crypto';
import type { CreditGrant, StripeCustomer, StripeInvoice, StripeSubscription } from './types.ts';

/** So many items of a subscription are in lists. */
const SHOWN_ITEMS = 10;

/** What tells whether something has changed since it was read, as far as a list of all of them shows it. */
export const fingerprints = {
  customer: ({ hasCard, ...shown }: StripeCustomer) => hashOf(shown),
  subscription: ({ items, ...shown }: StripeSubscription) => hashOf({ ...shown, items: items.slice(0, SHOWN_ITEMS) }),
  // Lists have the first lines only, do not tell that a payment is under way, and have another address each time.
  invoice: ({ fault, needsAction, isFailed, lines, totalBeforeTax, url, ...shown }: StripeInvoice) => hashOf(shown),
  grant: ({ remaining, ...shown }: CreditGrant) => hashOf(shown),
};

function hashOf(shown: object): string {
  const sorted = Object.fromEntries(Object.entries(shown).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 32);
}
