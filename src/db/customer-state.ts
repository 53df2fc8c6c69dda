import { type Kysely, sql } from 'kysely';
import { fingerprints } from '../billing/fingerprint.ts';
import type { CustomerState } from '../billing/source.ts';
import type { CreditGrant, CreditUse, StripeCustomer, StripeInvoice } from '../billing/types.ts';
import type { Database, Db } from './types.ts';

/** A subscription with what it brings in a month; `null` is not known. */
type Valued = CustomerState['subscriptions'][number] & { mrr: number | null };

/** A customer's state as it is stored. */
export type StoredState = Omit<CustomerState, 'subscriptions'> & { subscriptions: readonly Valued[] };

/** Stores all that was read of a customer, in one transaction. False: what was read later is stored already. */
export function storeCustomerState(db: Kysely<Database>, state: StoredState): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    // Whoever stores the same customer waits here for the end of the other.
    const isNewest = await upsertCustomer(transaction, state.customer, state.readAt);
    if (!isNewest) return false;
    const { id } = state.customer;
    await upsertSubscriptions(transaction, state.subscriptions);
    await replaceInvoices(transaction, id, state);
    await upsertGrants(transaction, state.grants);
    await upsertUses(transaction, state.uses);
    return true;
  });
}

async function upsertCustomer(transaction: Db, customer: StripeCustomer, readAt: Date): Promise<boolean> {
  const known = {
    named_account: customer.namedAccount,
    name: customer.name,
    email: customer.email,
    currency: customer.currency,
    balance: customer.balance,
    has_card: customer.hasCard,
    is_deleted: customer.isDeleted,
    fingerprint: fingerprints.customer(customer),
    read_at: readAt,
  };
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('stripe_customers')
    .values({ id: customer.id, ...known })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(known).where('stripe_customers.read_at', '<=', readAt))
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

async function upsertSubscriptions(transaction: Db, subscriptions: readonly Valued[]): Promise<void> {
  for (const each of subscriptions) {
    const { mrr, ...read } = each;
    const known = {
      customer_id: each.customerId,
      status: each.status,
      is_paused: each.isPaused,
      currency: each.currency,
      items: JSON.stringify(each.items),
      mrr,
      period_start: each.periodStart,
      period_end: each.periodEnd,
      cancel_at: each.cancelAt,
      ended_at: each.endedAt,
      fingerprint: fingerprints.subscription(read),
    };
    await transaction
      .insertInto('subscriptions')
      .values({ id: each.id, ...known })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(known))
      .execute();
  }
}

/**
 * Drafts can be deleted, what was coming has come, and an old one that stood open was settled: what is not among the invoices
 * any more goes.
 */
async function replaceInvoices(
  transaction: Db,
  customerId: string,
  { invoices, readAt }: Pick<CustomerState, 'invoices' | 'readAt'>,
): Promise<void> {
  for (const invoice of invoices) {
    const known = { ...rowOf(invoice), read_at: readAt };
    await transaction
      .insertInto('invoices')
      .values({ id: invoice.id, ...known })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(known))
      .execute();
  }
  const ids = invoices.map(({ id }) => id);
  // What the CSM thought of the invoice that was coming holds for the one that came, or that comes on another day.
  await sql`
    update invoices i set risk = c.risk, risk_note = c.risk_note, risk_by = c.risk_by, risk_at = c.risk_at
    from invoices c
    where c.customer_id = ${customerId} and c.status = 'upcoming' and c.risk is not null and c.id <> all(${ids}::text[])
      and i.subscription_id = c.subscription_id and i.risk is null and case
        when i.status = 'upcoming' then c.period_end > ${readAt} and i.id = any(${ids}::text[])
        else i.period_end = c.period_end
      end
  `.execute(transaction);
  await sql`
    delete from invoices
    where customer_id = ${customerId} and status in ('draft', 'upcoming', 'open') and id <> all(${ids}::text[])
  `.execute(transaction);
}

function rowOf(invoice: StripeInvoice) {
  return {
    customer_id: invoice.customerId,
    subscription_id: invoice.subscriptionId,
    label: invoice.label,
    status: invoice.status,
    reason: invoice.reason,
    currency: invoice.currency,
    total: invoice.total,
    total_before_tax: invoice.totalBeforeTax,
    due: invoice.due,
    remaining: invoice.remaining,
    is_failed: invoice.isFailed,
    needs_action: invoice.needsAction,
    attempts: invoice.attempts,
    next_attempt_at: invoice.nextAttemptAt,
    fault: invoice.fault,
    due_at: invoice.dueAt,
    period_start: invoice.periodStart,
    period_end: invoice.periodEnd,
    created_at: invoice.createdAt,
    paid_at: invoice.paidAt,
    url: invoice.url,
    lines: JSON.stringify(invoice.lines),
    fingerprint: fingerprints.invoice(invoice),
  };
}

async function upsertGrants(transaction: Db, grants: readonly CreditGrant[]): Promise<void> {
  for (const grant of grants) {
    const known = {
      customer_id: grant.customerId,
      name: grant.name,
      category: grant.category,
      currency: grant.currency,
      amount: grant.amount,
      remaining: grant.remaining,
      effective_at: grant.effectiveAt,
      expires_at: grant.expiresAt,
      voided_at: grant.voidedAt,
      priority: grant.priority,
      fingerprint: fingerprints.grant(grant),
    };
    await transaction
      .insertInto('credit_grants')
      .values({ id: grant.id, ...known })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(known))
      .execute();
  }
}

async function upsertUses(transaction: Db, uses: readonly CreditUse[]): Promise<void> {
  if (uses.length === 0) return;
  await sql`
    insert into credit_uses (id, customer_id, grant_id, invoice_id, currency, amount, from_at, to_at)
    select id, "customerId", "grantId", "invoiceId", currency, amount, "from", "to"
    from jsonb_to_recordset(${JSON.stringify(uses)}::jsonb) as given (
      id text, "customerId" text, "grantId" text, "invoiceId" text, currency text, amount numeric, "from" timestamptz, "to" timestamptz
    )
    on conflict (id) do update set from_at = excluded.from_at, to_at = excluded.to_at
  `.execute(transaction);
}
