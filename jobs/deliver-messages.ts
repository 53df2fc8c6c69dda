import { z } from 'zod';
import { alertMessage } from '../blocks/alert-message.ts';
import { renewalMessage } from '../blocks/renewal-card.ts';
import { ticketCard } from '../blocks/ticket-card.ts';
import { ticketMirror } from '../blocks/ticket-mirror.ts';
import { ticketReminder } from '../blocks/ticket-reminder.ts';
import { ticketReply } from '../blocks/ticket-reply.ts';
import { localDay } from '../src/days.ts';
import { findMessageView } from '../src/db/message-view.ts';
import { findNextDue } from '../src/db/messages.ts';
import { findTicketView } from '../src/db/ticket-view.ts';
import type { Deps } from '../src/deps.ts';
import type { EnqueueOptions, JobDefinition } from '../src/queue/types.ts';
import { readBrief } from '../src/renewals/read-brief.ts';
import { type Delivered, deliverDue } from '../src/slack/deliver.ts';
import type { Render, Rendered } from '../src/slack/delivery.ts';
import { findThreadLink } from '../src/slack/thread-link.ts';

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
      supportChannel: config.supportChannel,
    });
    await continueSoon(deps, delivered);
    return delivered;
  },
};

function renderWith(deps: Deps): Render {
  const { db, playbook, config, now } = deps;
  return async ({ id, kind, timeZone }) => {
    const at = now();
    const today = localDay(at, config.timeZone);
    if (kind.startsWith('ticket')) return ticketMessage(deps, id, today);
    if (kind === 'renewal') {
      const brief = await readBrief(db, id, { today, now: at, timeZone: config.timeZone, settings: playbook.renewals });
      return brief && renewalMessage(brief, { pack: playbook, today });
    }
    const view = await findMessageView(db, id, {
      today,
      now: at,
      indicators: playbook.indicators.list,
      timeZone: timeZone ?? config.timeZone,
    });
    return view && alertMessage(view, { pack: playbook, today, now: at });
  };
}

/** What a message says of its ticket; `null` where it need not be said any more. */
async function ticketMessage(deps: Deps, messageId: number, today: string): Promise<Rendered | null> {
  const { db, playbook, slack, desk, config } = deps;
  const view = await findTicketView(db, messageId, { today });
  if (!view) return null;
  const { message, ticket } = view;
  const isOver = ticket.status === 'solved' || ticket.status === 'closed';
  switch (message.kind) {
    case 'ticket':
      return ticketCard(view);
    case 'ticket_reply':
      return ticketReply(view);
    case 'ticket_mirror': {
      // Whoever sets SUPPORT_CHANNEL later sees what is to be done, not all that was.
      if (isOver && !message.isPosted) return null;
      const deskLink = ticket.number !== null && ticket.desk === desk.name ? desk.linkTo(ticket.number) : null;
      return ticketMirror(view, { pack: playbook, threadLink: await findThreadLink(slack, ticket), deskLink });
    }
    case 'ticket_reminder': {
      if ((isOver || ticket.form !== 'open') && !message.isPosted) return null;
      const defaultsAt = new Date(ticket.formSince.getTime() + config.ticketDefaultMinutes * 60_000);
      return ticketReminder(view, { threadLink: await findThreadLink(slack, ticket), defaultsAt });
    }
  }
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
