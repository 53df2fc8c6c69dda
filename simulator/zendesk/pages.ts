import { ZendeskRefusal } from './refusal.ts';

const largestPage = 100;

/** One page of a list: by cursor where `page[size]` is asked for, else the first hundred. */
export function page<T>(
  items: readonly T[],
  query: Record<string, string>,
  idOf: (item: T) => number,
): { items: T[]; rest: Record<string, unknown> } {
  const asked = query['page[size]'];
  if (asked === undefined)
    return { items: items.slice(0, largestPage), rest: { count: items.length, next_page: null } };
  const size = Number(asked);
  if (!Number.isInteger(size) || size < 1 || size > largestPage) throw badPage('page[size] is invalid');
  const start = startOf(items, query['page[after]'], idOf);
  const shown = items.slice(start, start + size);
  const last = shown.at(-1);
  const has_more = start + size < items.length;
  const after_cursor = last === undefined ? null : cursorOf(idOf(last));
  // Cursors are to be used as they are; this address would lead astray.
  return {
    items: shown,
    rest: { meta: { has_more, after_cursor }, links: { next: has_more ? 'https://example.invalid/' : null } },
  };
}

/** Cursors hold the last item's id, so that what is added meanwhile shifts nothing. */
function startOf<T>(items: readonly T[], cursor: string | undefined, idOf: (item: T) => number): number {
  if (cursor === undefined) return 0;
  const id = Number(Buffer.from(cursor, 'base64').toString());
  const index = items.findIndex((item) => idOf(item) === id);
  if (index === -1) throw badPage('page[after] is invalid');
  return index + 1;
}

const cursorOf = (id: number) => Buffer.from(String(id)).toString('base64');

function badPage(detail: string): ZendeskRefusal {
  return new ZendeskRefusal(400, {
    errors: [{ code: 'InvalidPaginationParameter', title: 'Invalid pagination parameter', detail }],
  });
}
