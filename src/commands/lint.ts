import type { Command } from 'commander';
import { describeFinding, lintPlaybook } from '../playbook/read.ts';
import type { Cli } from './types.ts';

/** `bellwether lint --playbook PACK`: whether a pack may be used, and what in it is odd. */
export function register(command: Command, cli: Cli): void {
  command
    .requiredOption('--playbook <pack>', 'a pack that ships, by its name, or the folder of your own')
    .addHelpText('after', '\nExit status: 0 no errors (perhaps warnings), 1 errors, 2 wrong use or no such pack.')
    .action(async ({ playbook }: { playbook: string }) => {
      const { findings } = await lintPlaybook(playbook);
      const errors = findings.filter(({ severity }) => severity === 'error').length;
      const warnings = findings.length - errors;
      if (cli.json) {
        cli.printJson({ findings, errors, warnings });
      } else {
        for (const finding of findings) cli.print(describeFinding(finding));
        cli.print(`${count(errors, 'error')}, ${count(warnings, 'warning')} in ${playbook}`);
      }
      if (errors > 0) cli.exitWith(1);
    });
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
