import type { TicketView } from '../src/db/ticket-view.ts';
import { type BlockMessage, context, section } from './text.ts';
import { ticketForm } from './ticket-form.ts';
import { assigneeLabel, choiceLine, ticketNumber } from './ticket-words.ts';

/**
 * A ticket's card in its thread, which customers read: its number, how it stands, and the form for group and severity. Nothing
 * that we know of the account is in it, nor a link to where colleagues work.
 */
export function ticketCard(view: TicketView): BlockMessage {
  const { ticket } = view;
  const title = ticket.number === null ? 'This becomes a ticket' : `Ticket ${ticketNumber(ticket)} is created`;
  const status = statusLine(ticket);
  const isOpen = ticket.form === 'open' && !isOver(ticket);
  return {
    text: `${title}. ${status}`,
    blocks: [
      section(`🎫 *${title}*\n${status}`),
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

/**
 * What customers should know: that something was not delivered, and not why. The words of a fault may name colleagues, our
 * settings or another customer's ticket, so they are for colleagues alone.
 */
function faults({ ticket, groups, notTaken }: TicketView): string[] {
  return [
    ...troubles(ticket, groups.length > 0).map((line) => `⚠️ ${line}`),
    ...(notTaken.count === 0
      ? []
      : [
          notTaken.count === 1
            ? '⚠️ A message of this thread did not reach support. Please tell them in other words.'
            : `⚠️ ${notTaken.count} messages of this thread did not reach support. Please tell them in other words.`,
        ]),
  ];
}

function troubles({ trouble, number, form, group }: TicketView['ticket'], hasGroups: boolean): string[] {
  if (trouble === 'unreachable')
    return ['Support cannot be reached at the moment. What is said here reaches it later.'];
  if (trouble !== null && number === null) return ['This has not reached support yet. A colleague has to look at it.'];
  if (trouble === 'not_taken' && form === 'filled' && hasGroups && group === null)
    return ['Support did not take the team that was chosen.'];
  return [];
}

function isOver({ status }: TicketView['ticket']): boolean {
  return status === 'solved' || status === 'closed';
}
