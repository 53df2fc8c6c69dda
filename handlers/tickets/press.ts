import { alreadyTaken, ticketGone, ticketOver } from '../../blocks/ticket-answers.ts';
import { solveTicket, takeTicket } from '../../src/db/ticket-presses.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import type { Request } from '../types.ts';
import { workOnTickets } from './work.ts';

const noEmail =
  'Slack did not tell me your email address, by which the help desk knows you. An administrator can give me the permission `users:read.email`.';

/** Our id of the ticket that a button is about. Throws a UserError when it is none. */
export function readTicketId(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new UserError(ticketGone);
}

/** The person works on the ticket from now on. Returns what to tell them; `null` where all see it in the card. */
export async function take({ person }: Request, ticketId: number, deps: Deps): Promise<string | null> {
  if (person.email === null) throw new UserError(noEmail);
  const { email, name } = person;
  const { outcome } = await takeTicket(deps.db, ticketId, { email, name: name ?? email }, deps.now());
  if (outcome === 'gone') throw new UserError(ticketGone);
  if (outcome === 'ended') return ticketOver;
  if (outcome === 'already') return alreadyTaken;
  await workOnTickets(deps);
  return null;
}

/** The ticket is solved. Returns what to tell the person, as `take` does. */
export async function solve(ticketId: number, deps: Deps): Promise<string | null> {
  const { outcome } = await solveTicket(deps.db, ticketId, deps.now());
  if (outcome === 'gone') throw new UserError(ticketGone);
  if (outcome === 'already') return ticketOver;
  await workOnTickets(deps);
  return null;
}
