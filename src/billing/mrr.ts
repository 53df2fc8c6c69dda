import { cycleInvoices } from './cycle-invoices.ts';
import { monthsIn } from './months.ts';
import type { StripeInvoice, StripeSubscription } from './types.ts';

/** Those in which a subscription brings money. */
const PAYING = new Set(['active', 'past_due']);
/** A period is full that is not shorter than the running one by a larger share. */
const SHORTER = 0.1;

/**
 * What a subscription brings in a month, after discounts and before taxes, in its currency; 0 while it is on trial, paused or
 * over. Items whose price only invoices tell bring what the last invoice of a full period billed for them; `null` where there
 * is none yet. Such lines are after discounts already.
 */
export function subscriptionMrr(subscription: StripeSubscription, invoices: readonly StripeInvoice[]): number | null {
  if (!PAYING.has(subscription.status) || subscription.isPaused) return 0;
  const priced = sum(subscription.items.map(({ monthly }) => monthly ?? 0));
  const told = subscription.items.filter(({ monthly }) => monthly === null).map(({ id }) => id);
  const billed = told.length === 0 ? 0 : billedMonthly(subscription, told, invoices);
  if (billed === null) return null;
  const { share, monthly } = subscription.discount;
  // Stripe takes an amount off all lines in proportion: those of the invoice have had their part.
  const part = billed > 0 && priced > 0 ? priced / (priced + billed) : 1;
  return Math.max(0, Math.max(0, priced * share - monthly * part) + billed);
}

/**
 * What an account's subscriptions bring in a month, in its currency; `null` where one of them is not known, or none is in that
 * currency. `leftOut`: other currencies in which something is brought, by their letters.
 */
export function accountMrr(
  subscriptions: readonly { currency: string; mrr: number | null }[],
  currency: string,
): { mrr: number | null; leftOut: string[] } {
  const own = subscriptions.filter((subscription) => subscription.currency === currency).map(({ mrr }) => mrr);
  const others = subscriptions.filter((subscription) => subscription.currency !== currency && subscription.mrr !== 0);
  return {
    mrr: own.length === 0 || own.includes(null) ? null : sum(own.map((mrr) => mrr ?? 0)),
    leftOut: [...new Set(others.map((subscription) => subscription.currency))].sort(),
  };
}

function billedMonthly(
  subscription: StripeSubscription,
  items: readonly string[],
  invoices: readonly StripeInvoice[],
): number | null {
  const { periodStart, periodEnd } = subscription;
  const running = periodStart && periodEnd ? monthsIn(periodStart, periodEnd) : null;
  for (const invoice of cycleInvoices(invoices, subscription.id, subscription.currency)) {
    const months = invoice.periodStart && invoice.periodEnd ? monthsIn(invoice.periodStart, invoice.periodEnd) : null;
    if (months === null || (running !== null && months < running * (1 - SHORTER))) continue;
    const lines = invoice.lines.filter(({ item }) => item !== null && items.includes(item));
    return sum(lines.map(({ amount }) => amount)) / months;
  }
  return null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
