import type { Button, KnownBlock } from '@slack/types';
import type { TicketView } from '../src/db/ticket-view.ts';
import { bandSymbol, bandWord, formatMoney } from '../src/format.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { instantLabel, personLabel } from './alert-words.ts';
import { type Pack, scoreLabel } from './labels.ts';
import { OPEN_ACCOUNT } from './my-accounts.ts';
import { type BlockMessage, button, buttons, context, header, section } from './text.ts';
import { faultLines, severityWord, ticketNumber } from './ticket-words.ts';

/** Whoever presses works on the ticket; the value is our id of it. */
export const TAKE_TICKET = 'take_ticket';
/** Opens the form to bring a ticket to engineering; the value is our id of it. */
export const ESCALATE_TICKET = 'escalate_ticket';
/** The ticket is solved; the value is our id of it. */
export const SOLVE_TICKET = 'solve_ticket';

/** What a card for colleagues is made for; links are `null` where there are none. */
export type MirrorContext = { pack: Pack; threadLink: string | null; deskLink: string | null };

/** How a ticket stands, in words. */
export const states: Record<TicketView['ticket']['status'], string> = {
  new: 'New',
  open: 'Open',
  pending: '⏳ Waiting for the customer',
  hold: '⏸️ On hold',
  solved: '✅ Solved',
  closed: '✅ Closed',
};
const MOST_NOTE = 500;

/** A ticket's card in the support channel, for colleagues: whose it is, how it stands, and what to do with it. */
export function ticketMirror(view: TicketView, card: MirrorContext): BlockMessage {
  const { ticket, account } = view;
  const title = `${ticketNumber(ticket)} ${plain(ticket.subject, 100)}`.trim();
  const whose = account ? mrkdwn(account.name, 90) : 'Unknown account';
  return {
    text: `🎫 ${ticketNumber(ticket)} ${whose}: ${mrkdwn(ticket.subject, 150)} · ${states[ticket.status]}`,
    blocks: [
      header(`🎫 ${plain(title, 140)}`),
      section([accountLine(view, card), stateLine(ticket)].join('\n')),
      ...escalationBlocks(ticket),
      ...faultLines(view).map(section),
      context(originLine(ticket, card)),
      ...actionRow(view),
    ],
  };
}

function accountLine({ account, health }: TicketView, { pack }: MirrorContext): string {
  if (!account) return '*Unknown account* · `/cs link` says whose this channel is';
  const arr = account.arr === null ? 'ARR: no data' : `ARR *${formatMoney(account.arr, account.currency)}*`;
  const csm = account.csmEmail === null ? 'no CSM' : `CSM ${mrkdwn(account.csmEmail, 100)}`;
  return `*${mrkdwn(account.name, 90)}* · ${healthLabel(health, pack)} · ${arr} · ${csm}`;
}

function healthLabel(health: TicketView['health'], pack: Pack): string {
  if (!health || health.score === null) return `${bandSymbol(null)} ${bandWord(null)}`;
  const { label, band } = scoreLabel(pack, health.model, health.score);
  return `${bandSymbol(health.band ?? band)} ${label} / 10 ${bandWord(health.band ?? band)}`;
}

function stateLine(ticket: TicketView['ticket']): string {
  const { status, severity, group, assignee, form } = ticket;
  const waits = form === 'open' && !isOver(ticket) ? ' · form open' : '';
  return [
    states[status],
    severity ? `urgency *${severityWord(severity)}*` : 'no urgency',
    group ? `team *${mrkdwn(group.name, 75)}*` : 'no team',
    assignee ? `with *${mrkdwn(assignee.name, 60)}*` : 'nobody has it',
  ]
    .join(' · ')
    .concat(waits);
}

function escalationBlocks({ escalation }: TicketView['ticket']): KnownBlock[] {
  if (!escalation) return [];
  const { why, tried, reproduction, by, at } = escalation;
  const note = (label: string, text: string) => `*${label}* ${mrkdwn(text, MOST_NOTE)}`;
  return [
    section(
      [
        `🚨 Escalated to engineering by ${personLabel(by)}, ${instantLabel(at)}`,
        note('Why:', why),
        note('Tried:', tried),
        note('Reproduction:', reproduction),
      ].join('\n'),
    ),
  ];
}

function originLine(ticket: TicketView['ticket'], { threadLink, deskLink }: MirrorContext): string {
  const from = ticket.requesterName === null ? '' : `From ${mrkdwn(ticket.requesterName, 60)} `;
  const thread = threadLink === null ? 'thread' : `<${threadLink}|thread>`;
  const desk = deskLink === null ? [] : [`<${deskLink}|${mrkdwn(ticket.desk, 40)}>`];
  const replies = 'replies here become internal notes';
  return [`${from}in <#${ticket.channelId}>`, thread, ...desk, instantLabel(ticket.createdAt), replies].join(' · ');
}

function actionRow({ ticket, account }: TicketView): KnownBlock[] {
  const id = String(ticket.id);
  const row: Button[] = [
    ...(isOver(ticket)
      ? []
      : [
          button(TAKE_TICKET, 'Take', id),
          ...(ticket.escalation ? [] : [button(ESCALATE_TICKET, 'Escalate', id)]),
          button(SOLVE_TICKET, 'Solve', id),
        ]),
    ...(account && account.id.length <= 2000 ? [button(OPEN_ACCOUNT, 'Open account', account.id)] : []),
  ];
  return row.length > 0 ? [buttons(...row)] : [];
}

function isOver({ status }: TicketView['ticket']): boolean {
  return status === 'solved' || status === 'closed';
}
