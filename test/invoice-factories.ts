import type { Insertable } from 'kysely';
import type { InvoiceLine } from '../src/billing/types.ts';
import type { InvoiceView } from '../src/db/invoice-view.ts';
import type { InvoiceToRead } from '../src/db/invoices-to-read.ts';
import type { Database, Db } from '../src/db/types.ts';

type Customer = Partial<Insertable<Database['stripe_customers']>> & { id: string };
type Invoice = Omit<Partial<Insertable<Database['invoices']>>, 'lines'> & { id: string; lines?: InvoiceLine[] };

const readAt = '2026-11-02T08:00:00Z';

/** Stores a customer at Stripe, of the account `acme` unless told. Returns its id. */
export async function insertCustomer(db: Db, given: Customer): Promise<string> {
  await db
    .insertInto('stripe_customers')
    .values({ account_id: 'acme', matched_by: 'metadata', is_deleted: false, read_at: readAt, balance: 0, ...given })
    .execute();
  return given.id;
}

/** Stores an invoice of the customer `cus_acme` unless told: $1,200, open, with nothing wrong. Returns its id. */
export async function insertInvoice(db: Db, { lines = [], ...given }: Invoice): Promise<string> {
  const total = given.total ?? 1_200;
  await db
    .insertInto('invoices')
    .values({
      customer_id: 'cus_acme',
      subscription_id: 'sub_acme',
      label: given.id,
      status: 'open',
      reason: 'subscription_cycle',
      currency: 'USD',
      total,
      total_before_tax: total,
      due: total,
      remaining: total,
      is_failed: false,
      needs_action: false,
      attempts: 0,
      created_at: '2026-11-01T08:00:00Z',
      read_at: readAt,
      ...given,
      lines: JSON.stringify(lines),
    })
    .execute();
  return given.id;
}

/** What a card shows of an invoice: INV-7, $1,200, open since nobody paid it, of which nothing else is known. */
export function makeInvoiceView(overrides: Partial<InvoiceView> = {}): InvoiceView {
  return {
    id: 'in_7',
    label: 'INV-7',
    status: 'open',
    currency: 'USD',
    total: 1_200,
    remaining: 1_200,
    isFailed: false,
    needsAction: false,
    isDisputed: false,
    attempts: 0,
    nextAttemptAt: null,
    fault: null,
    dueDay: null,
    comesDay: null,
    paidDay: null,
    url: null,
    risk: null,
    ...overrides,
  };
}

/** What indicators read of an invoice: INV-7, $1,200, open since nobody paid it, of which nothing else is known. */
export function makeInvoiceToRead(overrides: Partial<InvoiceToRead> = {}): InvoiceToRead {
  return {
    id: 'in_7',
    label: 'INV-7',
    status: 'open',
    currency: 'USD',
    total: 1_200,
    remaining: 1_200,
    isFailed: false,
    needsAction: false,
    isDisputed: false,
    attempts: 0,
    nextAttemptAt: null,
    fault: null,
    dueAt: null,
    paidAt: null,
    url: null,
    lines: [],
    risk: null,
    readAt: new Date(readAt),
    earlier: [],
    ...overrides,
  };
}
