import { type RawBuilder, sql } from 'kysely';
import type { InvoiceLine, InvoiceStatus, PaymentRisk } from '../billing/types.ts';
import { USUAL_OF } from '../billing/usual.ts';
import type { Db } from './types.ts';

/** An invoice as indicators read it; money in units of its currency. */
export type InvoiceToRead = {
  id: string;
  label: string;
  status: InvoiceStatus;
  currency: string;
  total: number;
  remaining: number;
  isFailed: boolean;
  needsAction: boolean;
  isDisputed: boolean;
  attempts: number;
  nextAttemptAt: Date | null;
  fault: string | null;
  dueAt: Date | null;
  paidAt: Date | null;
  url: string | null;
  lines: readonly InvoiceLine[];
  risk: PaymentRisk | null;
  readAt: Date;
  /** Those of the same subscription before it, the newest first. */
  earlier: readonly { label: string; total: number }[];
};

/**
 * By account, where it has a customer at Stripe: the invoices that are open, coming, given up, disputed, or could not be made,
 * and those of open alerts.
 */
export async function findInvoicesToRead(db: Db, accountIds: readonly string[]): Promise<Map<string, InvoiceToRead[]>> {
  const [customers, { rows }] = await Promise.all([
    sql<{ account: string }>`
      select distinct account_id as account from stripe_customers
      where account_id = any(${accountIds}::text[]) and not is_deleted
    `.execute(db),
    sql<InvoiceToRead & { account: string }>`
      with customers as (
        select id, account_id from stripe_customers where account_id = any(${accountIds}::text[]) and not is_deleted
      ),
      told as (
        select latest #>> '{invoice,id}' as id from alerts
        where account_id = any(${accountIds}::text[]) and state <> 'resolved' and latest ? 'invoice'
      )
      select c.account_id as account, i.id, i.label, i.status, i.currency, i.total, i.remaining,
        i.is_failed as "isFailed", i.needs_action as "needsAction", i.is_disputed as "isDisputed", i.attempts,
        i.next_attempt_at as "nextAttemptAt", i.fault, i.due_at as "dueAt", i.paid_at as "paidAt", i.url, i.lines, i.risk,
        i.read_at as "readAt",
        coalesce((
          select json_agg(json_build_object('label', e.label, 'total', e.total) order by e.created_at desc, e.id)
          from (${earlierInvoices(sql`i`)}) e
        ), '[]') as earlier
      from customers c join invoices i on i.customer_id = c.id
      where i.status in ('open', 'upcoming', 'uncollectible') or (i.status = 'draft' and i.fault is not null)
        or i.is_disputed or i.id in (select id from told)
      order by c.account_id, i.id
    `.execute(db),
  ]);
  const byAccount = Map.groupBy(rows, ({ account }) => account);
  const ids = new Set([...customers.rows.map(({ account }) => account), ...byAccount.keys()]);
  return new Map([...ids].map((id) => [id, byAccount.get(id) ?? []]));
}

/** What an invoice is compared with, the newest first: those that the cycle of its subscription made before; no first, changed or manual one. */
export function earlierInvoices(invoice: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select * from invoices before
    where before.subscription_id = ${invoice}.subscription_id and before.currency = ${invoice}.currency
      and before.status in ('paid', 'open', 'uncollectible') and before.created_at < ${invoice}.created_at
      and before.id <> ${invoice}.id
      and before.reason = 'subscription_cycle'
    order by before.created_at desc, before.id limit ${USUAL_OF}
  `;
}
