/** `YYYY-MM-DD`, a calendar day in the deployment's time zone. */
export type Day = string;

/** ISO 4217 in capitals. */
type Currency = string;

/** What an invoice is in: `upcoming` is one that Stripe has not made yet. */
export type InvoiceStatus = 'upcoming' | 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';

/** How a CSM thinks of an invoice: that it will likely be paid, may not be, will likely not be. */
export type PaymentRisk = 'likely' | 'at_risk' | 'unlikely';

/** How a customer of Stripe's was found to be an account's. */
export type CustomerMatch = 'person' | 'metadata' | 'id' | 'domain';

/** A line of an invoice; `amount` before taxes, `item` is the subscription's item that it is for. */
export type InvoiceLine = { what: string; amount: number; quantity: number | null; item: string | null };

/** An item of a subscription. `monthly` is what it costs a month, before discounts; `null`: only invoices tell. */
export type SubscriptionItem = { id: string; monthly: number | null; what: string | null };

/** A customer as Stripe has it. Money is in units of the currency, not in its smallest. */
export type StripeCustomer = {
  id: string;
  namedAccount: string | null;
  name: string | null;
  email: string | null;
  currency: Currency | null;
  /** Below zero is in the customer's favour. */
  balance: number;
  /** Whether something is on file that can be charged; `null` is not known. */
  hasCard: boolean | null;
  isDeleted: boolean;
};

/** A subscription as Stripe has it. */
export type StripeSubscription = {
  id: string;
  customerId: string;
  status: string;
  isPaused: boolean;
  currency: Currency;
  items: readonly SubscriptionItem[];
  /** `share`, 0 to 1: what is paid of the price after discounts of so many percent; `monthly`: what others take off a month. */
  discount: { share: number; monthly: number };
  periodStart: Date | null;
  periodEnd: Date | null;
  cancelAt: Date | null;
  endedAt: Date | null;
};

/** An invoice as Stripe has it, or will. */
export type StripeInvoice = {
  id: string;
  customerId: string;
  subscriptionId: string | null;
  label: string;
  status: InvoiceStatus;
  reason: string | null;
  currency: Currency;
  total: number;
  totalBeforeTax: number;
  /** After the customer's balance. */
  due: number;
  remaining: number;
  isFailed: boolean;
  needsAction: boolean;
  attempts: number;
  nextAttemptAt: Date | null;
  fault: string | null;
  dueAt: Date | null;
  periodStart: Date | null;
  periodEnd: Date | null;
  createdAt: Date;
  paidAt: Date | null;
  url: string | null;
  lines: readonly InvoiceLine[];
};

/** Credit that a customer has, bought or given. */
export type CreditGrant = {
  id: string;
  customerId: string;
  name: string | null;
  category: 'paid' | 'promotional';
  currency: Currency;
  amount: number;
  /** What is not used of it; `null` is not known. */
  remaining: number | null;
  effectiveAt: Date | null;
  expiresAt: Date | null;
  voidedAt: Date | null;
  /** The lower, the sooner it is used. */
  priority: number | null;
};

/** Credit that was used from `from` to `to`; `amount` below zero was given back. */
export type CreditUse = {
  id: string;
  customerId: string;
  grantId: string | null;
  invoiceId: string | null;
  currency: Currency;
  amount: number;
  from: Date;
  to: Date;
};
