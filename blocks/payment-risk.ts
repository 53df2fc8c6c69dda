import type { ModalView, StaticSelect } from '@slack/types';
import type { PaymentRisk } from '../src/billing/types.ts';
import type { ListedInvoice } from '../src/db/invoice-list.ts';
import type { InvoiceView } from '../src/db/invoice-view.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { amountOf, RISK_WORDS, riskLines } from './invoice-lines.ts';
import { context, plainText } from './text.ts';

/** What is expected of an alert's invoice was chosen; the option's value is the alert's id and a risk, or `clear`. */
export const PICK_PAYMENT_RISK = 'pick_payment_risk';
/** The same is asked for in a list of invoices; the value is a RiskPlace. */
export const SET_INVOICE_RISK = 'set_invoice_risk';
/** The form for what is expected of an invoice, with a note. */
export const PAYMENT_RISK_FORM = 'payment_risk_form';

/** What is expected, in the form. */
export const RISK_FIELD = 'payment_risk';
/** Why, in the form. */
export const RISK_NOTE_FIELD = 'payment_risk_note';
const MOST_NOTE = 1_000;

const risks = Object.keys(RISK_WORDS) as PaymentRisk[];

/** What was chosen of an alert's invoice; `clear` takes back what was said. */
export type RiskChoice = { alertId: number; risk: PaymentRisk | 'clear' };

/** A menu of what may be expected of an invoice. What holds is not chosen in it, since Slack tells only of changes. */
export function riskMenu(alertId: number, { risk }: Pick<InvoiceView, 'risk'>): StaticSelect {
  const choices = [...risks.map((each) => ({ label: RISK_WORDS[each], value: each })), ...(risk ? [clear] : [])];
  return {
    type: 'static_select',
    action_id: PICK_PAYMENT_RISK,
    placeholder: plainText('Payment risk'),
    options: choices.map(({ label, value }) => ({ text: plainText(label), value: `${alertId} ${value}` })),
  };
}

const clear = { label: 'Take it back', value: 'clear' } as const;

/** Reads an option of PICK_PAYMENT_RISK; `null` when it is none of ours. */
export function readRiskChoice(value: string): RiskChoice | null {
  const [, id, said] = /^(\d{1,15}) ([a-z_]+)$/.exec(value) ?? [];
  const risk = said === 'clear' ? said : risks.find((each) => each === said);
  return id !== undefined && risk ? { alertId: Number(id), risk } : null;
}

/** Of which invoice something is said, and the list that it stands in: words that the list understands; empty is none. */
export type RiskPlace = { invoiceId: string; list: string };

/** How a place is written in a value. */
export function writeRiskPlace({ invoiceId, list }: RiskPlace): string {
  return `${invoiceId}\n${list}`;
}

/** Reads a place; `null` when it is none of ours. */
export function readRiskPlace(value: string): RiskPlace | null {
  const [, invoiceId, list = ''] = /^([^\n]{1,300})\n(.*)$/.exec(value) ?? [];
  return invoiceId === undefined ? null : { invoiceId, list };
}

/** Where a form was opened, and where its list is shown anew; `responseUrl` null: nowhere. */
export type RiskMetadata = { place: RiskPlace; responseUrl: string | null };

/** The form for what is expected of an account's invoice, with what was said of it before and the way to take that back. */
export function riskForm(
  { account, invoice }: { account: Pick<ListedInvoice['account'], 'name'>; invoice: InvoiceView },
  { risk, list = '', responseUrl = null }: { risk: PaymentRisk | null; list?: string; responseUrl?: string | null },
): ModalView {
  const option = (each: PaymentRisk) => ({ text: plainText(RISK_WORDS[each]), value: each });
  const back = { text: plainText(clear.label), value: clear.value };
  const chosen = risk ?? invoice.risk?.risk ?? null;
  const note = invoice.risk?.note ?? null;
  return {
    type: 'modal',
    callback_id: PAYMENT_RISK_FORM,
    private_metadata: `${(responseUrl ?? '').slice(0, 1_500)}\n${writeRiskPlace({ invoiceId: invoice.id, list })}`,
    title: plainText('Payment risk'),
    submit: plainText('Save'),
    close: plainText('Cancel'),
    blocks: [
      context(
        `*${mrkdwn(account.name, 90)}* · ${mrkdwn(invoice.label, 100)}: ${amountOf(invoice)}`,
        ...riskLines(invoice),
      ),
      {
        type: 'input',
        block_id: RISK_FIELD,
        label: plainText('Will it be paid?'),
        element: {
          type: 'static_select',
          action_id: RISK_FIELD,
          options: [...risks.map(option), ...(invoice.risk ? [back] : [])],
          ...(chosen && { initial_option: option(chosen) }),
        },
      },
      {
        type: 'input',
        block_id: RISK_NOTE_FIELD,
        optional: true,
        label: plainText('Why do you think so?'),
        element: {
          type: 'plain_text_input',
          action_id: RISK_NOTE_FIELD,
          multiline: true,
          max_length: MOST_NOTE,
          ...(note && { initial_value: plainNote(note) }),
        },
      },
    ],
  };
}

/** Reads what the form was made for; `null` when it is none of ours. */
export function readRiskMetadata(metadata: string): RiskMetadata | null {
  const [, responseUrl = '', rest = ''] = /^(\S*)\n([^\n]+\n.*)$/.exec(metadata) ?? [];
  const place = readRiskPlace(rest);
  return place && { place, responseUrl: responseUrl === '' ? null : responseUrl };
}

type Field = { value?: string | null; selected_option?: { value?: string } | null };

/** What was said in the form, `clear` to take it back; by its block, what is wrong with a field. */
export function readRisk(
  values: Readonly<Record<string, Readonly<Record<string, Field>>>>,
): { risk: RiskChoice['risk']; note: string | null } | { errors: Record<string, string> } {
  const said = values[RISK_FIELD]?.[RISK_FIELD]?.selected_option?.value;
  const risk = said === clear.value ? said : risks.find((each) => each === said);
  if (!risk) return { errors: { [RISK_FIELD]: 'Please choose one.' } };
  const note = (values[RISK_NOTE_FIELD]?.[RISK_NOTE_FIELD]?.value ?? '').toWellFormed().replaceAll('\0', '').trim();
  return { risk, note: note === '' ? null : note.slice(0, MOST_NOTE).toWellFormed() };
}

/** As it was written, cut where the database's characters are more than Slack's. */
function plainNote(note: string): string {
  return note.length <= MOST_NOTE ? note : plain(note, MOST_NOTE);
}
