import { z } from 'zod';
import { countEvents } from '../src/db/count-events.ts';
import { hasPending } from '../src/db/series-pending.ts';
import { hasStaleAccounts } from '../src/db/stale-accounts.ts';
import { equationsOf } from '../src/playbook/equations.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { refreshSoon } from './refresh-accounts.ts';

const payload = z.strictObject({});

/** Counts what came in since; who stores events enqueues it, and the schedule is for what was stored without saying so. */
export const countNewEvents: JobDefinition<z.infer<typeof payload>> = {
  name: 'count-events',
  description: 'count new and changed events into the series that metrics are computed from',
  payload,
  schedule: '* * * * *',
  record: 'latest',
  isDue: ({ db }) => hasPending(db),
  async run(_payload, { db, playbook, config: { timeZone }, now, log, queue }) {
    const counted = await countEvents(db, { metrics: equationsOf(playbook), timeZone, now: now(), log });
    if (await hasStaleAccounts(db)) await queue.enqueue('refresh-accounts', {}, refreshSoon);
    return counted;
  },
};
