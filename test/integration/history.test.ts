import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { computeHealth } from '../../jobs/compute-health.ts';
import { jobs } from '../../jobs/index.ts';
import { countEvents } from '../../src/db/count-events.ts';
import type { Deps } from '../../src/deps.ts';
import { compileMetrics } from '../../src/metrics/compile.ts';
import type { MetricDefinition } from '../../src/metrics/types.ts';
import type { Playbook } from '../../src/playbook/types.ts';
import { createInlineQueue } from '../../src/queue/inline-queue.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { createTestDeps } from '../deps.ts';
import { insertAccount, insertEvents } from '../factories.ts';
import { createTestPlaybook } from '../playbook.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const logins: MetricDefinition = {
  id: 'logins_7d',
  name: 'Logins',
  unit: 'number',
  description: 'in 7 days',
  equation: 'count("login", 7)',
};
const seats: MetricDefinition = {
  id: 'seats',
  name: 'Seats',
  unit: 'number',
  description: '',
  equation: 'trait("seats")',
};

function packOf(...definitions: MetricDefinition[]): Playbook {
  return { ...createTestPlaybook(), metrics: compileMetrics(definitions).metrics };
}

async function depsAt(instant: string, playbook = packOf(logins, seats)): Promise<Deps> {
  const queue = { enqueue: () => Promise.reject(new Error('This queue is not used.')) };
  const unqueued = await createTestDeps({ db: database.db, queue, now: () => new Date(instant), playbook });
  return { ...unqueued, queue: createInlineQueue(jobs, unqueued) };
}

async function run(job: string, instant: string, payload: object = {}, playbook?: Playbook): Promise<void> {
  await (await depsAt(instant, playbook)).queue.enqueue(job, payload);
}

/** Counts what came in and computes anew what it changed. */
async function refresh(instant: string): Promise<void> {
  const { db, playbook } = await depsAt(instant);
  await countEvents(db, { metrics: playbook.metrics, timeZone: 'UTC', now: new Date(instant) });
  await run('refresh-accounts', instant);
}

async function login(at: string): Promise<void> {
  await insertEvents(database.db, [{ account_id: 'acme', id: at, name: 'login', occurred_at: at }]);
}

const valuesOf = (metric: string) =>
  database.db
    .selectFrom('metric_values')
    .select(['day', 'value', 'computed_at', 'corrected_at'])
    .where('metric', '=', metric)
    .orderBy('day')
    .execute();
const scores = () => database.db.selectFrom('scores').select(['day', 'score', 'computed_at']).orderBy('day').execute();
const setSeats = (count: number) =>
  database.db
    .updateTable('accounts')
    .set({ traits: JSON.stringify({ seats: count }) })
    .execute();

describe('the history of a metric', () => {
  beforeEach(async () => {
    await insertAccount(database.db, { id: 'acme', traits: JSON.stringify({ seats: 5 }) });
    await login('2026-11-18T10:00:00Z');
    await run('compute-health', '2026-11-18T12:00:00Z');
    await run('compute-health', '2026-11-19T12:00:00Z');
    await run('compute-health', '2026-11-20T12:00:00Z');
    await run('compute-health', '2026-11-21T12:00:00Z');
  });

  test('is corrected by a late event from its day on, and says when', async () => {
    await login('2026-11-19T09:00:00Z');
    await refresh('2026-11-21T13:00:00Z');
    const corrected_at = new Date('2026-11-21T13:00:00Z');
    expect(await valuesOf('logins_7d')).toMatchObject([
      { day: '2026-11-18', value: 1, corrected_at: null },
      { day: '2026-11-19', value: 2, corrected_at },
      { day: '2026-11-20', value: 2, corrected_at },
      // What changes today is no correction.
      { day: '2026-11-21', value: 2, corrected_at: null },
    ]);
  });

  test('has the scores of corrected days corrected too, and no others touched', async () => {
    await login('2026-11-20T08:00:00Z');
    await refresh('2026-11-21T13:00:00Z');
    const computed = (await scores()).map(({ day, computed_at }) => [day, computed_at.toISOString().slice(5, 13)]);
    expect(computed).toEqual([
      ['2026-11-18', '11-19T12'],
      ['2026-11-19', '11-20T12'],
      ['2026-11-20', '11-21T13'],
      ['2026-11-21', '11-21T13'],
    ]);
  });

  test('keeps what rests on no events as it was, though the account has changed', async () => {
    await database.db.updateTable('metric_values').set({ value: '4' }).where('metric', '=', 'seats').execute();
    await setSeats(9);
    await login('2026-11-19T09:00:00Z');
    await refresh('2026-11-21T13:00:00Z');
    expect((await valuesOf('seats')).map(({ value }) => value)).toEqual([4, 4, 4, 9]);
  });

  test('is the same after a second run, and after a run without anything new', async () => {
    await login('2026-11-19T09:00:00Z');
    await refresh('2026-11-21T13:00:00Z');
    const before = [await valuesOf('logins_7d'), (await scores()).slice(0, 3)];
    await refresh('2026-11-21T14:00:00Z');
    await run('compute-health', '2026-11-21T15:00:00Z', { from: '2026-11-18' });
    expect(await valuesOf('logins_7d')).toEqual(before[0]);
  });

  test('takes a value that was no data for corrected', async () => {
    await database.db.updateTable('metric_values').set({ value: null }).where('day', '=', '2026-11-20').execute();
    await run('compute-health', '2026-11-21T15:00:00Z', { day: '2026-11-20' });
    expect((await valuesOf('logins_7d'))[2]).toMatchObject({
      value: 1,
      corrected_at: new Date('2026-11-21T15:00:00Z'),
    });
  });

  test('takes the last value of a day, computed when it is over, for no correction', async () => {
    await login('2026-11-21T23:00:00Z');
    await run('compute-health', '2026-11-22T00:07:00Z');
    expect((await valuesOf('logins_7d'))[3]).toMatchObject({ day: '2026-11-21', value: 2, corrected_at: null });
    await login('2026-11-21T22:00:00Z');
    await refresh('2026-11-22T01:00:00Z');
    expect((await valuesOf('logins_7d'))[3]).toMatchObject({
      value: 3,
      corrected_at: new Date('2026-11-22T01:00:00Z'),
    });
  });

  test('begins earlier when events of earlier days come, 90 days ago at most; scores do not', async () => {
    await login('2026-11-10T09:00:00Z');
    await login('2026-01-10T09:00:00Z');
    await refresh('2026-11-21T13:00:00Z');
    const values = await valuesOf('logins_7d');
    expect(values[0]).toMatchObject({ day: '2026-08-24', value: 0, corrected_at: null });
    expect(values.find(({ day }) => day === '2026-11-12')).toMatchObject({ value: 1, corrected_at: null });
    expect((await valuesOf('seats'))[0]).toMatchObject({ day: '2026-11-18' });
    expect((await scores())[0]).toMatchObject({ day: '2026-11-18' });
  });
});

