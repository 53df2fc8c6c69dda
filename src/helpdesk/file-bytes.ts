import { HelpDeskRefused, HelpDeskUnavailable } from './errors.ts';
import { isPageInstead } from './web-page.ts';

/**
 * The bytes of an answer that should be a file, as they come; `from` is who answers, such as Slack.
 * @throws {HelpDeskRefused} where a web page is shown in its place
 * @throws {HelpDeskUnavailable} where it is cut off, also while it is read
 */
export async function fileBytes(
  response: Response,
  { name, type, from }: { name: string; type: string; from: string },
): Promise<AsyncIterable<Uint8Array>> {
  const bytes = (response.body ?? noBytes()) as AsyncIterable<Uint8Array>;
  const chunks = bytes[Symbol.asyncIterator]();
  const first = await nextOf(chunks, name);
  const start = first.done ? new Uint8Array() : first.value;
  if (isPageInstead(type, { type: response.headers.get('content-type') ?? '', start })) {
    await chunks.return?.();
    throw new HelpDeskRefused('not_the_file', `${from} shows a web page in the place of the file ${name}.`);
  }
  return continued(start, chunks, name);
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

async function* continued(
  start: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  try {
    if (start.length > 0) yield start;
    for (let next = await nextOf(rest, name); !next.done; next = await nextOf(rest, name)) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function nextOf(chunks: AsyncIterator<Uint8Array>, name: string): Promise<IteratorResult<Uint8Array>> {
  try {
    return await chunks.next();
  } catch {
    throw new HelpDeskUnavailable(`The file ${name} was cut off.`, { mayBeDone: false });
  }
}
