import { z } from 'zod';
import { findNextEventDue } from '../src/db/slack-events.ts';
import type { Deps } from '../src/deps.ts';
import type { EnqueueOptions, JobDefinition } from '../src/queue/types.ts';
import { handleChannelEvent } from '../src/slack/channel-events.ts';
import { handleDueEvents } from '../src/tickets/handle-events.ts';
import { workAt, workSoon } from './work-on-tickets.ts';

const payload = z.strictObject({});
const name = 'handle-slack-events';

/** What is due later than this the schedule finds. */
const soonMs = 60_000;
const pauseMs = 250;

/** How the job is asked for, after an event is stored. */
export const handleEventsSoon: EnqueueOptions = { key: name };

/** Does what follows of events of Slack's, which were stored before they were acknowledged. */
export const handleSlackEvents: JobDefinition<z.infer<typeof payload>> = {
  name,
  description: "do what follows of Slack's events: reactions that make tickets, messages in their threads",
  payload,
  schedule: '* * * * *',
  record: 'latest',
  isDue: async ({ db, now }) => {
    const next = await findNextEventDue(db);
    return next !== null && next <= now();
  },
  async run(_payload, deps) {
    const { db, slack, desk, log, now, config, queue } = deps;
    // Where somebody runs jobs by hand without Slack, the worker handles them.
    if (config.slack.botToken === undefined) return { skipped: 'SLACK_BOT_TOKEN is not set' };
    const handled = await handleDueEvents({
      db,
      slack,
      log,
      now,
      isStaffPublic: config.ticketStaffIsPublic,
      deskName: desk.name,
      linkTo: desk.linkTo,
      onTickets: (at) => queue.enqueue('work-on-tickets', {}, at <= now() ? workSoon : workAt(at)),
      handleOther: (type, body) => handleChannelEvent(deps, type, body),
    });
    await continueSoon(deps, handled.next);
    return handled;
  },
};

/** Plans the run that does what is left. */
async function continueSoon({ queue, now }: Deps, next: Date | null): Promise<void> {
  if (!next) return;
  const notBefore = new Date(Math.max(next.getTime(), now().getTime() + pauseMs));
  if (notBefore.getTime() - now().getTime() > soonMs) return;
  // Not under the key of `handleEventsSoon`, for what is asked for meanwhile must not wait for it.
  await queue.enqueue(name, {}, { key: `${name} ${Math.ceil(notBefore.getTime() / pauseMs)}`, notBefore });
}
