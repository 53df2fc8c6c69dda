import { type Json, listJson } from './json.ts';
import type { Paging } from './params.ts';
import { invalid } from './refusal.ts';

/** One page of a list; `items` in the order in which they are served. */
export function page<T extends { id: string }>(
  items: readonly T[],
  { limit, starting_after, ending_before }: Paging,
  url: string,
  show: (item: T) => Json,
): Json {
  if (ending_before !== undefined) {
    const end = indexOf(items, ending_before, 'ending_before');
    const start = Math.max(0, end - limit);
    return listJson(items.slice(start, end).map(show), url, start > 0);
  }
  const start = starting_after === undefined ? 0 : indexOf(items, starting_after, 'starting_after') + 1;
  return listJson(items.slice(start, start + limit).map(show), url, start + limit < items.length);
}

function indexOf(items: readonly { id: string }[], id: string, param: string): number {
  const index = items.findIndex((item) => item.id === id);
  if (index === -1) throw invalid(`No such object: '${id}'`, 'resource_missing', param);
  return index;
}

/** Newest first, as Stripe lists; of the same second, the one made last. */
export function newestFirst<T extends { created: number }>(items: readonly T[]): T[] {
  return [...items].reverse().sort((one, other) => other.created - one.created);
}
