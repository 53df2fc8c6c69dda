import { findWaitingMessages, setNotAdded, type WaitingMessage } from '../db/ticket-messages.ts';
import { clearWish } from '../db/ticket-wishes.ts';
import {
  findThreadsOfDeskTicket,
  setDeskState,
  setFault,
  setMerged,
  startFollowUp,
  type TicketInWork,
} from '../db/ticket-work.ts';
import type { Ticket } from '../helpdesk/types.ts';
import type { AtDesk } from './add-comments.ts';
import { takeComments } from './take-comments.ts';
import { holdTicket, type TicketWork } from './work.ts';

const mostWaiting = 250;

/** A closed ticket changes no more: it goes on in the one that it was merged into, or, when the customer writes, in another. */
export async function afterClosing(work: TicketWork, { ticket, seen }: AtDesk): Promise<TicketInWork | null> {
  const { db } = work;
  // What was said there last.
  await takeComments(work, ticket);
  if (seen.mergedInto !== null) {
    const merged = await followMerge(work, { ticket, seen }, seen.mergedInto);
    if (merged) return merged;
  }
  const waiting = await findWaitingMessages(db, ticket.id, mostWaiting);
  if (waiting.some(({ isPublic, authorKind }) => isPublic && authorKind === 'customer')) {
    await startFollowUp(db, ticket);
    return {
      ...ticket,
      previousTicketId: ticket.deskTicketId,
      deskTicketId: null,
      generation: ticket.generation + 1,
      request: null,
      creatingAt: null,
      lastCommentId: null,
    };
  }
  await dropNotes(work, ticket, waiting);
  if (ticket.wanted) {
    await clearWish(db, ticket.id, ticket.wanted);
    if (ticket.wanted.status !== 'solved')
      await setFault(db, ticket.id, 'The ticket is closed, so it cannot change any more.');
  }
  await setDeskState(db, ticket, seen);
  return null;
}

/** Notes about a closed ticket reach nobody. What our own staff said in the thread waits for the next ticket, if there is one. */
async function dropNotes({ db }: TicketWork, ticket: TicketInWork, waiting: readonly WaitingMessage[]): Promise<void> {
  const notes = waiting.filter(({ isPublic }) => !isPublic);
  const [ofPeople, others] = [
    notes.filter(({ origin }) => origin === 'mirror').map(({ id }) => id),
    notes.filter(({ origin }) => origin !== 'mirror').map(({ id }) => id),
  ];
  const why = 'The ticket is closed, so it takes no notes any more.';
  if (others.length > 0) await setNotAdded(db, others, 'skipped', why);
  if (ofPeople.length === 0) return;
  await setNotAdded(db, ofPeople, 'failed', why);
  await setFault(db, ticket.id, why);
}

/**
 * The ticket that goes on in the place of this one, where that is the same customer's. Where it is not, nothing is taken from
 * there: an agent may merge tickets of two customers, and neither is to read what the other is told.
 */
async function followMerge(
  work: TicketWork,
  { ticket, seen }: AtDesk,
  target: string,
): Promise<AtDesk['ticket'] | null> {
  const { db, desk } = work;
  await holdTicket(work, ticket);
  const threads = await findThreadsOfDeskTicket(db, ticket.desk, target);
  const isSame =
    threads.length > 0
      ? threads.every(
          ({ channelId, accountId }) =>
            channelId === ticket.channelId || (accountId !== null && accountId === ticket.accountId),
        )
      : isOfRequester(await desk.readTicket(target), ticket);
  if (!isSame) {
    await setFault(db, ticket.id, `The help desk merged this ticket into ticket ${target} of somebody else.`);
    return null;
  }
  // What was said there before belongs to another conversation.
  const before = (await desk.listComments(target, null)).filter(({ createdAt }) => createdAt <= seen.updatedAt);
  const lastCommentId = before.at(-1)?.id ?? null;
  await setMerged(db, ticket, { deskTicketId: target, lastCommentId });
  return { ...ticket, deskTicketId: target, lastCommentId };
}

function isOfRequester({ requesterId }: Ticket, { deskRequesterId }: TicketInWork): boolean {
  return requesterId !== null && requesterId === deskRequesterId;
}
