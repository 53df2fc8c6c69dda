import { describe, expect, it, onTestFinished } from 'vitest';
import { jobs } from '../../jobs/index.ts';
import { seedDemo } from '../../simulator/demo/seed.ts';
import type { Deps } from '../../src/deps.ts';
import { readPlaybook } from '../../src/playbook/read.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { createTestDeps } from '../deps.ts';

const goOn = new AbortController().signal;
const now = () => new Date('2026-11-21T12:00:00Z');

async function setUp(): Promise<{ database: TestDatabase; deps: Deps }> {
  const database = await createTestDatabase();
  onTestFinished(database.drop);
  const queue = { enqueue: () => Promise.reject(new Error('This queue is not used.')) };
  const deps = await createTestDeps({ db: database.db, queue, now, playbook: await readPlaybook('product-usage') });
  return { database, deps };
}

async function countRows({ db }: TestDatabase) {
  const count = async (table: 'accounts' | 'users' | 'events' | 'scores') =>
    (await db.selectFrom(table).select(db.fn.countAll<number>().as('rows')).executeTakeFirstOrThrow()).rows;
  return [await count('accounts'), await count('users'), await count('events'), await count('scores')];
}

describe('seedDemo', () => {
  it('completes what an earlier start was kept from, whatever has been computed since', async () => {
    const { database, deps } = await setUp();
    await seedDemo(deps, database.url, goOn);
    const complete = await countRows(database);
    expect(complete[0]).toBe(27);
    // Nothing is left to be computed when the worker starts; it only tells of what began today, and asks the help desk.
    const due = await Promise.all(jobs.map(async (job) => ((await job.isDue?.(deps)) ? [job.name] : [])));
    expect(due.flat()).toEqual(['deliver-messages', 'refresh-desk-groups']);

    await database.db.deleteFrom('scores').where('day', '<', '2026-11-21').execute();
    await database.db.deleteFrom('events').where('account_id', '=', 'globex').execute();
    await seedDemo(deps, database.url, goOn);
    expect(await countRows(database)).toEqual(complete);
  }, 120_000);

  it('leaves a database alone that has accounts of its own', async () => {
    const { database, deps } = await setUp();
    await database.db.insertInto('accounts').values({ id: 'acme', name: 'Acme', domain: 'acme.com' }).execute();
    await seedDemo(deps, database.url, goOn);
    expect(await countRows(database)).toEqual([1, 0, 0, 0]);
  });

  it('gives up when it is asked to', async () => {
    const { database, deps } = await setUp();
    await expect(seedDemo(deps, database.url, AbortSignal.abort())).rejects.toThrow();
    expect((await countRows(database))[3]).toBe(0);
  });
});
