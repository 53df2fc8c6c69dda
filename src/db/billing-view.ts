import { sql } from 'kysely';
import type { CustomerMatch, InvoiceStatus, PaymentRisk } from '../billing/types.ts';
import type { Db } from './types.ts';

/** An account's customers, with what is billed to them. */
export type BillingView = {
  customers: { id: string; name: string | null; matchedBy: CustomerMatch; balance: number; currency: string | null }[];
  subscriptions: { id: string; status: string; currency: string; mrr: number | null; periodEnd: string | null }[];
  /** Those that are coming or stand open first, then the newest. */
  invoices: {
    id: string;
    label: string;
    status: InvoiceStatus;
    currency: string;
    total: number;
    remaining: number;
    isFailed: boolean;
    createdAt: string;
    risk: PaymentRisk | null;
  }[];
};

/** What is stored of an account's billing, with at most so many invoices. Times are ISO. */
export async function findBillingView(db: Db, accountId: string, mostInvoices: number): Promise<BillingView> {
  const ofAccount = sql`c.account_id = ${accountId} and not c.is_deleted`;
  const { rows } = await sql<BillingView>`
    select
      coalesce((
        select json_agg(json_build_object(
          'id', c.id, 'name', c.name, 'matchedBy', c.matched_by, 'balance', c.balance, 'currency', c.currency
        ) order by c.id)
        from stripe_customers c where ${ofAccount}
      ), '[]') as customers,
      coalesce((
        select json_agg(json_build_object(
          'id', s.id, 'status', s.status, 'currency', s.currency, 'mrr', s.mrr, 'periodEnd', s.period_end
        ) order by s.ended_at nulls first, s.id)
        from subscriptions s join stripe_customers c on c.id = s.customer_id where ${ofAccount}
      ), '[]') as subscriptions,
      coalesce((
        select json_agg(json_build_object(
          'id', i.id, 'label', i.label, 'status', i.status, 'currency', i.currency, 'total', i.total,
          'remaining', i.remaining, 'isFailed', i.is_failed, 'createdAt', i.created_at, 'risk', i.risk
        ) order by i.place)
        from (
          select i.*, row_number() over (order by i.status not in ('upcoming', 'open'), i.created_at desc, i.id) as place
          from invoices i join stripe_customers c on c.id = i.customer_id where ${ofAccount}
        ) i where i.place <= ${mostInvoices}
      ), '[]') as invoices
  `.execute(db);
  return rows[0] ?? { customers: [], subscriptions: [], invoices: [] };
}
