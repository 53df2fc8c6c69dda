import { sql } from 'kysely';
import type { PaymentRisk } from '../billing/types.ts';
import { touchAlertMessages } from './alerts.ts';
import { touchRenewalsOfAccount } from './renewal-messages.ts';
import type { Db } from './types.ts';

/** What a person expects of an invoice; `null` takes back what was said. `by` is a Slack id. */
export type RiskChange = {
  invoiceId: string;
  risk: { risk: PaymentRisk; note: string | null } | null;
  by: string;
  now: Date;
};

/** Stores the payment risk of an invoice, and has every message written anew that shows it. False: there is no such invoice. */
export async function setInvoiceRisk(db: Db, { invoiceId, risk, by, now }: RiskChange): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await sql<{ id: string; accountId: string | null }>`
      update invoices i set risk = ${risk?.risk ?? null}, risk_note = ${risk?.note ?? null},
        risk_by = ${risk ? by : null}, risk_at = ${risk ? now : null}::timestamptz
      from stripe_customers c where i.id = ${invoiceId} and c.id = i.customer_id
      returning i.id, c.account_id as "accountId"
    `.execute(transaction);
    const [row] = rows;
    if (!row) return false;
    const told = await sql<{ id: number }>`
      select id from alerts where account_id = ${row.accountId} and latest #>> '{invoice,id}' = ${invoiceId} order by id
    `.execute(transaction);
    await touchAlertMessages(
      transaction,
      told.rows.map(({ id }) => id),
    );
    // The brief of a contract that comes to its end lists what is open.
    if (row.accountId !== null) await touchRenewalsOfAccount(transaction, row.accountId);
    return true;
  });
}

function inTransaction<Result>(db: Db, work: (transaction: Db) => Promise<Result>): Promise<Result> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
