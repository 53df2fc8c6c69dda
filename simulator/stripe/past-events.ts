import { z } from 'zod';
import type { Json } from './json.ts';
import { newestFirst, page } from './lists.ts';
import { expandable, isIn, pageable, readParams, timeRange } from './params.ts';
import { missing } from './refusal.ts';
import type { Call } from './routes.ts';
import { type State, seconds } from './state.ts';
import type { StripeEvent } from './types.ts';

const KEPT_FOR = 30 * 86_400;

const listSchema = z.strictObject({
  ...pageable,
  created: timeRange.optional(),
  type: z.string().optional(),
  types: z.array(z.string()).max(20).optional(),
  delivery_success: z.enum(['true', 'false']).optional(),
});

/** GET /v1/events, of the last 30 days. */
export function listEvents(state: State, { params, path }: Call): Json {
  const asked = readParams(listSchema, params);
  const types = asked.types ?? (asked.type === undefined ? undefined : [asked.type]);
  const events = newestFirst(kept(state)).filter(
    ({ id, type, created }) =>
      isIn(asked.created, created) &&
      (types === undefined || types.some((pattern) => fits(pattern, type))) &&
      (asked.delivery_success === undefined || (asked.delivery_success === 'true') !== state.undelivered.has(id)),
  );
  return page(events, asked, path, (event) => structuredClone(event) as unknown as Json);
}

/** GET /v1/events/:id */
export function showEvent(state: State, { ids, params }: Call): Json {
  readParams(z.strictObject(expandable), params);
  const event = kept(state).find(({ id }) => id === ids[0]);
  if (!event) throw missing('event', ids[0]!);
  return structuredClone(event) as unknown as Json;
}

const kept = (state: State): StripeEvent[] => state.events.filter(({ created }) => created > seconds(state) - KEPT_FOR);

/** A star stands for the rest of a type. */
const fits = (pattern: string, type: string) =>
  pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
