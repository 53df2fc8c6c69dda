import { hash } from 'node:crypto';
import type { StagedEvent } from '../db/import-events.ts';
import { type ConvertContext, type Converter, fieldReader, toProperties } from './convert.ts';
import { refuseGone, refuseUnlikely } from './dates.ts';
import { toId, toShortText } from './values.ts';

/** Rows of events. */
export function eventConverter(context: ConvertContext): Converter<StagedEvent> {
  const { layout, dates, now, keptFrom } = context;
  const read = fieldReader('events', layout);
  const occurredAt = (text: string) => {
    const at = dates.instant(text);
    refuseUnlikely(at, now);
    refuseGone(at, keptFrom);
    return at.toISOString();
  };
  return (row, emit) => {
    emit(
      toStagedEvent({
        account: read.required(row, 'account', toId),
        user: read.optional(row, 'user', toId) ?? null,
        name: read.required(row, 'event', (text) => toShortText(text, 255)),
        occurredAt: read.required(row, 'timestamp', occurredAt),
        properties: toProperties(row.extras, context),
        id: read.optional(row, 'id', toId) ?? null,
      }),
    );
  };
}

/** The event with an id: its own, or a hash of all that it says. */
export function toStagedEvent(event: Omit<StagedEvent, 'id' | 'derived'> & { id: string | null }): StagedEvent {
  const { account, user, name, occurredAt, properties, id } = event;
  if (id !== null) return { account, user, name, occurredAt, properties, id, derived: false };
  const said = JSON.stringify([account, user, name, occurredAt, properties]);
  const derivedId = `auto-${hash('sha256', said, 'base64url').slice(0, 22)}`;
  return { account, user, name, occurredAt, properties, id: derivedId, derived: true };
}
