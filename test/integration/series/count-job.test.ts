import { afterEach, beforeEach, expect, it } from 'vitest';
import { countNewEvents } from '../../../jobs/count-events.ts';
import type { Deps } from '../../../src/deps.ts';
import { runJob } from '../../../src/queue/run-job.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { createTestDeps } from '../../deps.ts';
import { insertAccount, insertEvents } from '../../factories.ts';
import { metricsOf } from './plain.ts';

let test: TestDatabase;
let deps: Deps;
let enqueued: string[];
beforeEach(async () => {
  test = await createTestDatabase();
  enqueued = [];
  const queue = { enqueue: async (name: string) => void enqueued.push(name) };
  const base = await createTestDeps({ db: test.db, queue });
  deps = { ...base, playbook: { ...base.playbook, metrics: metricsOf(['count("read", 30)']) } };
  await insertAccount(test.db, { id: 'acme' });
});
afterEach(() => test.drop());

async function storeOne(id: string): Promise<void> {
  await insertEvents(test.db, [{ account_id: 'acme', id, name: 'read', occurred_at: '2026-03-10T12:00:00Z' }]);
}

const runs = () => test.db.selectFrom('job_runs').select(['error', 'result']).orderBy('id').execute();

it('is due while events wait to be counted', async () => {
  await storeOne('1');
  expect(await countNewEvents.isDue?.(deps)).toBe(true);
  await runJob(countNewEvents, {}, deps);
  expect(await countNewEvents.isDue?.(deps)).toBe(false);
});

it('run twice counts once, and has the accounts refreshed whose events it counted', async () => {
  await storeOne('1');
  expect(await runJob(countNewEvents, {}, deps)).toMatchObject({ filled: 6 });
  expect(enqueued).toEqual(['refresh-accounts']);
  await test.db.deleteFrom('stale_accounts').execute();
  expect(await runJob(countNewEvents, {}, deps)).toEqual({ batches: 0, days: 0, filled: 0 });
  expect(enqueued).toEqual(['refresh-accounts']);
});

it('has accounts refreshed that an earlier run left, though nothing is new', async () => {
  await test.db.insertInto('stale_accounts').values({ account_id: 'acme', from_day: '2026-03-10' }).execute();
  await runJob(countNewEvents, {}, deps);
  expect(enqueued).toEqual(['refresh-accounts']);
});

it('leaves a record of its last good run and of those that failed, not of each', async () => {
  await runJob(countNewEvents, {}, deps);
  await runJob(countNewEvents, {}, deps);
  await expect(runJob(countNewEvents, { wrong: true }, deps)).rejects.toThrow(/payload of count-events/);
  await storeOne('1');
  await runJob(countNewEvents, {}, deps);
  await runJob(countNewEvents, {}, deps);
  expect(await runs()).toEqual([
    { error: expect.stringContaining('payload of count-events'), result: null },
    { error: null, result: { batches: 0, days: 0, filled: 0 } },
  ]);
});
