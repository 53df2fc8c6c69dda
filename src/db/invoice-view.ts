import { type RawBuilder, sql } from 'kysely';
import type { InvoiceStatus, PaymentRisk } from '../billing/types.ts';
import { localDay } from '../days.ts';
import type { Day, Db } from './types.ts';

/** An invoice as people see it; money in units of its currency, days local. */
export type InvoiceView = {
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
  dueDay: Day | null;
  /** Of one that is coming, when; else `null`. */
  comesDay: Day | null;
  paidDay: Day | null;
  url: string | null;
  /** What the CSM expects of it; `by` is a Slack id. */
  risk: { risk: PaymentRisk; note: string | null; by: string; at: Date } | null;
};

/** What became of the invoice of an alert: as it is now, else what one that was coming was made as. */
export type InvoiceNow = { invoice: InvoiceView | null; madeAs: InvoiceView | null };

/** A row of `invoiceColumns`. */
export type InvoiceRow = Omit<InvoiceView, 'dueDay' | 'comesDay' | 'paidDay' | 'risk'> & {
  due_at: Date | null;
  paid_at: Date | null;
  risk: PaymentRisk | null;
  risk_note: string | null;
  risk_by: string | null;
  risk_at: Date | null;
};

/** What is read of an invoice `i`. */
export const invoiceColumns = sql`
  i.id, i.label, i.status, i.currency, i.total, i.remaining, i.is_failed as "isFailed", i.needs_action as "needsAction",
  i.is_disputed as "isDisputed", i.attempts, i.next_attempt_at as "nextAttemptAt", i.fault, i.due_at, i.paid_at, i.url,
  i.risk, i.risk_note, i.risk_by, i.risk_at
`;

/** By id, what is known of invoices now. */
export async function findInvoicesNow(
  db: Db,
  ids: readonly string[],
  timeZone: string,
): Promise<Map<string, InvoiceNow>> {
  if (ids.length === 0) return new Map();
  const invoices = new Map((await find(db, sql`i.id = any(${ids}::text[])`, timeZone)).map((each) => [each.id, each]));
  const found = ids.map(async (id): Promise<[string, InvoiceNow]> => {
    const invoice = invoices.get(id) ?? null;
    return [id, { invoice, madeAs: invoice ? null : await findMade(db, id, timeZone) }];
  });
  return new Map(await Promise.all(found));
}

/** What an account has not paid yet, what is due first first: open or given up, then what is coming. */
export function findUnpaidInvoices(db: Db, accountId: string, timeZone: string): Promise<InvoiceView[]> {
  return find(
    db,
    sql`i.status in ('open', 'uncollectible', 'upcoming')
      and i.customer_id in (select id from stripe_customers where account_id = ${accountId} and not is_deleted)`,
    timeZone,
  );
}

/** What stands for an invoice that is coming has its subscription and day in its id; Stripe takes a few hours to make it. */
async function findMade(db: Db, id: string, timeZone: string): Promise<InvoiceView | null> {
  const coming = comingOf(id);
  if (!coming) return null;
  const { subscription, day } = coming;
  const [made] = await find(
    db,
    sql`i.subscription_id = ${subscription} and i.status <> 'upcoming'
      and i.created_at >= ${day}::date - 1 and i.created_at < ${day}::date + 4`,
    timeZone,
  );
  return made ?? null;
}

/** What the id of an invoice that is coming says: `upcoming:SUBSCRIPTION:DAY`. */
function comingOf(id: string): { subscription: string; day: Day } | null {
  const [, subscription, day] = /^upcoming:(.+):(\d{4}-\d{2}-\d{2})$/.exec(id) ?? [];
  return subscription !== undefined && day !== undefined ? { subscription, day } : null;
}

async function find(db: Db, condition: RawBuilder<unknown>, timeZone: string): Promise<InvoiceView[]> {
  const { rows } = await sql<InvoiceRow>`
    select ${invoiceColumns} from invoices i where ${condition}
    order by i.status = 'upcoming', coalesce(i.due_at, i.created_at), i.id
  `.execute(db);
  return rows.map((row) => toInvoice(row, timeZone));
}

/** A row as an invoice, its days in the time zone. */
export function toInvoice(
  { due_at, paid_at, risk, risk_note, risk_by, risk_at, ...row }: InvoiceRow,
  timeZone: string,
): InvoiceView {
  const dayOf = (instant: Date | null) => instant && localDay(instant, timeZone);
  return {
    ...row,
    dueDay: dayOf(due_at),
    comesDay: row.status === 'upcoming' ? (comingOf(row.id)?.day ?? null) : null,
    paidDay: dayOf(paid_at),
    risk: risk && { risk, note: risk_note, by: risk_by as string, at: risk_at as Date },
  };
}
