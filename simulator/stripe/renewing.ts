import { later } from './clock.ts';
import { composeInvoice } from './composing.ts';
import { emit, emitJson } from './events.ts';
import { makeInvoice } from './invoicing.ts';
import { toJson } from './json.ts';
import { advanceLines, periodFrom, usageLines, usedIn } from './lines.ts';
import type { Invoice, Line, Subscription } from './objects.ts';
import { find, nextId, type State, seconds } from './state.ts';

const DAY = 86_400;
const UPCOMING_DAYS = 7;

/** Whether it makes invoices. */
export const isLive = ({ status }: Subscription) => status === 'active' || status === 'past_due';
/** When its current period ends, in seconds. */
export const periodEnd = (subscription: Subscription) => subscription.items[0]!.current_period_end;

/** Makes an invoice of a subscription; a discount of one invoice is used up by it. */
export function invoiceFor(
  state: State,
  subscription: Subscription,
  billing_reason: Invoice['billing_reason'],
  lines: Line[],
  period: Line['period'],
  finalized: 'now' | 'later',
): void {
  const { customer, currency, collection_method, days_until_due: daysUntilDue } = subscription;
  const of = { customer, currency, collection_method, daysUntilDue, billing_reason, subscription, lines, period };
  makeInvoice(state, of, finalized);
  const once = (id: string) => find(state, 'coupon', find(state, 'discount', id).source.coupon).duration === 'once';
  subscription.discounts = subscription.discounts.filter((id) => !once(id));
}

/** Puts the end of the current period into the clock, and the word that it is near. */
export function plan(state: State, subscription: Subscription): void {
  const end = periodEnd(subscription);
  const stillThis = () => periodEnd(subscription) === end;
  const near = end - UPCOMING_DAYS * DAY;
  if (near > subscription.items[0]!.current_period_start)
    later(state, near, () => {
      const coming = stillThis() ? upcoming(state, subscription) : null;
      if (!coming) return;
      const { id, ...json } = toJson(state, coming);
      emitJson(state, 'invoice.upcoming', json);
    });
  later(state, end, () => {
    if (stillThis()) renew(state, subscription);
  });
}

/** The period is over: the next begins, or the subscription ends. */
function renew(state: State, subscription: Subscription): void {
  if (!isLive(subscription)) return;
  const { current_period_start: start, current_period_end: end } = subscription.items[0]!;
  const isLast = subscription.cancel_at !== null && subscription.cancel_at <= end;
  const passed = { start, end };
  const next = isLast ? null : periodFrom(state, subscription, end);
  const lines = linesAtEnd(state, subscription, passed, next);
  state.pending.delete(subscription.id);
  if (next) {
    setPeriod(subscription, next);
    emit(state, 'customer.subscription.updated', subscription);
  }
  if (next || lines.some(({ amount }) => amount !== 0))
    invoiceFor(state, subscription, 'subscription_cycle', lines, passed, next ? 'later' : 'now');
  if (next) plan(state, subscription);
  else endNow(state, subscription);
}

/** Gives a subscription's items a period. */
export function setPeriod(subscription: Subscription, { start, end }: Line['period']): void {
  for (const item of subscription.items) Object.assign(item, { current_period_start: start, current_period_end: end });
}

function linesAtEnd(
  state: State,
  subscription: Subscription,
  passed: Line['period'],
  next: Line['period'] | null,
): Line[] {
  return [
    ...(state.pending.get(subscription.id) ?? []),
    ...usageLines(state, subscription, passed),
    ...(next ? advanceLines(state, subscription, next) : []),
  ];
}

/** The invoice that a subscription's next turn will make, as of now; `null` where none will come. */
export function upcoming(state: State, subscription: Subscription): Invoice | null {
  const { current_period_start: start, current_period_end: end } = subscription.items[0]!;
  const isLast = subscription.cancel_at !== null && subscription.cancel_at <= end;
  const passed = { start, end };
  const isUsed = subscription.items.some((item) => item.quantity === undefined && usedIn(state, item, passed) > 0);
  if (!isLive(subscription) || (isLast && !isUsed && !state.pending.has(subscription.id))) return null;
  const next = isLast ? null : periodFrom(state, subscription, end);
  const { customer, currency, collection_method, days_until_due: daysUntilDue } = subscription;
  const lines = linesAtEnd(state, subscription, passed, next);
  const invoice = composeInvoice(state, {
    id: `upcoming_${nextId(state, 'in_upcoming')}`,
    ...{ customer, currency, collection_method, daysUntilDue, subscription, lines, period: passed },
    billing_reason: 'upcoming',
  });
  const isCharged = collection_method === 'charge_automatically';
  return { ...invoice, created: end, next_payment_attempt: isCharged ? end + 3600 : null };
}

/** Ends a subscription. */
export function endNow(state: State, subscription: Subscription): void {
  const now = seconds(state);
  Object.assign(subscription, { status: 'canceled', canceled_at: subscription.canceled_at ?? now, ended_at: now });
  emit(state, 'customer.subscription.deleted', subscription);
}
