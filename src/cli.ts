import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { constants } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import { commands } from './commands/index.ts';
import type { Cli, ExitCode } from './commands/types.ts';
import { loadEnvFile } from './env-file.ts';
import { ignoreClosedOutput } from './output.ts';

// Commands are imported when they are called: half of their time is compiling them.
enableCompileCache(path.resolve(import.meta.dirname, '../node_modules/.cache/bellwether'));

/** How long a command may take to come to its end after Ctrl-C. */
const GRACE_MS = 3_000;
const BAD_USE = 2;

type Failure = { code: string; message: string };
type Outcome = { exitCode: number; failure?: Failure };
/** What the commands leave for the end of the process. */
type Ending = { closers: (() => Promise<void>)[]; exitCode: ExitCode };

/** Runs the command that `args` name, closes what it opened, and tells how the process is to end. */
async function main(args: string[], json: boolean): Promise<Outcome> {
  const ending: Ending = { closers: [], exitCode: 0 };
  const interruption = watchSignals();
  const cli = createCli(json, interruption.signal, ending);
  const work: Promise<Outcome> = run(args, cli).then(() => ({ exitCode: ending.exitCode }), outcomeOf);
  let outcome = await Promise.race([work, interruption.overdue]);
  try {
    for (const close of ending.closers.reverse()) await close();
  } catch (error) {
    outcome = outcome.failure ? outcome : outcomeOf(error);
  }
  return { ...outcome, exitCode: interruption.exitCode() ?? outcome.exitCode };
}

async function run(args: string[], cli: Cli): Promise<void> {
  loadEnvFile();
  const program = new Command('bellwether')
    .description('Customer health from the command line. Settings come from the environment and .env.')
    .helpOption('-h, --help', 'show what a command does and takes')
    .version(readVersion(), '-V, --version', 'show the version')
    .helpCommand(true)
    .addHelpText('after', '\nExit status: 0 all well, 1 something was found or failed, 2 wrong use.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.stdout.write(text),
      // The failure is written in one place, and in JSON when asked.
      outputError: () => undefined,
      writeErr: (text) => !cli.json && cli.stderr.write(text),
    });
  const called = args.filter((arg) => !arg.startsWith('-') && arg !== 'help')[0];
  for (const { name, description, load } of commands) {
    const command = program.command(name).description(description);
    if (name === called) (await load()).register(command, cli);
    addJsonOption(command);
  }
  program.option('--json', 'answer in JSON');
  await program.parseAsync(args, { from: 'user' });
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../package.json'), 'utf8'));
  return version;
}

/** On every command that does something. */
function addJsonOption(command: Command): void {
  command.helpOption('-h, --help', 'show this help');
  if (command.commands.length === 0) {
    command.option('--json', 'answer in JSON; an error is JSON on standard error');
  }
  for (const child of command.commands) addJsonOption(child.copyInheritedSettings(command));
}

function createCli(json: boolean, signal: AbortSignal, ending: Ending): Cli {
  const cli: Cli = {
    stdout: process.stdout,
    stderr: process.stderr,
    json,
    signal,
    now: () => new Date(),
    // Imported on use: most of a command's time would otherwise be the import of what it does not need.
    config: async () => (await import('./config.ts')).readConfig(process.env, ['cli']),
    log: async () => {
      const { createLog } = await import('./log.ts');
      const { logLevel } = await cli.config();
      return createLog(process.env.LOG_LEVEL ? logLevel : 'warn', 2);
    },
    connect: async (options) => {
      const { connectDatabase } = await import('./db/connect.ts');
      const connection = await connectDatabase(await cli.config(), await cli.log(), options);
      cli.defer(connection.close);
      return connection;
    },
    defer: (close) => ending.closers.push(close),
    print: (line) => process.stdout.write(`${line}\n`),
    printJson: (value) => process.stdout.write(`${JSON.stringify(value)}\n`),
    exitWith: (code) => {
      ending.exitCode = code;
    },
  };
  return cli;
}

/** On Ctrl-C or SIGTERM: `signal` aborts, and `overdue` resolves when the command should long have ended by itself. */
function watchSignals(): { signal: AbortSignal; overdue: Promise<Outcome>; exitCode(): number | null } {
  const aborter = new AbortController();
  let exitCode: number | null = null;
  const overdue = new Promise<Outcome>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, async () => {
        exitCode = 128 + constants.signals[name];
        aborter.abort();
        await sleep(GRACE_MS, undefined, { ref: false });
        resolve({ exitCode, failure: { code: 'interrupted', message: 'Interrupted.' } });
      });
    }
  });
  return { signal: aborter.signal, overdue, exitCode: () => exitCode };
}

function outcomeOf(error: unknown): Outcome {
  // Help is an "error" to Commander too, one that ends well.
  if (error instanceof CommanderError && error.exitCode === 0) return { exitCode: 0 };
  if (error instanceof CommanderError) return { exitCode: BAD_USE, failure: usageFailure(error) };
  const { code, message, stack }: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error));
  if (code === 'user_error' || code === 'config_error') return { exitCode: BAD_USE, failure: { code, message } };
  const verbose = process.env.LOG_LEVEL === 'debug' || process.env.LOG_LEVEL === 'trace';
  const text = verbose ? (stack ?? message) : `${message || 'It failed'} (LOG_LEVEL=debug shows where)`;
  return { exitCode: 1, failure: { code: 'unexpected_error', message: `Unexpected error: ${text}` } };
}

function usageFailure({ code, message }: CommanderError): Failure {
  if (code === 'commander.help') return { code: 'usage_error', message: 'Name a command; --help lists them.' };
  return { code: 'usage_error', message: `${message.replace(/^error: /, '')}\n--help shows what is possible.` };
}

/** Resolves when all that was written has been read: a pipe takes it bit by bit, and to exit would cut off the rest. */
async function drain(): Promise<void> {
  const written = (stream: NodeJS.WriteStream) => new Promise((resolve) => stream.write('', resolve));
  await Promise.all([process.stdout, process.stderr].map(written));
}

if (import.meta.main) {
  ignoreClosedOutput();
  const args = process.argv.slice(2);
  const end = args.indexOf('--');
  const json = args.slice(0, end === -1 ? undefined : end).includes('--json');
  const { exitCode, failure } = await main(args, json);
  if (failure) process.stderr.write(`${json ? JSON.stringify({ error: failure }) : failure.message}\n`);
  await drain();
  process.exit(exitCode);
}
