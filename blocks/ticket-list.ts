import type { Button, KnownBlock } from '@slack/types';
import type { DeskComment, DeskTicket } from '../src/db/desk-tickets.ts';
import { formatAge, formatNumber } from '../src/format.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { type BlockMessage, button, buttons, context, header, section } from './text.ts';
import { states } from './ticket-mirror.ts';
import { severityWord } from './ticket-words.ts';

/** Shows a ticket of a list; the value is a TicketPlace. */
export const OPEN_DESK_TICKET = 'open_desk_ticket';
/** Gives the ticket to whoever presses; the value is a TicketPlace, as of the next four. */
export const ASSIGN_DESK_TICKET = 'assign_desk_ticket';
/** Opens the form for what the customer will read. */
export const REPLY_TO_CUSTOMER = 'reply_to_customer';
/** Opens the form for what the customer will not read. */
export const ADD_INTERNAL_NOTE = 'add_internal_note';
/** The ticket is solved. */
export const SOLVE_DESK_TICKET = 'solve_desk_ticket';
/** The ticket is not solved after all. */
export const REOPEN_DESK_TICKET = 'reopen_desk_ticket';
/** Another page of tickets; the value is a TicketPlace without a ticket. */
export const PREVIOUS_DESK_TICKETS = 'desk_tickets_previous';
/** As PREVIOUS_DESK_TICKETS, forwards. */
export const NEXT_DESK_TICKETS = 'desk_tickets_next';

/** Tickets on a page. */
export const TICKETS_PAGE_SIZE = 8;
/** A message above 12 kB may be refused; this leaves room for what stands around. */
const MOST_BYTES = 9_000;

/** A ticket, by our number of it, or 0 for none, and the list and page from which it was opened. */
export type TicketPlace = { ticketId: number; list: 'mine' | 'all'; page: number };

/** How a place is written in a value. */
export function writeTicketPlace({ ticketId, list, page }: TicketPlace): string {
  return `ticket ${ticketId} ${list} ${page}`;
}

/** Reads a place; `null` when it is none of ours. */
export function readTicketPlace(value: string): TicketPlace | null {
  const [, id, list, page] = /^ticket (\d{1,15}) (mine|all) (\d{1,6})$/.exec(value) ?? [];
  return list ? { ticketId: Number(id), list: list as TicketPlace['list'], page: Number(page) } : null;
}

/** A ticket of a list; `link` is its page at the help desk, `null` where it is worked on here. */
export type ListedTicket = { ticket: DeskTicket; link: string | null };

/** What is drawn around tickets. `elsewhere` is the help desk where they are worked on, `null` where that is here. */
type ListContext = { now: Date; told: string | null; elsewhere: string | null };

/** One page of open tickets, the most severe first, and then the oldest. */
export function ticketList(
  found: { tickets: readonly ListedTicket[]; total: number; urgent: number; all: number } & Omit<
    TicketPlace,
    'ticketId'
  >,
  { now, told, elsewhere }: ListContext,
): BlockMessage {
  const { tickets, total, urgent, all, list, page } = found;
  const pages = Math.max(1, Math.ceil(total / TICKETS_PAGE_SIZE));
  const whose = list === 'mine' ? 'Your tickets' : 'All tickets';
  const count = `${formatNumber(total)} open${urgent === 0 ? '' : `, ${formatNumber(urgent)} urgent`}`;
  const title = total === 0 ? `${whose}: none` : `${whose}: ${count}`;
  const draw = (most: number) =>
    tickets.flatMap(({ ticket, link }) =>
      listed(ticket, link, writeTicketPlace({ ticketId: ticket.id, list, page }), most, now),
    );
  const tries = [300, 150, 60].map(draw);
  const fitting = tries.find((blocks) => Buffer.byteLength(JSON.stringify(blocks)) <= MOST_BYTES) ?? tries.at(-1) ?? [];
  return {
    text: [
      title,
      ...tickets.map(({ ticket }) => `${numberOf(ticket)} ${whoseTicket(ticket)}: ${mrkdwn(ticket.subject, 60)}`),
    ].join('\n'),
    blocks: [
      ...(told === null ? [] : [section(told)]),
      header(title),
      ...(total === 0 ? [section(emptyWords(list, all))] : fitting),
      ...(pages > 1 ? pager(list, page, pages) : []),
      context(
        elsewhere === null
          ? '`/cs tickets all` shows those of everybody, `/cs tickets #12` a single one.'
          : `They are answered in ${mrkdwn(elsewhere, 60)}, where each link leads. \`/cs tickets all\` shows those of everybody.`,
      ),
    ],
  };
}

function emptyWords(list: TicketPlace['list'], all: number): string {
  if (all === 0 || list === 'all') return 'No ticket is open. 🎉';
  return `No ticket is given to you; ${formatNumber(all)} ${all === 1 ? 'is' : 'are'} open: \`/cs tickets all\`.`;
}

