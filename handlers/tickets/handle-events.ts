import { handleEventsSoon } from '../../jobs/handle-slack-events.ts';
import { insertSlackEvent } from '../../src/db/slack-events.ts';
import type { Deps } from '../../src/deps.ts';
import type { EventDefinition } from '../types.ts';

/** An event as Slack sends it. */
type Envelope = { event_id: string; event: { type: string } };

/** Stores an event if it matters, and has it handled. Slack is told that it was taken when it is stored, not before. */
export async function keepEvent(envelope: Envelope, definition: EventDefinition, deps: Deps): Promise<void> {
  const kept = await definition.keeps(envelope.event, deps);
  if (!kept) return;
  // Slack's old way to show who it is has no place in a database.
  const { token: _, ...body } = envelope as Envelope & { token?: string };
  const { event_id: id, event } = envelope;
  const isNew = await insertSlackEvent(deps.db, { id, type: event.type, channelId: kept.channelId, body }, deps.now());
  if (isNew) await handleEvents(deps);
}

/** Has stored events handled. Without a queue that happens later. */
export async function handleEvents({ queue, log }: Deps): Promise<void> {
  try {
    await queue.enqueue('handle-slack-events', {}, handleEventsSoon);
  } catch (error) {
    log.warn({ err: error }, 'the handling of events could not be ordered');
  }
}
