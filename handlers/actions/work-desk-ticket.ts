import {
  ADD_INTERNAL_NOTE,
  ASSIGN_DESK_TICKET,
  NEXT_DESK_TICKETS,
  OPEN_DESK_TICKET,
  PREVIOUS_DESK_TICKETS,
  REOPEN_DESK_TICKET,
  REPLY_TO_CUSTOMER,
  SOLVE_DESK_TICKET,
} from '../../blocks/ticket-list.ts';
import type { Deps } from '../../src/deps.ts';
import { listTickets, placeOf, showTicket } from '../tickets/answers.ts';
import { assign, openNote, openReply, reopen, solve } from '../tickets/change.ts';
import type { ActionArgs, ActionDefinition } from '../types.ts';

async function open(args: ActionArgs, deps: Deps): Promise<void> {
  await args.respond(await showTicket(placeOf(args), null, deps));
}

async function turn(args: ActionArgs, deps: Deps): Promise<void> {
  await args.respond(await listTickets(args, placeOf(args), null, deps), { replace: args.ephemeral });
}

/** "Open" beside a ticket. */
export const deskTicketOpened: ActionDefinition = { actionId: OPEN_DESK_TICKET, run: open };

/** "Assign to me" on a ticket. */
export const deskTicketAssigned: ActionDefinition = { actionId: ASSIGN_DESK_TICKET, stores: true, run: assign };

/** "Solve" on a ticket. */
export const deskTicketSolved: ActionDefinition = { actionId: SOLVE_DESK_TICKET, stores: true, run: solve };

/** "Reopen" on a ticket. */
export const deskTicketReopened: ActionDefinition = { actionId: REOPEN_DESK_TICKET, stores: true, run: reopen };

/** "Reply to customer" on a ticket. */
export const customerReplyOpened: ActionDefinition = { actionId: REPLY_TO_CUSTOMER, run: openReply };

/** "Internal note" on a ticket. */
export const internalNoteOpened: ActionDefinition = { actionId: ADD_INTERNAL_NOTE, run: openNote };

/** "Previous page" below a list of tickets. */
export const previousDeskTickets: ActionDefinition = { actionId: PREVIOUS_DESK_TICKETS, run: turn };

/** "Next page" below a list of tickets. */
export const nextDeskTickets: ActionDefinition = { actionId: NEXT_DESK_TICKETS, run: turn };
