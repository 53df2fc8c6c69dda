import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jobs } from '../../jobs/index.ts';
import { createQueue, type Queue } from '../../src/queue/queue.ts';
import { startWorker } from '../../src/queue/worker.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { createTestDeps } from '../deps.ts';
import { runCli } from '../run-cli.ts';

const log = pino({ level: 'silent' });

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const bellwether = (...args: string[]) => runCli(['jobs', ...args], { env: { DATABASE_URL: database.url } });

async function insertAccount(id: string): Promise<void> {
  await database.db.insertInto('accounts').values({ id, name: id }).execute();
}

const scoredDays = async () =>
  (await database.db.selectFrom('scores').select('day').orderBy('day').execute()).map(({ day }) => day);

describe('jobs run', () => {
  test('runs the job with all that it enqueues, and its result is the answer', async () => {
    await insertAccount('acme');
    const payload = '{"from":"2026-01-30","to":"2026-02-02"}';
    const { code, stdout, stderr } = await bellwether('run', 'compute-health', '--payload', payload, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      name: 'compute-health',
      outcome: 'succeeded',
      result: { from: '2026-01-30', to: '2026-02-02', accounts: 1 },
    });
    expect(await scoredDays()).toEqual(['2026-01-30', '2026-01-31', '2026-02-01', '2026-02-02']);
  });

  test('works beside a running worker, and --enqueue leaves the job to it', async () => {
    await insertAccount('acme');
    const queue = await createQueue({ databaseUrl: database.url, log });
    const deps = await createTestDeps({ db: database.db, queue });
    const worker = await startWorker({ databaseUrl: database.url, log, jobs, deps, concurrency: 2 });
    try {
      expect((await bellwether('run', 'compute-health', '--payload', '{"day":"2026-01-30"}')).code).toBe(0);
      const enqueued = await bellwether('run', 'compute-health', '--payload', '{"day":"2026-01-31"}', '--enqueue');
      expect(enqueued).toEqual({ code: 0, stdout: 'compute-health is enqueued.\n', stderr: '' });
      await expect.poll(scoredDays, { timeout: 20_000 }).toEqual(expect.arrayContaining(['2026-01-30', '2026-01-31']));
    } finally {
      await worker.close(5000);
      await queue.close();
    }
  });

  test.each([
    [['run', 'compute-helth'], /There is no job called compute-helth\. Did you mean compute-health\?/],
    [['run', 'unrelated'], /There is no job called unrelated\. The jobs are compute-health, /],
    [['run', 'compute-health', '--payload', '{'], /--payload is not JSON/],
    [['run', 'compute-health', '--payload', '[]'], /payload of compute-health is not valid: .*expected object/],
    [
      ['run', 'compute-health', '--payload', '{"day":"tomorrow"}'],
      /payload of compute-health is not valid: .*\n.*at day/,
    ],
    [['run', 'compute-health', '--payload', '{"day":"2999-01-01"}'], /cannot look into the future/],
    [['run'], /missing required argument 'name'/],
  ])('refuses %j as wrong use', async (args, message) => {
    const { code, stdout, stderr } = await bellwether(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('says why a job failed, and ends with 1', async () => {
    await insertAccount('acme');
    await database.db.schema.alterTable('scores').renameTo('scores_elsewhere').execute();
    const plain = await bellwether('run', 'compute-health');
    expect(plain).toMatchObject({ code: 1, stdout: '' });
    expect(plain.stderr).toMatch(/^compute-health failed: .*"scores" does not exist/);
    const { code, stdout } = await bellwether('run', 'compute-health', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'compute-health', outcome: 'failed' });
  });
});

describe('jobs list', () => {
  let queue: Queue;
  beforeEach(async () => {
    queue = await createQueue({ databaseUrl: database.url, log });
  });
  afterEach(() => queue.close());

  const list = async () => {
    const { code, stdout, stderr } = await bellwether('list', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as { name: string }[];
  };
  const listed = async (name: string) => (await list()).find((job) => job.name === name);

  test('names every job, none of which has run on a new database', async () => {
    expect(await list()).toEqual(
      jobs.map(({ name, description, schedule = null }) => ({
        ...{ name, description, schedule },
        ...{ nextRun: null, lastRun: null, waiting: 0, active: 0, failed: 0 },
      })),
    );
  });

  test('shows what waits and when the schedule is next', async () => {
    await queue.setSchedules({ 'prune-runs': '23 3 * * *' }, 'UTC');
    await queue.enqueue('score-accounts', {});
    await queue.enqueue('score-accounts', {}, { delayMs: 3_600_000 });
    expect(await listed('score-accounts')).toMatchObject({ waiting: 2, nextRun: null });
    expect(await listed('prune-runs')).toMatchObject({ waiting: 0, nextRun: expect.stringMatching(/T03:23:00.000Z$/) });
  });

  test('shows the last run and how it ended, by hand or not', async () => {
    await bellwether('run', 'compute-health', '--payload', '{"day":"2026-01-30"}');
    expect(await listed('compute-health')).toMatchObject({ lastRun: { outcome: 'succeeded', error: null } });
    await bellwether('run', 'compute-health', '--payload', '{"day":"2999-01-30"}');
    expect(await listed('compute-health')).toMatchObject({
      lastRun: { outcome: 'failed', error: expect.stringMatching(/future/) },
    });
    const { stdout } = await bellwether('list');
    expect(stdout).toMatch(/compute-health: .*\n {2}schedule .*\n {2}last run .*, failed: .*future/);
  });

  test('calls a run whose process was killed unfinished', async () => {
    const run = { name: 'compute-health', local_day: '2026-01-30', started_at: '2026-01-30T10:00:00Z' };
    await database.db.insertInto('job_runs').values(run).execute();
    expect(await listed('compute-health')).toMatchObject({ lastRun: { outcome: 'unfinished', finishedAt: null } });
  });
});
