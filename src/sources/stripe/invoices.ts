import type Stripe from 'stripe';
import type { InvoiceLine, InvoiceStatus, StripeInvoice } from '../../billing/types.ts';
import { idOf, idOrNull, toDate, toDateOrNull } from './ids.ts';
import { currencyOf, toUnits } from './money.ts';

/** What has to be asked for of one invoice so that `faultOf` knows why it was not paid. */
export const paymentDetails = ['payments.data.payment.payment_intent'];

/** The largest lines that are kept; few invoices have more than ten. */
const mostLines = 250;

/** An invoice that Stripe has made. */
export function toInvoice(given: Stripe.Invoice): StripeInvoice {
  const status = statusOf(given);
  return {
    ...common(given),
    id: given.id,
    label: given.number ?? given.id,
    status,
    isFailed: status === 'open' && given.attempted && given.amount_remaining > 0,
    needsAction: false,
    attempts: given.attempt_count,
    nextAttemptAt: status === 'open' ? toDateOrNull(given.next_payment_attempt) : null,
    fault: status === 'draft' ? sentenceOf(given.last_finalization_error?.message) : null,
    dueAt: toDateOrNull(given.due_date),
    createdAt: toDate(given.created),
    paidAt: toDateOrNull(given.status_transitions.paid_at),
    url: given.hosted_invoice_url ?? null,
  };
}

const statuses: readonly InvoiceStatus[] = ['open', 'paid', 'void', 'uncollectible'];

/** What Stripe adds one day counts as not finished. */
function statusOf({ status }: Stripe.Invoice): InvoiceStatus {
  return statuses.find((each) => each === status) ?? 'draft';
}

/** The invoice that Stripe will make for a subscription at `on`, `YYYY-MM-DD`; `label` is what people call it. */
export function toUpcoming(
  given: Stripe.Invoice,
  { subscriptionId, on, label }: { subscriptionId: string; on: string; label: string },
): StripeInvoice {
  return {
    ...common(given),
    id: `upcoming:${subscriptionId}:${on}`,
    subscriptionId,
    label,
    status: 'upcoming',
    isFailed: false,
    needsAction: false,
    attempts: 0,
    // When Stripe will try to have it paid.
    nextAttemptAt: toDateOrNull(given.next_payment_attempt),
    fault: null,
    dueAt: toDateOrNull(given.due_date),
    createdAt: toDate(given.period_end),
    paidAt: null,
    url: null,
  };
}

/**
 * Why an open invoice was not paid, from its payments, whether the customer has to confirm one, and whether one is under way:
 * a debit from a bank account takes days, in which it has not failed.
 */
export function faultOf(given: Stripe.Invoice): Pick<StripeInvoice, 'fault' | 'needsAction'> & { isUnderWay: boolean } {
  const intents = (given.payments?.data ?? []).flatMap(({ payment }) => {
    const intent = payment.payment_intent;
    return intent && typeof intent !== 'string' ? [intent] : [];
  });
  const errors = intents.flatMap(({ last_payment_error: error }) => (error ? [error] : []));
  const needsAction = intents.some(({ status }) => status === 'requires_action');
  const [error] = errors.toReversed();
  const isUnderWay = intents.some(({ status }) => status === 'processing');
  return { fault: sentenceOf(error?.message ?? error?.decline_code ?? error?.code), needsAction, isUnderWay };
}

function common(given: Stripe.Invoice) {
  const units = (amount: number) => toUnits(amount, given.currency);
  const lines = linesOf(given);
  return {
    customerId: given.customer === null ? '' : idOf(given.customer),
    subscriptionId: idOrNull(given.parent?.subscription_details?.subscription),
    reason: given.billing_reason,
    currency: currencyOf(given.currency),
    total: units(given.total),
    // Of its lines, since the invoice's own may be after credit that was bought before.
    totalBeforeTax: sumOf(lines.map(({ amount }) => amount)),
    due: units(given.amount_due),
    remaining: units(given.amount_remaining),
    periodStart: toDate(given.period_start),
    periodEnd: toDate(given.period_end),
    lines: lines.slice(0, mostLines),
  } satisfies Partial<StripeInvoice>;
}

/** Before taxes, after discounts; the largest first. */
function linesOf({ lines, currency }: Stripe.Invoice): InvoiceLine[] {
  const all = lines.data.map((line): InvoiceLine => {
    const off = (line.discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
    const included = (line.taxes ?? []).filter(({ tax_behavior: behavior }) => behavior === 'inclusive');
    const tax = included.reduce((sum, { amount }) => sum + amount, 0);
    return {
      what: line.description ?? '',
      amount: toUnits(line.amount - off - tax, currency),
      quantity: line.quantity,
      item: line.parent?.subscription_item_details?.subscription_item ?? null,
    };
  });
  return all.toSorted((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
}

/** Without what adding decimals leaves. */
function sumOf(amounts: readonly number[]): number {
  return Math.round(amounts.reduce((sum, amount) => sum + amount, 0) * 1000) / 1000;
}

function sentenceOf(text: string | null | undefined): string | null {
  return text?.trim().slice(0, 300) || null;
}