function listed(ticket: DeskTicket, link: string | null, place: string, most: number, now: Date): KnownBlock[] {
  const number = link === null ? numberOf(ticket) : `<${link}|${numberOf(ticket)}>`;
  const lines = [
    `*${number} ${whoseTicket(ticket)}* · ${urgency(ticket)} · ${states[ticket.status]}`,
    mrkdwn(ticket.words || ticket.subject, most),
    `${assigneeOf(ticket)} · ${formatAge(ticket.createdAt, now)} · from ${requesterOf(ticket)} in <#${ticket.channelId}>`,
    ...(ticket.fault === null ? [] : [`⚠️ ${mrkdwn(ticket.fault, 200)}`]),
  ];
  const block = section(lines.join('\n'));
  return [link === null ? { ...block, accessory: button(OPEN_DESK_TICKET, 'Open', place) } : block];
}

/** A ticket with what was said about it, and what can be done; `earlier` comments are left out. */
export function deskTicketCard(
  found: { ticket: DeskTicket; comments: readonly DeskComment[]; earlier: number; place: TicketPlace },
  { now, told }: { now: Date; told: string | null },
): BlockMessage {
  const { ticket, place } = found;
  const title = `${numberOf(ticket)} ${plain(ticket.subject, 120)}`.trim();
  const facts = [
    `*${whoseTicket(ticket)}* · ${urgency(ticket)} · ${states[ticket.status]}`,
    `${assigneeOf(ticket)} · ${ticket.groupName === null ? 'no team' : `team *${mrkdwn(ticket.groupName, 75)}*`} · ${formatAge(
      ticket.createdAt,
      now,
    )} · from ${requesterOf(ticket)} in <#${ticket.channelId}>`,
    ...(ticket.fault === null ? [] : [`⚠️ ${mrkdwn(ticket.fault, 400)}`]),
  ];
  const tries = [1500, 600, 250, 80].map((most) => conversation(found, most, now));
  const fitting = tries.find((blocks) => Buffer.byteLength(JSON.stringify(blocks)) <= MOST_BYTES) ?? tries.at(-1) ?? [];
  return {
    text: `${told === null ? '' : `${told} `}${numberOf(ticket)} ${whoseTicket(ticket)}: ${mrkdwn(ticket.subject, 150)}`,
    blocks: [
      ...(told === null ? [] : [section(told)]),
      header(plain(`🎫 ${title}`, 145)),
      section(facts.join('\n')),
      ...fitting,
      ...actionsOf(ticket, writeTicketPlace(place)),
    ],
  };
}

function conversation(
  { comments, earlier }: { comments: readonly DeskComment[]; earlier: number },
  most: number,
  now: Date,
): KnownBlock[] {
  const before = earlier === 0 ? [] : [context(`${formatNumber(earlier)} earlier, which the thread has in full`)];
  return [...before, ...comments.map((comment) => section(commentText(comment, most, now)))];
}

/** Lines are kept, each by itself harmless. */
function commentText({ authorName, role, body, isPublic, createdAt }: DeskComment, most: number, now: Date): string {
  const kind = isPublic ? (role === 'agent' ? '↩️ to the customer' : '💬') : '🔒 internal note';
  const lines: string[] = [];
  let left = most;
  for (const line of body.split('\n').filter((each) => each.trim() !== '')) {
    if (left < 10) {
      lines.push('…');
      break;
    }
    const shown = mrkdwn(line, left);
    lines.push(`> ${shown}`);
    left -= shown.length;
  }
  return [`${kind} *${mrkdwn(authorName, 60)}* · ${formatAge(createdAt, now)}`, ...lines].join('\n');
}

function actionsOf({ status }: DeskTicket, place: string): KnownBlock[] {
  const row: Button[] = [
    ...(status === 'closed'
      ? []
      : [
          button(REPLY_TO_CUSTOMER, 'Reply to customer', place),
          button(ADD_INTERNAL_NOTE, 'Internal note', place),
          ...(status === 'solved'
            ? [button(REOPEN_DESK_TICKET, 'Reopen', place)]
            : [button(ASSIGN_DESK_TICKET, 'Assign to me', place), button(SOLVE_DESK_TICKET, 'Solve', place)]),
        ]),
  ];
  return row.length > 0 ? [buttons(...row)] : [];
}

function pager(list: TicketPlace['list'], page: number, pages: number): KnownBlock[] {
  const to = (other: number) => writeTicketPlace({ ticketId: 0, list, page: other });
  const turns = [
    ...(page > 1 ? [button(PREVIOUS_DESK_TICKETS, 'Previous page', to(page - 1))] : []),
    ...(page < pages ? [button(NEXT_DESK_TICKETS, 'Next page', to(page + 1))] : []),
  ];
  return [context(`Page ${page} of ${pages}`), buttons(...turns)];
}

function numberOf({ number, desk }: DeskTicket): string {
  return number === null ? `(not in ${mrkdwn(desk, 40)} yet)` : `#${mrkdwn(number, 40)}`;
}

function whoseTicket({ account }: DeskTicket): string {
  return account === null ? 'Unknown account' : mrkdwn(account.name, 60);
}

function urgency({ severity }: DeskTicket): string {
  if (severity === null) return 'no urgency';
  return severity === 'urgent' ? `🚨 *${severityWord(severity)}*` : severityWord(severity);
}

function assigneeOf({ assignee }: DeskTicket): string {
  return assignee === null ? '*nobody has it*' : `with ${mrkdwn(assignee, 60)}`;
}

function requesterOf({ requesterName }: DeskTicket): string {
  return requesterName === null ? 'somebody' : mrkdwn(requesterName, 60);
}
