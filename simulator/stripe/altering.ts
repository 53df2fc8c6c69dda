import { later } from './clock.ts';
import { stopCollecting } from './collecting.ts';
import { emit } from './events.ts';
import { advanceLines, periodFrom, prorations } from './lines.ts';
import type { Item, Subscription } from './objects.ts';
import { endNow, invoiceFor, isLive, periodEnd, plan, setPeriod } from './renewing.ts';
import { type State, seconds } from './state.ts';

/** Changes an item's quantity; the rest of the period is prorated on the next invoice. */
export function changeQuantity(
  state: State,
  subscription: Subscription,
  item: Item,
  quantity: number,
  prorate: boolean,
): void {
  if (prorate && isLive(subscription)) {
    const lines = prorations(state, subscription, item, quantity, seconds(state));
    state.pending.set(subscription.id, [...(state.pending.get(subscription.id) ?? []), ...lines]);
  }
  item.quantity = quantity;
  emit(state, 'customer.subscription.updated', subscription);
}

/** Pauses a subscription, or only the collection of its invoices. */
export function pause(
  state: State,
  subscription: Subscription,
  {
    collection,
    resumesAt,
  }: { collection?: NonNullable<Subscription['pause_collection']>['behavior']; resumesAt?: Date },
): void {
  if (collection !== undefined) {
    const resumes_at = resumesAt === undefined ? null : Math.floor(resumesAt.getTime() / 1000);
    subscription.pause_collection = { behavior: collection, resumes_at };
    if (resumes_at !== null)
      later(state, resumes_at, () => {
        if (subscription.pause_collection?.resumes_at === resumes_at) resume(state, subscription);
      });
    emit(state, 'customer.subscription.updated', subscription);
    return;
  }
  subscription.status = 'paused';
  emit(state, 'customer.subscription.paused', subscription);
}

/** Takes back a pause; what was paused itself begins a new period now. */
export function resume(state: State, subscription: Subscription): void {
  if (subscription.status === 'paused') {
    const now = seconds(state);
    Object.assign(subscription, { status: 'active', billing_cycle_anchor: now });
    const next = periodFrom(state, subscription, now);
    setPeriod(subscription, next);
    emit(state, 'customer.subscription.resumed', subscription);
    invoiceFor(state, subscription, 'subscription_update', advanceLines(state, subscription, next), next, 'now');
    plan(state, subscription);
    return;
  }
  subscription.pause_collection = null;
  emit(state, 'customer.subscription.updated', subscription);
}

/** Ends a subscription now, at a time, or at the end of its period; `never` takes that back. */
export function cancel(state: State, subscription: Subscription, when: 'now' | 'period_end' | 'never' | Date): void {
  if (subscription.ended_at !== null) throw new Error(`The subscription ${subscription.id} has ended`);
  if (when === 'now') {
    stopCollecting(state, subscription);
    endNow(state, subscription);
    return;
  }
  const at = when === 'never' ? null : when === 'period_end' ? periodEnd(subscription) : when.getTime() / 1000;
  subscription.cancel_at = at === null ? null : Math.floor(at);
  subscription.cancel_at_period_end = when === 'period_end';
  subscription.canceled_at = at === null ? null : seconds(state);
  emit(state, 'customer.subscription.updated', subscription);
  const { cancel_at } = subscription;
  if (cancel_at === null) return;
  // At the very end of a period it is the renewal that sees to it.
  later(state, cancel_at, () => {
    if (subscription.cancel_at === cancel_at && subscription.ended_at === null && cancel_at < periodEnd(subscription))
      endNow(state, subscription);
  });
}
