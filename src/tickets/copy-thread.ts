import { insertTicketMessages } from '../db/ticket-messages.ts';
import { setFault, setThreadRead, type TicketInWork } from '../db/ticket-work.ts';
import { refusalOf } from '../slack/failures.ts';
import { findHome } from '../slack/identity.ts';
import { readThread } from '../slack/read-thread.ts';
import { isOwn, isSaid } from '../slack/slack-message.ts';
import { toThreadMessage } from './said.ts';
import { holdTicket, type TicketWork } from './work.ts';

/** Stores what was said in the thread before it was a ticket's; what is known already stays as it is. */
export async function copyThread(work: TicketWork, ticket: TicketInWork): Promise<void> {
  const { db, slack, log, now } = work;
  const home = await findHome(slack);
  await holdTicket(work, ticket);
  try {
    for await (const messages of readThread(slack, ticket)) {
      const said = messages.filter((message) => isSaid(message) && !isOwn(message, home));
      const rows = await Promise.all(said.map((message) => toThreadMessage(work, ticket.channelId, message)));
      await insertTicketMessages(db, ticket.id, rows);
      await holdTicket(work, ticket);
    }
  } catch (error) {
    const code = refusalOf(error);
    if (code === null) throw error;
    log.error({ err: error, ticket: ticket.id }, 'what was said before in a thread cannot be read');
    await setFault(db, ticket.id, `Slack does not let me read what was said in the thread before (${code}).`);
  }
  await setThreadRead(db, ticket, now());
}
