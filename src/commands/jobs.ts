import type { Command } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { jobs } from '../../jobs/index.ts';
import { createBilling } from '../create-billing.ts';
import { createDesk } from '../create-desk.ts';
import type { Connection } from '../db/connect.ts';
import { findLatestJobRuns, type JobRun } from '../db/job-runs.ts';
import type { Deps } from '../deps.ts';
import { UserError } from '../errors.ts';
import { readPlaybook } from '../playbook/read.ts';
import { createInlineQueue } from '../queue/inline-queue.ts';
import { createQueue, type JobCounts, type Queue } from '../queue/queue.ts';
import { parsePayload, runJob } from '../queue/run-job.ts';
import type { JobDefinition } from '../queue/types.ts';
import { createSlackClient } from '../slack/client.ts';
import type { Cli } from './types.ts';

type RunOptions = { payload?: string; enqueue?: boolean };

/** `bellwether jobs list` and `bellwether jobs run NAME`. */
export function register(command: Command, cli: Cli): void {
  command
    .command('list')
    .description('list the jobs: schedule, next and last run, how many wait and how many failed')
    .action(() => listJobs(cli));
  command
    .command('run')
    .description('run a job here and now, with all that it enqueues; also beside a running bot')
    .argument('<name>', 'the job, as `jobs list` names it')
    .option('--payload <json>', 'what the job is given, a JSON object; {} unless told')
    .option('--enqueue', 'leave it to a running worker instead')
    .addHelpText(
      'after',
      `\nExample:\n  bellwether jobs run compute-health --payload '{"from":"2026-09-01","to":"2026-11-21"}'`,
    )
    .action((name: string, options: RunOptions) => runByHand(cli, name, options));
}

async function listJobs(cli: Cli): Promise<void> {
  const connection = await cli.connect();
  const queue = await openQueue(cli, connection);
  const counts = await queue.counts();
  const runs = await findLatestJobRuns(connection.db);
  const list = jobs.map((job) => describe(job, counts.get(job.name), runs.get(job.name)));
  if (cli.json) cli.printJson(list);
  else for (const job of list) printJob(cli, job);
}

type Listed = ReturnType<typeof describe>;

function describe({ name, description, schedule }: JobDefinition, counts?: JobCounts, run?: JobRun) {
  const { waiting = 0, active = 0, failed = 0, nextRun = null } = counts ?? {};
  return {
    name,
    description,
    schedule: schedule ?? null,
    nextRun,
    lastRun: run ? { outcome: outcomeOf(run), ...run } : null,
    waiting,
    active,
    failed,
  };
}

function outcomeOf({ finishedAt, error }: JobRun): 'unfinished' | 'failed' | 'succeeded' {
  if (finishedAt === null) return 'unfinished';
  return error === null ? 'succeeded' : 'failed';
}

function printJob(cli: Cli, { name, description, schedule, nextRun, lastRun, waiting, active, failed }: Listed): void {
  const next = nextRun ? `, next ${nextRun.toISOString()}` : '';
  cli.print(`${name}: ${description}`);
  cli.print(`  schedule   ${schedule ? schedule + next : 'none'}`);
  cli.print(`  last run   ${lastRun ? lastRunText(lastRun) : 'never'}`);
  cli.print(`  queue      ${waiting} waiting, ${active} running, ${failed} failed`);
}

function lastRunText({ outcome, startedAt, error }: NonNullable<Listed['lastRun']>): string {
  return `${startedAt.toISOString()}, ${outcome}${error ? `: ${error}` : ''}`;
}

async function runByHand(cli: Cli, name: string, options: RunOptions): Promise<void> {
  const job = findJob(name);
  const payload = parsePayload(job, readPayload(options.payload ?? '{}'));
  const connection = await cli.connect();
  if (options.enqueue) {
    const queue = await openQueue(cli, connection);
    await queue.enqueue(name, payload as object);
    if (cli.json) cli.printJson({ name, outcome: 'enqueued' });
    else cli.print(`${name} is enqueued.`);
    return;
  }
  const deps = await createDeps(cli, connection);
  try {
    const result = (await runJob(job, payload, deps)) ?? null;
    if (cli.json) cli.printJson({ name, outcome: 'succeeded', result });
    else cli.print(`${name} has run: ${JSON.stringify(result)}`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (cli.json) cli.printJson({ name, outcome: 'failed', error: message });
    else cli.stderr.write(`${name} failed: ${message}\n`);
    cli.exitWith(1);
  }
}

function findJob(name: string): JobDefinition {
  const job = jobs.find((candidate) => candidate.name === name);
  if (job) return job;
  const names = jobs.map((candidate) => candidate.name);
  const nearest = closest(name, names);
  const hint = distance(name, nearest) <= nearest.length / 2 ? ` Did you mean ${nearest}?` : '';
  throw new UserError(`There is no job called ${name}.${hint} The jobs are ${names.join(', ')}.`);
}

function readPayload(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`--payload is not JSON (${(error as Error).message}). Write it as '{"day":"2026-11-21"}'.`);
  }
}

async function openQueue(cli: Cli, { url }: Connection): Promise<Queue> {
  const { redisUrl } = await cli.config();
  const queue = await createQueue({ databaseUrl: url, redisUrl, log: await cli.log() });
  cli.defer(queue.close);
  return queue;
}

/** What jobs need that run here and now, with all that they enqueue. */
export async function createDeps(cli: Cli, { db }: Connection): Promise<Deps> {
  const config = await cli.config();
  const log = await cli.log();
  const playbook = await readPlaybook(config.playbook);
  const slack = createSlackClient({ token: config.slack.botToken, apiUrl: config.slack.apiUrl, log });
  const desk = createDesk(config, { db, log, now: cli.now });
  const billing = createBilling(config, { metadataKey: playbook.sources.stripe.metadata, log, now: cli.now });
  const deps = { config, db, log, playbook, slack, desk, billing, now: cli.now };
  return { ...deps, queue: createInlineQueue(jobs, deps) };
}
