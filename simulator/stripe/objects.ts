import type { Card, Tax } from './types.ts';

/** What Stripe's objects have of ours: fields as the API has them, others by id. Times are in seconds. */
type Base = { id: string; created: number; livemode: false; metadata: Record<string, string> };

export type Customer = Base & {
  object: 'customer';
  name: string | null;
  email: string | null;
  balance: number;
  currency: string | null;
  default_source: null;
  delinquent: boolean;
  invoice_settings: { default_payment_method: string | null };
};

type PaymentMethod = Base & {
  object: 'payment_method';
  type: 'card';
  customer: string | null;
  card: Record<string, unknown>;
};

type Product = Base & { object: 'product'; name: string; active: boolean; updated: number };

export type Tier = {
  up_to: number | null;
  unit_amount: number | null;
  unit_amount_decimal: string | null;
  flat_amount: number | null;
  flat_amount_decimal: string | null;
};
export type Price = Base & {
  object: 'price';
  product: string;
  nickname: string | null;
  active: boolean;
  type: 'recurring';
  currency: string;
  billing_scheme: 'per_unit' | 'tiered';
  unit_amount: number | null;
  unit_amount_decimal: string | null;
  tiers_mode: 'graduated' | 'volume' | null;
  recurring: {
    interval: 'day' | 'week' | 'month' | 'year';
    interval_count: number;
    usage_type: 'licensed' | 'metered';
    meter: string | null;
    trial_period_days: null;
  };
};

export type Coupon = Omit<Base, 'metadata'> & {
  metadata: Record<string, string>;
  object: 'coupon';
  name: string | null;
  percent_off: number | null;
  amount_off: number | null;
  currency: string | null;
  duration: 'forever' | 'once' | 'repeating';
  duration_in_months: number | null;
  valid: boolean;
};
type Discount = {
  id: string;
  object: 'discount';
  customer: string;
  subscription: string | null;
  source: { type: 'coupon'; coupon: string };
  start: number;
  end: number | null;
};

export type Item = Omit<Base, 'livemode'> & {
  object: 'subscription_item';
  subscription: string;
  price: string;
  /** Of licensed items only. */
  quantity?: number;
  current_period_start: number;
  current_period_end: number;
  discounts: string[];
};
export type Subscription = Base & {
  object: 'subscription';
  customer: string;
  status: 'active' | 'past_due' | 'incomplete' | 'incomplete_expired' | 'paused' | 'canceled';
  currency: string;
  collection_method: 'charge_automatically' | 'send_invoice';
  days_until_due: number | null;
  billing_cycle_anchor: number;
  start_date: number;
  items: Item[];
  discounts: string[];
  cancel_at: number | null;
  cancel_at_period_end: boolean;
  canceled_at: number | null;
  ended_at: number | null;
  latest_invoice: string | null;
  pause_collection: { behavior: 'void' | 'mark_uncollectible' | 'keep_as_draft'; resumes_at: number | null } | null;
};

export type CreditAmount = {
  type: 'credit_balance_transaction' | 'discount';
  amount: number;
  credit_balance_transaction?: string | null;
  discount?: string;
};
export type TaxAmount = {
  type: 'tax_rate_details';
  amount: number;
  tax_behavior: 'exclusive' | 'inclusive';
  tax_rate_details: { tax_rate: string };
  taxability_reason: 'standard_rated';
  taxable_amount: number;
};
export type Line = Omit<Base, 'created'> & {
  object: 'line_item';
  invoice: string | null;
  amount: number;
  subtotal: number;
  currency: string;
  description: string;
  discountable: boolean;
  discounts: string[];
  discount_amounts: { amount: number; discount: string }[];
  pretax_credit_amounts: CreditAmount[];
  taxes: TaxAmount[];
  parent: {
    type: 'subscription_item_details' | 'invoice_item_details';
    subscription_item_details: {
      subscription: string;
      subscription_item: string;
      proration: boolean;
      proration_details: null;
      invoice_item: null;
    } | null;
    invoice_item_details: {
      invoice_item: string;
      proration: false;
      proration_details: null;
      subscription: null;
    } | null;
  };
  period: { start: number; end: number };
  pricing: {
    type: 'price_details';
    unit_amount_decimal: string | null;
    price_details: { price: string; product: string };
  } | null;
  quantity: number | null;
  quantity_decimal: string | null;
  subscription: string | null;
};
export type Invoice = Base & {
  object: 'invoice';
  customer: string;
  customer_name: string | null;
  customer_email: string | null;
  status: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';
  currency: string;
  billing_reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update' | 'manual' | 'upcoming';
  collection_method: 'charge_automatically' | 'send_invoice';
  auto_advance: boolean;
  automatically_finalizes_at: number | null;
  lines: Line[];
  discounts: string[];
  subtotal: number;
  subtotal_excluding_tax: number;
  total: number;
  total_excluding_tax: number;
  total_discount_amounts: { amount: number; discount: string }[];
  total_pretax_credit_amounts: CreditAmount[];
  total_taxes: TaxAmount[];
  amount_due: number;
  amount_paid: number;
  amount_remaining: number;
  amount_overpaid: 0;
  starting_balance: number;
  ending_balance: number | null;
  attempt_count: number;
  attempted: boolean;
  next_payment_attempt: number | null;
  due_date: number | null;
  effective_at: number | null;
  number: string | null;
  hosted_invoice_url: string | null;
  invoice_pdf: string | null;
  last_finalization_error: { type: string; code: string; message: string } | null;
  parent: {
    type: 'subscription_details';
    quote_details: null;
    subscription_details: { subscription: string; metadata: Record<string, string> };
  } | null;
  period_start: number;
  period_end: number;
  status_transitions: {
    finalized_at: number | null;
    marked_uncollectible_at: number | null;
    paid_at: number | null;
    voided_at: number | null;
  };
};

