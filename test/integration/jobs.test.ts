import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { computeHealth } from '../../jobs/compute-health.ts';
import { jobs } from '../../jobs/index.ts';
import { addDays, daysFrom } from '../../src/days.ts';
import type { Deps } from '../../src/deps.ts';
import { createInlineQueue } from '../../src/queue/inline-queue.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { createTestDeps } from '../deps.ts';
import { insertEvents } from '../factories.ts';
import { createTestPlaybook } from '../playbook.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

/** Deps whose queue runs jobs at once, at this instant. */
async function depsAt(instant: string, timeZone = 'UTC'): Promise<Deps> {
  const unqueued = await createTestDeps({
    db: database.db,
    queue: { enqueue: () => Promise.reject(new Error('This queue is not used.')) },
    now: () => new Date(instant),
    timeZone,
  });
  return { ...unqueued, queue: createInlineQueue(jobs, unqueued) };
}

async function compute(payload: object, instant: string, timeZone?: string): Promise<void> {
  await (await depsAt(instant, timeZone)).queue.enqueue('compute-health', payload);
}

async function insertAccount(id: string, createdAt: string | null = null): Promise<void> {
  await database.db.insertInto('accounts').values({ id, name: id, created_at: createdAt }).execute();
}

async function insertLogins(account: string, ...instants: string[]): Promise<void> {
  const rows = instants.map((at) => ({ account_id: account, id: at, name: 'login', occurred_at: at }));
  await insertEvents(database.db, rows);
}

const scores = (account = 'acme') =>
  database.db.selectFrom('scores').selectAll().where('account_id', '=', account).orderBy('day').execute();
const values = () =>
  database.db
    .selectFrom('metric_values')
    .select(['account_id', 'metric', 'day', 'value'])
    .orderBy('day')
    .orderBy('metric')
    .execute();
const lastRange = async () => {
  const run = database.db.selectFrom('job_runs').select('result').where('name', '=', 'compute-health');
  const { result } = await run.orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow();
  return result as { from: string; to: string };
};

