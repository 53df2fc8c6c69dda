import { shareOf } from './money.ts';
import type { Item, Line, Subscription } from './objects.ts';
import { turnAfter } from './periods.ts';
import { pricedLines } from './prices.ts';
import { find, nextId, type State } from './state.ts';

/** A line of no invoice yet, for a part of a subscription. */
function itemLine(
  state: State,
  subscription: Subscription,
  item: Item,
  line: Pick<Line, 'description' | 'amount' | 'period' | 'quantity'> & { unit: string | null; proration?: boolean },
): Line {
  const { unit, proration = false, ...rest } = line;
  const price = find(state, 'price', item.price);
  return {
    ...blankLine(state, subscription.currency, rest),
    subscription: subscription.id,
    discountable: !proration,
    parent: {
      type: 'subscription_item_details',
      subscription_item_details: {
        subscription: subscription.id,
        subscription_item: item.id,
        proration,
        proration_details: null,
        invoice_item: null,
      },
      invoice_item_details: null,
    },
    pricing: {
      type: 'price_details',
      unit_amount_decimal: unit,
      price_details: { price: price.id, product: price.product },
    },
  };
}

function blankLine(
  state: State,
  currency: string,
  line: Pick<Line, 'description' | 'amount' | 'period' | 'quantity'>,
): Omit<Line, 'parent'> {
  return {
    id: nextId(state, 'il'),
    object: 'line_item',
    livemode: false,
    metadata: {},
    invoice: null,
    subtotal: line.amount,
    currency,
    discountable: true,
    discounts: [],
    discount_amounts: [],
    pretax_credit_amounts: [],
    taxes: [],
    pricing: null,
    quantity_decimal: line.quantity === null ? null : String(line.quantity),
    subscription: null,
    ...line,
  };
}

/** A line of an invoice that is of no subscription. */
export function ownLine(
  state: State,
  currency: string,
  line: Pick<Line, 'description' | 'amount' | 'period' | 'quantity'>,
): Line {
  const invoice_item = nextId(state, 'ii');
  return {
    ...blankLine(state, currency, line),
    parent: {
      type: 'invoice_item_details',
      subscription_item_details: null,
      invoice_item_details: { invoice_item, proration: false, proration_details: null, subscription: null },
    },
  };
}

/** What is paid in advance for a period, of the items that are licensed. */
export function advanceLines(state: State, subscription: Subscription, period: Line['period']): Line[] {
  return subscription.items.flatMap((item) => {
    const price = find(state, 'price', item.price);
    if (item.quantity === undefined) return [];
    return pricedLines(state, price, item.quantity).map((line) =>
      itemLine(state, subscription, item, { ...line, period }),
    );
  });
}

/** What was used in a period, of the items that are metered. */
export function usageLines(state: State, subscription: Subscription, period: Line['period']): Line[] {
  return subscription.items.flatMap((item) => {
    if (item.quantity !== undefined) return [];
    const used = usedIn(state, item, period);
    return pricedLines(state, find(state, 'price', item.price), used).map((line) =>
      itemLine(state, subscription, item, { ...line, period }),
    );
  });
}

/** What was reported of an item in a period. */
export const usedIn = (state: State, item: Item, { start, end }: Line['period']): number =>
  (state.usage.get(item.id) ?? [])
    .filter(({ at }) => at >= start && at < end)
    .reduce((total, { quantity }) => total + quantity, 0);

/** What a change of quantity gives back and costs for the rest of the period. */
export function prorations(state: State, subscription: Subscription, item: Item, to: number, now: number): Line[] {
  const { current_period_start: start, current_period_end: end } = item;
  const price = find(state, 'price', item.price);
  const cost = (quantity: number) =>
    shareOf(
      pricedLines(state, price, quantity).reduce((total, { amount }) => total + amount, 0),
      end - now,
      end - start,
    );
  const name = find(state, 'product', price.product).name;
  const common = { period: { start: now, end }, unit: null, proration: true };
  const from = item.quantity ?? 0;
  return [
    itemLine(state, subscription, item, {
      ...common,
      description: `Unused time on ${from} × ${name}`,
      amount: -cost(from),
      quantity: from,
    }),
    itemLine(state, subscription, item, {
      ...common,
      description: `Remaining time on ${to} × ${name}`,
      amount: cost(to),
      quantity: to,
    }),
  ];
}

/** The period that follows the one that ends at a time. */
export function periodFrom(state: State, subscription: Subscription, start: number): Line['period'] {
  const { recurring } = find(state, 'price', subscription.items[0]!.price);
  return { start, end: turnAfter(subscription.billing_cycle_anchor, recurring, start) };
}
