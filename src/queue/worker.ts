import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { ping } from '../db/ping.ts';
import type { Db } from '../db/types.ts';
import type { Deps } from '../deps.ts';
import { UserError } from '../errors.ts';
import { backendFactory, connectionOfFactory, queueName } from './backend.ts';
import { createQueue } from './queue.ts';
import { runJob } from './run-job.ts';
import { keepSchedules } from './schedules.ts';
import type { JobDefinition, QueueSettings } from './types.ts';

/** A worker at work. */
export type RunningWorker = {
  /** Takes no more jobs and waits for those under way, at most `deadlineMs`; what is left runs again elsewhere. */
  close(deadlineMs: number): Promise<void>;
};

/** A worker that is silent for so long is taken for dead, and its jobs are given to another. */
const silenceMs = 5000;

type WorkerSettings = QueueSettings & {
  log: Logger;
  jobs: readonly JobDefinition[];
  deps: Deps;
  /** Jobs at a time. */
  concurrency: number;
};

/** Works on the queue, and keeps the schedules of `jobs`. */
export async function startWorker(settings: WorkerSettings): Promise<RunningWorker> {
  const queue = await createQueue(settings);
  const worker = createWorker(settings);
  try {
    await worker.waitUntilReady();
    const schedules = await keepSchedules(queue, settings.jobs, settings.deps);
    return {
      async close(deadlineMs) {
        await schedules.stop();
        const drained = await within(worker.pause(), deadlineMs);
        if (!drained) settings.log.warn({ deadlineMs }, 'jobs still run at the deadline; they will be run again');
        await within(worker.close(true), 1000);
        await queue.close();
      },
    };
  } catch (error) {
    await worker.close(true);
    await queue.close();
    throw error;
  }
}

function createWorker(settings: WorkerSettings) {
  const { log, jobs, deps, concurrency } = settings;
  const worker = new Worker(
    queueName,
    (job: Job<unknown>) => processJob(job, jobs, deps),
    {
      connection: connectionOfFactory,
      concurrency,
      lockDuration: silenceMs,
      stalledInterval: silenceMs,
      // Deployments kill workers too; only a job that takes its process down every time is given up.
      maxStalledCount: 3,
      // After an outage of the backend, look again soon: the default is 15 s.
      runRetryDelay: 1000,
    },
    backendFactory(settings, 'worker', concurrency + 1),
  );
  worker.on('error', (error) => log.error({ err: error }, 'worker'));
  worker.on('failed', (job, error) => {
    log.error({ err: error, job: job?.name, attempt: job?.attemptsMade }, 'job failed');
  });
  worker.on('stalled', (id) => log.warn({ id }, 'a job whose worker went silent is run again'));
  return worker;
}

async function processJob(job: Job<unknown>, jobs: readonly JobDefinition[], deps: Deps): Promise<void> {
  const definition = jobs.find(({ name }) => name === job.name);
  // Trying again mends neither an unknown name nor bad input.
  if (!definition) throw new UnrecoverableError(`There is no job called ${job.name}`);
  try {
    await runJob(definition, job.data, deps);
  } catch (error) {
    if (error instanceof UserError) throw new UnrecoverableError(error.message);
    await outlast(deps.db);
    throw error;
  }
}

/** Waits while the database does not answer, at most five minutes: an outage shall not use up a job's tries. */
async function outlast(db: Db): Promise<void> {
  const deadline = performance.now() + 5 * 60_000;
  const answers = () =>
    ping(db).then(
      () => true,
      () => false,
    );
  while (!(await answers()) && performance.now() < deadline) await sleep(1000);
}

/** Whether `work` ended in time; failures of it are the caller's. */
async function within(work: Promise<void>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, ms, false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