describe('compute-health', () => {
  test("stores today's metric values and the score with its breakdown, reason and hash", async () => {
    await insertAccount('acme');
    await insertLogins('acme', '2026-11-20T10:00:00Z', '2026-11-21T09:00:00Z');
    await compute({}, '2026-11-21T10:00:00Z');
    expect(await values()).toEqual([
      { account_id: 'acme', metric: 'logins_7d', day: '2026-11-21', value: 2 },
      { account_id: 'acme', metric: 'nps', day: '2026-11-21', value: null },
    ]);
    expect(await scores()).toMatchObject([
      {
        day: '2026-11-21',
        model: 'simple',
        model_hash: createTestPlaybook().hashes.get('simple'),
        reason: 'the only model of this playbook',
        score: 5,
        band: 'concerning',
        coverage: 1,
        breakdown: [{ id: 'use', score: 5, measures: [{ metric: 'logins_7d', value: 2, band: 'concerning' }] }],
        data_at: new Date('2026-11-21T09:00:00Z'),
        computed_at: new Date('2026-11-21T10:00:00Z'),
      },
    ]);
  });

  test('keeps one row for each account and day when it runs again, with what is new', async () => {
    await insertAccount('acme');
    await insertLogins('acme', '2026-11-21T09:00:00Z');
    await compute({}, '2026-11-21T10:00:00Z');
    await compute({}, '2026-11-21T11:00:00Z');
    await insertLogins('acme', ...[0, 1, 2, 3].map((minute) => `2026-11-21T11:0${minute}:00Z`));
    await compute({}, '2026-11-21T12:00:00Z');
    expect(await scores()).toMatchObject([{ day: '2026-11-21', score: 10, band: 'healthy' }]);
    expect(await values()).toHaveLength(2);
  });

  test('does not let a run that began earlier overwrite a later one', async () => {
    await insertAccount('acme');
    await compute({}, '2026-11-21T12:00:00Z');
    await insertLogins('acme', '2026-11-21T09:00:00Z');
    await compute({}, '2026-11-21T11:00:00Z');
    expect(await scores()).toMatchObject([{ score: null, computed_at: new Date('2026-11-21T12:00:00Z') }]);
    expect(await values()).toContainEqual(expect.objectContaining({ metric: 'logins_7d', value: null }));
  });

  test('computes a history as each day was, but not for days before the account was created', async () => {
    await insertAccount('acme', '2026-11-12T08:00:00Z');
    await insertAccount('old');
    await insertLogins('acme', '2026-11-13T09:00:00Z');
    await compute({ from: '2026-11-11', to: '2026-11-21' }, '2026-11-21T10:00:00Z');
    const acme = await scores();
    expect(acme.map(({ day }) => day)).toEqual(daysFrom('2026-11-12', '2026-11-21'));
    expect(acme.filter(({ score }) => score === 5).map(({ day }) => day)).toEqual(daysFrom('2026-11-13', '2026-11-19'));
    expect(await scores('old')).toHaveLength(11);
  });

  test('takes accounts in chunks of at most 250, less when there are many days', async () => {
    const accounts = Array.from({ length: 1100 }, (_, n) => ({ id: `account-${n}`, name: `Account ${n}` }));
    await database.db.insertInto('accounts').values(accounts).execute();
    const chunks: { accountIds: string[] }[] = [];
    const deps = await depsAt('2026-11-21T10:00:00Z');
    const queue = { enqueue: async (_name: string, payload: object) => void chunks.push(payload as never) };
    await computeHealth.run({ day: '2026-11-21' }, { ...deps, queue });
    expect(chunks.map(({ accountIds }) => accountIds.length)).toEqual([250, 250, 250, 250, 100]);
    chunks.length = 0;
    await computeHealth.run({ from: '2026-11-02', to: '2026-11-21' }, { ...deps, queue });
    expect(chunks.map(({ accountIds }) => accountIds.length)).toEqual([...Array(8).fill(125), 100]);
    expect(new Set(chunks.flatMap(({ accountIds }) => accountIds)).size).toBe(1100);
  });

  test('scores more accounts than one chunk holds', async () => {
    const accounts = Array.from({ length: 501 }, (_, n) => ({ id: `account-${n}`, name: `Account ${n}` }));
    await database.db.insertInto('accounts').values(accounts).execute();
    await compute({}, '2026-11-21T10:00:00Z');
    const { count } = await database.db
      .selectFrom('scores')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBe(501);
  });

  test.each([
    [{ day: '2026-11-22' }, /future/],
    [{ from: '2026-11-22' }, /future/],
    [{ from: '2020-01-01', to: '2026-11-21' }, /at most 1100 days/],
    [{ day: '2026-11-20', from: '2026-11-20' }, /not both/],
    [{ to: '2026-11-20' }, /to needs from/],
    [{ from: '2026-11-20', to: '2026-11-19' }, /from must not be after to/],
    [{ day: '21.11.2026' }, /day/],
    [{ days: 3 }, /days/],
  ])('refuses %j and says why', async (payload, message) => {
    await expect(compute(payload, '2026-11-21T10:00:00Z')).rejects.toThrow(message);
    const runs = await database.db.selectFrom('job_runs').select('error').execute();
    expect(runs).toEqual([{ error: expect.stringMatching(message) }]);
  });
});

