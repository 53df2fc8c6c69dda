import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jobs } from '../../jobs/index.ts';
import { refreshAccounts } from '../../jobs/refresh-accounts.ts';
import type { Deps } from '../../src/deps.ts';
import { createIngester } from '../../src/ingest/ingester.ts';
import type { Call } from '../../src/ingest/types.ts';
import { createInlineQueue } from '../../src/queue/inline-queue.ts';
import { createQueue } from '../../src/queue/queue.ts';
import type { EnqueueOptions } from '../../src/queue/types.ts';
import { startWorker } from '../../src/queue/worker.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { createTestDeps } from '../deps.ts';
import { insertAccount, insertEvents } from '../factories.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const now = () => new Date('2026-11-21T12:00:00Z');

async function createDeps(queue?: Deps['queue']): Promise<Deps> {
  const unqueued = await createTestDeps({ db: database.db, queue: { enqueue: async () => undefined }, now });
  return { ...unqueued, queue: queue ?? createInlineQueue(jobs, unqueued) };
}

async function addStale(...rows: [account: string, day: string][]): Promise<void> {
  await database.db
    .insertInto('stale_accounts')
    .values(rows.map(([account_id, from_day]) => ({ account_id, from_day })))
    .execute();
}

const stale = () => database.db.selectFrom('stale_accounts').select(['account_id', 'from_day']).orderBy('id').execute();
const scoredDays = () =>
  database.db.selectFrom('scores').select(['account_id', 'day']).orderBy('account_id').orderBy('day').execute();

describe('refresh-accounts', () => {
  beforeEach(async () => {
    await insertAccount(database.db, { id: 'acme' });
    await insertAccount(database.db, { id: 'other' });
    await insertEvents(database.db, [
      { account_id: 'acme', id: '1', name: 'login', occurred_at: '2026-11-21T09:00:00Z' },
    ]);
  });

  test('scores today the accounts that have new events, and no others', async () => {
    await addStale(['acme', '2026-11-21'], ['acme', '2026-11-21']);
    await refreshAccounts.run({}, await createDeps());
    expect(await scoredDays()).toEqual([{ account_id: 'acme', day: '2026-11-21' }]);
    expect(await stale()).toEqual([]);
  });

  test('invents no scores of the past: an account that has none is scored from today on', async () => {
    await addStale(['acme', '2026-10-01']);
    await refreshAccounts.run({}, await createDeps());
    expect(await scoredDays()).toEqual([{ account_id: 'acme', day: '2026-11-21' }]);
  });

  test('keeps what it could not do', async () => {
    await addStale(['acme', '2026-11-21']);
    const deps = await createDeps();
    await database.db.schema.alterTable('scores').renameTo('scores_elsewhere').execute();
    await expect(refreshAccounts.run({}, deps)).rejects.toThrow(/scores/);
    await database.db.schema.alterTable('scores_elsewhere').renameTo('scores').execute();
    expect(await stale()).toHaveLength(1);
    expect(await refreshAccounts.isDue?.(deps)).toBe(true);
    await refreshAccounts.run({}, deps);
    expect(await refreshAccounts.isDue?.(deps)).toBe(false);
    expect(await scoredDays()).toHaveLength(1);
  });

  test('plans its next run for later after it had work, and none after it had not', async () => {
    const asked: { name: string; options: EnqueueOptions | undefined }[] = [];
    const deps = await createDeps({ enqueue: async (name, _payload, options) => void asked.push({ name, options }) });
    await refreshAccounts.run({}, deps);
    expect(asked).toEqual([]);
    await addStale(['acme', '2026-11-21']);
    await refreshAccounts.run({}, deps);
    expect(asked).toEqual([
      { name: 'refresh-accounts', options: { key: 'refresh-accounts', delayMs: expect.any(Number) } },
    ]);
    expect(asked[0]?.options?.delayMs).toBeGreaterThanOrEqual(5000);
  });

  test('takes more accounts than are computed at once', async () => {
    const ids = Array.from({ length: 600 }, (_, n) => `many-${n}`);
    await database.db
      .insertInto('accounts')
      .values(ids.map((id) => ({ id, name: id })))
      .execute();
    await addStale(...ids.map((id): [string, string] => [id, '2026-11-21']));
    expect(await refreshAccounts.run({}, await createDeps())).toEqual({ accounts: 600, left: 0 });
    expect(await scoredDays()).toHaveLength(600);
  });
});

describe('calls of a door', () => {
  const at = new Date('2026-11-21T11:00:00Z');
  const ada = { userId: 'ada', anonymousId: null };
  const group = (traits: object): Call => ({ kind: 'account', at, account: 'acme', actor: ada, traits: { ...traits } });
  const ingest = async (...calls: Call[]) => {
    const ingester = createIngester({ db: database.db, log: pino({ level: 'silent' }), now, timeZone: 'UTC' });
    await ingester.ingest('segment', { calls, refusals: [] });
    await ingester.close();
  };

  test('make an account scored that appears or changes, or whose users do', async () => {
    await ingest(group({ seats: 5 }));
    expect(await stale()).not.toEqual([]);
    await refreshAccounts.run({}, await createDeps());
    expect(await scoredDays()).toEqual([{ account_id: 'acme', day: '2026-11-21' }]);
    expect(await stale()).toEqual([]);
    await ingest(group({ seats: 6 }));
    expect(await stale()).toHaveLength(1);
    await refreshAccounts.run({}, await createDeps());
    await ingest({ kind: 'user', at, actor: ada, account: 'acme', traits: { role: 'owner' } });
    expect(await stale()).toHaveLength(1);
  });

  test('that say nothing new ask for nothing', async () => {
    await ingest(group({ seats: 5 }));
    await refreshAccounts.run({}, await createDeps());
    await ingest(group({ seats: 5 }));
    expect(await stale()).toEqual([]);
  });
});

describe('a worker', () => {
  test('scores an account with new events soon after they were counted', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const log = pino({ level: 'silent' });
    const queue = await createQueue({ databaseUrl: database.url, log });
    const deps = await createTestDeps({ db: database.db, queue });
    const worker = await startWorker({ databaseUrl: database.url, log, jobs, deps, concurrency: 2 });
    const logins = async () => {
      const values = database.db.selectFrom('metric_values').select('value').where('metric', '=', 'logins_7d');
      return (await values.where('account_id', '=', 'acme').execute()).map(({ value }) => value);
    };
    const login = async (id: string) => {
      const occurred_at = new Date().toISOString();
      await insertEvents(database.db, [{ account_id: 'acme', id, name: 'login', occurred_at }]);
      await queue.enqueue('count-events', {}, { key: 'count-events' });
    };
    try {
      await login('1');
      await expect.poll(logins, { timeout: 25_000 }).toEqual([1]);
      await login('2');
      await login('3');
      await expect.poll(logins, { timeout: 25_000 }).toEqual([3]);
      await expect.poll(stale, { timeout: 25_000 }).toEqual([]);
    } finally {
      await worker.close(5000);
      await queue.close();
    }
  }, 90_000);
});
