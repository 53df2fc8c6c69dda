import type { Command } from 'commander';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Connection, ConnectOptions } from '../db/connect.ts';

/** How a command ends: all well, or it found something amiss. Bad use (2) is told by throwing a `UserError`. */
export type ExitCode = 0 | 1;

/** What the root gives to every command. */
export type Cli = {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** `--json` was given: standard output is one JSON document, and nothing else. */
  json: boolean;
  /** Aborts on Ctrl-C and SIGTERM: come to a good end within seconds. */
  signal: AbortSignal;
  now: () => Date;
  /** @throws {ConfigError} */
  config(): Promise<Config>;
  /** Writes to standard error; only warnings and worse unless LOG_LEVEL says otherwise. */
  log(): Promise<Logger>;
  /** Opens the database, migrated unless told otherwise; the root closes it. */
  connect(options?: ConnectOptions): Promise<Connection>;
  /** Has the root call `close` when the command has ended, however it ended; the last one given is the first closed. */
  defer(close: () => Promise<void>): void;
  /** Writes a line to standard output. */
  print(line: string): void;
  /** Writes a value to standard output as JSON. */
  printJson(value: unknown): void;
  exitWith(code: ExitCode): void;
};

/**
 * A command's file. `register` gets the command with name, description and `--json` in place, and adds what is its own:
 * arguments, options, subcommands (they get `--json` too) and the action.
 */
type CommandModule = { register(command: Command, cli: Cli): void };

/** A line of the registry; the file is imported only when its command is called. */
export type CommandEntry = { name: string; description: string; load(): Promise<CommandModule> };
