import { syncStripe } from '../../../jobs/sync-stripe.ts';
import { findUnmatchedCustomers } from '../../db/stripe-customers.ts';
import { UserError } from '../../errors.ts';
import { formatNumber } from '../../format.ts';
import { StripeUnavailable } from '../../sources/stripe/failures.ts';
import { createDeps } from '../jobs.ts';
import type { Cli } from '../types.ts';

/** `bellwether sync stripe`. */
export async function syncFromStripe(cli: Cli): Promise<void> {
  const { stripe } = await cli.config();
  if (!stripe.apiKey) throw new UserError('STRIPE_API_KEY is not set: copy a restricted key from Stripe’s "API keys".');
  const deps = await createDeps(cli, await cli.connect());
  const done = await syncStripe.run({}, deps).catch((error: unknown) => tellTrouble(cli, error));
  if (!done) return;
  const unmatched = await findUnmatchedCustomers(deps.db);
  const { listed, changed, read, accounts, failed } = done as Done;
  if (cli.json) cli.printJson({ listed, changed, read, accounts, failed, unmatched });
  else {
    cli.print(`Entries in Stripe's lists: ${formatNumber(listed)}`);
    cli.print(`Customers that had changed: ${formatNumber(changed)}; read: ${formatNumber(read)}`);
    cli.print(`Accounts with a customer: ${formatNumber(accounts)}`);
    for (const { id, why } of failed) cli.print(`${id} could not be read: ${why}`);
    if (unmatched.length > 0)
      cli.print(
        `Customers that are no account's: ${formatNumber(unmatched.length)}; \`bellwether billing unmatched\` lists them`,
      );
  }
  if (failed.length + unmatched.length > 0) cli.exitWith(1);
}

/** Stripe's trouble is no fault of ours: it is told in a line. */
function tellTrouble(cli: Cli, error: unknown): null {
  if (!(error instanceof StripeUnavailable)) throw error;
  const { code, message } = error;
  const text = `${message}. The next sync tries again.`;
  cli.stderr.write(`${cli.json ? JSON.stringify({ error: { code, message: text } }) : text}\n`);
  cli.exitWith(1);
  return null;
}

type Done = { listed: number; changed: number; read: number; accounts: number; failed: { id: string; why: string }[] };
