/**
 * A worker in a process of its own, to be killed: its one job stores an account, says so, and never ends. Told as JSON:
 * `{databaseUrl, redisUrl?}`.
 */
import pino from 'pino';
import { z } from 'zod';
import { openDb } from '../src/db/client.ts';
import type { JobDefinition, QueueSettings } from '../src/queue/types.ts';
import { startWorker } from '../src/queue/worker.ts';
import { createTestDeps } from './deps.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as QueueSettings;
const db = openDb(settings.databaseUrl, { max: 2 });
const job: JobDefinition = {
  name: 'store-account',
  description: 'stores an account and hangs',
  payload: z.object({ id: z.string() }),
  async run(payload) {
    const { id } = payload as { id: string };
    await db.insertInto('accounts').values({ id, name: id }).execute();
    process.stdout.write('stored\n');
    return new Promise(() => undefined);
  },
};
const queue = { enqueue: () => Promise.reject(new Error('This worker enqueues nothing.')) };
const deps = await createTestDeps({ db, queue });
await startWorker({ ...settings, log: pino({ level: 'silent' }), jobs: [job], deps, concurrency: 1 });
