import { z } from 'zod';
import { withAlertsLocked } from '../src/db/alert-changes.ts';
import { moveAlertsToOwners, wakeAlerts } from '../src/db/alerts.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { deliverSoon } from './deliver-messages.ts';

const payload = z.strictObject({});

/** Asks again about alerts whose snooze is over, and moves those whose account has another CSM. */
export const tendAlerts: JobDefinition<z.infer<typeof payload>> = {
  name: 'tend-alerts',
  description: 'end snoozes that are over, and move open alerts to the CSM that their account has now',
  payload,
  schedule: '* * * * *',
  record: 'latest',
  async run(_payload, { db, now, queue }) {
    const at = now();
    const done = await withAlertsLocked(db, async (transaction) => ({
      woken: await wakeAlerts(transaction, at),
      moved: await moveAlertsToOwners(transaction, at),
    }));
    if (done.woken + done.moved > 0) await queue.enqueue('deliver-messages', {}, deliverSoon);
    return done;
  },
};
