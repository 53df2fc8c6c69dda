import type { TicketView } from '../src/db/ticket-view.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { type BlockMessage, context, section } from './text.ts';
import { ticketForm } from './ticket-form.ts';
import { assigneeLabel, choiceLine, ticketNumber } from './ticket-words.ts';

/**
 * A ticket's card in its thread, which customers read: its number, how it stands, and the form for group and severity. Nothing
 * that we know of the account is in it, nor a link to where colleagues work.
 */
export function ticketCard(view: TicketView): BlockMessage {
  const { ticket } = view;
  const title = `🎫 *Ticket ${ticketNumber(ticket)} is created*`.replace('  ', ' ');
  const status = statusLine(ticket);
  const isOpen = ticket.form === 'open' && !isOver(ticket);
  return {
    text: `Ticket ${ticketNumber(ticket)} is created. ${status}`.replace('  ', ' '),
    blocks: [
      section(`${title}\n${status}`),
      ...(isOpen ? [ticketForm(view)] : []),
      ...(ticket.form === 'open' ? [] : [context(choiceLine(ticket))]),
      ...faults(view).map((line) => context(line)),
    ],
  };
}

/** How a ticket stands, to somebody who waits for it. */
function statusLine(ticket: TicketView['ticket']): string {
  const who = assigneeLabel(ticket);
  switch (ticket.status) {
    case 'new':
      return ticket.assignee
        ? `${who} has it. Answers come here, in this thread.`
        : 'Answers come here, in this thread.';
    case 'open':
      return `${who} is on it. Answers come here, in this thread.`;
    case 'pending':
      return `⏳ Waiting for you: ${who} needs an answer in this thread.`;
    case 'hold':
      return `⏸️ On hold: ${who} waits for somebody else.`;
    case 'solved':
      return '✅ Solved. If something is left, write here.';
    case 'closed':
      return '✅ Closed. If something is left, write here.';
  }
}

/** What customers should know: that something was not delivered, and not why. */
function faults({ ticket, notTaken }: TicketView): string[] {
  return [
    ...(ticket.fault === null ? [] : [`⚠️ ${mrkdwn(ticket.fault, 300)}`]),
    ...(notTaken.count === 0
      ? []
      : [
          notTaken.count === 1
            ? '⚠️ A message of this thread did not reach support. Please tell them in other words.'
            : `⚠️ ${notTaken.count} messages of this thread did not reach support. Please tell them in other words.`,
        ]),
  ];
}

function isOver({ status }: TicketView['ticket']): boolean {
  return status === 'solved' || status === 'closed';
}
