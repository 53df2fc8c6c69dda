import { z } from 'zod';
import { addDays, localDay } from '../src/days.ts';
import { deleteJobRunsBefore } from '../src/db/job-runs.ts';
import type { JobDefinition } from '../src/queue/types.ts';

const payload = z.strictObject({});

/** Runs are looked at for a quarter; catching up needs 35 days of them. */
const keptDays = 90;

/** Keeps the record of runs from growing for ever. */
export const pruneRuns: JobDefinition<z.infer<typeof payload>> = {
  name: 'prune-runs',
  description: `forget what ran more than ${keptDays} days ago`,
  payload,
  schedule: '23 3 * * *',
  async run(_payload, { db, config, now }) {
    const deleted = await deleteJobRunsBefore(db, addDays(localDay(now(), config.timeZone), -keptDays));
    return { deleted };
  },
};
