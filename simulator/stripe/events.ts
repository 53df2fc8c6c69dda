import { type Json, toJson } from './json.ts';
import type { Stored } from './objects.ts';
import { nextId, type State, seconds } from './state.ts';
import { tellWebhook } from './webhooks.ts';

export const API_VERSION = '2026-10-28.endive';

/** Tells of an object as it is now. */
export function emit(state: State, type: string, object: Stored): void {
  emitJson(state, type, toJson(state, object));
}

/** Tells of what is given, which nobody may change afterwards; for an update, with what it said before. */
export function emitJson(state: State, type: string, snapshot: Json): void {
  const id = typeof snapshot.id === 'string' ? snapshot.id : null;
  const before = id === null ? undefined : state.told.get(id);
  if (id !== null) state.told.set(id, snapshot);
  const event = {
    id: nextId(state, 'evt'),
    object: 'event' as const,
    api_version: API_VERSION,
    created: seconds(state),
    data: {
      object: snapshot,
      ...(type.endsWith('.updated') && before && { previous_attributes: changed(before, snapshot) }),
    },
    livemode: false,
    pending_webhooks: state.webhook.url === null ? 0 : 1,
    request: { id: null, idempotency_key: null },
    type,
  };
  state.events.push(event);
  state.journal.add({ kind: 'event', id: event.id, type, object: id });
  tellWebhook(state, event);
}

function changed(before: Json, after: Json): Json {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    names
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map((name) => [name, before[name] ?? null]),
  );
}
