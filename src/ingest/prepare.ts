import { copyLine } from '../db/copy-format.ts';
import { keyOfMessage } from '../db/event-batches.ts';
import { isStorable } from './storable.ts';
import type { AccountCall, AliasCall, Door, EventCall, Parsed, Refusal, UserCall } from './types.ts';

/** An event as it is staged: its key, when it was (milliseconds since 1970) and its line for COPY. */
export type PreparedEvent = { key: string; at: number; line: string };

/** What says something of users and accounts, rather than what happened. */
export type StateCall = UserCall | AccountCall | AliasCall;

/** A request as it is written. Kept as text, which takes less memory than what it was parsed into. */
export type Prepared = { door: Door; events: PreparedEvent[]; calls: StateCall[]; refusals: Refusal[] };

/** Columns of `PreparedEvent.line`. */
export const lineColumns = 'door, key, id, account, user_id, anonymous_id, name, occurred_at, properties';

/** Makes ready what a door has checked; what the database would not take is refused, so that it spoils nothing else. */
export function prepare(door: Door, { calls, refusals }: Parsed): Prepared {
  const prepared: Prepared = { door, events: [], calls: [], refusals: [...refusals] };
  for (const [index, call] of calls.entries()) {
    const refuse = (reason: string) => {
      const messageId = call.kind === 'event' ? call.messageId : null;
      prepared.refusals.push({ index, messageId, reason, sample: JSON.stringify(call) });
    };
    if (!hasStorableIds(call)) {
      refuse('an id or a name is empty, too long or has characters that cannot be stored');
    } else if (call.kind === 'event') {
      const properties = JSON.stringify(call.properties);
      if (isStorable(properties)) prepared.events.push(prepareEvent(door, call, properties));
      else refuse('the properties have characters that cannot be stored');
    } else if (call.kind === 'alias' || isStorable(JSON.stringify(call.traits))) {
      prepared.calls.push(call);
    } else {
      refuse('the traits have characters that cannot be stored');
    }
  }
  return prepared;
}

function prepareEvent(door: Door, call: EventCall, properties: string): PreparedEvent {
  const { messageId, actor, name, occurredAt } = call;
  const key = keyOfMessage(messageId);
  const anonymousId = actor.userId === null ? actor.anonymousId : null;
  const line = copyLine([
    door,
    key,
    messageId,
    call.account,
    actor.userId,
    anonymousId,
    name,
    occurredAt.toISOString(),
    properties,
  ]);
  return { key, at: occurredAt.getTime(), line };
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
