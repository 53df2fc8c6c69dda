import { emit } from './events.ts';
import type { Charge, Invoice, InvoicePayment, PaymentError, PaymentIntent } from './objects.ts';
import { all, find, keep, nextId, type State, seconds } from './state.ts';
import type { Card } from './types.ts';

const declined: PaymentError = {
  type: 'card_error',
  code: 'card_declined',
  decline_code: 'insufficient_funds',
  message: 'Your card has insufficient funds.',
};
const unconfirmed: PaymentError = {
  type: 'card_error',
  code: 'authentication_required',
  decline_code: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
};

/** How an invoice is to be paid, and by what. */
export function expectPayment(state: State, invoice: Invoice): void {
  const { id, currency, customer } = invoice;
  const base = { created: seconds(state), livemode: false, currency } as const;
  const intent = keep(state, 'payment_intent', {
    ...base,
    id: nextId(state, 'pi'),
    object: 'payment_intent',
    metadata: {},
    amount: invoice.amount_due,
    amount_received: 0,
    customer,
    status: 'requires_payment_method',
    last_payment_error: null,
    next_action: null,
    latest_charge: null,
    payment_method: null,
    canceled_at: null,
  });
  keep(state, 'invoice_payment', {
    ...base,
    id: nextId(state, 'inpay'),
    object: 'invoice_payment',
    invoice: id,
    amount_requested: invoice.amount_due,
    amount_paid: null,
    is_default: true,
    status: 'open',
    status_transitions: { paid_at: null, canceled_at: null },
    payment: { type: 'payment_intent', payment_intent: intent.id },
  });
}

function paymentOf(state: State, invoice: Invoice): { payment: InvoicePayment; intent: PaymentIntent } | null {
  const payment = all(state, 'invoice_payment').find((each) => each.invoice === invoice.id);
  return payment ? { payment, intent: find(state, 'payment_intent', payment.payment.payment_intent) } : null;
}

/** Charges what the customer has on file. */
export function chargeCard(state: State, invoice: Invoice): Exclude<Card, null> {
  const { intent } = paymentOf(state, invoice)!;
  const card = state.cards.get(invoice.customer) ?? null;
  if (card === 'ok') return 'ok';
  const method = find(state, 'customer', invoice.customer).invoice_settings.default_payment_method;
  intent.payment_method = card === null ? null : method;
  if (card === 'processing') {
    Object.assign(intent, { status: 'processing', next_action: null, last_payment_error: null });
    return 'processing';
  }
  intent.status = card === 'requires_action' ? 'requires_action' : 'requires_payment_method';
  intent.next_action = card === 'requires_action' ? { type: 'use_stripe_sdk' } : null;
  // Without a card nothing is tried, so nothing of it is on the intent.
  intent.last_payment_error = card === null ? null : card === 'declined' ? declined : unconfirmed;
  if (card === 'declined') intent.latest_charge = charge(state, invoice, intent, declined).id;
  return card === 'requires_action' ? 'requires_action' : 'declined';
}

/** Notes that an invoice was paid. */
export function settle(state: State, invoice: Invoice): void {
  const found = paymentOf(state, invoice);
  if (!found) return;
  const { payment, intent } = found;
  const method = find(state, 'customer', invoice.customer).invoice_settings.default_payment_method;
  const paid = { status: 'succeeded', last_payment_error: null, next_action: null, amount_received: intent.amount };
  Object.assign(intent, paid, { payment_method: method });
  intent.latest_charge = charge(state, invoice, intent, null).id;
  payment.status = 'paid';
  payment.amount_paid = intent.amount;
  payment.status_transitions.paid_at = seconds(state);
}

/** Notes that an invoice will not be paid. */
export function dropPayment(state: State, invoice: Invoice): void {
  const found = paymentOf(state, invoice);
  if (!found) return;
  Object.assign(found.intent, { status: 'canceled', canceled_at: seconds(state) });
  found.payment.status = 'canceled';
  found.payment.status_transitions.canceled_at = seconds(state);
}

function charge(state: State, invoice: Invoice, intent: PaymentIntent, error: PaymentError | null): Charge {
  const isPaid = error === null;
  return keep(state, 'charge', {
    id: nextId(state, 'ch'),
    object: 'charge',
    created: seconds(state),
    livemode: false,
    metadata: {},
    amount: intent.amount,
    amount_captured: isPaid ? intent.amount : 0,
    currency: intent.currency,
    customer: intent.customer,
    payment_intent: intent.id,
    payment_method: intent.payment_method,
    status: isPaid ? 'succeeded' : 'failed',
    paid: isPaid,
    captured: isPaid,
    disputed: false,
    description: `Invoice ${invoice.number}`,
    failure_code: error?.code ?? null,
    failure_message: error?.message ?? null,
  });
}

/** The customer's bank takes back what was paid. */
export function dispute(
  state: State,
  invoiceId: string,
  { amount, reason = 'fraudulent' }: { amount?: number; reason?: string } = {},
): string {
  const invoice = find(state, 'invoice', invoiceId);
  const charged = find(state, 'charge', paymentOf(state, invoice)?.intent.latest_charge ?? '');
  if (!charged.paid) throw new Error(`The invoice ${invoiceId} is not paid`);
  charged.disputed = true;
  const made = keep(state, 'dispute', {
    id: nextId(state, 'du'),
    object: 'dispute',
    created: seconds(state),
    livemode: false,
    metadata: {},
    amount: amount ?? charged.amount,
    currency: charged.currency,
    charge: charged.id,
    payment_intent: charged.payment_intent,
    reason,
    status: 'needs_response',
    evidence_details: {
      due_by: seconds(state) + 9 * 86_400,
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
  });
  emit(state, 'charge.dispute.created', made);
  return made.id;
}

/** The bank has decided. */
export function closeDispute(state: State, id: string, status: 'won' | 'lost' | 'warning_closed'): void {
  const closed = find(state, 'dispute', id);
  closed.status = status;
  emit(state, 'charge.dispute.closed', closed);
}
