import type { ActionsBlock, PlainTextOption } from '@slack/types';
import type { TicketView } from '../src/db/ticket-view.ts';
import type { Group, Severity } from '../src/helpdesk/types.ts';
import { plain } from '../src/slack/escape.ts';
import { button, plainText } from './text.ts';
import { SEVERITIES, severityWord } from './ticket-words.ts';

/** The menu of groups in a ticket's form. */
export const TICKET_GROUP = 'ticket_group';
/** The menu of severities in a ticket's form. */
export const TICKET_SEVERITY = 'ticket_severity';
/** "Save" in a ticket's form; which ticket it is of, the message says that it stands in. */
export const SAVE_TICKET_FORM = 'save_ticket_form';

/** Slack takes 100 options, and no message above 12 kB. */
const MOST_GROUPS = 100;
const MOST_BYTES = 8_000;

/** The form for group and severity, in one row. The block's id changes with the groups, so that no choice outlives them. */
export function ticketForm({ ticket, groups }: Pick<TicketView, 'ticket' | 'groups'>): ActionsBlock {
  const offered = groupOptions(groups);
  return {
    type: 'actions',
    block_id: `ticket-form ${ticket.id} ${fingerprint(offered)}`,
    elements: [
      ...(offered.length === 0
        ? []
        : [
            {
              type: 'static_select' as const,
              action_id: TICKET_GROUP,
              placeholder: plainText('Which team?'),
              options: offered,
            },
          ]),
      {
        type: 'static_select',
        action_id: TICKET_SEVERITY,
        placeholder: plainText('How urgent?'),
        options: SEVERITIES.map(severityOption),
      },
      { ...button(SAVE_TICKET_FORM, 'Save', String(ticket.id)), style: 'primary' },
    ],
  };
}

/** What the fields of a form hold, by block and action, as a press brings them along. */
export type FormValues = Readonly<
  Record<string, Readonly<Record<string, { selected_option?: { value?: string } | null } | undefined>> | undefined>
>;

/** What was chosen in a form; `null` is nothing. */
export function readTicketForm(values: FormValues): { groupId: string | null; severity: Severity | null } {
  const chosen = (actionId: string) => {
    for (const block of Object.values(values)) {
      const value = block?.[actionId]?.selected_option?.value;
      if (typeof value === 'string') return value;
    }
    return null;
  };
  const severity = chosen(TICKET_SEVERITY);
  return { groupId: chosen(TICKET_GROUP), severity: SEVERITIES.find((each) => each === severity) ?? null };
}

/** As many groups as fit. */
function groupOptions(groups: readonly Group[]): PlainTextOption[] {
  const options: PlainTextOption[] = [];
  let bytes = 0;
  for (const { id, name } of groups.slice(0, MOST_GROUPS)) {
    const option = { text: plainText(plain(name)), value: id };
    bytes += Buffer.byteLength(JSON.stringify(option)) + 1;
    if (bytes > MOST_BYTES) break;
    options.push(option);
  }
  return options;
}

function severityOption(severity: Severity): PlainTextOption {
  return { text: plainText(severityWord(severity)), value: severity };
}

/** A short number that is another where the options are. */
function fingerprint(options: readonly PlainTextOption[]): string {
  let hash = 0;
  for (const character of JSON.stringify(options)) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) | 0;
  return (hash >>> 0).toString(36);
}
