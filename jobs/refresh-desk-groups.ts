import { z } from 'zod';
import { findGroups, replaceGroups } from '../src/db/desk-groups.ts';
import type { EnqueueOptions, JobDefinition } from '../src/queue/types.ts';
import { deliverSoon } from './deliver-messages.ts';

const payload = z.strictObject({});
const name = 'refresh-desk-groups';

/** How the job is asked for by who met a group that is no longer there. */
export const refreshGroupsSoon: EnqueueOptions = { key: name };

/** Asks the help desk for its groups, which the forms of tickets offer. */
export const refreshDeskGroups: JobDefinition<z.infer<typeof payload>> = {
  name,
  description: 'ask the help desk for the groups that tickets can be given to',
  payload,
  schedule: '13 * * * *',
  record: 'latest',
  isDue: async ({ db, desk }) => (await findGroups(db, desk.name)).length === 0,
  async run(_payload, { db, desk, now, queue }) {
    const groups = await desk.listGroups();
    const changed = await replaceGroups(db, desk.name, groups, now());
    if (changed) await queue.enqueue('deliver-messages', {}, deliverSoon);
    return { groups: groups.length, changed };
  },
};
