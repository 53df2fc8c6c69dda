import { findTicketThread } from '../../src/db/ticket-threads.ts';
import { findHome } from '../../src/slack/identity.ts';
import { isOwn } from '../../src/slack/slack-message.ts';
import { readMessageEvent } from '../../src/tickets/message-event.ts';
import type { EventDefinition } from '../types.ts';

/** Somebody writes, edits or deletes something in the thread of a ticket. What is said elsewhere is not kept. */
export const message: EventDefinition = {
  types: ['message'],
  async keeps(event, { db, slack }) {
    const read = readMessageEvent(event);
    if (!read) return null;
    const home = await findHome(slack);
    if (isOwn(read.message, home)) return null;
    const { channelId, threadTs } = read;
    const thread = await findTicketThread(db, { teamId: home.teamId, channelId, threadTs });
    return thread.kind === 'none' ? null : { channelId };
  },
};
