import { readFile } from 'node:fs/promises';
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

const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: 'expected a date such as 2026-11-21T12:00:00Z' })
  .transform((text) => new Date(text));
const metricValue = z.union([z.number(), z.string(), z.boolean(), z.null()], {
  error: 'expected a number, text, true, false or null',
});

/** What `--facts` names: accounts as scoring sees them, and the moment that they are seen from. */
const factsSchema = z.object({
  now: instant,
  accounts: z.array(
    z
      .object({
        id: z.string().min(1),
        name: z.string(),
        segments: z.array(z.string()).default([]),
        created_at: instant.nullable().default(null),
        metrics: z.record(z.string(), metricValue),
      })
      .transform(({ created_at, ...account }): AccountFacts => ({ ...account, createdAt: created_at })),
  ),
});

type Facts = z.infer<typeof factsSchema>;

/** `bellwether score --facts FILE --playbook PACK`: scores accounts from a file, without a database. */
export function register(command: Command, cli: Cli): void {
  command
    .requiredOption('--facts <file>', 'JSON: {now, accounts: [{id, name, segments, created_at, metrics: {id: value}}]}')
    .requiredOption('--playbook <pack>', 'a pack that ships, by its name, or the folder of your own')
    .action(async (options: { facts: string; playbook: string }) => {
      const playbook = await readPlaybook(options.playbook);
      const { now, accounts } = await readFacts(options.facts);
      const scores = accounts.map((account) => scoreAccount(playbook.scoring, account, now));
      for (const warning of findIgnored(playbook, accounts, scores)) cli.stderr.write(`warning: ${warning}\n`);
      if (cli.json) cli.printJson(scores.map(toAnswer));
      else for (const line of toTable(playbook, accounts, scores)) cli.print(line);
    });
}

async function readFacts(file: string): Promise<Facts> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : (code ?? 'unknown reason');
    throw new UserError(`The facts ${file} cannot be read: ${why}.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UserError(`The facts ${file} are not JSON: ${(error as Error).message}.`);
  }
  const result = factsSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    ({ path, message }) => `  ${z.core.toDotPath(path) || 'the file'}: ${message}`,
  );
  const rest = faults.length > MOST_FAULTS_SHOWN ? [`  and ${faults.length - MOST_FAULTS_SHOWN} more`] : [];
  const shown = [...faults.slice(0, MOST_FAULTS_SHOWN), ...rest];
  throw new UserError(`The facts ${file} are not as --help says:\n${shown.join('\n')}`);
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
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
