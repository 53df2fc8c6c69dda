import type { InvoiceStatus, PaymentRisk } from '../src/billing/types.ts';
import type { InvoiceView } from '../src/db/invoice-view.ts';
import { formatDay, formatDistance, formatMoney } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { linkTo } from './alert-links.ts';
import { counted, instantLabel, personLabel } from './alert-words.ts';

/** What a CSM may expect of an invoice, in words; the most hopeful first. */
export const RISK_WORDS: Record<PaymentRisk, string> = {
  likely: 'Likely to be paid',
  at_risk: 'At risk',
  unlikely: 'Unlikely to be paid',
};

const riskSymbols: Record<PaymentRisk, string> = { likely: '🟢', at_risk: '🟡', unlikely: '🔴' };
const MOST_LABEL = 60;
const MOST_NOTE = 200;
const MOST_FAULT = 200;

const statusWords: Record<InvoiceStatus, string> = {
  upcoming: 'coming',
  draft: 'not made yet',
  open: 'open',
  paid: 'paid',
  void: 'voided',
  uncollectible: 'given up as uncollectible',
};

/** How an invoice stands: the amount, when it is due, what was tried, and what the CSM expects; a line each, safe in mrkdwn. */
export function invoiceLines(invoice: InvoiceView, today: string): string[] {
  const { status, isFailed, needsAction, isDisputed, fault, nextAttemptAt } = invoice;
  const isOpen = status === 'open' || status === 'uncollectible';
  return [
    `🧾 ${headLine(invoice, today)}`,
    ...(isFailed && isOpen
      ? [`${attemptsText(invoice)}${fault === null ? '' : `: ${mrkdwn(fault, MOST_FAULT)}`}`]
      : []),
    ...(!isFailed && fault !== null && status !== 'paid' ? [`Fault: ${mrkdwn(fault, MOST_FAULT)}`] : []),
    ...(nextAttemptAt && isOpen ? [`Next attempt ${instantLabel(nextAttemptAt)}`] : []),
    ...(isFailed && isOpen && !nextAttemptAt ? ['No further attempt is planned'] : []),
    ...(needsAction && isOpen ? ['The customer has to confirm the payment'] : []),
    ...(isDisputed ? ['⚖️ The customer disputes the payment'] : []),
    ...riskLines(invoice),
  ];
}

/** An invoice in one line, for lists: what, how much, when, and what the CSM expects; safe in mrkdwn. */
export function invoiceLine(invoice: InvoiceView, today: string): string {
  const { risk, isFailed } = invoice;
  const failed = isFailed ? [attemptsText(invoice)] : [];
  const expected = risk ? [`${riskSymbols[risk.risk]} ${RISK_WORDS[risk.risk]}`] : [];
  return [headLine(invoice, today), ...failed, ...expected].join(' · ');
}

/** What the CSM expects of an invoice, who says so and when, their note cut to `mostNote`; nothing where nobody said anything. */
export function riskLines({ risk: said }: Pick<InvoiceView, 'risk'>, mostNote = MOST_NOTE): string[] {
  if (!said) return [];
  const note = said.note === null ? '' : `: “${mrkdwn(said.note, mostNote)}”`;
  const by = `${personLabel(said.by)}, ${instantLabel(said.at)}`;
  return [`${riskSymbols[said.risk]} Payment risk: *${RISK_WORDS[said.risk]}*${note} (${by})`];
}

/** What became of an invoice since the local day `since`, to follow a colon; `null` where only its alert's rule is over. */
export function invoiceOutcome(
  { invoice, madeAs }: { invoice: InvoiceView | null; madeAs: InvoiceView | null },
  { since, today }: { since: string; today: string },
): string | null {
  if (invoice === null) {
    if (madeAs === null) return 'the invoice is no longer there';
    // For an hour or so it has no number.
    if (madeAs.status === 'draft')
      return `it was made, ${formatMoney(madeAs.total, madeAs.currency)}, and is about to be charged or sent`;
    return `it was made as ${headLine(madeAs, today)}`;
  }
  const { status, paidDay, currency, total, isDisputed } = invoice;
  if (status === 'void') return '*voided*, nothing is to be paid';
  if (status === 'uncollectible') return 'it was given up as uncollectible';
  // What was paid before is another story, such as a dispute that is over.
  if (status !== 'paid' || (paidDay !== null && paidDay < since)) return null;
  const disputed = isDisputed ? ', and is disputed' : '';
  return `${paidDay === null ? '*paid*' : `*paid on ${formatDay(paidDay)}*`}, ${formatMoney(total, currency)}${disputed}`;
}

function headLine(invoice: InvoiceView, today: string): string {
  const { label, url, status, dueDay, comesDay } = invoice;
  const named = linkTo(url, label, MOST_LABEL) ?? mrkdwn(label, MOST_LABEL);
  const isOver = status === 'paid' || status === 'void';
  const due =
    dueDay === null || isOver
      ? []
      : [`${dueDay < today ? 'was due' : 'due'} ${formatDay(dueDay)} (${formatDistance(dueDay, today)})`];
  const stands = comesDay === null ? statusWords[status] : comesText(label, comesDay, today);
  return [`${named}: ${amountOf(invoice)} ${stands}`, ...due].join(' · ');
}

/** What is to be paid, and of how much, where some is; in mrkdwn. */
export function amountOf({ total, remaining, currency, status }: InvoiceView): string {
  const isPart = status !== 'upcoming' && status !== 'draft' && remaining !== total && remaining > 0;
  return isPart
    ? `*${formatMoney(remaining, currency)}* of ${formatMoney(total, currency)}`
    : `*${formatMoney(total, currency)}*`;
}

/** What is coming is mostly called by its day, which is not said again. */
function comesText(label: string, comesDay: string, today: string): string {
  const distance = formatDistance(comesDay, today);
  return label.includes(formatDay(comesDay)) ? distance : `comes ${formatDay(comesDay)} (${distance})`;
}

function attemptsText({ attempts }: InvoiceView): string {
  return attempts === 0 ? 'A payment failed' : `${counted(attempts, 'attempt')} failed`;
}
