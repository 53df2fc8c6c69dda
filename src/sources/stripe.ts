import type { Logger } from 'pino';
import type Stripe from 'stripe';
import type { BillingSource, InvoiceDispute } from '../billing/source.ts';
import { createClient, orNone, PAGE, pages, pagesUnlessRefused, type Reading, translated } from './stripe/client.ts';
import { toGrant } from './stripe/credit.ts';
import { toCustomer } from './stripe/customers.ts';
import { isMissing } from './stripe/failures.ts';
import { idOf, idOrNull } from './stripe/ids.ts';
import { toInvoice } from './stripe/invoices.ts';
import { readCustomer } from './stripe/read-customer.ts';
import { subscriptionsListed, toSubscription } from './stripe/subscriptions.ts';

/** In which an objection to a payment is settled. */
const settled = ['won', 'lost', 'warning_closed', 'prevented'];

type Options = Omit<Reading, 'stripe'> & { apiKey: string; apiUrl: string; log: Logger };

/** What Stripe knows of customers, read through its own client. Errors are `UserError` or `StripeUnavailable`. */
export function createStripeSource({ apiKey, apiUrl, ...given }: Options): BillingSource {
  const stripe = createClient({ apiKey, apiUrl, log: given.log });
  const reading: Reading = { stripe, ...given };
  const page = { limit: PAGE };
  return {
    findCustomer: (id, { invoices = [] } = {}) => translated(() => readCustomer(reading, id, invoices)),
    findDispute: (id) =>
      translated(async () => {
        const dispute = await stripe.disputes.retrieve(id).catch(orNone(isMissing));
        return dispute && readDispute(stripe, dispute);
      }),
    findCustomerOfGrant: (id) =>
      translated(async () => {
        const grant = await stripe.billing.creditGrants.retrieve(id).catch(orNone(isMissing));
        return grant ? idOf(grant.customer) : null;
      }),
    listCustomers: () => pages(stripe.customers.list(page), (each) => toCustomer(each, given.metadataKey)),
    listSubscriptions: () => pages(stripe.subscriptions.list({ ...subscriptionsListed, ...page }), toSubscription),
    listInvoices: (filter) => pages(stripe.invoices.list({ ...invoiceFilter(filter), ...page }), toInvoice),
    listGrants: () => pages(pagesUnlessRefused(reading, 'credit', stripe.billing.creditGrants.list(page)), toGrant),
    listDisputes: (since) => {
      const created = { gte: Math.floor(since.getTime() / 1000) };
      const disputes = pagesUnlessRefused(reading, 'disputes', stripe.disputes.list({ created, ...page }));
      return pages(disputes, (each) => readDispute(stripe, each));
    },
  };
}

function invoiceFilter(filter: { since: Date } | { status: 'open' }) {
  if ('status' in filter) return filter;
  return { created: { gte: Math.floor(filter.since.getTime() / 1000) } };
}

/** Which invoice's payment an objection is to; `null`: none's. */
async function readDispute(stripe: Stripe, given: Stripe.Dispute): Promise<InvoiceDispute | null> {
  const { payment_intent: intent, charge, status } = given;
  const paid = idOrNull(intent) ?? idOrNull((await stripe.charges.retrieve(idOf(charge))).payment_intent);
  if (paid === null) return null;
  const payment = { type: 'payment_intent' as const, payment_intent: paid };
  const { data } = await stripe.invoicePayments.list({ payment, limit: 1 });
  const invoiceId = idOrNull(data[0]?.invoice);
  if (invoiceId === null) return null;
  const { customer } = await stripe.invoices.retrieve(invoiceId);
  return { invoiceId, customerId: idOrNull(customer), isOpen: !settled.includes(status) };
}
