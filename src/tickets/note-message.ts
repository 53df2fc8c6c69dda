import { setEventHandled } from '../db/slack-events.ts';
import { insertTicketMessages, type NewTicketMessage } from '../db/ticket-messages.ts';
import { findTicketThread } from '../db/ticket-threads.ts';
import { inTransaction } from '../db/ticket-work.ts';
import { touchTicketBy } from '../db/tickets.ts';
import { findHome } from '../slack/identity.ts';
import { isOwn } from '../slack/slack-message.ts';
import type { EventWork } from './handle-events.ts';
import type { MessageEvent } from './message-event.ts';
import { toDeleteNote, toEditNote, toMirrorMessage, toThreadMessage } from './said.ts';

/** What was written just before may be told of just after, and is to be taken first. */
const gatherMs = 1_000;

/**
 * Stores what was said, edited or deleted in the thread of a ticket, or of its card for colleagues, and has somebody take it to
 * the help desk. False: it is not certain yet whether the thread is one. Throws when Slack does not tell for now.
 */
export async function noteMessage(work: EventWork, eventId: string, event: MessageEvent): Promise<boolean> {
  const { db, slack, now } = work;
  const { channelId, threadTs } = event;
  const home = await findHome(slack);
  const thread = isOwn(event.message, home)
    ? ({ kind: 'none' } as const)
    : await findTicketThread(db, { teamId: home.teamId, channelId, threadTs });
  if (thread.kind === 'perhaps') return false;
  const noted = 'ticketId' in thread ? await toMessage(work, event, thread.kind) : null;
  if (!noted || !('ticketId' in thread)) {
    await setEventHandled(db, eventId, now());
    return true;
  }
  const at = new Date(now().getTime() + gatherMs);
  await inTransaction(db, async (transaction) => {
    await insertTicketMessages(transaction, thread.ticketId, [noted]);
    await touchTicketBy(transaction, thread.ticketId, at);
    await setEventHandled(transaction, eventId, now());
  });
  await work.onTickets(at);
  return true;
}

async function toMessage(
  work: EventWork,
  event: MessageEvent,
  thread: 'ticket' | 'mirror',
): Promise<NewTicketMessage | null> {
  const { channelId, message } = event;
  if (event.what === 'said')
    return thread === 'ticket' ? toThreadMessage(work, channelId, message) : toMirrorMessage(work, channelId, message);
  const note =
    event.what === 'edited'
      ? await toEditNote(work, channelId, { before: event.before, after: message })
      : await toDeleteNote(work, channelId, { deletedTs: message.ts, before: message, at: event.at });
  if (!note || thread === 'ticket') return note;
  // Of a note that nobody was told of there is nothing to tell.
  return { ...note, origin: 'mirror', state: note.author.kind === 'staff' ? 'waiting' : 'skipped' };
}
