import type Stripe from 'stripe';
import type { StripeSubscription, SubscriptionItem } from '../../billing/types.ts';
import { idOf, toDateOrNull } from './ids.ts';
import { currencyOf, toUnits } from './money.ts';

/** How subscriptions are listed: those that are over as well, and with what `toSubscription` needs of their discounts. */
export const subscriptionsListed = { status: 'all' as const, expand: ['data.discounts.source.coupon'] };

/** In which a subscription brings invoices. */
export const billed: readonly string[] = ['active', 'past_due', 'trialing'];

const monthsOf: Readonly<Record<string, number>> = { day: 12 / 365.25, week: 84 / 365.25, month: 1, year: 12 };

/** A subscription with what each of its items costs a month. */
export function toSubscription(given: Stripe.Subscription): StripeSubscription {
  const { data } = given.items;
  const starts = data.map(({ current_period_start: start }) => start);
  const ends = data.map(({ current_period_end: end }) => end);
  return {
    id: given.id,
    customerId: idOf(given.customer),
    status: given.status,
    isPaused: given.status === 'paused' || given.pause_collection !== null,
    currency: currencyOf(given.currency),
    items: data.map(toItem),
    discount: discountOf(given),
    // Items may have periods of their own: the next invoice comes when the first is over.
    periodStart: toDateOrNull(starts[ends.indexOf(Math.min(...ends))]),
    periodEnd: ends.length === 0 ? null : toDateOrNull(Math.min(...ends)),
    cancelAt: toDateOrNull(given.cancel_at),
    endedAt: toDateOrNull(given.ended_at),
  };
}

/** Whether the customer's invoices of it are paid from something that it has of its own. */
export function hasOwnCard({ default_payment_method: method, default_source: source }: Stripe.Subscription): boolean {
  return Boolean(method ?? source);
}

function toItem({ id, price, quantity, discounts }: Stripe.SubscriptionItem): SubscriptionItem {
  const what = price.nickname ?? null;
  const { recurring, unit_amount_decimal: unit, transform_quantity: packs } = price;
  const months = recurring && (monthsOf[recurring.interval] ?? Number.NaN) * recurring.interval_count;
  // What is metered, in tiers, or has a discount of its own is known by what is billed.
  const isPlain = recurring?.usage_type === 'licensed' && price.billing_scheme === 'per_unit' && discounts.length === 0;
  if (!isPlain || unit === null || !months) return { id, monthly: null, what };
  const count = packs ? Math[packs.round === 'up' ? 'ceil' : 'floor']((quantity ?? 0) / packs.divide_by) : quantity;
  return { id, monthly: (toUnits(unit.toNumber(), price.currency) * (count ?? 0)) / months, what };
}

/** Discounts that go on: what is given once says nothing of a month. */
function discountOf({ discounts, items, currency }: Stripe.Subscription): StripeSubscription['discount'] {
  const coupons = discounts.flatMap((discount) => {
    const coupon = typeof discount === 'string' ? null : discount.source.coupon;
    return coupon && typeof coupon !== 'string' && coupon.duration !== 'once' ? [coupon] : [];
  });
  const recurring = items.data[0]?.price.recurring;
  const months = recurring ? (monthsOf[recurring.interval] ?? 1) * recurring.interval_count : 1;
  const share = coupons.reduce((left, { percent_off: percent }) => left * (1 - (percent ?? 0) / 100), 1);
  const amounts = coupons.map(({ amount_off: amount, currency: of }) => (amount && of === currency ? amount : 0));
  return {
    share,
    monthly:
      toUnits(
        amounts.reduce((sum, each) => sum + each, 0),
        currency,
      ) / months,
  };
}
