import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  type ClaimedEvent,
  claimSlackEvent,
  findNextEventDue,
  postponeEvent,
  setEventHandled,
} from '../db/slack-events.ts';
import type { Db } from '../db/types.ts';
import { failureOf } from '../slack/failures.ts';
import { backoffMs } from './faults.ts';
import { readMessageEvent } from './message-event.ts';
import { noteMessage } from './note-message.ts';
import { openTicket } from './open-ticket.ts';
import { readPress, readReaction, SHORTCUT_EVENT } from './opening.ts';
import type { Reader } from './said.ts';

/** What the handling of events works with. */
export type EventWork = Reader & {
  db: Db;
  log: Logger;
  /** What people call the help desk, and where a ticket is shown there. */
  deskName: string;
  linkTo(deskTicketId: string): string | null;
  /** Has tickets worked on, at `at`. */
  onTickets(at: Date): Promise<void>;
  /** Handles events of other types; false: it knows none of that type. */
  handleOther(type: string, body: Record<string, unknown>): Promise<boolean>;
};

/** How many events were handled, put off and given up, and when one is next due, which may be over. */
export type EventsHandled = { handled: number; 'put off': number; 'given up': number; next: Date | null };

/** Who took an event and is not heard of for so long is taken for dead. */
const claimMs = 30_000;
const eventsAtOnce = 8;
const lookAgainMs = 50;
/** An event is given up after so many tries and so long, for Slack may be in trouble, or busy with others, for hours. */
const mostAttempts = 30;
const giveUpAfterMs = 24 * 60 * 60_000;
/** While somebody may be making a thread a ticket's. */
const uncertainMs = 1_000;

/** Handles the events that are due, several side by side; each ends as if it had been handled once. */
export async function handleDueEvents(work: EventWork, { atOnce = eventsAtOnce } = {}): Promise<EventsHandled> {
  const { db, now } = work;
  const done = { handled: 0, 'put off': 0, 'given up': 0 };
  let busy = 0;
  const handleAll = async () => {
    for (;;) {
      const at = now();
      const event = await claimSlackEvent(db, at, new Date(at.getTime() + claimMs));
      if (event) {
        busy += 1;
        const outcome = await handleOne(work, event).finally(() => {
          busy -= 1;
        });
        done[outcome] += 1;
      } else if (busy === 0) return;
      // While one takes long, others that come up need not wait for it.
      else await sleep(lookAgainMs);
    }
  };
  const lanes = Array.from({ length: atOnce }, handleAll);
  for (const ended of await Promise.allSettled(lanes)) if (ended.status === 'rejected') throw ended.reason;
  return { ...done, next: await findNextEventDue(db) };
}

async function handleOne(work: EventWork, event: ClaimedEvent): Promise<'handled' | 'put off' | 'given up'> {
  const { db, log, now } = work;
  try {
    if (await handle(work, event)) return 'handled';
    const waitMs = Math.min(uncertainMs * event.attempts, 60_000);
    await postponeEvent(
      db,
      event.id,
      new Date(now().getTime() + waitMs),
      'whether it is of a ticket is not certain yet',
    );
    return 'put off';
  } catch (error) {
    const failure = failureOf(error);
    const isOld = now().getTime() - event.receivedAt.getTime() >= giveUpAfterMs;
    if (failure.kind !== 'limited' && event.attempts >= mostAttempts && isOld) {
      log.error({ err: error, event: event.id, type: event.type }, 'an event of Slack is given up');
      await setEventHandled(db, event.id, now(), failure.why);
      return 'given up';
    }
    log.warn({ err: error, event: event.id, type: event.type }, 'an event of Slack is put off');
    const waitMs = failure.kind === 'limited' ? failure.waitMs : backoffMs(event.attempts);
    await postponeEvent(db, event.id, new Date(now().getTime() + waitMs), failure.why);
    return 'put off';
  }
}

/** False: it is to be handled later. */
async function handle(work: EventWork, { id, type, body }: ClaimedEvent): Promise<boolean> {
  const { db, now } = work;
  const opening =
    type === 'reaction_added' ? readReaction(body.event) : type === SHORTCUT_EVENT ? readPress(body) : null;
  if (opening) {
    await openTicket(work, id, opening);
    return true;
  }
  const message = type === 'message' ? readMessageEvent(body.event) : null;
  if (message) return noteMessage(work, id, message);
  await work.handleOther(type, body);
  await setEventHandled(db, id, now());
  return true;
}
