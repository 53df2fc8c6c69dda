import type { ModalView } from '@slack/types';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { context, plainText } from './text.ts';
import { readTicketPlace, type TicketPlace, writeTicketPlace } from './ticket-list.ts';

/** The form for what the customer will read. */
export const CUSTOMER_REPLY_FORM = 'customer_reply_form';
/** The form for what the customer will not read. */
export const INTERNAL_NOTE_FORM = 'internal_note_form';
/** The text in either form. */
export const REPLY_TEXT = 'reply_text';

const MOST_TEXT = 3_000;

/** Where a form was opened, and where its answer goes; `responseUrl` null: nowhere. */
export type ReplyMetadata = { place: TicketPlace; responseUrl: string | null };

type About = { number: string | null; channelId: string };

/** What the customer will read, in the thread and under one's name. */
export function customerReplyForm(ticket: About, metadata: ReplyMetadata): ModalView {
  return form(CUSTOMER_REPLY_FORM, ticket, metadata, {
    title: `Reply to customer`,
    submit: 'Send to customer',
    label: 'What the customer will read',
    says: `📣 It is posted in the ticket’s thread in <#${ticket.channelId}>, under your name. *The customer reads it.*`,
  });
}

/** What stays among colleagues. */
export function internalNoteForm(ticket: About, metadata: ReplyMetadata): ModalView {
  return form(INTERNAL_NOTE_FORM, ticket, metadata, {
    title: 'Internal note',
    submit: 'Add note',
    label: 'What colleagues will read',
    says: '🔒 It stays with the ticket. The customer does not read it.',
  });
}

/** Reads what a form was made for; `null` when it is none of ours. */
export function readReplyMetadata(metadata: string): ReplyMetadata | null {
  const [, responseUrl = '', place = ''] = /^(\S*)\n(.*)$/.exec(metadata) ?? [];
  const read = readTicketPlace(place);
  return read && { place: read, responseUrl: responseUrl === '' ? null : responseUrl };
}

function form(
  callbackId: string,
  { number }: About,
  { place, responseUrl }: ReplyMetadata,
  words: { title: string; submit: string; label: string; says: string },
): ModalView {
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: `${(responseUrl ?? '').slice(0, 2_900)}\n${writeTicketPlace(place)}`,
    title: plainText(plain(words.title, 24)),
    submit: plainText(words.submit),
    close: plainText('Cancel'),
    blocks: [
      context(`Ticket #${mrkdwn(number ?? '?', 40)}. ${words.says}`),
      {
        type: 'input',
        block_id: REPLY_TEXT,
        label: plainText(words.label),
        element: { type: 'plain_text_input', action_id: REPLY_TEXT, multiline: true, max_length: MOST_TEXT },
      },
    ],
  };
}
