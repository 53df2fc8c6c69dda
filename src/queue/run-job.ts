import { z } from 'zod';
import { localDay } from '../days.ts';
import { deleteGoodRunsBefore, finishJobRun, insertJobRun } from '../db/job-runs.ts';
import type { Deps } from '../deps.ts';
import { UserError } from '../errors.ts';
import type { JobDefinition } from './types.ts';

/** Checks `payload` against the job's schema. Throws UserError that names each fault. */
export function parsePayload<Payload>(job: JobDefinition<Payload>, payload: unknown): Payload {
  const parsed = job.payload.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new UserError(`The payload of ${job.name} is not valid: ${z.prettifyError(parsed.error)}`);
}

/**
 * Runs a job once and records the run and how it ended, a refused payload too. Throws what the job throws, and UserError
 * for a payload that the job's schema refuses.
 */
export async function runJob(job: JobDefinition, payload: unknown, deps: Deps): Promise<unknown> {
  const startedAt = deps.now();
  const id = await insertJobRun(deps.db, {
    name: job.name,
    localDay: localDay(startedAt, deps.config.timeZone),
    startedAt,
  });
  try {
    const result = await job.run(parsePayload(job, payload), deps);
    await finishJobRun(deps.db, id, { finishedAt: deps.now(), result });
    if (job.record === 'latest') await deleteGoodRunsBefore(deps.db, job.name, id);
    return result;
  } catch (error) {
    await finishJobRun(deps.db, id, { finishedAt: deps.now(), error: messageOf(error) });
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
