import { followCustomers } from '../../../jobs/sync-stripe.ts';
import { findUnmatchedCustomers, linkCustomer, type UnmatchedCustomer } from '../../db/stripe-customers.ts';
import type { Db } from '../../db/types.ts';
import { formatNumber } from '../../format.ts';
import { oneLine } from '../../one-line.ts';
import { createDeps } from '../jobs.ts';
import { findAccount } from '../metrics/find.ts';
import type { Cli } from '../types.ts';

/** `bellwether billing unmatched`. */
export async function listUnmatched(cli: Cli): Promise<void> {
  const { db } = await cli.connect();
  const customers = await findUnmatchedCustomers(db);
  if (cli.json) cli.printJson(customers);
  else if (customers.length === 0) cli.print("Every customer in Stripe is an account's.");
  else {
    for (const customer of customers) cli.print(lineOf(customer));
    cli.print(
      `${formatNumber(customers.length)} of them; \`bellwether billing link CUSTOMER ACCOUNT\` says whose one is.`,
    );
  }
  if (customers.length > 0) cli.exitWith(1);
}

function lineOf({ id, name, email, namedAccount, isActive }: UnmatchedCustomer): string {
  const facts = [
    oneLine(name ?? '(no name)'),
    ...(email === null ? [] : [oneLine(email)]),
    ...(namedAccount === null ? [] : [`names account ${oneLine(namedAccount)}, which is not there`]),
    ...(isActive ? ['is billed'] : []),
  ];
  return `${id}  ${facts.join(', ')}`;
}

/** `bellwether billing link`. */
export async function linkToAccount(cli: Cli, customer: string, text: string): Promise<void> {
  const connection = await cli.connect();
  const { timeZone } = await cli.config();
  const account = await findAccount(cli, connection.db, text, timeZone);
  if (!account) return;
  await change(cli, connection.db, customer, account);
}

/** `bellwether billing unlink`. */
export async function unlink(cli: Cli, customer: string): Promise<void> {
  const { db } = await cli.connect();
  await change(cli, db, customer, null);
}

async function change(cli: Cli, db: Db, customer: string, account: { id: string; name: string } | null): Promise<void> {
  const before = await linkCustomer(db, customer, account?.id ?? null);
  if (!before) {
    const message = `There is no customer ${customer} here; \`bellwether sync stripe\` reads them.`;
    cli.stderr.write(`${cli.json ? JSON.stringify({ error: { code: 'no_customer', message } }) : message}\n`);
    cli.exitWith(1);
    return;
  }
  const deps = await createDeps(cli, await cli.connect());
  await followCustomers(deps, [customer], before.accountId === null ? [] : [before.accountId]);
  if (cli.json) cli.printJson({ customer, account: account?.id ?? null, before: before.accountId });
  else if (account) {
    const other = before.accountId !== null && before.accountId !== account.id ? `; it was ${before.accountId}'s` : '';
    cli.print(`${customer} is ${account.name}'s now${other}.`);
  } else
    cli.print(
      `${customer} is found by itself again. The MRR that it brought stands until another source says otherwise.`,
    );
}
