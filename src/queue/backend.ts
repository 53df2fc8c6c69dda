import { type BackendFactory, createPostgresBackend, createRedisBackend, type IQueueBackend } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { UserError } from '../errors.ts';
import type { QueueSettings } from './types.ts';

/** The one queue; jobs differ by name. */
export const queueName = 'bellwether';

/** Where BullMQ keeps its tables, apart from ours. */
export const queueSchema = 'bullmq';

/** What BullMQ is told as `connection`: the factory below knows the real one. */
export const connectionOfFactory = {};

/**
 * The backend of one queue or worker: PostgreSQL, or Redis when `redisUrl` is given. `connections` bounds the
 * PostgreSQL pool; a worker has one more to listen on.
 */
export function backendFactory(
  { databaseUrl, redisUrl }: QueueSettings,
  role: 'producer' | 'worker',
  connections: number,
): BackendFactory<IQueueBackend, object> {
  if (!redisUrl) {
    const connection = { connectionString: databaseUrl, schema: queueSchema, max: connections };
    return (name, options, extra) => createPostgresBackend(name, { ...options, connection }, extra);
  }
  // A worker waits for Redis to come back; a producer must rather say at once that it could not enqueue.
  const connection =
    role === 'worker' ? { url: redisUrl, maxRetriesPerRequest: null } : { url: redisUrl, enableOfflineQueue: false };
  return (name, options, extra) => createRedisBackend(name, { ...options, connection }, extra);
}

/** Checks that Redis answers, and warns when it may throw jobs away to save memory. Throws UserError. */
export async function checkRedis(redisUrl: string, log: Logger): Promise<void> {
  const redis = new Redis(redisUrl, { lazyConnect: true, retryStrategy: null, connectTimeout: 5000 });
  let reason = '';
  redis.on('error', (error) => {
    reason = error.message;
  });
  try {
    await redis.connect();
    const memory = await redis.info('memory');
    // A database that is not there is told by an event only, and the first one used in its place.
    if (reason) throw new Error(reason);
    const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1];
    if (policy && policy !== 'noeviction') {
      log.warn({ policy }, 'Redis may throw jobs away when memory is short: set maxmemory-policy to noeviction');
    }
  } catch (error) {
    reason ||= (error as Error).message;
    throw new UserError(`Redis at REDIS_URL does not answer (${reason}). Start it, or unset REDIS_URL.`);
  } finally {
    redis.disconnect();
  }
}
