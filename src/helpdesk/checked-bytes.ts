import { HelpDeskRefused, HelpDeskUnavailable } from './errors.ts';

/** Passes a file's bytes on as they come, and throws as soon as they are more, or at the end if they are fewer, than `size`. */
export async function* checkedBytes(
  bytes: AsyncIterable<Uint8Array>,
  { name, size }: { name: string; size: number },
): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of bytes) {
    seen += chunk.length;
    if (seen > size) throw new HelpDeskRefused('not_the_file', `The file ${name} is larger than it said it was.`);
    yield chunk;
  }
  if (seen < size) throw new HelpDeskUnavailable(`The file ${name} was cut off.`, { mayBeDone: false });
}
