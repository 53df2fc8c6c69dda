import { sql } from 'kysely';
import type { CreditGrant, CreditUse, Day, InvoiceStatus } from '../billing/types.ts';
import type { Db } from './types.ts';

/** An invoice as far as what was billed is told by it. */
export type BilledInvoice = {
  subscriptionId: string | null;
  status: InvoiceStatus;
  reason: string | null;
  currency: string;
  totalBeforeTax: number;
  periodStart: Date | null;
  periodEnd: Date | null;
};

/** A subscription as it is stored. */
export type StoredSubscription = {
  id: string;
  status: string;
  isPaused: boolean;
  currency: string;
  mrr: number | null;
  periodStart: Date | null;
  periodEnd: Date | null;
};

/** All that Stripe tells of an account, of all its customers together. */
export type BillingFacts = {
  accountId: string;
  currency: string;
  arr: number | null;
  mrr: number | null;
  renewalDate: Day | null;
  /** What the last settlement said: since when the MRR is told as it is, and whether there was a customer. */
  mrrSince: Day | null;
  hadCustomer: boolean;
  customers: { id: string; currency: string | null; balance: number; hasCard: boolean | null }[];
  subscriptions: StoredSubscription[];
  /** The oldest first; without those that are coming. */
  invoices: BilledInvoice[];
  /** What would be billed by now, before taxes, of subscriptions whose next invoice is near. */
  coming: { subscriptionId: string; totalBeforeTax: number }[];
  grants: CreditGrant[];
  uses: CreditUse[];
};

/** The facts of accounts; those without a customer have none. */
export async function findBillingFacts(db: Db, accountIds: readonly string[]): Promise<BillingFacts[]> {
  const { rows } = await sql<BillingFacts>`
    select a.id as "accountId", a.currency, a.arr, a.mrr, a.renewal_date as "renewalDate",
      a.traits ->> 'stripe_mrr_since' as "mrrSince", a.traits ? 'stripe_card_on_file' as "hadCustomer",
      coalesce((
        select json_agg(json_build_object('id', c.id, 'currency', c.currency, 'balance', c.balance, 'hasCard', c.has_card) order by c.id)
        from stripe_customers c where c.account_id = a.id and not c.is_deleted
      ), '[]') as customers,
      coalesce((
        select json_agg(json_build_object(
          'id', s.id, 'status', s.status, 'isPaused', s.is_paused, 'currency', s.currency, 'mrr', s.mrr,
          'periodStart', s.period_start, 'periodEnd', s.period_end
        ) order by s.id)
        from subscriptions s join stripe_customers c on c.id = s.customer_id
        where c.account_id = a.id and not c.is_deleted
      ), '[]') as subscriptions,
      coalesce((
        select json_agg(json_build_object(
          'subscriptionId', i.subscription_id, 'status', i.status, 'reason', i.reason, 'currency', i.currency,
          'totalBeforeTax', i.total_before_tax, 'periodStart', i.period_start, 'periodEnd', i.period_end
        ) order by i.created_at, i.id)
        from invoices i join stripe_customers c on c.id = i.customer_id
        where c.account_id = a.id and not c.is_deleted and i.status <> 'upcoming'
      ), '[]') as invoices,
      coalesce((
        select json_agg(json_build_object('subscriptionId', i.subscription_id, 'totalBeforeTax', i.total_before_tax))
        from invoices i join stripe_customers c on c.id = i.customer_id
        where c.account_id = a.id and not c.is_deleted and i.status = 'upcoming'
          and i.subscription_id is not null
      ), '[]') as coming,
      coalesce((
        select json_agg(json_build_object(
          'id', g.id, 'customerId', g.customer_id, 'name', g.name, 'category', g.category, 'currency', g.currency,
          'amount', g.amount, 'remaining', g.remaining, 'effectiveAt', g.effective_at, 'expiresAt', g.expires_at,
          'voidedAt', g.voided_at, 'priority', g.priority
        ) order by g.id)
        from credit_grants g join stripe_customers c on c.id = g.customer_id
        where c.account_id = a.id and not c.is_deleted
      ), '[]') as grants,
      coalesce((
        select json_agg(json_build_object(
          'id', u.id, 'customerId', u.customer_id, 'grantId', u.grant_id, 'invoiceId', u.invoice_id,
          'currency', u.currency, 'amount', u.amount, 'from', u.from_at, 'to', u.to_at
        ) order by u.to_at, u.id)
        from credit_uses u join stripe_customers c on c.id = u.customer_id
        where c.account_id = a.id and not c.is_deleted
      ), '[]') as uses
    from accounts a
    where a.id = any(${accountIds}::text[])
    order by a.id
  `.execute(db);
  return rows.map((row) => ({
    ...row,
    subscriptions: row.subscriptions.map((each) => withDates(each, ['periodStart', 'periodEnd'])),
    invoices: row.invoices.map((each) => withDates(each, ['periodStart', 'periodEnd'])),
    grants: row.grants.map((each) => withDates(each, ['effectiveAt', 'expiresAt', 'voidedAt'])),
    uses: row.uses.map((each) => withDates(each, ['from', 'to'])),
  }));
}

/** JSON has no dates. */
function withDates<Row extends object>(row: Row, keys: readonly (keyof Row)[]): Row {
  const dates = keys.map((key) => [key, row[key] === null ? null : new Date(row[key] as string)]);
  return { ...row, ...Object.fromEntries(dates) };
}

/** What is written of an account after its customers were read; `null` takes a trait away. */
export type SettledAccount = {
  accountId: string;
  currency: string;
  traits: Record<string, string | number | boolean | null>;
};

/** Writes traits where they changed, and has the accounts computed anew. Returns the accounts that changed. */
export async function writeBillingTraits(db: Db, settled: readonly SettledAccount[]): Promise<string[]> {
  if (settled.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    with given as (
      select "accountId" as id, currency, jsonb_strip_nulls(traits) as traits,
        array(select key from jsonb_each(g.traits) where value = 'null') as gone
      from jsonb_to_recordset(${JSON.stringify(settled)}::jsonb) as g ("accountId" text, currency text, traits jsonb)
    ),
    written as (
      update accounts a set traits = (a.traits - g.gone) || g.traits, currency = g.currency, updated_at = now()
      from given g
      where a.id = g.id and ((a.traits - g.gone) || g.traits, g.currency) is distinct from (a.traits, a.currency)
      returning a.id
    ),
    stale as (insert into stale_accounts (account_id, from_day) select id, current_date from written)
    select id from written order by id
  `.execute(db);
  return rows.map(({ id }) => id);
}
