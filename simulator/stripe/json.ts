import { complete } from './fixtures.ts';
import type { Invoice, Item, Line, Price, Stored, Subscription } from './objects.ts';
import { all, find, type State } from './state.ts';

export type Json = Record<string, unknown>;

/** An object as the API has it, nothing expanded. */
export function toJson(state: State, object: Stored): Json {
  switch (object.object) {
    case 'customer':
      if (state.deletedCustomers.has(object.id)) return { id: object.id, object: 'customer', deleted: true };
      return complete(state, 'customer', object);
    case 'subscription':
      return subscriptionJson(state, object);
    case 'invoice':
      return invoiceJson(state, object);
    default:
      return complete(state, object.object, object);
  }
}

/** A customer as it was, for the event that tells of its end. */
export const wholeCustomer = (state: State, id: string): Json =>
  complete(state, 'customer', find(state, 'customer', id));

const SHOWN_ITEMS = 10;

function subscriptionJson(state: State, subscription: Subscription): Json {
  const url = `/v1/subscription_items?subscription=${subscription.id}`;
  const shown = subscription.items.slice(0, SHOWN_ITEMS).map((item) => itemJson(state, item));
  const items = listJson(shown, url, subscription.items.length > SHOWN_ITEMS);
  return complete(state, 'subscription', { ...subscription, items });
}

/** An item of a subscription, with its price. */
export function itemJson(state: State, item: Item): Json {
  const price = find(state, 'price', item.price);
  const shown = { ...item, tax_rates: [], price: toJson(state, price), plan: planJson(state, price) };
  const json = complete(state, 'subscription_item', shown);
  if (item.quantity === undefined) delete json.quantity;
  return json;
}

/** What prices were before; still there. */
function planJson(state: State, price: Price): Json {
  const { id, active, billing_scheme, created, currency, livemode, metadata, nickname, product, tiers_mode } = price;
  const { interval, interval_count, usage_type, meter, trial_period_days } = price.recurring;
  return complete(state, 'plan', {
    ...{ id, object: 'plan', active, billing_scheme, created, currency, livemode, metadata, nickname, product },
    ...{ tiers_mode, interval, interval_count, usage_type, meter, trial_period_days },
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
  });
}

const SHOWN_LINES = 10;

function invoiceJson(state: State, invoice: Invoice): Json {
  const lines = invoice.lines.slice(0, SHOWN_LINES).map((line) => lineJson(state, line));
  const url = `/v1/invoices/${invoice.id}/lines`;
  const list = listJson(lines, url, invoice.lines.length > SHOWN_LINES);
  return complete(state, 'invoice', { ...invoice, lines: list });
}

/** A line of an invoice as the API has it. */
export const lineJson = (state: State, line: Line): Json => complete(state, 'line_item', line);

/** A list as the API has it. */
export const listJson = (data: Json[], url: string, has_more = false): Json => ({
  object: 'list',
  data,
  has_more,
  url,
});

/** What an object has only when it is asked for. */
export function includable(state: State, json: Json, name: string): unknown {
  const id = String(json.id);
  if (json.object === 'price' && name === 'tiers') return structuredClone(state.tiers.get(id));
  if (json.object !== 'invoice' || name !== 'payments') return undefined;
  const payments = all(state, 'invoice_payment').filter(({ invoice }) => invoice === id);
  return listJson(
    payments.map((payment) => toJson(state, payment)),
    `/v1/invoice_payments?invoice=${id}`,
  );
}
