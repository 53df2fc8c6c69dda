import { INVOICES_PAGE_SIZE, type InvoicesPlace, invoiceList } from '../../blocks/invoice-list.ts';
import { findListedInvoices, type InvoicesOf } from '../../src/db/invoice-list.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import type { Message } from '../../src/slack/response-url.ts';
import { viewContext } from '../alerts/context.ts';
import { findAccountById } from '../health/find-account.ts';
import type { Request } from '../types.ts';

/** One page of the unpaid invoices of the person's accounts, of an account or of all; a page that is not there becomes the last. */
export async function invoicesOf(
  { person }: Pick<Request, 'person'>,
  place: InvoicesPlace,
  deps: Deps,
): Promise<Message> {
  const { list, page } = place;
  if (list === 'mine' && person.email === null)
    throw new UserError(
      'Slack did not tell me your email address, so I cannot see which accounts are yours. `/cs invoices all` shows those of everybody.',
    );
  const account = typeof list === 'string' ? null : (await findAccountById(list.account, deps)).account;
  const of: InvoicesOf = { email: list === 'mine' ? person.email : null, accountId: account?.id ?? null };
  const { timeZone } = deps.config;
  const read = (wanted: number) =>
    findListedInvoices(deps.db, of, { limit: INVOICES_PAGE_SIZE, offset: (wanted - 1) * INVOICES_PAGE_SIZE, timeZone });
  const first = await read(Math.max(1, page));
  const shown = Math.max(1, Math.min(page, Math.ceil(first.total / INVOICES_PAGE_SIZE)));
  const found = shown === page ? first : await read(shown);
  const { today } = viewContext(deps);
  return invoiceList(found, { list, page: shown }, { today, accountName: account?.name ?? null });
}
