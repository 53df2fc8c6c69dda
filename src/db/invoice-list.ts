import { sql } from 'kysely';
import { type InvoiceRow, type InvoiceView, invoiceColumns, toInvoice } from './invoice-view.ts';
import type { Db } from './types.ts';

/** An invoice that is not paid, and whose it is. */
export type ListedInvoice = {
  account: { id: string; name: string; csmEmail: string | null };
  invoice: InvoiceView;
};

/** Some of them; `total` and `open`, what stands open by currency, are of all. */
export type ListedInvoices = {
  invoices: ListedInvoice[];
  total: number;
  open: { currency: string; sum: number }[];
};

/** Whose: of a CSM's accounts, of an account, or (both `null`) of all. */
export type InvoicesOf = { email: string | null; accountId: string | null };

type ListedRow = InvoiceRow & { account_id: string; name: string; csm_email: string | null };

const ofAccounts = sql`
  from invoices i join stripe_customers c on c.id = i.customer_id join accounts a on a.id = c.account_id
`;
const listedColumns = sql`${invoiceColumns}, a.id as account_id, a.name, a.csm_email`;

/** The invoice of an account with this id; `null` when there is none. */
export async function findListedInvoice(db: Db, id: string, timeZone: string): Promise<ListedInvoice | null> {
  const { rows } = await sql<ListedRow>`select ${listedColumns} ${ofAccounts} where i.id = ${id}`.execute(db);
  const [row] = rows;
  return row ? toListed(row, timeZone) : null;
}

/** One page of the invoices that are not paid, or are coming with something to pay: those that failed first, then by when they are due or come. */
export async function findListedInvoices(
  db: Db,
  { email, accountId }: InvoicesOf,
  { limit, offset, timeZone }: { limit: number; offset: number; timeZone: string },
): Promise<ListedInvoices> {
  const wanted = sql`
    ${ofAccounts}
    where i.status in ('open', 'uncollectible', 'upcoming') and not c.is_deleted
      and (i.status <> 'upcoming' or i.remaining > 0)
      and (${email}::text is null or a.csm_email = ${email}) and (${accountId}::text is null or a.id = ${accountId})
  `;
  const [counted, sums, listed] = await Promise.all([
    sql<{ total: number }>`select count(*) as total ${wanted}`.execute(db),
    sql<{ currency: string; sum: number }>`
      select i.currency, sum(i.remaining) as sum ${wanted} and i.status = 'open' group by i.currency order by sum desc
    `.execute(db),
    sql<ListedRow>`
      select ${listedColumns} ${wanted}
      order by i.status = 'upcoming', not i.is_failed, coalesce(i.due_at, i.created_at), i.id
      limit ${limit} offset ${offset}
    `.execute(db),
  ]);
  return {
    invoices: listed.rows.map((row) => toListed(row, timeZone)),
    total: counted.rows[0]?.total ?? 0,
    open: sums.rows,
  };
}

function toListed({ account_id, name, csm_email, ...row }: ListedRow, timeZone: string): ListedInvoice {
  return { account: { id: account_id, name, csmEmail: csm_email }, invoice: toInvoice(row, timeZone) };
}
