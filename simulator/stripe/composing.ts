import type { Invoice, Line, Subscription } from './objects.ts';
import { find, nextId, type State, seconds } from './state.ts';
import { totalsOf } from './totals.ts';

const DAY = 86_400;

export type NewInvoice = Pick<Invoice, 'customer' | 'currency' | 'billing_reason' | 'collection_method' | 'lines'> & {
  id?: string;
  daysUntilDue: number | null;
  subscription: Subscription | null;
  period: Line['period'];
};

/** An invoice that is not kept yet: a draft, or what will come. */
export function composeInvoice(state: State, given: NewInvoice): Invoice {
  const customer = find(state, 'customer', given.customer);
  const { subscription, period, currency, billing_reason, collection_method } = given;
  const id = given.id ?? nextId(state, 'in');
  const base = {
    id,
    customer: customer.id,
    currency,
    discounts: liveDiscounts(state, subscription, period.end),
    lines: given.lines.map((line) => ({ ...line, invoice: id })),
    parent: subscription && {
      type: 'subscription_details' as const,
      quote_details: null,
      subscription_details: { subscription: subscription.id, metadata: subscription.metadata },
    },
  };
  const created = seconds(state);
  return {
    object: 'invoice',
    created,
    livemode: false,
    metadata: {},
    ...base,
    ...totalsOf(state, base),
    ending_balance: null,
    customer_name: customer.name,
    customer_email: customer.email,
    status: 'draft',
    billing_reason,
    collection_method,
    auto_advance: true,
    automatically_finalizes_at: null,
    amount_paid: 0,
    amount_overpaid: 0,
    attempt_count: 0,
    attempted: false,
    next_payment_attempt: null,
    due_date: given.daysUntilDue === null ? null : created + given.daysUntilDue * DAY,
    effective_at: null,
    number: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    last_finalization_error: null,
    period_start: period.start,
    period_end: period.end,
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
  };
}

function liveDiscounts(state: State, subscription: Subscription | null, at: number): string[] {
  return (subscription?.discounts ?? []).filter((id) => {
    const { end } = find(state, 'discount', id);
    return end === null || end > at;
  });
}