describe('a metric that is new in the pack', () => {
  const searches: MetricDefinition = { ...logins, id: 'searches', equation: 'count("search", 30)' };

  beforeEach(async () => {
    await insertAccount(database.db, { id: 'acme' });
    const at = '2026-11-15T09:00:00Z';
    await insertEvents(database.db, [
      { account_id: 'acme', id: '1', name: 'search', occurred_at: at },
      { account_id: 'acme', id: '2', name: 'login', occurred_at: at },
    ]);
    await run('compute-health', '2026-11-20T12:00:00Z', {}, packOf(logins));
    await run('compute-health', '2026-11-21T12:00:00Z', {}, packOf(logins));
  });

  test('gets its past from the next run on, and no score a new one', async () => {
    const before = await scores();
    await run('compute-health', '2026-11-21T13:00:00Z', {}, packOf(logins, searches));
    expect((await valuesOf('searches')).map(({ day, value }) => [day.slice(8), value])).toEqual([
      ['15', 1],
      ['16', 1],
      ['17', 1],
      ['18', 1],
      ['19', 1],
      ['20', 1],
      ['21', 1],
    ]);
    expect((await scores()).map(({ day }) => day)).toEqual(before.map(({ day }) => day));
    expect((await scores())[0]).toEqual(before[0]);
  });

  test('makes a run due until it has its past', async () => {
    const changed = packOf(logins, searches);
    expect(await computeHealth.isDue?.(await depsAt('2026-11-21T12:30:00Z', packOf(logins)))).toBe(false);
    expect(await computeHealth.isDue?.(await depsAt('2026-11-21T12:30:00Z', changed))).toBe(true);
    await run('compute-health', '2026-11-21T13:00:00Z', {}, changed);
    expect(await computeHealth.isDue?.(await depsAt('2026-11-21T13:30:00Z', changed))).toBe(false);
  });

  test('whose equation is another from now on has another past, which is no correction', async () => {
    const doubled = packOf({ ...logins, equation: '2 * count("login", 7)' });
    await run('compute-health', '2026-11-21T13:00:00Z', {}, doubled);
    const values = await valuesOf('logins_7d');
    expect(values.map(({ value }) => value)).toEqual([2, 2, 2, 2, 2, 2, 2]);
    expect(values.filter(({ corrected_at }) => corrected_at)).toEqual([]);
  });

  test('whose days are those of another time zone from now on has another past, which is no correction', async () => {
    await insertEvents(database.db, [
      { account_id: 'acme', id: '3', name: 'login', occurred_at: '2026-11-15T21:00:00Z' },
    ]);
    await run('compute-health', '2026-11-21T12:30:00Z', { from: '2026-11-15' }, packOf(logins));
    const deps = await depsAt('2026-11-21T13:00:00Z', packOf(logins));
    const inTokyo = { ...deps, config: { ...deps.config, timeZone: 'Asia/Tokyo' } };
    expect(await computeHealth.isDue?.(inTokyo)).toBe(true);
    await createInlineQueue(jobs, inTokyo).enqueue('compute-health', {});
    const values = await valuesOf('logins_7d');
    expect(values.map(({ value }) => value)).toEqual([1, 2, 2, 2, 2, 2, 2]);
    expect(values[0]).toMatchObject({ day: '2026-11-15', corrected_at: null });
    expect(await computeHealth.isDue?.(inTokyo)).toBe(false);
  });

  test('is filled anew when a metric that it reads has changed', async () => {
    const half: MetricDefinition = { ...logins, id: 'half', equation: 'metric("logins_7d") / 2' };
    await run('compute-health', '2026-11-21T13:00:00Z', {}, packOf(logins, half));
    await run(
      'compute-health',
      '2026-11-21T14:00:00Z',
      {},
      packOf({ ...logins, equation: '4 * count("login", 7)' }, half),
    );
    expect((await valuesOf('half')).map(({ value }) => value)).toEqual([2, 2, 2, 2, 2, 2, 2]);
  });
});
