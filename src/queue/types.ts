import type { z } from 'zod';
import type { Deps } from '../deps.ts';

/** What runs in the background: one file in jobs/, listed in jobs/index.ts. */
export type JobDefinition<Payload = unknown> = {
  /** Verb and noun, as the file: `compute-health`. */
  name: string;
  /** One line for `bellwether jobs list`. */
  description: string;
  payload: z.ZodType<Payload>;
  /** A cron pattern in the deployment's time zone; the payload is then `{}`. */
  schedule?: string;
  /** Keeps the record of the last good run only, and of all that failed: for a job that runs all the time. */
  record?: 'latest';
  /** Whether a run is owed now; asked when a worker starts and every few minutes, for a schedule that was missed. */
  isDue?(deps: Deps): Promise<boolean>;
  /** At least once: running it twice must end as running it once. The result is stored with the run. */
  run(payload: Payload, deps: Deps): Promise<unknown>;
};

/** When a job runs, and what it must not be added beside. */
export type EnqueueOptions = {
  delayMs?: number;
  /** Not before this moment; a queue that runs everything at once leaves it to the job's schedule. */
  notBefore?: Date;
  /** While a job with this key waits, another with it is not added. */
  key?: string;
};

/** Where handlers and jobs leave work for later. */
export type JobQueue = {
  enqueue(name: string, payload: object, options?: EnqueueOptions): Promise<void>;
};

/** Where the queues live: the database, or Redis when it is given. */
export type QueueSettings = {
  databaseUrl: string;
  redisUrl?: string | undefined;
};
