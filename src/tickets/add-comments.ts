import { hasUnhandledMessages } from '../db/slack-events.ts';
import {
  findWaitingMessages,
  forgetAdding,
  noteAdding,
  setAdded,
  setNotAdded,
  type WaitingMessage,
} from '../db/ticket-messages.ts';
import { setFault, type TicketInWork } from '../db/ticket-work.ts';
import { HelpDeskRefused, HelpDeskUnavailable } from '../helpdesk/errors.ts';
import type { AddedComment, NewComment, Ticket } from '../helpdesk/types.ts';
import { type Batch, nextBatch } from './batches.ts';
import { commentBody, nameLine, transcript } from './comment-text.ts';
import { type CopiedFiles, copyFiles, isOfSettings, linkLine } from './files.ts';
import { holdTicket, lost, TicketWaits, type TicketWork } from './work.ts';

const mostWaiting = 250;
/** What was said in the channel and is not known yet is waited for, though not for ever. */
const unhandledMs = 60_000;
const lookAgainMs = 500;

/** A ticket that the help desk has, and what it said of it last. */
export type AtDesk = { ticket: TicketInWork & { deskTicketId: string }; seen: Ticket };

/**
 * Takes to the help desk what was said, in order and each once. Returns whether anything was. `closed`: the ticket takes
 * nothing any more.
 */
export async function addComments(work: TicketWork, { ticket, seen }: AtDesk): Promise<'added' | 'nothing' | 'closed'> {
  const { db, desk } = work;
  let isOpen = seen.status !== 'pending' && seen.status !== 'solved';
  let result: 'added' | 'nothing' = 'nothing';
  for (;;) {
    const waiting = await findWaitingMessages(db, ticket.id, mostWaiting);
    if (waiting.length === 0) return result;
    await letOthersCome(work, ticket);
    const batch = nextBatch(waiting);
    const ids = batch.messages.map(({ id }) => id);
    const commentId = await addBatch(work, ticket, batch);
    if (commentId === 'closed') return 'closed';
    if (commentId === null) continue;
    // Who asked for help and got an answer asks again.
    if (!isOpen && batch.messages.some(({ isPublic, authorKind }) => isPublic && authorKind === 'customer')) {
      await holdTicket(work, ticket);
      await desk.updateTicket(ticket.deskTicketId, { status: 'open' });
      isOpen = true;
    }
    await setAdded(db, ids, commentId);
    work.done.comments += 1;
    result = 'added';
  }
}

/** Comments stand in the order in which things were said; what was said before may be known after. */
async function letOthersCome({ db, now }: TicketWork, { channelId }: TicketInWork): Promise<void> {
  const at = now().getTime();
  if (await hasUnhandledMessages(db, channelId, new Date(at - unhandledMs)))
    throw new TicketWaits(new Date(at + lookAgainMs));
}

/** The comment's id; `null` where the help desk does not take it, which the messages and the ticket say. */
async function addBatch(
  work: TicketWork,
  ticket: AtDesk['ticket'],
  { messages, commentKey }: Batch,
): Promise<string | 'closed' | null> {
  const { db, log, now } = work;
  const ids = messages.map(({ id }) => id);
  const isRetry = messages.some(({ begunAt }) => begunAt !== null);
  const files = new Map<number, CopiedFiles>();
  for (const message of messages) files.set(message.id, await copyFiles(work, ticket, message.files));
  await holdTicket(work, ticket);
  if (!(await noteAdding(db, ticket, ids, { commentKey, at: now() }))) throw lost(ticket);
  try {
    return (await add(work, ticket, { messages, commentKey }, files, isRetry)).commentId;
  } catch (error) {
    const isUndone = error instanceof HelpDeskRefused || (error instanceof HelpDeskUnavailable && !error.mayBeDone);
    if (isUndone && !isRetry) await forgetAdding(db, ids);
    if (!(error instanceof HelpDeskRefused) || isOfSettings(error)) throw error;
    if (error.reason === 'closed') return 'closed';
    log.error({ err: error, ticket: ticket.id, messages: ids }, 'the help desk does not take a message');
    work.done.failed += 1;
    await setNotAdded(db, ids, 'failed', error.message);
    await setFault(db, ticket.id, `A message did not reach the help desk. ${error.message}`);
    return null;
  }
}

async function add(
  { desk }: TicketWork,
  ticket: AtDesk['ticket'],
  batch: Batch,
  files: ReadonlyMap<number, CopiedFiles>,
  isRetry: boolean,
): Promise<AddedComment> {
  const comment = toComment(ticket, batch, files);
  try {
    return await desk.addComment(ticket.deskTicketId, comment, { isRetry });
  } catch (error) {
    const canBePlainer = comment.author.personId !== null || comment.attachments.length > 0;
    if (!(error instanceof HelpDeskRefused && error.reason === 'invalid' && canBePlainer)) throw error;
    // A person or a file that the help desk does not take shall not keep the words back.
    const plain = toComment({ ...ticket, deskRequesterId: null }, batch, linked(batch));
    return desk.addComment(ticket.deskTicketId, plain, { isRetry });
  }
}

function linked({ messages }: Batch): Map<number, CopiedFiles> {
  return new Map(messages.map(({ id, files }) => [id, { tokens: [], lines: files.map(linkLine) }]));
}

function toComment(ticket: TicketInWork, batch: Batch, files: ReadonlyMap<number, CopiedFiles>): NewComment {
  const [first] = batch.messages as [WaitingMessage, ...WaitingMessage[]];
  const parts = batch.messages.map((message) => ({ ...message, files: files.get(message.id)?.lines ?? [] }));
  const isAlone = batch.messages.length === 1;
  return {
    key: batch.commentKey,
    body: isAlone ? commentBody({ text: first.text, files: parts[0]?.files ?? [] }) : transcript(parts),
    isPublic: first.isPublic,
    author: isAlone ? authorOf(ticket, first) : { name: '', personId: null },
    attachments: [...files.values()].flatMap(({ tokens }) => tokens),
  };
}

/** The requester is shown as such; others by a line with their name, which a note of an edit has in it already. */
function authorOf(ticket: TicketInWork, message: WaitingMessage): NewComment['author'] {
  if (/^(?:edit|delete):/.test(message.key)) return { name: '', personId: null };
  const isRequester = message.authorKind !== 'bot' && message.authorSlackId === ticket.requesterSlackId;
  const name = nameLine(message.authorName);
  return { name, personId: isRequester && message.isPublic ? ticket.deskRequesterId : null };
}
