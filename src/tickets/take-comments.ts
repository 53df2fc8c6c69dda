import { insertReplies, insertTicketMessages, type NewTicketMessage } from '../db/ticket-messages.ts';
import { inTransaction, setLastComment } from '../db/ticket-work.ts';
import type { Comment } from '../helpdesk/types.ts';
import type { AtDesk } from './add-comments.ts';
import { holdTicket, lost, type TicketWork } from './work.ts';

/**
 * Learns what was said at the help desk since it was last asked, all of it, since what it tells by itself may come twice, late or
 * never. What agents say in public goes to the thread; of internal notes nothing is kept but that they are there.
 */
export async function takeComments(work: TicketWork, ticket: AtDesk['ticket'], { all = false } = {}): Promise<void> {
  const { db, desk, now } = work;
  await holdTicket(work, ticket);
  const comments = await desk.listComments(ticket.deskTicketId, all ? null : ticket.lastCommentId);
  work.done.asked += 1;
  const at = now();
  const replies = await inTransaction(db, async (transaction) => {
    const lastCommentId = comments.at(-1)?.id ?? null;
    if (!(await setLastComment(transaction, ticket, { lastCommentId, at }))) throw lost(ticket);
    const theirs = comments.filter(({ author }) => author.role !== 'us').map(toMessage);
    const stored = await insertTicketMessages(transaction, ticket.id, theirs);
    return insertReplies(
      transaction,
      ticket.id,
      stored.map(({ id }) => id).sort((one, other) => one - other),
      at,
    );
  });
  work.done.replies += replies;
  if (replies > 0) await work.onMessages();
}

/** A comment as it is known here. The words of an internal note are not stored, so that nothing can ever show them. */
function toMessage(comment: Comment): NewTicketMessage {
  const { id, isPublic, author, createdAt } = comment;
  const isForThread = isPublic && author.role === 'agent';
  return {
    key: `desk:${id}`,
    origin: 'desk',
    isPublic,
    author: { kind: author.role === 'customer' ? 'customer' : 'agent', slackId: null, name: author.name ?? 'Support' },
    text: isForThread ? comment.body : '',
    files: isForThread
      ? comment.attachments.map((file) => ({
          id: file.id,
          name: file.name,
          type: file.type,
          size: file.size,
          url: file.url,
          link: null,
          isUnsafe: file.isUnsafe,
        }))
      : [],
    place: null,
    commentId: id,
    commentKey: null,
    saidAt: createdAt.toISOString(),
    state: isForThread ? 'done' : 'skipped',
  };
}
