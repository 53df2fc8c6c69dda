import { Queue as BullQueue, type IQueueBackend, type JobsOptions } from 'bullmq';
import type { Logger } from 'pino';
import { backendFactory, checkRedis, connectionOfFactory, queueName } from './backend.ts';
import { migrateQueues } from './migrate.ts';
import type { EnqueueOptions, JobQueue, QueueSettings } from './types.ts';

/** BullMQ's queue on either backend. */
type Bull = BullQueue<object, unknown, string, object, unknown, string, IQueueBackend, object>;

/** How many jobs of a name are in which state; `nextRun` is the schedule's. */
export type JobCounts = { waiting: number; active: number; failed: number; nextRun: Date | null };

/** A cron pattern by job name. */
type Schedules = Readonly<Record<string, string>>;

/** The queue, as worker and command line see it. */
export type Queue = JobQueue & {
  /** Rejects when the queue cannot be reached. */
  ping(): Promise<void>;
  /** Jobs in the queue, and schedules, by job name. */
  counts(): Promise<Map<string, JobCounts>>;
  /** Makes the stored schedules these; those that are right already keep the run that they have due. */
  setSchedules(schedules: Schedules, timezone: string): Promise<void>;
  close(): Promise<void>;
};

const day = 24 * 60 * 60;

/** Three attempts; kept by age, since keeping by count deadlocks with several jobs at a time. */
const jobOptions = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 1000 },
  removeOnComplete: { age: day },
  removeOnFail: { age: 14 * day },
} satisfies JobsOptions;

/** Connects to the queue, whose tables are made when they are missing. Throws UserError when Redis does not answer. */
export async function createQueue(settings: QueueSettings & { log: Logger }): Promise<Queue> {
  const { log } = settings;
  if (settings.redisUrl) await checkRedis(settings.redisUrl, log);
  else await migrateQueues(settings.databaseUrl);
  const queue: Bull = new BullQueue(
    queueName,
    { connection: connectionOfFactory, defaultJobOptions: jobOptions },
    backendFactory(settings, 'producer', 2),
  );
  queue.on('error', (error) => log.error({ err: error }, 'queue'));
  await queue.waitUntilReady();
  return {
    async enqueue(name, payload, options = {}) {
      await queue.add(name, payload, addOptions(options));
    },
    async ping() {
      await queue.getJobCounts('active');
    },
    counts: () => readCounts(queue),
    setSchedules: (schedules, timezone) => setSchedules(queue, schedules, timezone),
    // By force, for `queue.close` would wait for the goodbye of a Redis that may be gone; nothing is under way.
    close: () => queue.getBackend().close(true),
  };
}

/** With a key, work that arrives while the same runs is kept for one more run: it may have come too late for this one. */
function addOptions({ delayMs, notBefore, key }: EnqueueOptions): JobsOptions {
  const delay = notBefore ? Math.max(0, notBefore.getTime() - Date.now()) : delayMs;
  return {
    ...(delay === undefined ? {} : { delay }),
    ...(key === undefined ? {} : { deduplication: { id: key, keepLastIfActive: true } }),
  };
}

const states = {
  waiting: ['waiting', 'prioritized', 'delayed'],
  active: ['active'],
  failed: ['failed'],
} as const;

async function readCounts(queue: Bull): Promise<Map<string, JobCounts>> {
  const counts = new Map<string, JobCounts>();
  const of = (name: string): JobCounts => {
    const known = counts.get(name) ?? { waiting: 0, active: 0, failed: 0, nextRun: null };
    counts.set(name, known);
    return known;
  };
  for (const [state, types] of Object.entries(states) as [keyof typeof states, (typeof states)['waiting']][]) {
    for (const job of await queue.getJobs([...types])) {
      // A schedule's next run waits too; it is shown as `nextRun`.
      if (state === 'waiting' && job.repeatJobKey && job.delay > 0) continue;
      of(job.name)[state] += 1;
    }
  }
  for (const scheduler of await queue.getJobSchedulers()) {
    if (scheduler.next) of(scheduler.key).nextRun = new Date(scheduler.next);
  }
  return counts;
}

async function setSchedules(queue: Bull, schedules: Schedules, timezone: string): Promise<void> {
  const stored = new Map((await queue.getJobSchedulers()).map((scheduler) => [scheduler.key, scheduler]));
  for (const key of stored.keys()) {
    if (!Object.hasOwn(schedules, key)) await queue.removeJobScheduler(key);
  }
  for (const [name, pattern] of Object.entries(schedules)) {
    const known = stored.get(name);
    const same = known?.pattern === pattern && known.tz === timezone;
    // Storing a schedule again would skip a run that came due while nobody worked.
    if (same && known.next && (await isAlive(queue, name, known.next))) continue;
    await queue.upsertJobScheduler(name, { pattern, tz: timezone }, { name, data: {}, opts: jobOptions });
  }
}

/** Whether a schedule's next run is to come; each run makes the next, so a failure there ends the schedule. */
async function isAlive(queue: Bull, name: string, next: number): Promise<boolean> {
  if (next > Date.now()) return true;
  const state = await queue.getJobState(`repeat:${name}:${next}`);
  return state === 'delayed' || state === 'waiting' || state === 'active';
}
