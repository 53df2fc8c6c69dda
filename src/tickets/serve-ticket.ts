import { findWaitingMessages, insertTicketMessages, setNotAdded } from '../db/ticket-messages.ts';
import {
  clearFault,
  insertTicketPosts,
  releaseTicket,
  setDeskState,
  setFault,
  type TicketInWork,
} from '../db/ticket-work.ts';
import { HelpDeskRefused, HelpDeskUnavailable } from '../helpdesk/errors.ts';
import { failureOf } from '../slack/failures.ts';
import { type AtDesk, addComments } from './add-comments.ts';
import { afterClosing } from './after-closing.ts';
import { copyThread } from './copy-thread.ts';
import { createTicket } from './create-ticket.ts';
import { backoffMs, unreachable } from './faults.ts';
import { isOfSettings } from './files.ts';
import { escalationNote, pushWish } from './push-wish.ts';
import { shareFiles } from './share-files.ts';
import { takeComments } from './take-comments.ts';
import { holdTicket, pauseUntil, TicketLeaseLost, TicketWaits, type TicketWork } from './work.ts';

/** After so many failures in a row people are told. */
const silentFailures = 3;
const blockedMs = 5 * 60_000;
const mostWaiting = 250;
/** Tickets that were merged into one another, and follow-ups. */
const mostMoves = 5;

/** Does what is to be done for a ticket, and gives the lease back. */
export async function serveTicket(work: TicketWork, ticket: TicketInWork): Promise<void> {
  const { db, log } = work;
  try {
    await bringUp(work, ticket);
    const next = await shareFiles(work, ticket);
    if (ticket.fault === unreachable) await clearFault(db, ticket.id, unreachable);
    await work.onTicket(ticket.id);
    await releaseTicket(db, ticket, { next, attempts: 0 });
  } catch (error) {
    // Who has the lease now does what is left.
    if (error instanceof TicketLeaseLost) {
      log.warn({ ticket: ticket.id }, 'another worker took over');
      return;
    }
    if (error instanceof TicketWaits) {
      await releaseTicket(db, ticket, { next: error.until, attempts: ticket.attempts });
      return;
    }
    const next = await afterFailure(work, ticket, error);
    await releaseTicket(db, ticket, { next, attempts: ticket.attempts + 1 });
  }
}

async function bringUp(work: TicketWork, ticket: TicketInWork): Promise<void> {
  let current = ticket;
  for (let moves = 0; moves <= mostMoves; moves += 1) {
    const isNew = current.deskTicketId === null;
    if (current.deskTicketId === null) {
      const made = await createTicket(work, current);
      if (!made) return;
      current = { ...current, ...made, wanted: current.wanted };
    }
    if (current.threadReadAt === null) {
      await copyThread(work, current);
      current = { ...current, threadReadAt: work.now() };
    }
    const moved = await exchange(work, current as AtDesk['ticket'], { isNew });
    if (moved === null) return;
    current = moved;
  }
  throw new Error(`Ticket ${ticket.id} is moved on again and again by the help desk`);
}

/** Brings both sides in step; returns the ticket that the help desk goes on with, if that is another. */
async function exchange(
  work: TicketWork,
  ticket: AtDesk['ticket'],
  { isNew }: { isNew: boolean },
): Promise<TicketInWork | null> {
  const { db, desk } = work;
  const { wanted } = ticket;
  if (wanted?.escalatedBy !== undefined) await insertTicketMessages(db, ticket.id, [escalationNote(ticket, wanted)]);
  // Of a ticket that was made just now there is nothing to learn.
  if (isNew && !wanted && (await findWaitingMessages(db, ticket.id, 1)).length === 0) return null;
  await holdTicket(work, ticket);
  const seen = await desk.readTicket(ticket.deskTicketId);
  if (seen.status === 'closed') return afterClosing(work, { ticket, seen });
  const added = await addComments(work, { ticket, seen });
  if (added === 'closed') return afterClosing(work, { ticket, seen: await desk.readTicket(ticket.deskTicketId) });
  const isPushed = wanted !== null && (await pushWish(work, ticket, wanted));
  await takeComments(work, ticket);
  // What was changed here may have changed more there.
  const isChanged = added === 'added' || isPushed;
  await setDeskState(db, ticket, isChanged ? await desk.readTicket(ticket.deskTicketId) : seen);
  return null;
}

/** Returns when to try again; `null`: nothing that we do would help. */
async function afterFailure(work: TicketWork, ticket: TicketInWork, error: unknown): Promise<Date | null> {
  const { db, log, now, done } = work;
  const later = (ms: number) => new Date(now().getTime() + ms);
  if (error instanceof HelpDeskRefused && !isOfSettings(error)) {
    log.error({ err: error, ticket: ticket.id }, 'the help desk refuses what is to be done for a ticket');
    done.failed += 1;
    const waiting = await findWaitingMessages(db, ticket.id, mostWaiting);
    if (error.reason === 'not_found' && waiting.length > 0)
      await setNotAdded(
        db,
        waiting.map(({ id }) => id),
        'failed',
        error.message,
      );
    await setFault(db, ticket.id, error.message);
    return null;
  }
  done['put off'] += 1;
  const failure = failureOf(error);
  if (failure.kind === 'limited') return later(failure.waitMs);
  log.warn({ err: error, ticket: ticket.id, attempts: ticket.attempts + 1 }, 'a ticket is put off');
  const isOfDesk = error instanceof HelpDeskRefused || error instanceof HelpDeskUnavailable;
  if (isOfDesk && ticket.attempts + 1 >= silentFailures) await tellOfTrouble(work, ticket);
  if (error instanceof HelpDeskRefused) return later(blockedMs);
  if (error instanceof HelpDeskUnavailable && error.retryAt !== null) {
    // It is the help desk as a whole that wants to be left alone.
    pauseUntil(work, error.retryAt);
    return error.retryAt;
  }
  return later(backoffMs(ticket.attempts + 1));
}

async function tellOfTrouble(work: TicketWork, ticket: TicketInWork): Promise<void> {
  const { db, now, supportChannel } = work;
  await setFault(db, ticket.id, unreachable, { passing: true });
  if (ticket.deskTicketId !== null) return;
  await insertTicketPosts(db, ticket.id, { supportChannel, now: now() });
  await work.onMessages();
}
