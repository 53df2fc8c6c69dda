import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from './types.ts';

/** `bellwether metrics list|backfill|explain`. */
export function register(command: Command, cli: Cli): void {
  command
    .command('list')
    .description('list the metrics of the playbook: equation, what it reads, for how many accounts there is data')
    .option('--playbook <pack>', 'a pack that ships, by its name, or the folder of your own (PLAYBOOK unless told)')
    .action(async (options: { playbook?: string }) => (await import('./metrics/list.ts')).listMetrics(cli, options));
  command
    .command('backfill')
    .description('compute and store values of past days')
    .argument('[metric...]', 'ids of metrics; all unless told')
    .option('--from <day>', 'the first day, YYYY-MM-DD; as far back as the data goes unless told')
    .option('--to <day>', 'the last day; today unless told')
    .option('--account <account>', 'only this account: its id, alias, domain or name')
    .option('--after <id>', 'only accounts whose ids come after it, as an interrupted run tells')
    .addHelpText('after', '\nWhat is stored and the same is left as it is: it may be run again at any time.')
    .addHelpText('after', '\nExample:\n  bellwether metrics backfill active_user_percent --from 2026-01-01')
    .addHelpText('after', '\nExit status: 0 done, 1 no such account, 2 wrong use or no such metric.')
    .action(async (metrics: string[], options: { from?: string; to?: string; account?: string; after?: string }) =>
      (await import('./metrics/backfill.ts')).backfillMetrics(cli, metrics, options),
    );
  command
    .command('explain')
    .description('show how a value comes about: each part of the equation with its figure, down to the events')
    .argument('<metric>', 'the id of a metric')
    .requiredOption('--account <account>', "the account's id, alias, domain or name")
    .option('--day <day>', 'YYYY-MM-DD; today unless told')
    .option('--events <count>', 'how many events to list of each part', readCount, 5)
    .addHelpText(
      'after',
      '\nExample:\n  bellwether metrics explain active_user_percent --account acme --day 2026-11-01',
    )
    .addHelpText('after', '\nExit status: 0 explained, 1 no such account, 2 wrong use or no such metric.')
    .action(async (metric: string, options: { account: string; day?: string; events: number }) =>
      (await import('./metrics/explain.ts')).explain(cli, metric, options),
    );
}

function readCount(value: string): number {
  const count = /^\d{1,3}$/.test(value) ? Number(value) : Number.NaN;
  if (count <= 100) return count;
  throw new InvalidArgumentError('It is a whole number from 0 to 100.');
}
