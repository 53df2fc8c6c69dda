import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { Call, Parsed, Refusal } from '../ingest/types.ts';
import { CallFault, RequestFault } from './faults.ts';
import { cleanText } from './fields.ts';

const MAX_CALL_BYTES = 32 * 1024;
const MAX_CALLS = 2_500;
const SAMPLE_LENGTH = 1000;

/** What a door makes of a body, and how many calls that had. */
export type ParsedBody = Parsed & { received: number };

/**
 * Reads each call of a request on its own, so that one which cannot be taken does not stop the others. `read` adds what it
 * makes of a call to `calls`; what it adds before it throws a CallFault is not taken. `partsOf` are what may be 32 kB each.
 * @throws {RequestFault} when there are too many
 */
export function readEach(
  items: readonly unknown[],
  read: (item: unknown, calls: Call[]) => void,
  partsOf: (item: unknown) => readonly unknown[] = (item) => [item],
): ParsedBody {
  if (items.length > MAX_CALLS)
    throw new RequestFault(`A request has at most ${MAX_CALLS} events; send fewer at once.`);
  const calls: Call[] = [];
  const refusals: Refusal[] = [];
  items.forEach((item, index) => {
    const before = calls.length;
    try {
      partsOf(item).forEach(refuseLarge);
      read(item, calls);
    } catch (error) {
      if (!(error instanceof CallFault)) throw error;
      calls.length = before;
      refusals.push({ index, messageId: idOf(item), reason: error.message, sample: sampleOf(item) });
    }
  });
  return { calls, refusals, received: items.length };
}

/**
 * What a schema makes of a value, which is `what` of the call. Its fields must not be named by the caller.
 * @throws {CallFault} naming the first field that is wrong
 */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown, what = ''): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = [...(what ? [what] : []), ...(issue?.path ?? [])].join('.');
  throw new CallFault(`${path || 'the call'} ${issue?.message}`);
}

function refuseLarge(item: unknown): void {
  let json: string;
  try {
    json = JSON.stringify(item) ?? '';
  } catch {
    throw new CallFault('the call is nested too deep');
  }
  // A character is 3 bytes at most, so most need not be measured.
  if (json.length > MAX_CALL_BYTES || (json.length * 3 > MAX_CALL_BYTES && Buffer.byteLength(json) > MAX_CALL_BYTES))
    throw new CallFault('the call is larger than 32 kB');
}

/**
 * Gives ids to calls that come without one, within one request. One that tells its time has a hash of all that it says, so
 * that a request that is sent again says the same; those that say the same within the request are told apart by their
 * number. Without a time nobody can tell one that is sent again from one that happened again, so each is another.
 */
export function createIdMaker(): (call: object, timed: boolean) => string {
  const seen = new Map<string, number>();
  return (call, timed) => {
    if (!timed) return `auto-${randomUUID()}`;
    const said = createHash('sha256').update(JSON.stringify(call)).digest('base64url').slice(0, 22);
    const count = seen.get(said) ?? 0;
    seen.set(said, count + 1);
    return count === 0 ? `auto-${said}` : `auto-${said}-${count}`;
  };
}

/** A value as text to show with a refusal, cut. */
function sampleOf(value: unknown): string {
  let json: string;
  try {
    json = JSON.stringify(value) ?? '';
  } catch {
    json = '(nested too deep to show)';
  }
  return cutSample(json);
}

/** Text to show with a refusal, cut. */
export function cutSample(text: string): string {
  return cleanText(text.slice(0, SAMPLE_LENGTH));
}

/** The id that a call gives itself, to name it in the answer. */
function idOf(item: unknown): string | null {
  if (typeof item !== 'object' || item === null) return null;
  const { messageId, uuid } = item as { messageId?: unknown; uuid?: unknown };
  const id = messageId ?? uuid;
  return typeof id === 'string' ? cleanText(id.slice(0, 255)) : null;
}
