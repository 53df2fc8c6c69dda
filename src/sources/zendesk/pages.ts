import { z } from 'zod';
import { HelpDeskUnavailable } from '../../helpdesk/errors.ts';
import { ask, type Connection, read } from './connection.ts';

const pageSize = 100;

const metaSchema = z.object({
  meta: z.object({ has_more: z.boolean(), after_cursor: z.string().nullish() }).nullish(),
});

/**
 * The pages of a list, by cursor. The next page is asked for by its cursor alone: an address that came with the last one
 * might lead elsewhere.
 */
export async function* pagesOf<T extends z.ZodType>(
  zendesk: Connection,
  { path, query, what, schema }: { path: string; query?: Record<string, string>; what: string; schema: T },
): AsyncGenerator<z.output<T>> {
  let cursor: string | null = null;
  for (;;) {
    const paging: Record<string, string> = cursor === null ? {} : { 'page[after]': cursor };
    const answer = await ask(zendesk, {
      method: 'GET',
      path,
      query: { ...query, 'page[size]': String(pageSize), ...paging },
    });
    yield read(zendesk, answer, what, schema);
    const { meta } = read(zendesk, answer, what, metaSchema);
    // Lists about archived tickets come whole, without cursors.
    if (!meta?.has_more) return;
    const next = meta.after_cursor ?? null;
    if (next === null || next === cursor)
      throw new HelpDeskUnavailable(`Zendesk does not say where the list of ${what} goes on.`, { mayBeDone: false });
    cursor = next;
  }
}
