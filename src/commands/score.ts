import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { bandWord, formatPercent } from '../format.ts';
import { displayScore } from '../health/display.ts';
import { scoreAccount } from '../health/score.ts';
import type { AccountFacts, HealthScore } from '../health/types.ts';
import { readPlaybook } from '../playbook/read.ts';
import type { Playbook } from '../playbook/types.ts';
import type { Cli } from './types.ts';

const MOST_FAULTS_SHOWN = 10;
const MOST_WARNINGS_SHOWN = 20;

const text = z.string('expected a text in quotes');
const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: 'expected a date such as 2026-11-21T12:00:00Z' })
  .transform((written) => new Date(written));
const metricValue = z.union([z.number(), z.string(), z.boolean(), z.null()], {
  error: 'expected a number, text, true, false or null',
});
const account = z
  .object(
    {
      id: text.min(1, 'is empty'),
      name: text.optional(),
      segments: z.array(text, 'expected a list of texts').default([]),
      created_at: instant.nullable().default(null),
      metrics: z.record(z.string(), metricValue, 'expected {"metric": value}'),
    },
    'expected {id, name, segments, created_at, metrics}',
  )
  .transform(
    ({ created_at, name, ...rest }): AccountFacts => ({ ...rest, name: name ?? rest.id, createdAt: created_at }),
  );

/** What `--facts` names: accounts as scoring sees them, and the moment that they are seen from. */
const factsSchema = z.object(
  { now: instant, accounts: z.array(account, 'expected a list of accounts').superRefine(refuseDoubles) },
  'expected {now, accounts}',
);

type Facts = z.infer<typeof factsSchema>;

/** `bellwether score --facts FILE --playbook PACK`: scores accounts from a file, without a database. */
export function register(command: Command, cli: Cli): void {
  command
    .requiredOption(
      '--facts <file>',
      'JSON: {now, accounts: [{id, name, segments, created_at, metrics: {id: value}}]}; - is standard input',
    )
    .requiredOption('--playbook <pack>', 'a pack that ships, by its name, or the folder of your own')
    .action(async (options: { facts: string; playbook: string }) => {
      const playbook = await readPlaybook(options.playbook);
      const { now, accounts } = await readFacts(options.facts);
      const scores = accounts.map((facts) => scoreAccount(playbook.scoring, facts, now));
      const ignored = findIgnored(playbook, accounts, scores);
      for (const warning of shorten(ignored, MOST_WARNINGS_SHOWN)) cli.stderr.write(`warning: ${warning}\n`);
      if (cli.json) printAnswers(cli, scores);
      else for (const line of toTable(playbook, accounts, scores)) cli.print(line);
    });
}

async function readFacts(file: string): Promise<Facts> {
  const what = file === '-' ? 'The facts on standard input' : `The facts ${file}`;
  const content = await readText(file, what);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new UserError(`${what} are not JSON: ${(error as Error).message}.`);
  }
  const result = factsSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${z.core.toDotPath(path) || 'the file'}: ${message}`);
  const shown = shorten(faults, MOST_FAULTS_SHOWN).map((fault) => `  ${fault}`);
  throw new UserError(`${what} are not as --help says:\n${shown.join('\n')}`);
}

async function readText(file: string, what: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder',
      EACCES: 'you may not read it',
      ERR_FS_FILE_TOO_LARGE: 'it is too large, split it',
    };
    throw new UserError(`${what} cannot be read: ${reasons[code] ?? code}.`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ERR_STRING_TOO_LONG' ? 'are too large: split the file' : 'are not UTF-8 text';
    throw new UserError(`${what} ${why}.`);
  }
}

function refuseDoubles(accounts: readonly AccountFacts[], context: z.RefinementCtx): void {
  const places = new Map<string, number>();
  for (const [place, { id }] of accounts.entries()) {
    const first = places.get(id);
    if (first === undefined) places.set(id, place);
    else {
      const message = `${JSON.stringify(id)} is the id of accounts[${first}] already`;
      context.addIssue({ code: 'custom', path: [place, 'id'], message });
    }
  }
}

/** The first of many lines, and how many more there are. */
function shorten(lines: readonly string[], most: number): readonly string[] {
  return lines.length > most ? [...lines.slice(0, most), `and ${lines.length - most} more`] : lines;
}

/** What of the facts scoring had to leave out: it counts as no data, which a slip of the pen should not do unseen. */
function findIgnored(playbook: Playbook, accounts: Facts['accounts'], scores: readonly HealthScore[]): string[] {
  const known = new Set(playbook.metrics.map(({ id }) => id));
  const unknown = new Set(accounts.flatMap(({ metrics }) => Object.keys(metrics).filter((id) => !known.has(id))));
  const unfit = scores.flatMap(({ account, dimensions }) =>
    dimensions
      .flatMap(({ measures }) => measures)
      .filter(({ value, band }) => value !== null && band === null)
      .map(({ metric, value }) => `${account}: ${JSON.stringify(value)} fits no band of ${metric}, so it is no data`),
  );
  return [...[...unknown].map((id) => `the playbook ${playbook.id} has no metric ${JSON.stringify(id)}`), ...unfit];
}

/** Writes one list, account by account: the text of a hundred thousand is too long to be held at once. */
function printAnswers(cli: Cli, scores: readonly HealthScore[]): void {
  cli.stdout.write('[');
  for (const [place, score] of scores.entries()) {
    cli.stdout.write(`${place > 0 ? ',' : ''}${JSON.stringify(toAnswer(score))}`);
  }
  cli.stdout.write(']\n');
}

/** Names and order of keys are a contract with programs; what is for people only is left out. */
function toAnswer({ dimensions, ...score }: HealthScore) {
  return {
    ...score,
    dimensions: dimensions.map(({ id, weight, score, measures }) => ({
      id,
      weight,
      score,
      measures: measures.map(({ metric, value, band, points }) => ({ metric, value, band, points })),
    })),
  };
}

function toTable(playbook: Playbook, accounts: Facts['accounts'], scores: readonly HealthScore[]): string[] {
  const models = new Map(playbook.models.map((model) => [model.id, model]));
  const rows = scores.map(({ score, band, coverage, model: id, reason }, place) => {
    const model = models.get(id)!;
    const shown = score === null ? '-' : displayScore(score, model.limits);
    const name = accounts[place]!.name.replaceAll(/\p{Cc}/gu, ' ');
    return [name, shown, bandWord(band), formatPercent(coverage), `${model.name}: ${reason}`];
  });
  const table = [['Account', 'Score', 'Band', 'Data', 'Model and why'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => table.reduce((most, row) => Math.max(most, row[column]!.length), 0));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
