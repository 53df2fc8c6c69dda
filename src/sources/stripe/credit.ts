import type Stripe from 'stripe';
import type { CreditGrant, CreditUse } from '../../billing/types.ts';
import { idOf, idOrNull, toDate, toDateOrNull } from './ids.ts';
import { currencyOf, toUnits } from './money.ts';

/** A grant; what is left of it is not known before its transactions are. `null`: it is not of money. */
export function toGrant(given: Stripe.Billing.CreditGrant): CreditGrant | null {
  const { monetary } = given.amount;
  if (!monetary) return null;
  return {
    id: given.id,
    customerId: idOf(given.customer),
    name: given.name,
    category: given.category === 'paid' ? 'paid' : 'promotional',
    currency: currencyOf(monetary.currency),
    amount: toUnits(monetary.value, monetary.currency),
    remaining: null,
    effectiveAt: toDateOrNull(given.effective_at),
    expiresAt: toDateOrNull(given.expires_at),
    voidedAt: toDateOrNull(given.voided_at),
    priority: given.priority,
  };
}

/** What is left of a grant after all that was taken from it and given back. */
export function remainingOf(grant: CreditGrant, entries: readonly Stripe.Billing.CreditBalanceTransaction[]): number {
  const changes = entries.map(({ credit, debit }) => {
    // That it was granted is the grant itself.
    const given = credit && credit.type !== 'credits_granted' ? unitsOf(credit.amount) : 0;
    return given - (debit ? unitsOf(debit.amount) : 0);
  });
  const left = changes.reduce((sum, change) => sum + change, grant.amount);
  return Math.max(0, Math.round(left * 1000) / 1000);
}

/** When an invoice's use happened, and what it is called. */
type Billed = { id: string; periodStart: Date | null; periodEnd: Date | null };

/** Credit that an invoice used, or gave back; `null`: it expired, was granted or taken away, which is no use. */
export function toUse(
  given: Stripe.Billing.CreditBalanceTransaction,
  customerId: string,
  invoices: ReadonlyMap<string, Billed>,
): CreditUse | null {
  const { credit, debit } = given;
  const used = debit?.credits_applied ?? null;
  const returned = credit?.credits_application_invoice_voided ?? null;
  const amount = used ? debit?.amount : returned ? credit?.amount : null;
  if (!amount?.monetary) return null;
  const invoiceId = idOrNull(used?.invoice ?? returned?.invoice);
  return {
    id: given.id,
    customerId,
    grantId: idOf(given.credit_grant),
    invoiceId,
    currency: currencyOf(amount.monetary.currency),
    amount: (used ? 1 : -1) * unitsOf(amount),
    ...timesOf(toDate(given.effective_at), invoices.get(invoiceId ?? '')),
  };
}

/** Whether credit was used, or given back. What a customer owes is billed by the same types, with the other sign. */
function isCreditUse({ type, amount }: Stripe.CustomerBalanceTransaction): boolean {
  return (type === 'applied_to_invoice' && amount > 0) || (type === 'unapplied_from_invoice' && amount < 0);
}

/** What an invoice took of the customer's balance, which is credit while it is below zero; `null`: it is something else. */
export function toBalanceUse(
  given: Stripe.CustomerBalanceTransaction,
  invoices: ReadonlyMap<string, Billed>,
): CreditUse | null {
  if (!isCreditUse(given)) return null;
  const invoiceId = idOrNull(given.invoice);
  return {
    id: given.id,
    customerId: idOf(given.customer),
    grantId: null,
    invoiceId,
    currency: currencyOf(given.currency),
    // What is applied brings the balance up.
    amount: toUnits(given.amount, given.currency),
    ...timesOf(toDate(given.created), invoices.get(invoiceId ?? '')),
  };
}

/** An invoice tells of the use of its whole period. */
function timesOf(at: Date, invoice: Billed | undefined): Pick<CreditUse, 'from' | 'to'> {
  const { periodStart: from = null, periodEnd: to = null } = invoice ?? {};
  return from && to && from < to ? { from, to } : { from: at, to: at };
}

function unitsOf({ monetary }: { monetary: { currency: string; value: number } | null }): number {
  return monetary ? toUnits(monetary.value, monetary.currency) : 0;
}
