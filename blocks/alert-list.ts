import type { KnownBlock, Overflow } from '@slack/types';
import type { AlertView } from '../src/db/alert-view.ts';
import { formatShortDay } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import type { AlertContext } from './alert-card.ts';
import { endLine, movedLine, stateLines } from './alert-state.ts';
import { alertSentence, indicatorName, kindSymbol, kindWord } from './alert-words.ts';
import { invoiceLine, riskLines } from './invoice-lines.ts';
import { plainText, section } from './text.ts';

/** Something was chosen for an alert of several; see readAlertChoice. */
export const ALERT_MENU = 'alert_menu';

/** How much is told of each alert of a list: the more there are, the less. */
const details = [
  { sentence: 300, choices: 5 },
  { sentence: 160, choices: 3 },
  { sentence: 110, choices: 2 },
] as const;
/** Of what is expected of an invoice. */
const MOST_NOTE = 60;
type Detail = (typeof details)[number];

/** What an option of ALERT_MENU stands for: what to do with which alert, and the page of the list that it stands in, if any. */
export type AlertChoice = { what: string; alertId: number; page: number | null };

/** Reads an option of ALERT_MENU; `null` when it is none of ours. */
export function readAlertChoice(value: string): AlertChoice | null {
  const [, what, id, page] = /^([a-z-]+) (\d{1,15})(?: (\d{1,6}))?$/.exec(value) ?? [];
  return what && id ? { what, alertId: Number(id), page: page === undefined ? null : Number(page) } : null;
}

/** A section an alert, with a menu of what can be done; shorter where all would not fit, and as many as fit. */
export function alertItems(
  alerts: readonly AlertView[],
  card: AlertContext,
  { bytes, page = null }: { bytes: number; page?: number | null },
): KnownBlock[] {
  const drawn = details.map((detail) => alerts.map((alert) => listItem(alert, card, detail, page)));
  return drawn.find((blocks) => sizeOf(blocks) <= bytes) ?? within(drawn.at(-1) ?? [], bytes);
}

/** One alert of several, in a section with a menu of what can be done. */
function listItem(alert: AlertView, card: AlertContext, detail: Detail, page: number | null): KnownBlock {
  const { kind, account, indicator, subject, state, openedDay } = alert;
  const isOver = state === 'resolved' || alert.movedTo !== null;
  const symbol = state === 'resolved' ? '✅' : kindSymbol(kind);
  const lines = [
    `${symbol} *${mrkdwn(account.name, 60)}* · ${kindWord(kind)}: ${mrkdwn(indicatorName(card.pack, indicator, subject), 60)} · since ${formatShortDay(openedDay)}`,
    ...(isOver ? [] : [alertSentence(card.pack, alert, detail.sentence)]),
    ...(alert.movedTo ? [movedLine(alert, card.ownerEmail)] : []),
    ...(alert.invoice && !isOver ? [`🧾 ${invoiceLine(alert.invoice, card.today)}`] : []),
    ...(state === 'resolved' ? [endLine(alert, card.today)] : []),
    ...(alert.invoice && state === 'resolved' && !alert.movedTo ? riskLines(alert.invoice, MOST_NOTE) : []),
    ...stateLines(alert, card.today),
  ];
  if (alert.movedTo) return section(lines.join('\n'));
  return { ...section(lines.join('\n')), accessory: menuOf(alert, detail.choices, page) };
}

/** Slack takes so many in a menu. */
const MOST_CHOICES = 5;

function menuOf(alert: AlertView, most: number, page: number | null): Overflow {
  const { state, task } = alert;
  const open = { text: 'Open', value: 'open' };
  // Both or none, or a list would hear of noise alone.
  const votes = [
    { text: 'Useful', value: 'useful' },
    { text: 'Not useful', value: 'not-useful' },
  ];
  const acknowledge = { text: 'Acknowledge', value: 'acknowledge' };
  const snooze = { text: 'Snooze for a week', value: 'snooze' };
  const risk = alert.invoice ? [{ text: 'Payment risk', value: 'risk' }] : [];
  // A task is for who has taken it up.
  const own =
    state === 'acknowledged'
      ? [...risk, snooze, ...(task ? [] : [{ text: 'Make a task', value: 'task' }])]
      : [...risk, snooze];
  const first = state === 'acknowledged' ? [open] : [acknowledge, open];
  const choices =
    state === 'resolved'
      ? [...votes, open]
      : [...first, ...own.slice(0, MOST_CHOICES - votes.length - first.length), ...votes];
  const options = choices.slice(0, most).map(({ text, value }) => ({
    text: plainText(text),
    value: `${value} ${alert.id}${page === null ? '' : ` ${page}`}`,
  }));
  return { type: 'overflow', action_id: ALERT_MENU, options };
}

/** As many blocks as fit. */
export function within(blocks: readonly KnownBlock[], bytes: number): KnownBlock[] {
  let sum = 0;
  const end = blocks.findIndex((block) => {
    sum += sizeOf(block) + 1;
    return sum > bytes;
  });
  return end < 0 ? [...blocks] : blocks.slice(0, end);
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
