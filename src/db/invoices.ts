import type { InvoiceDispute } from '../billing/source.ts';
import type { Db } from './types.ts';

/** Notes whether an objection to the payment of an invoice stands open. True: that was not known. */
export async function setDisputed(db: Db, { invoiceId, isOpen }: InvoiceDispute): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('invoices')
    .set({ is_disputed: isOpen })
    .where('id', '=', invoiceId)
    .where('is_disputed', '<>', isOpen)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
