import { customerReplyForm, internalNoteForm } from '../../blocks/ticket-reply-form.ts';
import { type DeskTicket, reopenTicket } from '../../src/db/desk-tickets.ts';
import { solveTicket, takeTicket } from '../../src/db/ticket-presses.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { openModal } from '../../src/slack/open-modal.ts';
import type { ActionArgs } from '../types.ts';
import { findTicketAt, numberHere, placeOf, showTicket } from './answers.ts';
import { workOnTickets } from './work.ts';

const closed = 'This ticket is closed, so it cannot change any more. What the customer writes makes another.';

/** "Assign to me". */
export async function assign(args: ActionArgs, deps: Deps): Promise<void> {
  const { person } = args;
  if (person.email === null)
    throw new UserError('Slack did not tell me your email address, so I cannot give you the ticket.');
  const ticket = await ticketHere(args, deps);
  const { email, name } = person;
  const { outcome } = await takeTicket(deps.db, ticket.id, { email, name: name ?? email }, deps.now());
  if (outcome === 'gone') throw new UserError('This ticket is no longer there.');
  await answer(args, deps, outcome, {
    changed: 'You have it now.',
    already: 'You have it already.',
    ended: 'It is solved, so nobody needs to have it. Reopen it first.',
  });
}

/** "Solve". */
export async function solve(args: ActionArgs, deps: Deps): Promise<void> {
  const ticket = await ticketHere(args, deps);
  const { outcome } = await solveTicket(deps.db, ticket.id, deps.now());
  if (outcome === 'gone') throw new UserError('This ticket is no longer there.');
  await answer(args, deps, outcome, { changed: 'It is solved.', already: 'It was solved already.', ended: closed });
}

/** "Reopen". */
export async function reopen(args: ActionArgs, deps: Deps): Promise<void> {
  const ticket = await ticketHere(args, deps);
  const outcome = await reopenTicket(deps.db, ticket.id, deps.now());
  if (outcome === 'gone') throw new UserError('This ticket is no longer there.');
  await answer(args, deps, outcome, { changed: 'It is open again.', already: 'It is open already.', ended: closed });
}

/** "Reply to customer": opens the form for it. */
export async function openReply(args: ActionArgs, deps: Deps): Promise<void> {
  const ticket = await ticketHere(args, deps);
  await openModal(deps.slack, args.triggerId, customerReplyForm(ticket, metadataOf(args)));
}

/** "Internal note": opens the form for it. */
export async function openNote(args: ActionArgs, deps: Deps): Promise<void> {
  const ticket = await ticketHere(args, deps);
  await openModal(deps.slack, args.triggerId, internalNoteForm(ticket, metadataOf(args)));
}

async function ticketHere(args: ActionArgs, deps: Deps): Promise<DeskTicket> {
  const ticket = await findTicketAt(placeOf(args), deps);
  numberHere(ticket, deps);
  return ticket;
}

function metadataOf(args: ActionArgs) {
  return { place: placeOf(args), responseUrl: args.ephemeral ? args.responseUrl : null };
}

async function answer<Outcome extends string>(
  args: ActionArgs,
  deps: Deps,
  outcome: Outcome,
  words: Record<Outcome, string>,
): Promise<void> {
  if (outcome === 'changed') await workOnTickets(deps);
  await args.respond(await showTicket(placeOf(args), words[outcome], deps), { replace: args.ephemeral });
}
