import { context } from '../../blocks/text.ts';
import {
  deskTicketCard,
  readTicketPlace,
  TICKETS_PAGE_SIZE,
  type TicketPlace,
  ticketList,
} from '../../blocks/ticket-list.ts';
import { BUILT_IN_DESK } from '../../src/db/built-in-desk.ts';
import {
  type DeskTicket,
  findDeskTicket,
  findDeskTicketByNumber,
  findLastComments,
  findOpenTickets,
} from '../../src/db/desk-tickets.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { mrkdwn } from '../../src/slack/escape.ts';
import type { Message } from '../../src/slack/response-url.ts';
import type { ActionArgs, Request } from '../types.ts';

/** Comments on a card; the thread has them all. */
const MOST_COMMENTS = 12;
const gone = 'This ticket is no longer there.';

/** The ticket and the list that a button stands for. Throws a UserError when it is from another version. */
export function placeOf({ value }: Pick<ActionArgs, 'value'>): TicketPlace {
  const place = readTicketPlace(value);
  if (!place) throw new UserError(gone);
  return place;
}

/** One page of the person's open tickets or of all; a page that is not there becomes the last. */
export async function listTickets(
  { person }: Pick<Request, 'person'>,
  { list, page }: Pick<TicketPlace, 'list' | 'page'>,
  told: string | null,
  { db, desk, now }: Deps,
): Promise<Message> {
  if (list === 'mine' && person.email === null)
    throw new UserError(
      'Slack did not tell me your email address, so I cannot see which tickets are yours. `/cs tickets all` shows those of everybody.',
    );
  const email = list === 'mine' ? person.email : null;
  const read = (wanted: number) =>
    findOpenTickets(db, { email, limit: TICKETS_PAGE_SIZE, offset: (wanted - 1) * TICKETS_PAGE_SIZE });
  const first = await read(Math.max(1, page));
  const shown = Math.max(1, Math.min(page, Math.ceil(first.total / TICKETS_PAGE_SIZE)));
  const found = shown === page ? first : await read(shown);
  const tickets = found.tickets.map((ticket) => ({ ticket, link: linkOf(ticket, { desk }) }));
  const elsewhere = desk.name === BUILT_IN_DESK ? null : desk.name;
  return ticketList({ ...found, tickets, list, page: shown }, { now: now(), told, elsewhere });
}

/** The ticket that the help desk has under this number. */
export async function showNumber(number: string, deps: Deps): Promise<Message> {
  const ticket = await findDeskTicketByNumber(deps.db, deps.desk.name, number);
  if (!ticket) throw new UserError(`There is no ticket #${number}. \`/cs tickets all\` lists those that are open.`);
  return show(ticket, { ticketId: ticket.id, list: 'all', page: 1 }, null, deps);
}

/** The ticket that a button stands for, as it is now. */
export async function showTicket(place: TicketPlace, told: string | null, deps: Deps): Promise<Message> {
  return show(await findTicketAt(place, deps), place, told, deps);
}

/** The ticket that a button stands for. Throws a UserError when it is gone. */
export async function findTicketAt({ ticketId }: TicketPlace, { db }: Pick<Deps, 'db'>): Promise<DeskTicket> {
  const ticket = await findDeskTicket(db, ticketId);
  if (!ticket) throw new UserError(gone);
  return ticket;
}

/** The number of a ticket that is worked on here. Throws a UserError that says where it is. */
export function numberHere(ticket: DeskTicket, { desk }: Pick<Deps, 'desk'>): string {
  if (ticket.desk !== BUILT_IN_DESK) {
    const link = linkOf(ticket, { desk });
    const there = link === null ? mrkdwn(ticket.desk, 60) : `<${link}|${mrkdwn(ticket.desk, 60)}>`;
    throw new UserError(`This ticket is answered in ${there}.`);
  }
  if (ticket.number === null) throw new UserError('This ticket is just being made. Please try again in a moment.');
  return ticket.number;
}

async function show(ticket: DeskTicket, place: TicketPlace, told: string | null, deps: Deps): Promise<Message> {
  const { db, desk, now } = deps;
  if (ticket.desk === BUILT_IN_DESK) {
    const found =
      ticket.number === null ? { comments: [], earlier: 0 } : await findLastComments(db, ticket.number, MOST_COMMENTS);
    return deskTicketCard({ ticket, ...found, place }, { now: now(), told });
  }
  const link = linkOf(ticket, { desk });
  const { text, blocks } = ticketList(
    { tickets: [{ ticket, link }], total: 1, urgent: 0, all: 1, list: 'all', page: 1 },
    { now: now(), told, elsewhere: ticket.desk },
  );
  const where = `It is answered in ${link === null ? mrkdwn(ticket.desk, 60) : `<${link}|${mrkdwn(ticket.desk, 60)}>`}.`;
  return { text, blocks: [...blocks.slice(1, -1), context(where)] };
}

/** The page of a ticket of the help desk that is in use. */
function linkOf(ticket: DeskTicket, { desk }: Pick<Deps, 'desk'>): string | null {
  return ticket.number === null || ticket.desk !== desk.name ? null : desk.linkTo(ticket.number);
}
