import { z } from 'zod';
import { type Json, toJson } from './json.ts';
import { newestFirst, page } from './lists.ts';
import { expandable, isIn, pageable, readParams, timeRange } from './params.ts';
import type { Call } from './routes.ts';
import { all, find, type State } from './state.ts';

const shown = z.strictObject(expandable);

/** GET /v1/payment_intents/:id */
export function showPaymentIntent(state: State, { ids, params }: Call): Json {
  readParams(shown, params);
  return toJson(state, find(state, 'payment_intent', ids[0]!));
}

/** GET /v1/payment_methods/:id */
export function showPaymentMethod(state: State, { ids, params }: Call): Json {
  readParams(shown, params);
  return toJson(state, find(state, 'payment_method', ids[0]!));
}

/** GET /v1/prices/:id */
export function showPrice(state: State, { ids, params }: Call): Json {
  readParams(shown, params);
  return toJson(state, find(state, 'price', ids[0]!));
}

/** GET /v1/products/:id */
export function showProduct(state: State, { ids, params }: Call): Json {
  readParams(shown, params);
  return toJson(state, find(state, 'product', ids[0]!));
}

/** GET /v1/charges/:id */
export function showCharge(state: State, { ids, params }: Call): Json {
  readParams(shown, params);
  return toJson(state, find(state, 'charge', ids[0]!));
}

const disputesSchema = z.strictObject({
  ...pageable,
  charge: z.string().optional(),
  payment_intent: z.string().optional(),
  created: timeRange.optional(),
});

/** GET /v1/disputes */
export function listDisputes(state: State, { params, path }: Call): Json {
  const asked = readParams(disputesSchema, params);
  const disputes = newestFirst(all(state, 'dispute')).filter(
    (each) =>
      (asked.charge === undefined || asked.charge === each.charge) &&
      (asked.payment_intent === undefined || asked.payment_intent === each.payment_intent) &&
      isIn(asked.created, each.created),
  );
  return page(disputes, asked, path, (each) => toJson(state, each));
}

/** GET /v1/disputes/:id */
export function showDispute(state: State, { ids, params }: Call): Json {
  readParams(shown, params);
  return toJson(state, find(state, 'dispute', ids[0]!));
}
