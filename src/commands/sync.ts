import type { Command } from 'commander';
import type { SyncOptions } from './sync/crm.ts';
import type { Cli } from './types.ts';

/** `bellwether sync stripe|salesforce|vitally|conflicts`. */
export function register(command: Command, cli: Cli): void {
  command
    .command('stripe')
    .description(
      'compare with Stripe, read what changed, and work out MRR, credit and forecasts; also beside a running bot',
    )
    .addHelpText('after', '\nExample:\n  bellwether sync stripe')
    .addHelpText(
      'after',
      "\nExit status: 0 nothing is amiss, 1 customers are no account's or could not be read, 2 wrong use or settings.",
    )
    .action(async () => (await import('./sync/stripe.ts')).syncFromStripe(cli));
  for (const [name, label] of [
    ['salesforce', 'Salesforce'],
    ['vitally', 'Vitally'],
  ] as const) {
    command
      .command(name)
      .description(`read ${label} as sources.yml of the playbook says, and write what is new to the accounts`)
      .option('--dry-run', 'show what would change, write nothing')
      .option('--clear', `also empty fields of which ${label} says nothing any more for most accounts at once`)
      .addHelpText('after', `\nExamples:\n  bellwether sync ${name} --dry-run`)
      .addHelpText(
        'after',
        '\nExit status: 0 nothing is amiss, 1 sources differ, accounts are unknown, something was not read, or it failed; 2 wrong use or settings.',
      )
      .action(async (options: SyncOptions) => (await import('./sync/crm.ts')).syncFromCrm(cli, name, options));
  }
  command
    .command('conflicts')
    .description(
      'list where a source says something else than the account has: who, since when, and who owns the field',
    )
    .addHelpText('after', '\nNobody is asked; each sync notes what its source says.')
    .addHelpText('after', '\nExit status: 0 there are none, 1 there are some, 2 wrong use.')
    .action(async () => (await import('./sync/conflicts.ts')).listConflicts(cli));
}
