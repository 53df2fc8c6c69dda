import { createHash } from 'node:crypto';
import { usualOf } from '../billing/usual.ts';
import { daysBetween, localDay } from '../days.ts';
import type { InvoiceToRead } from '../db/invoices-to-read.ts';
import type { MetricValue } from '../health/types.ts';
import type { MetricType, Unit } from '../metrics/types.ts';

/**
 * What rules of an indicator with `for_each: invoice` can read of the invoice, as if these were metrics, with their units. Money
 * is in the invoice's currency.
 */
export const invoiceMetrics: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ['invoice_amount', 'money'],
  ['invoice_remaining', 'money'],
  ['invoice_usual', 'money'],
  ['invoice_above_usual', 'percent'],
  ['invoice_is_upcoming', 'boolean'],
  ['invoice_is_open', 'boolean'],
  ['invoice_is_stuck', 'boolean'],
  ['invoice_is_failed', 'boolean'],
  ['invoice_needs_action', 'boolean'],
  ['invoice_is_disputed', 'boolean'],
  ['invoice_attempts', 'number'],
  ['invoice_days_overdue', 'days'],
  ['invoice_currency', 'text'],
  ['invoice_risk', 'text'],
]);

/** The same with the types of their values. */
export const invoiceMetricTypes: ReadonlyMap<string, MetricType> = new Map(
  [...invoiceMetrics].map(([id, unit]) => [id, unit === 'text' || unit === 'boolean' ? unit : 'number']),
);

/** The values of `invoiceMetrics` on a local day. */
export function invoiceValues(
  invoice: InvoiceToRead,
  { day, timeZone }: { day: string; timeZone: string },
): Record<string, MetricValue> {
  const { total, dueAt, status } = invoice;
  const usual = usualOf(invoice.earlier);
  return {
    invoice_amount: total,
    invoice_remaining: invoice.remaining,
    invoice_usual: usual,
    invoice_above_usual: usual === null || usual <= 0 ? null : ((total - usual) / usual) * 100,
    invoice_is_upcoming: status === 'upcoming',
    invoice_is_open: status === 'open',
    invoice_is_stuck: status === 'draft' && invoice.fault !== null,
    invoice_is_failed: invoice.isFailed,
    invoice_needs_action: invoice.needsAction,
    invoice_is_disputed: invoice.isDisputed,
    invoice_attempts: invoice.attempts,
    // What is paid or given up is not overdue any more, which has to end an alert.
    invoice_days_overdue: dueAt === null ? null : status === 'open' ? daysBetween(localDay(dueAt, timeZone), day) : 0,
    invoice_currency: invoice.currency,
    invoice_risk: invoice.risk,
  };
}

/**
 * Changes exactly when a card shows something else of the invoice. The payment risk is not in it: whoever sets that has the
 * messages written anew. Nor is the address of its page, of which Stripe gives another each time.
 */
export function fingerprintOf(invoice: InvoiceToRead): string {
  const { label, status, currency, total, remaining, isFailed, needsAction, isDisputed, attempts } = invoice;
  const { nextAttemptAt, fault, dueAt, paidAt, lines, earlier } = invoice;
  const shown = [
    [label, status, currency, total, remaining, isFailed, needsAction, isDisputed, attempts, fault],
    [nextAttemptAt, dueAt, paidAt].map((instant) => instant?.toISOString() ?? null),
    lines.map(({ what, amount }) => [what, amount]),
    earlier.map((each) => [each.label, each.total]),
  ];
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 22);
}
