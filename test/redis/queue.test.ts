import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { createQueue } from '../../src/queue/queue.ts';
import { startWorker } from '../../src/queue/worker.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { createTestDeps } from '../deps.ts';
import { describeQueue } from '../queue-suite.ts';
import { findRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { runSql } from '../run-sql.ts';

const redis = findRedis();
const log = pino({ level: 'silent' });

const patience = { timeout: 20_000, interval: 50 };

/** Takes a database away from everybody, until `allow` gives it back. */
async function interrupt(database: TestDatabase): Promise<void> {
  await allow(database, false);
  const name = new URL(database.url).pathname.slice(1);
  const { serverUrl } = inject('database');
  await runSql(serverUrl, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
}

function allow(database: TestDatabase, connections: boolean): Promise<void> {
  const name = new URL(database.url).pathname.slice(1);
  return runSql(inject('database').serverUrl, `alter database ${name} allow_connections ${connections}`);
}

const title = redis ? 'the queue on Redis' : 'the queue on Redis (skipped: no redis-server, no TEST_REDIS_URL)';

describe.skipIf(redis === null)(title, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis(redis!);
  });
  afterAll(() => server.stop());

  describeQueue({
    redisUrl: () => server.url,
    empty: () => server.run('FLUSHDB'),
    dropConnections: () => server.run('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
  });

  test('a queue where no Redis answers is refused, saying what to do', async () => {
    const settings = { databaseUrl: 'postgres://127.0.0.1:9/none', redisUrl: 'redis://127.0.0.1:9', log };
    await expect(createQueue(settings)).rejects.toThrow(
      /^Redis at REDIS_URL does not answer \(.*ECONNREFUSED.*Start it/,
    );
  });

  test('a job outlasts an outage of the database that is longer than its tries', async () => {
    const database = await createTestDatabase();
    onTestFinished(database.drop);
    const settings = { databaseUrl: database.url, redisUrl: server.url, log };
    const queue = await createQueue(settings);
    onTestFinished(queue.close);
    const deps = await createTestDeps({ db: database.db, queue });
    const starts: unknown[] = [];
    const job = {
      name: 'note',
      description: 'notes that it starts, and asks the database',
      payload: z.object({}),
      run: async () => {
        starts.push(null);
        if (starts.length === 1) await interrupt(database);
        return sql`select 1`.execute(database.db);
      },
    };
    const worker = await startWorker({ ...settings, jobs: [job], deps, concurrency: 1 });
    onTestFinished(() => worker.close(1000));
    await queue.enqueue('note', {});
    await vi.waitFor(() => expect(starts).toHaveLength(1), patience);
    await sleep(5000);
    expect(starts).toHaveLength(1);
    await allow(database, true);
    await vi.waitFor(async () => expect((await queue.counts()).get('note')).toBeUndefined(), patience);
    expect(starts).toHaveLength(2);
  });

  test('a database that Redis does not have is refused', async () => {
    const redisUrl = new URL(server.url);
    redisUrl.pathname = '/4242';
    const settings = { databaseUrl: 'postgres://127.0.0.1:9/none', redisUrl: redisUrl.href, log };
    await expect(createQueue(settings)).rejects.toThrow(
      /^Redis at REDIS_URL does not answer \(ERR DB index is out of range/,
    );
  });

  test.skipIf(redis && 'url' in redis)(
    'a job for a Redis that has gone is refused at once instead of being held back',
    async () => {
      const gone = await startRedis(redis!);
      onTestFinished(() => gone.stop());
      const queue = await createQueue({ databaseUrl: 'postgres://127.0.0.1:9/none', redisUrl: gone.url, log });
      await queue.enqueue('note', {});
      await gone.stop();
      await expect(queue.enqueue('note', {})).rejects.toThrow();
      await queue.close();
    },
  );
});
