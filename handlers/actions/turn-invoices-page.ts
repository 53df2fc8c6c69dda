import { NEXT_INVOICES, PREVIOUS_INVOICES, readInvoicesPlace } from '../../blocks/invoice-list.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { invoicesOf } from '../invoices/answers.ts';
import type { ActionArgs, ActionDefinition } from '../types.ts';

async function run(args: ActionArgs, deps: Deps): Promise<void> {
  const place = readInvoicesPlace(args.value);
  if (!place) throw new UserError('This list is from another version. Please ask for it again.');
  await args.respond(await invoicesOf(args, place, deps), { replace: args.ephemeral });
}

/** "Previous page" below a list of invoices. */
export const previousInvoices: ActionDefinition = { actionId: PREVIOUS_INVOICES, run };

/** "Next page" below a list of invoices. */
export const nextInvoices: ActionDefinition = { actionId: NEXT_INVOICES, run };
