import { z } from 'zod';
import { itemJson, type Json, toJson } from './json.ts';
import { newestFirst, page } from './lists.ts';
import type { Subscription } from './objects.ts';
import { expandable, isIn, pageable, readParams, timeRange } from './params.ts';
import type { Call } from './routes.ts';
import { all, find, type State } from './state.ts';

const states = ['active', 'past_due', 'incomplete', 'incomplete_expired', 'paused', 'canceled', 'trialing', 'unpaid'];
const listSchema = z.strictObject({
  ...pageable,
  customer: z.string().optional(),
  status: z.enum(['all', 'ended', ...states]).optional(),
  created: timeRange.optional(),
  current_period_start: timeRange.optional(),
  current_period_end: timeRange.optional(),
  collection_method: z.string().optional(),
  price: z.string().optional(),
});

/** GET /v1/subscriptions; those that were cancelled only where `status` asks for them. */
export function listSubscriptions(state: State, { params, path }: Call): Json {
  const asked = readParams(listSchema, params);
  if (asked.customer !== undefined) find(state, 'customer', asked.customer, 'customer');
  const subscriptions = newestFirst(all(state, 'subscription')).filter(
    (each) =>
      (asked.customer === undefined || asked.customer === each.customer) &&
      isOf(asked.status, each.status) &&
      isIn(asked.created, each.created) &&
      isIn(asked.current_period_start, each.items[0]!.current_period_start) &&
      isIn(asked.current_period_end, each.items[0]!.current_period_end) &&
      (asked.collection_method === undefined || asked.collection_method === each.collection_method) &&
      (asked.price === undefined || each.items.some(({ price }) => price === asked.price)),
  );
  return page(subscriptions, asked, path, (each) => toJson(state, each));
}

function isOf(asked: string | undefined, status: Subscription['status']): boolean {
  const hasEnded = status === 'canceled' || status === 'incomplete_expired';
  if (asked === 'all') return true;
  if (asked === 'ended') return hasEnded;
  return asked === undefined ? status !== 'canceled' : asked === status;
}

/** GET /v1/subscriptions/:id */
export function showSubscription(state: State, { ids, params }: Call): Json {
  readParams(z.strictObject(expandable), params);
  return toJson(state, find(state, 'subscription', ids[0]!));
}

/** GET /v1/subscription_items */
export function listItems(state: State, { params, path }: Call): Json {
  const asked = readParams(z.strictObject({ ...pageable, subscription: z.string() }), params);
  const { items } = find(state, 'subscription', asked.subscription, 'subscription');
  return page(items, asked, path, (each) => itemJson(state, each));
}

/** The subscription and the item that an id means: an item's own, or the first of a subscription that fits. */
export function itemOf(state: State, id: string, isMetered: boolean) {
  for (const subscription of all(state, 'subscription')) {
    const item = subscription.items.find(
      (each) => each.id === id || (subscription.id === id && (each.quantity === undefined) === isMetered),
    );
    if (item) return { subscription, item };
  }
  throw new Error(`There is no ${isMetered ? 'metered' : 'licensed'} item of ${id}`);
}
