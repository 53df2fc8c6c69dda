import type { Deps } from '../deps.ts';
import { UserError } from '../errors.ts';
import { runJob } from './run-job.ts';
import type { JobDefinition, JobQueue } from './types.ts';

/**
 * A queue that runs what is enqueued at once, in this process and one after the other, delays ignored but what is not to run
 * before a moment left out; `enqueue` ends when the job and all that it enqueues have. For running a job by hand.
 */
export function createInlineQueue(jobs: readonly JobDefinition[], deps: Omit<Deps, 'queue'>): JobQueue {
  const queue: JobQueue = {
    async enqueue(name, payload, { notBefore } = {}) {
      if (notBefore && notBefore > deps.now()) return;
      const job = jobs.find((candidate) => candidate.name === name);
      if (!job) throw new UserError(`There is no job called ${name}`);
      await runJob(job, payload, { ...deps, queue });
    },
  };
  return queue;
}
