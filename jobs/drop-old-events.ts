import { z } from 'zod';
import { countEvents } from '../src/db/count-events.ts';
import { ensureEventMonths } from '../src/db/event-months.ts';
import { deleteOldIngestRecords, deleteOldKeys, dropEventsBefore, firstKeptMonth } from '../src/db/retention.ts';
import type { Deps } from '../src/deps.ts';
import type { JobDefinition } from '../src/queue/types.ts';

const payload = z.strictObject({});

/** Events of the old months that come in between the counting and the dropping have it begin again; so often. */
const mostTries = 5;

/** Makes room for the events of the months to come, and drops those that are old. What was counted of them stays. */
export const dropOldEvents: JobDefinition<z.infer<typeof payload>> = {
  name: 'drop-old-events',
  description: 'make room for the next months, and drop events older than EVENT_RETENTION_MONTHS',
  payload,
  schedule: '41 3 * * *',
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
    await countEvents(db, { metrics: playbook.metrics, timeZone, now: now(), log });
    const dropped = await dropEventsBefore(db, before);
    if (dropped !== null) return dropped;
  }
  throw new Error(`Events of before ${before.toISOString()} are kept: they were not all counted yet.`);
}
