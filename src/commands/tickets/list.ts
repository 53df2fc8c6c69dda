import { createDesk } from '../../create-desk.ts';
import { type DeskTicket, findOpenTickets } from '../../db/desk-tickets.ts';
import { formatAge, formatNumber } from '../../format.ts';
import { oneLine } from '../../one-line.ts';
import type { Cli } from '../types.ts';

const mostListed = 1000;

/** `bellwether tickets list`. */
export async function listTickets(cli: Cli): Promise<void> {
  const config = await cli.config();
  const { db } = await cli.connect();
  const desk = createDesk(config, { db, log: await cli.log(), now: cli.now });
  const { tickets, total } = await findOpenTickets(db, { email: null, limit: mostListed, offset: 0 });
  const linkOf = ({ number, desk: of }: DeskTicket) =>
    number === null || of !== desk.name ? null : desk.linkTo(number);
  if (cli.json) cli.printJson(tickets.map((ticket) => ({ ...ticket, link: linkOf(ticket) })));
  else if (total === 0) cli.print('No ticket is open.');
  else for (const ticket of tickets) for (const line of linesOf(ticket, linkOf(ticket), cli.now())) cli.print(line);
  if (!cli.json && total > tickets.length) cli.print(`and ${formatNumber(total - tickets.length)} more`);
  if (tickets.some(({ fault }) => fault !== null)) cli.exitWith(1);
}

function linesOf(ticket: DeskTicket, link: string | null, now: Date): string[] {
  const { number, desk, account, severity, status, assignee, groupName, fault, createdAt } = ticket;
  const facts = [
    severity ?? 'no urgency',
    status,
    groupName ?? 'no team',
    assignee === null ? 'nobody has it' : `with ${oneLine(assignee)}`,
    formatAge(createdAt, now),
  ];
  return [
    `${number === null ? `(not in ${desk} yet)` : `#${number}`} ${account ? oneLine(account.name) : 'Unknown account'}: ${oneLine(ticket.subject)}`,
    `  ${facts.join(', ')}`,
    ...(link === null ? [] : [`  ${link}`]),
    ...(fault === null ? [] : [`  wrong: ${oneLine(fault)}`]),
  ];
}
