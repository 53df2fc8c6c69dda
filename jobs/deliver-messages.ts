import { z } from 'zod';
import { alertMessage } from '../blocks/alert-message.ts';
import { localDay } from '../src/days.ts';
import { findMessageView } from '../src/db/message-view.ts';
import { findNextDue } from '../src/db/messages.ts';
import type { Deps } from '../src/deps.ts';
import type { EnqueueOptions, JobDefinition } from '../src/queue/types.ts';
import { type Delivered, deliverDue } from '../src/slack/deliver.ts';
import type { Render } from '../src/slack/delivery.ts';

const payload = z.strictObject({});
const name = 'deliver-messages';

/** What is due later than this the schedule finds. */
const soonMs = 60_000;
const pauseMs = 1_000;

/** How the job is asked for, after what made or changed messages is stored. */
export const deliverSoon: EnqueueOptions = { key: name };

/** Posts and edits what is due in Slack; who makes or changes messages enqueues it, and the schedule is for the rest. */
export const deliverMessages: JobDefinition<z.infer<typeof payload>> = {
  name,
  description: 'post and edit what is due in Slack',
  payload,
  schedule: '* * * * *',
  record: 'latest',
  isDue: async ({ db, now }) => isOver(await findNextDue(db), now()),
  async run(_payload, deps) {
    const { db, slack, log, now, playbook, config } = deps;
    // Where somebody runs jobs by hand without Slack, the worker delivers.
    if (config.slack.botToken === undefined) return { skipped: 'SLACK_BOT_TOKEN is not set' };
    const delivered = await deliverDue({
      db,
      slack,
      log,
      now,
      render: renderWith(deps),
      settings: playbook.indicators.delivery,
      timeZone: config.timeZone,
      fallbackChannel: config.alertFallbackChannel,
    });
    await continueSoon(deps, delivered);
    return delivered;
  },
};

function renderWith({ db, playbook, config, now }: Deps): Render {
  return async ({ id, timeZone }) => {
    const at = now();
    const today = localDay(at, config.timeZone);
    const view = await findMessageView(db, id, {
      today,
      now: at,
      indicators: playbook.indicators.list,
      timeZone: timeZone ?? config.timeZone,
    });
    return view && alertMessage(view, { pack: playbook, today, now: at });
  };
}

/**
 * Plans the run that does what is left; a press may come while the second between two posts is not over, and must not wait
 * for the schedule. At most one run a second, also where nothing can be done.
 */
async function continueSoon({ queue, now }: Deps, { next, ...done }: Delivered): Promise<void> {
  if (!next) return;
  const hasWorked = Object.values(done).some((count) => count > 0);
  const earliest = now().getTime() + (hasWorked ? 0 : pauseMs);
  const notBefore = new Date(Math.max(next.getTime(), earliest));
  if (notBefore.getTime() - now().getTime() > soonMs) return;
  // Not under the key of `deliverSoon`, for what is asked for meanwhile must not wait for it; one run a second is enough.
  await queue.enqueue(name, {}, { key: `${name} ${Math.ceil(notBefore.getTime() / pauseMs)}`, notBefore });
}

function isOver(next: Date | null, now: Date): boolean {
  return next !== null && next <= now;
}
