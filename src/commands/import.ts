import path from 'node:path';
import { type Command, Option } from 'commander';
import type { Owners } from '../crm/types.ts';
import { addDays, isTimeZone, localDay } from '../days.ts';
import { TREND_DAYS } from '../db/trend-pictures.ts';
import { UserError } from '../errors.ts';
import { openInput } from '../importing/input.ts';
import { type Assignments, readAssignments } from '../importing/layout.ts';
import type { Mapping } from '../importing/mapping.ts';
import { createProgress } from '../importing/progress.ts';
import { type ImportSummary, runImport } from '../importing/run.ts';
import { describeSummary } from '../importing/summary.ts';
import type { ImportKind } from '../importing/types.ts';
import type { Cli } from './types.ts';

type Options = {
  map?: string[];
  set?: string[];
  mapping?: string;
  dateFormat?: string;
  timeZone?: string;
  addDays?: number;
  dryRun?: boolean;
  strict?: boolean;
  knownAccountsOnly?: boolean;
  rejects?: string;
};

const kinds: readonly { kind: ImportKind; description: string; columns: string; example: string }[] = [
  {
    kind: 'accounts',
    description: 'accounts, new or changed',
    columns:
      'id, name, domain, aliases, csm_email, segments, arr, mrr, currency, created_at, renewal_date,\n  stripe_customer_id, slack_channel_id; all others are traits. Lists are separated by ;',
    example: 'accounts customers.csv --map id=customer_no',
  },
  {
    kind: 'users',
    description: 'the users of accounts',
    columns: 'account, id, email, name, created_at; all others are traits',
    example: 'users users.jsonl.gz',
  },
  {
    kind: 'events',
    description: 'what users did',
    columns: 'account, user, event, timestamp, id; all others are properties',
    example: 'events usage.csv.gz --map account=customer --date-format "dd.MM.yyyy HH:mm"',
  },
  {
    kind: 'metrics',
    description: 'metric values by account and day',
    columns: 'account, day, metric, value; or account, day and a column for each metric',
    example: 'metrics nps.csv --set metric=nps --map value=score',
  },
];

