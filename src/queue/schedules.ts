import { sql } from 'kysely';
import type { Deps } from '../deps.ts';
import type { Queue } from './queue.ts';
import type { JobDefinition } from './types.ts';

/** Key of the advisory lock under which one process at a time touches the schedules. */
const scheduleLock = 7_305_804;

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
  await deps.db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${scheduleLock})`.execute(transaction);
    await queue.setSchedules(schedules, deps.config.timeZone);
  });
  for (const job of jobs) {
    if (await job.isDue?.(deps)) await queue.enqueue(job.name, {}, { key: job.name });
  }
}
