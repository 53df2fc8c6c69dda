import pino from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createQueue } from '../../src/queue/queue.ts';
import { describeQueue } from '../queue-suite.ts';
import { findRedis, type RedisServer, startRedis } from '../redis-server.ts';

const redis = findRedis();
const log = pino({ level: 'silent' });

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
