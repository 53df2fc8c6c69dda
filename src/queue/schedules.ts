import { withScheduleLock } from '../db/schedule-lock.ts';
import type { Deps } from '../deps.ts';
import type { Queue } from './queue.ts';
import type { JobDefinition } from './types.ts';

const checkEveryMs = 5 * 60 * 1000;

/**
 * Stores the schedules of `jobs` and enqueues what is due, now and every five minutes. A clock change, downtime or a
 * lost schedule can make a cron pattern skip its time; the check finds that out from the database.
 */
export async function keepSchedules(
  queue: Queue,
  jobs: readonly JobDefinition[],
  deps: Deps,
): Promise<{ stop(): Promise<void> }> {
  let checking = checkSchedules(queue, jobs, deps);
  await checking;
  const timer = setInterval(() => {
    checking = checkSchedules(queue, jobs, deps).catch((error) =>
      deps.log.error({ err: error }, 'schedules could not be checked; the next check is in five minutes'),
    );
  }, checkEveryMs);
  return {
    async stop() {
      clearInterval(timer);
      await checking;
    },
  };
}

/** Stores the schedules of `jobs`, forgets those of jobs that are gone, and enqueues what is due. */
async function checkSchedules(queue: Queue, jobs: readonly JobDefinition[], deps: Deps): Promise<void> {
  const schedules = Object.fromEntries(jobs.flatMap(({ name, schedule }) => (schedule ? [[name, schedule]] : [])));
  await withScheduleLock(deps.db, () => queue.setSchedules(schedules, deps.config.timeZone));
  for (const job of jobs) {
    if (await job.isDue?.(deps)) await queue.enqueue(job.name, {}, { key: job.name });
  }
}
