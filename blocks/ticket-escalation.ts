import type { InputBlock, ModalView } from '@slack/types';
import type { Escalation } from '../src/db/types.ts';
import { plain } from '../src/slack/escape.ts';
import { plainText, section } from './text.ts';

/** The form in which somebody says why a ticket goes to engineering. */
export const ESCALATION_FORM = 'escalation_form';

/** What each field takes. */
const MOST_TEXT = 2_000;
const fields = [
  { id: 'why', label: 'Why does it need engineering?' },
  { id: 'tried', label: 'What was tried?' },
  { id: 'reproduction', label: 'How can it be reproduced?' },
] as const;

/** The form to escalate a ticket; our id of it comes back with it. */
export function escalationForm(ticket: { number: string | null }, ticketId: number): ModalView {
  return {
    type: 'modal',
    callback_id: ESCALATION_FORM,
    private_metadata: String(ticketId),
    title: plainText(plain(`Escalate #${ticket.number ?? ''}`, 24)),
    submit: plainText('Escalate'),
    close: plainText('Cancel'),
    blocks: [
      section(
        'Support has this ticket already: for them there is nothing to do. To bring it to engineering, tell them:',
      ),
      ...fields.map(field),
    ],
  };
}

/** Reads which ticket the form was made for, by our id; `null` when it is none of ours. */
export function readEscalationMetadata(metadata: string): number | null {
  return /^\d{1,15}$/.test(metadata) ? Number(metadata) : null;
}

/** What was written in the form; by its block, what is wrong with a field. */
export function readEscalation(
  values: Readonly<Record<string, Readonly<Record<string, { value?: string | null }>>>>,
): { escalation: Escalation } | { errors: Record<string, string> } {
  const said = (id: keyof Escalation) => (values[id]?.[id]?.value ?? '').trim().slice(0, MOST_TEXT);
  const escalation = { why: said('why'), tried: said('tried'), reproduction: said('reproduction') };
  const empty = fields.filter(({ id }) => escalation[id] === '');
  if (empty.length === 0) return { escalation };
  return { errors: Object.fromEntries(empty.map(({ id }) => [id, 'Please write a few words.'])) };
}

function field({ id, label }: (typeof fields)[number]): InputBlock {
  return {
    type: 'input',
    block_id: id,
    label: plainText(label),
    element: { type: 'plain_text_input', action_id: id, multiline: true, max_length: MOST_TEXT },
  };
}
