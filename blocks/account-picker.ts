import type { KnownBlock, PlainTextOption } from '@slack/types';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { plainText, section } from './text.ts';

/** Somebody chose an account from a menu; its value is an account id or, where that is too long, its reference. */
export const PICK_ACCOUNT = 'pick_account';

const MAX_OPTIONS = 100;

/** An account to choose. `reference` is what the menu sends back, at most 150 characters. */
export type Choice = { reference: string; id: string; name: string; domain: string | null };

/** Several accounts fit what was typed: a menu of them. `total` may be more than a menu holds. */
export function accountPicker(asked: string, choices: readonly Choice[], total: number): Picker {
  const shown = choices.slice(0, MAX_OPTIONS);
  const more =
    total > shown.length
      ? ` These are the first ${shown.length} of ${total}; type more of the name to see the others.`
      : '';
  return picker(`${total} accounts fit “${mrkdwn(asked)}”. Which one do you mean?${more}`, shown);
}

/** Nothing fits what was typed: the nearest names, if there are any accounts at all. */
export function noAccount(asked: string, nearest: readonly Choice[]): Picker {
  const text = `I found no account called “${mrkdwn(asked)}”.`;
  if (nearest.length > 0) return picker(`${text} The nearest names are these:`, nearest, { spelledOut: true });
  const hint = `${text} There are no accounts yet; \`bellwether import accounts FILE\` brings them in.`;
  return { text: hint, blocks: [section(hint)] };
}

type Picker = { text: string; blocks: KnownBlock[] };

/** A menu; `spelledOut` tells the names above it too, for those who only want to see them. */
function picker(question: string, choices: readonly Choice[], { spelledOut = false } = {}): Picker {
  const list = choices.slice(0, 10).map(({ name }) => `• ${mrkdwn(name, 90)}`);
  const text = [question, ...list].join('\n');
  return {
    // Notifications and screen readers have no menu.
    text,
    blocks: [
      section(spelledOut ? text : question),
      {
        type: 'actions',
        elements: [
          {
            type: 'static_select',
            action_id: PICK_ACCOUNT,
            placeholder: plainText('Choose an account'),
            options: options(choices),
          },
        ],
      },
    ],
  };
}

/** Namesakes are told apart by their domain, or else by their id. */
function options(choices: readonly Choice[]): PlainTextOption[] {
  const namesakes = Map.groupBy(choices, ({ name }) => name.trim().toLowerCase());
  return choices.map(({ reference, id, name, domain }) => {
    const sameName = (namesakes.get(name.trim().toLowerCase()) ?? []).length > 1;
    return {
      text: plainText(plain(name, 75)),
      value: reference,
      ...(sameName && { description: plainText(plain(domain ? `${domain}, ${id}` : id, 75)) }),
    };
  });
}
