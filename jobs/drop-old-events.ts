import { z } from 'zod';
import { countEvents } from '../src/db/count-events.ts';
import { ensureEventMonths } from '../src/db/event-months.ts';
import { hasMissedRun } from '../src/db/job-runs.ts';
import { deleteOldIngestRecords, deleteOldKeys, dropEventsBefore, firstKeptMonth } from '../src/db/retention.ts';
import type { Deps } from '../src/deps.ts';
import { equationsOf } from '../src/playbook/equations.ts';
import type { JobDefinition } from '../src/queue/types.ts';

const payload = z.strictObject({});
const name = 'drop-old-events';
/** Longer than a day and a clock change: then the night was missed. */
const overdueMs = 26 * 60 * 60 * 1000;

/** Events of the old months that come in between the counting and the dropping have it begin again; so often. */
const mostTries = 5;

/** Makes room for the events of the months to come, and drops those that are old. What was counted of them stays. */
export const dropOldEvents: JobDefinition<z.infer<typeof payload>> = {
  name,
  description: 'make room for the next months, and drop events older than EVENT_RETENTION_MONTHS',
  payload,
  schedule: '41 3 * * *',
  isDue: ({ db, now }) => hasMissedRun(db, name, new Date(now().getTime() - overdueMs)),
  async run(_payload, deps) {
    const now = deps.now();
    await ensureEventMonths(
      deps.db,
      [0, 1, 2].map((months) => firstKeptMonth(now, -months)),
    );
    const months = await dropMonths(firstKeptMonth(now, deps.config.eventRetentionMonths), deps);
    const keys = await deleteOldKeys(deps.db);
    await deleteOldIngestRecords(deps.db, now);
    return { months, keys };
  },
};

async function dropMonths(before: Date, { db, playbook, config: { timeZone }, now, log }: Deps): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    await countEvents(db, { metrics: equationsOf(playbook), timeZone, now: now(), log });
    const dropped = await dropEventsBefore(db, before);
    if (dropped !== null) return dropped;
  }
  throw new Error(`Events of before ${before.toISOString()} are kept: they were not all counted yet.`);
}
