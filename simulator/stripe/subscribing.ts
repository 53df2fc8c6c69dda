import { settleCurrency } from './balance.ts';
import { later } from './clock.ts';
import { voidInvoice } from './collecting.ts';
import { emit } from './events.ts';
import { advanceLines } from './lines.ts';
import type { Item, Subscription } from './objects.ts';
import { turnOf } from './periods.ts';
import { invoiceFor, plan } from './renewing.ts';
import { find, keep, nextId, type State, seconds } from './state.ts';
import type { Discount, NewSubscription } from './types.ts';

const INCOMPLETE_FOR = 23 * 3600;

/** Subscribes a customer; the first invoice is finalised and charged at once. */
export function subscribe(state: State, given: NewSubscription): string {
  const customer = find(state, 'customer', given.customer);
  const prices = given.items.map(({ price }) => find(state, 'price', price));
  const first = prices[0];
  if (!first) throw new Error('A subscription has at least one item');
  const kindOf = ({ currency, recurring: { interval, interval_count } }: typeof first) =>
    `${currency} ${interval_count} ${interval}`;
  if (prices.some((price) => kindOf(price) !== kindOf(first)))
    throw new Error('The items of a subscription are of one currency and interval');
  const now = seconds(state);
  const id = given.id ?? nextId(state, 'sub');
  const collection = given.collection ?? 'charge_automatically';
  const current_period_end = turnOf(now, first.recurring, 1);
  const subscription = keep(state, 'subscription', {
    created: now,
    discounts: [],
    id,
    object: 'subscription',
    livemode: false,
    metadata: given.metadata ?? {},
    customer: customer.id,
    // Until the first invoice is paid.
    status: collection === 'charge_automatically' ? 'incomplete' : 'active',
    currency: first.currency,
    collection_method: collection,
    days_until_due: collection === 'send_invoice' ? (given.daysUntilDue ?? 30) : null,
    billing_cycle_anchor: now,
    start_date: now,
    items: given.items.map(({ quantity }, index): Item => {
      const price = prices[index]!;
      const isMetered = price.recurring.usage_type === 'metered';
      return {
        created: now,
        metadata: {},
        discounts: [],
        id: nextId(state, 'si'),
        object: 'subscription_item',
        subscription: id,
        price: price.id,
        ...(!isMetered && { quantity: quantity ?? 1 }),
        current_period_start: now,
        current_period_end,
      };
    }),
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    ended_at: null,
    latest_invoice: null,
    pause_collection: null,
  });
  settleCurrency(customer, first.currency);
  if (given.tax) state.taxes.set(id, given.tax);
  if (given.discount) subscription.discounts.push(discountOf(state, subscription, given.discount));
  emit(state, 'customer.subscription.created', subscription);
  const period = { start: now, end: current_period_end };
  invoiceFor(state, subscription, 'subscription_create', advanceLines(state, subscription, period), period, 'now');
  if (subscription.status === 'incomplete') later(state, now + INCOMPLETE_FOR, () => expire(state, subscription));
  plan(state, subscription);
  return id;
}

function discountOf(state: State, subscription: Subscription, given: Discount): string {
  const { months } = given;
  const coupon = keep(state, 'coupon', {
    id: nextId(state, 'coupon'),
    object: 'coupon',
    created: seconds(state),
    livemode: false,
    metadata: {},
    name: given.name ?? null,
    percent_off: 'percentOff' in given ? given.percentOff : null,
    amount_off: 'amountOff' in given ? given.amountOff : null,
    currency: 'amountOff' in given ? subscription.currency : null,
    duration: months === undefined ? 'forever' : months === 1 ? 'once' : 'repeating',
    duration_in_months: months === undefined || months === 1 ? null : months,
    valid: true,
  });
  const start = seconds(state);
  const every = { interval: 'month', interval_count: 1 } as const;
  return keep(state, 'discount', {
    id: nextId(state, 'di'),
    object: 'discount',
    customer: subscription.customer,
    subscription: subscription.id,
    source: { type: 'coupon', coupon: coupon.id },
    start,
    end: months === undefined || months === 1 ? null : turnOf(start, every, months),
  }).id;
}

/** Nobody paid the first invoice. */
function expire(state: State, subscription: Subscription): void {
  if (subscription.status !== 'incomplete') return;
  const first = find(state, 'invoice', subscription.latest_invoice!);
  Object.assign(subscription, { status: 'incomplete_expired', ended_at: seconds(state) });
  voidInvoice(state, first);
  emit(state, 'customer.subscription.updated', subscription);
}
