import type { PaymentRisk } from '../src/billing/types.ts';
import type { OpenInvoice } from '../src/db/renewal-view.ts';
import { formatDay, formatDistance, formatMoney } from '../src/format.ts';
import type { RenewalBrief } from '../src/renewals/read-brief.ts';
import { mrkdwn } from '../src/slack/escape.ts';

const riskWords: Record<PaymentRisk, string> = {
  likely: 'likely to be paid',
  at_risk: '⚠️ at risk',
  unlikely: '⚠️ unlikely to be paid',
};

type Context = { today: string };

/** When the credit ends, for the midst of a sentence; `null` where that is not before the renewal date. */
export function earlyWords({ earlyOn }: Pick<RenewalBrief, 'earlyOn'>, { today }: Context): string | null {
  if (earlyOn === null) return null;
  const verb = earlyOn < today ? 'ran out' : 'runs out';
  return `the credit ${verb} ${formatDay(earlyOn)} (${formatDistance(earlyOn, today)})`;
}

/** That it is an early renewal, and whether what comes after the credit can be charged; nothing where it is none. */
export function earlyLines(brief: RenewalBrief, card: Context): string[] {
  const words = earlyWords(brief, card);
  if (words === null) return [];
  return [`⚠️ *Early renewal*: ${words}, before that date · ${cardWords(brief.credit?.hasCard ?? null)}`];
}

/** Credit, what it tells of the next contract, and invoices that are open; nothing where nothing is known of them. */
export function billingLines(
  { credit, invoices, earlyOn, account: { currency } }: RenewalBrief,
  card: Context,
): string[] {
  const money = (amount: number) => formatMoney(Math.abs(amount) >= 100 ? Math.round(amount) : amount, currency);
  const { left = null, burn = null, endsOn = null, expiring = null, expiresOn = null, hasCard = null } = credit ?? {};
  // The line that calls it an early renewal says so already.
  const isLasting = earlyOn === null && endsOn !== null && endsOn >= card.today;
  const facts = [
    ...(left === null ? [] : [`Credit left: *${money(left)}*`]),
    ...(burn === null ? [] : [`${left === null ? 'Credit used' : 'used'}: ${money(burn)} a day`]),
    ...(isLasting ? [`runs out ${formatDay(endsOn)} (${formatDistance(endsOn, card.today)})`] : []),
    ...(burn === null || burn <= 0 ? [] : [`a year at that needs *${money(burn * 365)}*`]),
  ];
  const expires = expiresOn === null ? '' : ` ${formatDay(expiresOn)} (${formatDistance(expiresOn, card.today)})`;
  const onFile = earlyOn === null && hasCard !== null ? [cardWords(hasCard)] : [];
  const bills = invoices === null ? onFile : [invoicesWords(invoices, card), ...onFile];
  return [
    ...(facts.length === 0 ? [] : [facts.join(' · ')]),
    ...(expiring !== null && expiring > 0
      ? [`⚠️ *${money(expiring)}* of the credit would expire unused${expires}`]
      : []),
    ...(bills.length === 0 ? [] : [bills.join(' · ')]),
  ];
}

function cardWords(hasCard: boolean | null): string {
  if (hasCard === null) return 'card on file: no data';
  return hasCard ? 'card on file: yes' : 'card on file: *no*';
}

function invoicesWords({ total, list }: NonNullable<RenewalBrief['invoices']>, card: Context): string {
  if (total === 0) return 'Open invoices: none';
  const more = total - list.length;
  return `Open invoices: ${list.map((each) => invoiceWords(each, card)).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function invoiceWords({ label, remaining, currency, due, hasFailed, risk, riskNote }: OpenInvoice, { today }: Context) {
  const facts = [
    `${mrkdwn(label, 60)} *${formatMoney(remaining, currency)}*`,
    ...(due === null ? [] : [`due ${formatDay(due)} (${formatDistance(due, today)})`]),
    ...(hasFailed ? ['payment failed'] : []),
    ...(risk === null ? [] : [`${riskWords[risk]}${riskNote === null ? '' : ` (${mrkdwn(riskNote, 100)})`}`]),
  ];
  return facts.join(', ');
}
