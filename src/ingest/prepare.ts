import { copyLine } from '../db/copy-format.ts';
import { keyOfMessage } from '../db/event-batches.ts';
import { isStorable } from './storable.ts';
import type { AccountCall, AliasCall, Door, EventCall, Parsed, Refusal, UserCall } from './types.ts';

/**
 * Events as they are staged: of each the key, when it was (milliseconds since 1970) and where its line for COPY ends among
 * the bytes of `lines`. So they are a few large pieces rather than many small ones, which wait in less memory.
 */
type PreparedEvents = { keys: string[]; times: number[]; ends: number[]; lines: Buffer };

/** What says something of users and accounts, rather than what happened. */
export type StateCall = UserCall | AccountCall | AliasCall;

/** A request as it is written. `bytes` is about what it takes of memory while it waits. */
export type Prepared = {
  door: Door;
  events: PreparedEvents;
  calls: StateCall[];
  refusals: Refusal[];
  bytes: number;
};

/** What a call or a refusal takes besides its text. */
const EACH_BYTES = 200;

/** Columns of `PreparedEvents.lines`. */
export const lineColumns = 'door, key, id, account, user_id, anonymous_id, name, occurred_at, properties';

/** Makes ready what a door has checked; what the database would not take is refused, so that it spoils nothing else. */
export function prepare(door: Door, parsed: Parsed): Prepared {
  const calls: StateCall[] = [];
  const refusals = [...parsed.refusals];
  const keys: string[] = [];
  const times: number[] = [];
  const lines: string[] = [];
  let bytes = 0;
  for (const [index, call] of parsed.calls.entries()) {
    const json = JSON.stringify(call.kind === 'event' ? call.properties : call.kind === 'alias' ? {} : call.traits);
    const fault = faultOf(call, json);
    if (fault !== null) {
      const messageId = call.kind === 'event' ? call.messageId : null;
      refusals.push({ index, messageId, reason: fault, sample: JSON.stringify(call) });
    } else if (call.kind === 'event') {
      const key = keyOfMessage(call.messageId);
      keys.push(key);
      times.push(call.occurredAt.getTime());
      lines.push(lineOf(door, key, call, json));
    } else {
      calls.push(call);
      bytes += json.length;
    }
  }
  const events = { keys, times, ...pack(lines) };
  for (const { sample } of refusals) bytes += sample.length;
  bytes += events.lines.length + EACH_BYTES * (keys.length + calls.length + refusals.length);
  return { door, events, calls, refusals, bytes };
}

function pack(lines: readonly string[]): Pick<PreparedEvents, 'lines' | 'ends'> {
  const text = lines.join('');
  const bytes = Buffer.from(text);
  const isAscii = bytes.length === text.length;
  let end = 0;
  const ends = lines.map((line) => (end += isAscii ? line.length : Buffer.byteLength(line)));
  return { lines: bytes, ends };
}

function lineOf(door: Door, key: string, call: EventCall, properties: string): string {
  const { userId, anonymousId } = call.actor;
  return copyLine([
    door,
    key,
    call.messageId,
    call.account,
    userId,
    userId === null ? anonymousId : null,
    call.name,
    call.occurredAt.toISOString(),
    properties,
  ]);
}

/** Why the database would not take a call; `json` is what it carries. */
function faultOf(call: StateCall | EventCall, json: string): string | null {
  if (!hasStorableIds(call)) return 'an id or a name is empty, too long or has characters that cannot be stored';
  return isStorable(json) ? null : 'the properties or traits have characters that cannot be stored';
}

function hasStorableIds(call: StateCall | EventCall): boolean {
  switch (call.kind) {
    case 'alias':
      return isId(call.previousId) && isId(call.userId);
    case 'account':
      return isId(call.account) && (call.actor === null || isActor(call.actor));
    case 'user':
      return isActor(call.actor) && (call.account === null || isId(call.account));
    case 'event': {
      const place = call.account === null ? isActor(call.actor) : isId(call.account) && isNobodyOrActor(call.actor);
      return place && isId(call.messageId) && isId(call.name) && Number.isFinite(call.occurredAt.getTime());
    }
  }
}

type Ids = EventCall['actor'];

function isActor(actor: Ids): boolean {
  return (actor.userId !== null || actor.anonymousId !== null) && isNobodyOrActor(actor);
}

function isNobodyOrActor({ userId, anonymousId }: Ids): boolean {
  return (userId === null || isId(userId)) && (anonymousId === null || isId(anonymousId));
}

function isId(text: string): boolean {
  return text.length <= 255 && /[^ ]/.test(text) && text.isWellFormed() && !text.includes('\0');
}
