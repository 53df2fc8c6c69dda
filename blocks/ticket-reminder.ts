import type { TicketView } from '../src/db/ticket-view.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { instantLabel } from './alert-words.ts';
import { type BlockMessage, context, section } from './text.ts';
import { choiceLine, ticketNumber } from './ticket-words.ts';

/** What a reminder is made for; `defaultsAt` is when the defaults hold. */
export type ReminderContext = { threadLink: string | null; defaultsAt: Date };

/** That a ticket's form is open, to the CSM of its account; once it is filled, what was chosen. */
export function ticketReminder(view: TicketView, { threadLink, defaultsAt }: ReminderContext): BlockMessage {
  const { ticket, account, message } = view;
  const whose = account ? ` of *${mrkdwn(account.name, 90)}*` : '';
  const title = `🎫 Ticket ${ticketNumber(ticket)}${whose}: ${mrkdwn(ticket.subject, 150)}`;
  const isOpen = ticket.form === 'open' && ticket.status !== 'solved' && ticket.status !== 'closed';
  const thread = threadLink === null ? `its thread in <#${ticket.channelId}>` : `<${threadLink}|its thread>`;
  const text = isOpen
    ? `Nobody has said which team it is for and how urgent it is, so support cannot route it. Please choose in ${thread}; at ${instantLabel(defaultsAt)} the defaults apply.`
    : ticket.form === 'open'
      ? 'It is solved by now.'
      : choiceLine(ticket);
  return {
    text: `${title}\n${text}`,
    blocks: [...(message.detour === null ? [] : [context(detourLine(message))]), section(title), section(text)],
  };
}

function detourLine({ detour, ownerEmail }: TicketView['message']): string {
  const meant = ownerEmail === null ? '' : ` Meant for ${mrkdwn(ownerEmail, 100)}.`;
  return `This is here because ${mrkdwn(detour ?? '', 400).replace(/\.$/, '')}.${meant}`;
}
