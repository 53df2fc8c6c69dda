import { adjustBalance } from './balance.ts';
import { later } from './clock.ts';
import { giveBackCredit } from './credit.ts';
import { emit } from './events.ts';
import type { Invoice, Subscription } from './objects.ts';
import { chargeCard, dropPayment, settle } from './payments.ts';
import { all, find, type State, seconds } from './state.ts';

const DAY = 86_400;
/** Days from one attempt to the next. */
const retryDays = [3, 5, 7];

/** Asks for what is due on an invoice that was just finalised. */
export function collect(state: State, invoice: Invoice): void {
  const behavior = subscriptionOf(state, invoice)?.pause_collection?.behavior;
  if (invoice.amount_due === 0) pay(state, invoice);
  else if (behavior === 'void') voidInvoice(state, invoice);
  else if (behavior === 'mark_uncollectible') markUncollectible(state, invoice);
  else if (invoice.collection_method === 'charge_automatically') attempt(state, invoice);
  else {
    emit(state, 'invoice.sent', invoice);
    later(state, invoice.due_date!, () => becomeOverdue(state, invoice));
  }
}

/**
 * Tries to charge the card on file; after a failure, again in 3, 5 and 7 days. What somebody tries by hand after the first
 * time neither counts nor changes when it is tried again.
 */
export function attempt(state: State, invoice: Invoice, byHand = false): void {
  if (invoice.status !== 'open') return;
  const counts = !byHand || invoice.attempt_count === 0;
  invoice.attempted = true;
  if (counts) {
    invoice.attempt_count += 1;
    invoice.next_payment_attempt = null;
  }
  const result = chargeCard(state, invoice);
  if (result === 'ok') {
    pay(state, invoice);
    return;
  }
  if (result === 'processing') {
    emit(state, 'invoice.updated', invoice);
    return;
  }
  const isTriedAgain = counts && invoice.billing_reason !== 'subscription_create';
  const days = isTriedAgain ? retryDays[invoice.attempt_count - 1] : undefined;
  if (days !== undefined) {
    const at = seconds(state) + days * DAY;
    invoice.next_payment_attempt = at;
    later(state, at, () => {
      if (invoice.next_payment_attempt === at) attempt(state, invoice);
    });
  }
  if (result === 'requires_action') emit(state, 'invoice.payment_action_required', invoice);
  emit(state, 'invoice.payment_failed', invoice);
  emit(state, 'invoice.updated', invoice);
  standOf(state, invoice, 'past_due');
}

/** Notes an invoice as paid. */
export function pay(state: State, invoice: Invoice): void {
  if (invoice.amount_due > 0) settle(state, invoice);
  Object.assign(invoice, {
    status: 'paid',
    attempted: true,
    attempt_count: Math.max(invoice.attempt_count, invoice.amount_due > 0 ? 1 : 0),
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    next_payment_attempt: null,
  });
  invoice.status_transitions.paid_at = seconds(state);
  for (const type of ['invoice.updated', 'invoice.paid', 'invoice.payment_succeeded']) emit(state, type, invoice);
  standOf(state, invoice, 'active');
}

function becomeOverdue(state: State, invoice: Invoice): void {
  if (invoice.status !== 'open') return;
  emit(state, 'invoice.overdue', invoice);
  standOf(state, invoice, 'past_due');
}

/** Leaves what is not paid yet of a subscription to itself, since that has ended. */
export function stopCollecting(state: State, subscription: Subscription): void {
  for (const invoice of all(state, 'invoice')) {
    const isOpen = invoice.status === 'open' || invoice.status === 'draft';
    if (!isOpen || invoice.parent?.subscription_details.subscription !== subscription.id) continue;
    Object.assign(invoice, { auto_advance: false, automatically_finalizes_at: null, next_payment_attempt: null });
    emit(state, 'invoice.updated', invoice);
  }
}

/** Voids an invoice; its credit and balance go back. */
export function voidInvoice(state: State, invoice: Invoice): void {
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible')
    throw new Error(`The invoice ${invoice.id} is ${invoice.status}`);
  Object.assign(invoice, { status: 'void', next_payment_attempt: null });
  invoice.status_transitions.voided_at = seconds(state);
  dropPayment(state, invoice);
  giveBackCredit(state, invoice);
  const applied = invoice.ending_balance! - invoice.starting_balance;
  if (applied !== 0)
    adjustBalance(state, invoice.customer, -applied, {
      currency: invoice.currency,
      type: 'unapplied_from_invoice',
      invoice: invoice.id,
    });
  emit(state, 'invoice.updated', invoice);
  emit(state, 'invoice.voided', invoice);
  standOf(state, invoice, 'active');
}

/** Gives an invoice up; it may still be paid. */
export function markUncollectible(state: State, invoice: Invoice): void {
  if (invoice.status !== 'open') throw new Error(`The invoice ${invoice.id} is ${invoice.status}`);
  Object.assign(invoice, { status: 'uncollectible', next_payment_attempt: null });
  invoice.status_transitions.marked_uncollectible_at = seconds(state);
  emit(state, 'invoice.updated', invoice);
  emit(state, 'invoice.marked_uncollectible', invoice);
  standOf(state, invoice, 'active');
}

const subscriptionOf = (state: State, { parent }: Invoice): Subscription | null =>
  parent ? find(state, 'subscription', parent.subscription_details.subscription) : null;

/** What an invoice makes of its subscription: one is active again when nothing of it is open that should be paid. */
function standOf(state: State, invoice: Invoice, to: 'active' | 'past_due'): void {
  const subscription = subscriptionOf(state, invoice);
  const customer = find(state, 'customer', invoice.customer);
  customer.delinquent = all(state, 'invoice').some((each) => each.customer === customer.id && isLate(state, each));
  if (!subscription || !['active', 'past_due', 'incomplete'].includes(subscription.status)) return;
  const isFirst = invoice.billing_reason === 'subscription_create' && subscription.status === 'incomplete';
  const others = all(state, 'invoice').some(
    (each) => each !== invoice && subscriptionOf(state, each) === subscription && isLate(state, each),
  );
  const next = to === 'past_due' ? (isFirst ? 'incomplete' : 'past_due') : others ? subscription.status : 'active';
  if (next === subscription.status) return;
  subscription.status = next;
  emit(state, 'customer.subscription.updated', subscription);
}

const isLate = (state: State, { status, attempted, due_date }: Invoice): boolean =>
  status === 'open' && (attempted || (due_date !== null && due_date <= seconds(state)));
