import type { Command } from 'commander';
import type { Cli } from './types.ts';

/** `bellwether billing show|unmatched|link|unlink`. */
export function register(command: Command, cli: Cli): void {
  command
    .command('show')
    .description('show what Stripe tells of an account: MRR, forecast and its error, credit, invoices')
    .argument('<account>', 'its id, alias, domain or name')
    .addHelpText('after', '\nExample:\n  bellwether billing show acme')
    .addHelpText('after', '\nExit status: 0 shown, 1 no such account or no customer of it, 2 wrong use.')
    .action(async (account: string) => (await import('./billing/show.ts')).showBilling(cli, account));
  command
    .command('unmatched')
    .description("list the customers in Stripe that are no account's")
    .addHelpText('after', '\nA customer is the account’s that its metadata names (account_id), that names it')
    .addHelpText('after', '(stripe_customer_id), or that alone has the domain of its email; or as `billing link` says.')
    .addHelpText('after', '\nExit status: 0 there is none, 1 there are some, 2 wrong use.')
    .action(async () => (await import('./billing/link.ts')).listUnmatched(cli));
  command
    .command('link')
    .description('say whose a customer in Stripe is')
    .argument('<customer>', 'its id, which starts with cus_')
    .argument('<account>', "the account's id, alias, domain or name")
    .addHelpText('after', '\nExample:\n  bellwether billing link cus_QXg1o8vcGmoR32 acme')
    .addHelpText('after', '\nExit status: 0 linked, 1 no such customer or account, 2 wrong use.')
    .action(async (customer: string, account: string) =>
      (await import('./billing/link.ts')).linkToAccount(cli, customer, account),
    );
  command
    .command('unlink')
    .description('take back what `billing link` said; the account is found again by itself')
    .argument('<customer>', 'its id, which starts with cus_')
    .addHelpText('after', '\nExit status: 0 done, 1 no such customer, 2 wrong use.')
    .action(async (customer: string) => (await import('./billing/link.ts')).unlink(cli, customer));
}
