import type { Command } from 'commander';
import { describeFinding } from '../playbook/issues.ts';
import { lintPlaybook } from '../playbook/read.ts';
import type { Finding } from '../playbook/types.ts';
import { namesFile, namesRead } from '../playbook/write-names.ts';
import type { Cli } from './types.ts';

type Options = { playbook: string; names?: true };

/** `bellwether lint --playbook PACK`: whether a pack may be used, what in it is odd, and which names it reads. */
export function register(command: Command, cli: Cli): void {
  command
    .requiredOption('--playbook <pack>', 'a pack that ships, by its name, or the folder of your own')
    .option('--names', 'write a names.yml with all events, properties and traits that the pack reads')
    .addHelpText('after', '\nExit status: 0 no errors (perhaps warnings), 1 errors, 2 wrong use or no such pack.')
    .action(async (options: Options) => {
      const { playbook, findings } = await lintPlaybook(options.playbook);
      const errors = findings.filter(({ severity }) => severity === 'error').length;
      const warnings = findings.length - errors;
      if (cli.json) {
        const names = options.names && playbook ? { names: namesRead(playbook.uses) } : {};
        cli.printJson({ findings, errors, warnings, ...names });
      } else if (options.names && playbook) {
        // The file alone, so that it can be redirected into place.
        cli.print(namesFile(playbook).trimEnd());
      } else {
        printFindings(cli, findings);
        cli.print(`${count(errors, 'error')}, ${count(warnings, 'warning')} in ${options.playbook}`);
      }
      if (errors > 0) cli.exitWith(1);
    });
}

function printFindings(cli: Cli, findings: readonly Finding[]): void {
  for (const finding of findings) cli.print(describeFinding(finding));
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