/** `bellwether import accounts|users|events|metrics FILE`. */
export function register(command: Command, cli: Cli): void {
  for (const { kind, description, columns, example } of kinds) {
    const child = command
      .command(kind)
      .description(`import ${description}, from CSV or JSON lines`)
      .argument('<file>', 'plain or gzip; - is standard input')
      .option('--map <field=column>', 'which column is a field, where its name does not say so; repeatable', collect)
      .option('--set <field=value>', 'the same value of a field for all rows; repeatable', collect)
      .option('--date-format <format>', "how dates are written, in date-fns's tokens (ISO unless told)")
      .option('--time-zone <zone>', 'of times that do not say theirs (TIMEZONE unless told)')
      .option('--add-days <count>', 'move every date by so many days, to try old data as if it were new', wholeNumber)
      .option('--dry-run', 'check everything, write nothing')
      .option('--strict', 'at the first faulty row stop, and leave nothing behind')
      .option('--rejects <path>', 'where faulty rows are written (FILE.rejects.csv unless told)');
    if (kind !== 'accounts') {
      child.option('--known-accounts-only', 'reject rows of accounts that are not there, rather than create them');
    }
    if (kind === 'events') {
      child.addOption(
        new Option('--mapping <path>', 'a YAML file that says how rows become events, see docs/importing.md'),
      );
    }
    child
      .addHelpText('after', `\nColumns: ${columns}.\n\nExample:\n  bellwether import ${example}`)
      .addHelpText('after', '\nExit status: 0 every row went in, 1 rows were rejected, 2 wrong use or unreadable file.')
      .action((file: string, options: Options) => importFile(cli, kind, file, options));
  }
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function wholeNumber(value: string): number {
  if (!/^-?\d{1,6}$/.test(value)) throw new UserError(`--add-days ${value} is not a whole number of days.`);
  return Number(value);
}

async function importFile(cli: Cli, kind: ImportKind, file: string, options: Options): Promise<void> {
  const config = await cli.config();
  const assignments = readAssignments(kind, { map: options.map ?? [], set: options.set ?? [] });
  const mapping = await readMappingFile(options.mapping);
  if (mapping) refuseBoth(assignments);
  const timeZone = checkTimeZone(options.timeZone) ?? config.timeZone;
  const input = openInput(file, process.stdin);
  const rejectsPath = rejectsPathOf(kind, file, options);
  const { url } = await cli.connect();
  const progress = createProgress(cli.stderr);
  let summary: ImportSummary;
  try {
    summary = await runImport({
      kind,
      input,
      url,
      now: cli.now(),
      timeZone,
      homeTimeZone: config.timeZone,
      dateFormat: options.dateFormat ?? null,
      addDays: options.addDays ?? 0,
      assignments,
      mapping,
      owners: kind === 'accounts' ? await readAccountOwners(config.playbook) : {},
      knownMetrics: kind === 'metrics' ? await readMetricIds(config.playbook) : null,
      dryRun: options.dryRun ?? false,
      strict: options.strict ?? false,
      knownAccountsOnly: options.knownAccountsOnly ?? false,
      rejectsPath,
      signal: cli.signal,
      onProgress: progress.show,
      onWait: () => progress.say('Another import is writing; waiting for it.'),
    });
  } finally {
    progress.stop();
  }
  const hint = hasChanged(summary) ? await askForScores(cli, url, summary.earliestDay) : null;
  if (cli.json) cli.printJson(summary);
  else for (const line of [...describeSummary(summary), ...(hint ? [hint] : [])]) cli.print(line);
  if (summary.rejected > 0) cli.exitWith(1);
}

/** Who owns what must be known: to go on without would write over it. */
async function readAccountOwners(playbook: string): Promise<Owners> {
  return (await import('../playbook/read-sources.ts')).readOwners(playbook);
}

// Imported on use, as most imports need neither mappings, nor the playbook, nor (when nothing is new) the queue.
async function readMappingFile(file: string | undefined): Promise<Mapping | null> {
  return file === undefined ? null : (await import('../importing/mapping.ts')).readMapping(file);
}

function refuseBoth({ map, set }: Assignments): void {
  if (map.size + set.size > 0) {
    throw new UserError('The mapping file says which column is what; leave out --map and --set, or --mapping.');
  }
}

function checkTimeZone(timeZone: string | undefined): string | undefined {
  if (timeZone !== undefined && !isTimeZone(timeZone))
    throw new UserError(`--time-zone ${timeZone} is not known; give one such as Europe/Berlin.`);
  return timeZone;
}

function rejectsPathOf(kind: ImportKind, file: string, { rejects, dryRun, strict }: Options): string | null {
  if (rejects === undefined) {
    if (dryRun || strict) return null;
    return file === '-' ? `import-${kind}.rejects.csv` : `${file}.rejects.csv`;
  }
  if (file !== '-' && path.resolve(rejects) === path.resolve(file)) {
    throw new UserError(`--rejects ${rejects} is the file that is imported; name another.`);
  }
  return rejects;
}

/** For a warning only: a playbook that cannot be used must not keep data out. */
async function readMetricIds(playbook: string): Promise<ReadonlySet<string> | null> {
  const { readPlaybook } = await import('../playbook/read.ts');
  try {
    return new Set((await readPlaybook(playbook)).metrics.map(({ id }) => id));
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function hasChanged({ dryRun, inserted, updated, createdAccounts, createdUsers }: ImportSummary): boolean {
  return !dryRun && inserted + updated + createdAccounts + createdUsers > 0;
}

/**
 * Leaves the computing of scores to the bot: today's first, then those of the days that the rows reach back to, as far as
 * the trend shows. Returns what to tell. What has been imported stays, whatever happens here.
 */
async function askForScores(cli: Cli, databaseUrl: string, earliestDay: string | null): Promise<string> {
  const { redisUrl, timeZone } = await cli.config();
  const { createQueue } = await import('../queue/queue.ts');
  const today = localDay(cli.now(), timeZone);
  const shown = addDays(today, 1 - TREND_DAYS);
  const from = earliestDay !== null && earliestDay < shown ? shown : earliestDay;
  const past = from !== null && from < today ? { from, to: addDays(today, -1) } : null;
  const byHand = `\`bellwether jobs run compute-health${past ? ` --payload '{"from":"${past.from}"}'` : ''}\``;
  try {
    const queue = await createQueue({ databaseUrl, redisUrl, log: await cli.log() });
    cli.defer(queue.close);
    await queue.enqueue('compute-health', {}, { key: 'compute-health' });
    if (past) await queue.enqueue('compute-health', past, { key: `compute-health from ${past.from}` });
    return `Scores are computed anew by the bot when it runs, or now with ${byHand}.`;
  } catch (error) {
    return `Scores are not asked for (${(error as Error).message}); run ${byHand}.`;
  }
}
