import type { StripeInvoice } from './types.ts';

/** Of the invoices those that a subscription's cycle made and that were sent, the newest first; no first, changed or manual one. */
export function cycleInvoices(
  invoices: readonly StripeInvoice[],
  subscriptionId: string,
  currency: string,
): StripeInvoice[] {
  return invoices
    .filter(
      (invoice) =>
        invoice.subscriptionId === subscriptionId &&
        invoice.currency === currency &&
        invoice.reason === 'subscription_cycle' &&
        ['open', 'paid', 'uncollectible'].includes(invoice.status),
    )
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
}
