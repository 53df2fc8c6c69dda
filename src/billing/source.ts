import type { CreditGrant, CreditUse, StripeCustomer, StripeInvoice, StripeSubscription } from './types.ts';

/** All that is known of a customer, as it was at `readAt` or later. */
export type CustomerState = {
  customer: StripeCustomer;
  subscriptions: readonly StripeSubscription[];
  /** Those of a year, older ones that stand open, and those that are coming soon. */
  invoices: readonly StripeInvoice[];
  grants: readonly CreditGrant[];
  uses: readonly CreditUse[];
  readAt: Date;
};

/** An objection to a payment of an invoice. */
export type InvoiceDispute = { invoiceId: string; customerId: string | null; isOpen: boolean };

/** Where customers are billed: Stripe. Everything that it does may throw a `UserError` or `StripeUnavailable`. */
export type BillingSource = {
  /** With the invoices that are named, however old they are. `null`: there is no such customer, nor was there. */
  findCustomer(id: string, also?: { invoices?: readonly string[] }): Promise<CustomerState | null>;
  /** `null`: it is about no invoice, or there is no such dispute. */
  findDispute(id: string): Promise<InvoiceDispute | null>;
  findCustomerOfGrant(id: string): Promise<string | null>;
  /** Of all there are, as lists tell them: without why a payment failed and what is left of a grant. */
  listCustomers(): AsyncIterable<StripeCustomer>;
  listSubscriptions(): AsyncIterable<StripeSubscription>;
  listInvoices(filter: { since: Date } | { status: 'open' }): AsyncIterable<StripeInvoice>;
  listGrants(): AsyncIterable<CreditGrant>;
  listDisputes(since: Date): AsyncIterable<InvoiceDispute>;
};
