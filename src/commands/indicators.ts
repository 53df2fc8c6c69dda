import { type Command, InvalidArgumentError } from 'commander';
import type { TryOptions } from './indicators/try.ts';
import type { Cli } from './types.ts';

const playbookText = 'a pack that ships, by its name, or the folder of your own (PLAYBOOK unless told)';

/** `bellwether indicators list|try|holds|release|discard`. */
export function register(command: Command, cli: Cli): void {
  command
    .command('list')
    .description('list the indicators: rule, when each fired last, how many are open, which are dead')
    .option('--playbook <pack>', playbookText)
    .addHelpText('after', '\nExample:\n  bellwether indicators list')
    .addHelpText('after', '\nExit status: 0 listed, 2 wrong use or a faulty playbook.')
    .action(async (options: { playbook?: string }) =>
      (await import('./indicators/list.ts')).listIndicators(cli, options),
    );
  command
    .command('try')
    .description('replay a rule over the past: how often it would have fired, for whom, and who of them churned')
    .argument('<rule>', 'the id of an indicator, or an equation in quotes that is true or false')
    .option('--days <count>', 'how many days to replay, today the last', whole(1, 1100), 90)
    .option('--account <account>', 'only this account: its id, alias, domain or name')
    .option('--clears-when <equation>', 'try it with another end; as soon as the rule is false unless told')
    .option('--minimum-volume <equation>', 'try it with another least volume')
    .option('--in-a-row <count>', 'so many days in a row must find it so', whole(1, 100))
    .option('--cool-down <days>', 'so many days after an end none begins', whole(0, 366))
    .option('--most <count>', 'how many of the times to list, the newest', whole(0, 10_000), 20)
    .option('--playbook <pack>', playbookText)
    .addHelpText('after', '\nNothing is stored and nobody is told. Each day is read once, as it was at its end.')
    .addHelpText('after', '\nExamples:\n  bellwether indicators try query_failure_rate --days 180')
    .addHelpText('after', `  bellwether indicators try 'percent_decrease("events_7d", 7) > 20' --account acme`)
    .addHelpText('after', '\nExit status: 0 replayed, 1 no such account, 2 wrong use or a rule that cannot be read.')
    .action(async (rule: string, options: TryOptions) =>
      (await import('./indicators/try.ts')).tryRule(cli, rule, options),
    );
  command
    .command('holds')
    .description('list the runs in which so many accounts changed that nothing was sent')
    .addHelpText('after', '\nExample:\n  bellwether indicators holds')
    .addHelpText('after', '\nExit status: 0 none waits, 1 some wait for you, 2 wrong use.')
    .action(async () => (await import('./indicators/holds.ts')).listHolds(cli));
  addEnding('release', 'send the messages of a held run after all', 'released');
  addEnding(
    'discard',
    'never send the messages of a held run; its alerts stay open, and are seen in /cs alerts',
    'discarded',
  );

  function addEnding(name: string, description: string, outcome: 'released' | 'discarded') {
    command
      .command(name)
      .description(description)
      .argument('<id>', 'the number of the run, as `indicators holds` lists it', whole(1, Number.MAX_SAFE_INTEGER))
      .addHelpText('after', `\nExample:\n  bellwether indicators ${name} 3`)
      .addHelpText('after', '\nExit status: 0 done, 1 there is no such run or it was ended before, 2 wrong use.')
      .action(async (id: number) => (await import('./indicators/holds.ts')).endOneHold(cli, id, outcome));
  }
}

function whole(least: number, most: number) {
  return (text: string): number => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(
      most === Number.MAX_SAFE_INTEGER
        ? 'It is a whole number above 0.'
        : `It is a whole number from ${least} to ${most}.`,
    );
  };
}
