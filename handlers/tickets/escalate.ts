import { alreadyEscalated, ticketGone, ticketOver } from '../../blocks/ticket-answers.ts';
import { escalationForm, readEscalation, readEscalationMetadata } from '../../blocks/ticket-escalation.ts';
import { escalateTicket } from '../../src/db/ticket-presses.ts';
import { findTicket, type Ticket } from '../../src/db/tickets.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { openModal } from '../../src/slack/open-modal.ts';
import type { Request, ViewAnswer, ViewArgs } from '../types.ts';
import { workOnTickets } from './work.ts';

/** Asks why a ticket is to go to engineering. */
export async function askWhy({ triggerId }: Request, ticketId: number, deps: Deps): Promise<void> {
  const ticket = await findTicket(deps.db, ticketId);
  if (!ticket) throw new UserError(ticketGone);
  if (ticket.escalatedAt !== null) throw new UserError(alreadyEscalated);
  if (isOver(ticket)) throw new UserError(ticketOver);
  await openModal(deps.slack, triggerId, escalationForm({ number: ticket.deskTicketId }, ticketId));
}

/** Takes why a ticket goes to engineering; returns what is wrong with the fields. */
export async function escalate({ person, metadata, values }: ViewArgs, deps: Deps): Promise<ViewAnswer | undefined> {
  const ticketId = readEscalationMetadata(metadata);
  if (ticketId === null) throw new UserError(ticketGone);
  const read = readEscalation(values);
  if ('errors' in read) return read;
  const given = { ...read, by: person.id, name: person.name ?? person.email ?? person.id, now: deps.now() };
  const { outcome } = await escalateTicket(deps.db, ticketId, given);
  if (outcome === 'gone') throw new UserError(ticketGone);
  if (outcome === 'ended') throw new UserError(ticketOver);
  if (outcome === 'already') throw new UserError(alreadyEscalated);
  await workOnTickets(deps);
  return undefined;
}

function isOver({ status }: Ticket): boolean {
  return status === 'solved' || status === 'closed';
}
