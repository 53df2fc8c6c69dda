import { type Command, InvalidArgumentError } from 'commander';
import type { DoctorOptions } from './tickets/doctor.ts';
import type { Cli } from './types.ts';

/** `bellwether tickets list|doctor`. */
export function register(command: Command, cli: Cli): void {
  command
    .command('list')
    .description('list the open tickets, the most severe first: whose they are, who has them, what is wrong with them')
    .addHelpText('after', '\nExample:\n  bellwether tickets list')
    .addHelpText('after', '\nExit status: 0 nothing is wrong with them, 1 something is with one, 2 wrong use.')
    .action(async () => (await import('./tickets/list.ts')).listTickets(cli));
  command
    .command('doctor')
    .description('compare what is stored of tickets with their threads in Slack and with the help desk')
    .option('--repair', 'set right what can be, by doing again what was not done; safe to repeat')
    .option('--ticket <number>', 'only this ticket, by its number at the help desk', numberOf)
    .option('--days <count>', 'also closed tickets made in the last so many days', days, 30)
    .addHelpText('after', '\nReads each thread and ticket in full, at the pace that Slack and the help desk allow.')
    .addHelpText(
      'after',
      'What is younger than a minute is on its way, and not compared. A running bot goes on meanwhile.',
    )
    .addHelpText('after', '\nExamples:\n  bellwether tickets doctor\n  bellwether tickets doctor --ticket 12 --repair')
    .addHelpText('after', '\nExit status: 0 nothing differs (any more), 1 something does, 2 wrong use.')
    .action(async (options: DoctorOptions) => (await import('./tickets/doctor.ts')).examineTickets(cli, options));
}

function numberOf(text: string): string {
  const [, number] = /^#?(\d{1,15})$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('It is a number, such as 12.');
  return String(Number(number));
}

function days(text: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 3650) return value;
  throw new InvalidArgumentError('It is a whole number from 0 to 3650.');
}
