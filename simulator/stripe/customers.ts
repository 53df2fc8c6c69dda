import { z } from 'zod';
import { cancel } from './altering.ts';
import { emit, emitJson } from './events.ts';
import { type Json, toJson, wholeCustomer } from './json.ts';
import { newestFirst, page } from './lists.ts';
import type { Customer } from './objects.ts';
import { expandable, isIn, pageable, readParams, timeRange } from './params.ts';
import { missing } from './refusal.ts';
import type { Call } from './routes.ts';
import { all, find, keep, nextId, type State, seconds } from './state.ts';
import type { Card, StripeServer } from './types.ts';

/** Adds a customer, with a card that works unless told otherwise. */
export function addCustomer(state: State, given: Parameters<StripeServer['addCustomer']>[0] = {}): string {
  const customer = keep(state, 'customer', {
    id: given.id ?? nextId(state, 'cus'),
    object: 'customer',
    created: seconds(state),
    livemode: false,
    metadata: given.metadata ?? {},
    name: given.name ?? null,
    email: given.email ?? null,
    balance: 0,
    currency: null,
    default_source: null,
    delinquent: false,
    invoice_settings: { default_payment_method: null },
  });
  putCard(state, customer, given.card === undefined ? 'ok' : given.card);
  emit(state, 'customer.created', customer);
  return customer.id;
}

/** Changes what a customer is called, or its metadata as a whole. */
export function updateCustomer(state: State, id: string, fields: Parameters<StripeServer['updateCustomer']>[1]): void {
  const customer = find(state, 'customer', id);
  Object.assign(customer, fields);
  emit(state, 'customer.updated', customer);
}

/** Deletes a customer; its subscriptions end. */
export function deleteCustomer(state: State, id: string): void {
  find(state, 'customer', id);
  for (const subscription of all(state, 'subscription'))
    if (subscription.customer === id && subscription.ended_at === null) cancel(state, subscription, 'now');
  const before = wholeCustomer(state, id);
  state.deletedCustomers.add(id);
  emitJson(state, 'customer.deleted', before);
}

/** Puts another card on file, or takes it away. */
export function setCard(state: State, id: string, card: Card): void {
  const customer = find(state, 'customer', id);
  putCard(state, customer, card);
  emit(state, 'customer.updated', customer);
}

function putCard(state: State, customer: Customer, card: Card): void {
  state.cards.set(customer.id, card);
  const before = state.store.payment_method.get(customer.invoice_settings.default_payment_method ?? '');
  if (before) before.customer = null;
  customer.invoice_settings.default_payment_method = null;
  if (card === null) return;
  const last4 = { ok: '4242', declined: '0341', requires_action: '3184', processing: '6789' }[card];
  customer.invoice_settings.default_payment_method = keep(state, 'payment_method', {
    id: nextId(state, 'pm'),
    object: 'payment_method',
    created: seconds(state),
    livemode: false,
    metadata: {},
    type: 'card',
    customer: customer.id,
    card: {
      brand: 'visa',
      last4,
      exp_month: 8,
      exp_year: 2034,
      country: 'US',
      funding: 'credit',
      wallet: null,
      generated_from: null,
    },
  }).id;
}

/** A customer that is not deleted. */
function live(state: State, id: string): Customer {
  if (state.deletedCustomers.has(id)) throw missing('customer', id, 'customer');
  return find(state, 'customer', id);
}

const listSchema = z.strictObject({ ...pageable, created: timeRange.optional(), email: z.string().optional() });

/** GET /v1/customers */
export function listCustomers(state: State, { params, path }: Call): Json {
  const asked = readParams(listSchema, params);
  const customers = newestFirst(all(state, 'customer')).filter(
    ({ id, created, email }) =>
      !state.deletedCustomers.has(id) &&
      isIn(asked.created, created) &&
      (asked.email === undefined || asked.email === email),
  );
  return page(customers, asked, path, (customer) => toJson(state, customer));
}

/** GET /v1/customers/:id; of a deleted one, that it is. */
export function showCustomer(state: State, { ids, params }: Call): Json {
  readParams(z.strictObject(expandable), params);
  return toJson(state, find(state, 'customer', ids[0]!));
}

const methodsSchema = z.strictObject({
  ...pageable,
  type: z.string().optional(),
  allow_redisplay: z.string().optional(),
});

/** GET /v1/customers/:id/payment_methods */
export function listPaymentMethods(state: State, { ids, params, path }: Call): Json {
  const asked = readParams(methodsSchema, params);
  const customer = live(state, ids[0]!);
  const methods = newestFirst(all(state, 'payment_method')).filter(
    (method) => method.customer === customer.id && (asked.type === undefined || asked.type === method.type),
  );
  return page(methods, asked, path, (method) => toJson(state, method));
}

const balanceSchema = z.strictObject({ ...pageable, created: timeRange.optional(), invoice: z.string().optional() });

/** GET /v1/customers/:id/balance_transactions */
export function listBalanceTransactions(state: State, { ids, params, path }: Call): Json {
  const asked = readParams(balanceSchema, params);
  const customer = live(state, ids[0]!);
  const transactions = newestFirst(all(state, 'customer_balance_transaction')).filter(
    (each) =>
      each.customer === customer.id &&
      isIn(asked.created, each.created) &&
      (asked.invoice === undefined || asked.invoice === each.invoice),
  );
  return page(transactions, asked, path, (each) => toJson(state, each));
}