export type InvoicePayment = Omit<Base, 'metadata'> & {
  object: 'invoice_payment';
  invoice: string;
  currency: string;
  amount_requested: number;
  amount_paid: number | null;
  is_default: boolean;
  status: 'open' | 'paid' | 'canceled';
  status_transitions: { paid_at: number | null; canceled_at: number | null };
  payment: { type: 'payment_intent'; payment_intent: string };
};
export type PaymentError = { type: string; code: string; decline_code?: string; message: string };
export type PaymentIntent = Base & {
  object: 'payment_intent';
  amount: number;
  amount_received: number;
  currency: string;
  customer: string;
  status: 'requires_payment_method' | 'requires_action' | 'processing' | 'succeeded' | 'canceled';
  last_payment_error: PaymentError | null;
  next_action: { type: string } | null;
  latest_charge: string | null;
  payment_method: string | null;
  canceled_at: number | null;
};
export type Charge = Base & {
  object: 'charge';
  amount: number;
  amount_captured: number;
  currency: string;
  customer: string;
  payment_intent: string;
  payment_method: string | null;
  status: 'succeeded' | 'failed';
  paid: boolean;
  captured: boolean;
  disputed: boolean;
  description: string;
  failure_code: string | null;
  failure_message: string | null;
};
type Dispute = Base & {
  object: 'dispute';
  amount: number;
  currency: string;
  charge: string;
  payment_intent: string;
  reason: string;
  status: 'needs_response' | 'won' | 'lost' | 'warning_closed';
  evidence_details: { due_by: number; has_evidence: boolean; past_due: boolean; submission_count: number };
};

export type BalanceTransaction = Base & {
  object: 'customer_balance_transaction';
  customer: string;
  currency: string;
  amount: number;
  ending_balance: number;
  invoice: string | null;
  type: 'adjustment' | 'applied_to_invoice' | 'unapplied_from_invoice' | 'invoice_too_small';
};

type Money = { type: 'monetary'; monetary: { currency: string; value: number } };
export type Grant = Base & {
  object: 'billing.credit_grant';
  customer: string;
  name: string | null;
  category: 'paid' | 'promotional';
  amount: Money;
  applicability_config: { scope: { price_type: 'metered' } };
  priority: number;
  effective_at: number;
  expires_at: number | null;
  voided_at: number | null;
  updated: number;
};
type CreditUseOf = { invoice: string; invoice_line_item: string };
export type CreditTransaction = Omit<Base, 'metadata'> & {
  object: 'billing.credit_balance_transaction';
  credit_grant: string;
  effective_at: number;
  type: 'credit' | 'debit';
  credit: {
    type: 'credits_granted' | 'credits_application_invoice_voided';
    amount: Money;
    credits_application_invoice_voided: CreditUseOf | null;
  } | null;
  debit: {
    type: 'credits_applied' | 'credits_expired' | 'credits_voided';
    amount: Money;
    credits_applied: CreditUseOf | null;
  } | null;
};

/** What is kept, by the name that Stripe gives its kind. */
export type Kinds = {
  customer: Customer;
  payment_method: PaymentMethod;
  product: Product;
  price: Price;
  coupon: Coupon;
  discount: Discount;
  subscription: Subscription;
  invoice: Invoice;
  invoice_payment: InvoicePayment;
  payment_intent: PaymentIntent;
  charge: Charge;
  dispute: Dispute;
  customer_balance_transaction: BalanceTransaction;
  'billing.credit_grant': Grant;
  'billing.credit_balance_transaction': CreditTransaction;
};
export type Kind = keyof Kinds;
export type Stored = Kinds[Kind];

/** What Stripe keeps beside its objects, or would ask a bank. */
export type Beside = {
  cards: Map<string, Card>;
  deletedCustomers: Set<string>;
  tiers: Map<string, Tier[]>;
  /** By subscription or invoice. */
  taxes: Map<string, Tax>;
  /** By item. */
  usage: Map<string, { at: number; quantity: number }[]>;
  /** By subscription: prorations that go on its next invoice. */
  pending: Map<string, Line[]>;
  /** Customers whose next invoice will not be finalised. */
  failing: Set<string>;
};
