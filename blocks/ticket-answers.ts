import type { TicketView } from '../src/db/ticket-view.ts';
import { choiceLine } from './ticket-words.ts';

/** What is told of a ticket, or its card, that is no longer stored. */
export const ticketGone = 'This ticket is no longer there.';

/** What is told of a ticket that is solved or closed. */
export const ticketOver = 'This ticket is solved, so there is nothing to change.';

/** What is told where a form lacks something; `hasGroups`: there are teams to choose from. */
export function chooseFirst(hasGroups: boolean): string {
  return hasGroups
    ? 'Please choose a team and how urgent it is, then press Save.'
    : 'Please choose how urgent it is, then press Save.';
}

/** What is told where the chosen group is not at the help desk any more. */
export const groupGone =
  'That team is no longer there, so nothing was saved. The list is read anew: please choose again in a moment.';

/** That somebody was quicker with the form. */
export function alreadyChosen(ticket: Pick<TicketView['ticket'], 'group' | 'severity' | 'form' | 'formBy'>): string {
  return `This was filled already. ${choiceLine(ticket)}`;
}

/** That the one who presses has the ticket already. */
export const alreadyTaken = 'You have this ticket already.';

/** That somebody was quicker to escalate; plain text, since a form shows it. */
export const alreadyEscalated = 'A colleague has escalated this already.';