describe('catching up', () => {
  const isDue = async (instant: string, timeZone?: string) => computeHealth.isDue?.(await depsAt(instant, timeZone));

  test('is due until a run has covered the local day', async () => {
    expect(await isDue('2026-11-21T00:10:00Z')).toBe(true);
    await compute({ day: '2026-11-20' }, '2026-11-21T00:11:00Z');
    expect(await isDue('2026-11-21T00:12:00Z')).toBe(true);
    await compute({}, '2026-11-21T00:13:00Z');
    expect(await isDue('2026-11-21T23:59:00Z')).toBe(false);
    expect(await isDue('2026-11-22T00:00:00Z')).toBe(true);
  });

  test('is due when another playbook, or an edited model, gave the scores of today', async () => {
    await insertAccount('acme');
    await compute({}, '2026-11-21T00:11:00Z');
    const deps = await depsAt('2026-11-21T00:12:00Z');
    const edited = { ...deps.playbook, hashes: new Map([['simple', 'b'.repeat(64)]]) };
    expect(await computeHealth.isDue?.(deps)).toBe(false);
    expect(await computeHealth.isDue?.({ ...deps, playbook: edited })).toBe(true);
  });

  test('is due after a run that failed', async () => {
    await database.db
      .insertInto('job_runs')
      .values({
        name: 'compute-health',
        local_day: '2026-11-21',
        started_at: '2026-11-21T00:07:00Z',
        finished_at: '2026-11-21T00:08:00Z',
        error: 'the disk was full',
      })
      .execute();
    expect(await isDue('2026-11-21T00:10:00Z')).toBe(true);
  });

  test('loses no local day at a clock change that skips midnight', async () => {
    // In Santiago, 6 September 2026 begins at 01:00.
    await compute({}, '2026-09-06T03:30:00Z', 'America/Santiago');
    expect(await lastRange()).toMatchObject({ to: '2026-09-05' });
    expect(await isDue('2026-09-06T04:00:00Z', 'America/Santiago')).toBe(true);
    await compute({}, '2026-09-06T04:07:00Z', 'America/Santiago');
    expect(await lastRange()).toMatchObject({ from: '2026-09-05', to: '2026-09-06' });
    expect(await isDue('2026-09-07T02:59:00Z', 'America/Santiago')).toBe(false);
  });

  test('begins with today where nothing ran before', async () => {
    await compute({}, '2026-11-21T10:00:00Z');
    expect(await lastRange()).toMatchObject({ from: '2026-11-21', to: '2026-11-21' });
  });

  test('computes the day before once more when it is over, and only once', async () => {
    await insertAccount('acme');
    await compute({}, '2026-11-20T10:00:00Z');
    await insertLogins('acme', '2026-11-20T22:00:00Z');
    await compute({}, '2026-11-21T00:07:00Z');
    expect(await lastRange()).toMatchObject({ from: '2026-11-20', to: '2026-11-21' });
    expect(await scores()).toMatchObject([
      { day: '2026-11-20', score: 5 },
      { day: '2026-11-21', score: 5 },
    ]);
    await compute({}, '2026-11-21T01:07:00Z');
    expect(await lastRange()).toMatchObject({ from: '2026-11-21', to: '2026-11-21' });
  });

  test('computes the days of an outage, 35 days back at most', async () => {
    await insertAccount('acme');
    await compute({}, '2026-11-01T10:00:00Z');
    await compute({ day: '2026-11-21' }, '2026-11-21T10:00:00Z');
    await compute({}, '2026-11-21T10:07:00Z');
    expect((await scores()).map(({ day }) => day)).toEqual(daysFrom('2026-11-01', '2026-11-21'));
    await compute({}, '2027-06-01T10:00:00Z');
    expect(await lastRange()).toMatchObject({ from: addDays('2027-06-01', -34), to: '2027-06-01' });
  });
});

describe('prune-runs', () => {
  test('forgets runs of more than 90 days ago', async () => {
    for (const day of ['2026-08-22', '2026-08-23', '2026-11-20']) {
      const run = { name: 'compute-health', local_day: day, started_at: `${day}T10:00:00Z` };
      await database.db.insertInto('job_runs').values(run).execute();
    }
    await (await depsAt('2026-11-21T03:23:00Z')).queue.enqueue('prune-runs', {});
    const left = await database.db.selectFrom('job_runs').select('local_day').orderBy('id').execute();
    expect(left.map(({ local_day }) => local_day)).toEqual(['2026-08-23', '2026-11-20', '2026-11-21']);
  });
});
