import { z } from 'zod';
import { askAboutTickets, findNextTicketDue } from '../src/db/ticket-work.ts';
import { findTicket } from '../src/db/tickets.ts';
import type { Deps } from '../src/deps.ts';
import { recordTicketFacts } from '../src/ingest/ticket-facts.ts';
import type { EnqueueOptions, JobDefinition } from '../src/queue/types.ts';
import { findAccountOfChannel } from '../src/slack/find-account-of-channel.ts';
import { type TicketsWorked, workOnDue } from '../src/tickets/work.ts';
import { deliverSoon } from './deliver-messages.ts';

const payload = z.strictObject({});
const name = 'work-on-tickets';

const minuteMs = 60_000;
/** The help desk tells of what happens there, but not of everything, nor always. */
const askAgainMs = 5 * minuteMs;
const askOfSolvedMs = 60 * minuteMs;
/** Tickets that are asked about in a minute without a reason, so that there is room for those with one. */
const mostAsked = 20;
/** What is due later than this the schedule finds. */
const soonMs = minuteMs;
const pauseMs = 250;

/** How the job is asked for, after what is to be done for a ticket is stored. */
export const workSoon: EnqueueOptions = { key: name };

/** The same for later: not under the key of `workSoon`, for what is asked for meanwhile must not wait for it. */
export function workAt(at: Date): EnqueueOptions {
  return { key: `${name} ${Math.ceil(at.getTime() / pauseMs)}`, notBefore: at };
}

/** Brings threads and the help desk's tickets in step; see docs/decisions/tickets.md. */
export const workOnTickets: JobDefinition<z.infer<typeof payload>> = {
  name,
  description: 'create tickets at the help desk, and bring threads and tickets in step',
  payload,
  schedule: '* * * * *',
  record: 'latest',
  isDue: async ({ db, now, desk }) => {
    const next = await findNextTicketDue(db, desk.name);
    return next !== null && next <= now();
  },
  async run(_payload, deps) {
    const { db, slack, desk, log, now, config, queue } = deps;
    // Where somebody runs jobs by hand without Slack, the worker works.
    if (config.slack.botToken === undefined) return { skipped: 'SLACK_BOT_TOKEN is not set' };
    const at = now();
    await askAboutTickets(db, {
      desk: desk.name,
      now: at,
      before: new Date(at.getTime() - askAgainMs),
      solvedBefore: new Date(at.getTime() - askOfSolvedMs),
      limit: mostAsked,
    });
    const worked = await workOnDue({
      db,
      slack,
      desk,
      log,
      now,
      isStaffPublic: config.ticketStaffIsPublic,
      supportChannel: config.supportChannel,
      largestFile: config.ticketLargestFile,
      escalationField: config.zendesk?.escalationField,
      findAccount: accountFinder(deps),
      onMessages: () => queue.enqueue('deliver-messages', {}, deliverSoon),
      onTicket: async (ticketId) => {
        const ticket = await findTicket(db, ticketId);
        if (ticket) await recordTicketFacts(deps, ticket);
      },
    });
    await continueSoon(deps, worked);
    // A card that shows a change is edited; a question whose channel this is waits, too.
    if (worked.created + worked.asked + worked.failed > 0) await queue.enqueue('deliver-messages', {}, deliverSoon);
    return worked;
  },
};

/** In one run a channel is looked up once: Slack tells of fifty a minute, and many tickets may come from one. */
function accountFinder(deps: Deps): (channelId: string) => Promise<string | null> {
  const known = new Map<string, Promise<string | null>>();
  return (channelId) => {
    const before = known.get(channelId);
    if (before) return before;
    const found = findAccountOfChannel(deps, channelId).then((account) =>
      'accountId' in account ? account.accountId : null,
    );
    known.set(channelId, found);
    found.catch(() => known.delete(channelId));
    return found;
  };
}

/** Plans the run that does what is left. */
async function continueSoon({ queue, now }: Deps, { next }: TicketsWorked): Promise<void> {
  if (!next) return;
  const notBefore = new Date(Math.max(next.getTime(), now().getTime() + pauseMs));
  if (notBefore.getTime() - now().getTime() > soonMs) return;
  await queue.enqueue(name, {}, workAt(notBefore));
}
