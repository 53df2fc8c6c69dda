import { z } from 'zod';
import { withAuthor } from '../../helpdesk/attribution.ts';
import type { AddedComment, Attempt, Comment, NewComment } from '../../helpdesk/types.ts';
import { ask, type Connection, read } from './connection.ts';
import { toNumber } from './ids.ts';
import { commentKeys } from './keys.ts';
import { pagesOf } from './pages.ts';
import { auditSchema, commentIdOf, commentSchema, userSchema } from './schemas.ts';
import { inert, plainText } from './text.ts';

type ZendeskComment = z.output<typeof commentSchema>;
type User = z.output<typeof userSchema>;

const pageSchema = z.object({ comments: z.array(commentSchema), users: z.array(userSchema).nullish() });
const stampSchema = z.object({ ticket: z.object({ updated_at: z.string() }) });
const addedSchema = z.object({
  audit: auditSchema.transform((audit, context) => {
    const id = commentIdOf(audit);
    if (id !== null) return id;
    context.addIssue({ code: 'custom', message: 'has no comment' });
    return z.NEVER;
  }),
});

/** How Zendesk calls what came by its API, by name and by number. */
const apiChannels = new Set<unknown>(['api', 5]);
/** Reading so many audits one by one is less than reading all. */
const fewAudits = 5;

/** Adds a comment once. Zendesk has no keys for changes of a ticket, so ours is left in what Zendesk notes of the change. */
export async function addComment(
  zendesk: Connection,
  ticketId: string,
  comment: NewComment,
  { isRetry }: Attempt,
): Promise<AddedComment> {
  const path = `tickets/${toNumber(ticketId, 'ticket')}`;
  const { key, isPublic, author, attachments } = comment;
  // Customers cannot write internal notes, not even in name.
  const authorId = isPublic && author.personId !== null ? toNumber(author.personId, 'person') : null;
  const text = authorId === null ? withAuthor(author.name, comment.body) : comment.body;
  const guard = isRetry ? await guardRetry(zendesk, path, ticketId, key) : {};
  if (guard.commentId) return { commentId: guard.commentId };
  const answer = await ask(zendesk, {
    method: 'PUT',
    path,
    body: {
      ticket: {
        comment: {
          body: inert(text),
          // Left out it would be true.
          public: isPublic,
          uploads: attachments,
          ...(authorId !== null && { author_id: authorId }),
        },
        metadata: { bellwether: `comment:${key}` },
        ...guard.update,
      },
    },
  });
  return { commentId: read(zendesk, answer, `ticket ${ticketId}`, addedSchema, true).audit };
}

/**
 * The comment that an earlier attempt added; else what to send so that nothing is done if the earlier attempt, which may
 * still be under way, changes the ticket from here on.
 */
async function guardRetry(
  zendesk: Connection,
  path: string,
  ticketId: string,
  key: string,
): Promise<{ commentId?: string; update?: object }> {
  const answer = await ask(zendesk, { method: 'GET', path });
  const { updated_at } = read(zendesk, answer, `ticket ${ticketId}`, stampSchema).ticket;
  for await (const [commentId, each] of commentKeys(zendesk, ticketId))
    if (each === `comment:${key}`) return { commentId };
  return { update: { safe_update: true, updated_stamp: updated_at } };
}

/** Lists comments from the last one back to the known one, which is mostly near the end, and turns them round. */
export async function listComments(zendesk: Connection, ticketId: string, afterId: string | null): Promise<Comment[]> {
  const list = {
    path: `tickets/${toNumber(ticketId, 'ticket')}/comments`,
    query: { sort: '-created_at', include: 'users', include_inline_images: 'true' },
    what: `ticket ${ticketId}`,
    schema: pageSchema,
  };
  const found = new Map<string, ZendeskComment>();
  const users = new Map<string, User>();
  pages: for await (const page of pagesOf(zendesk, list)) {
    for (const user of page.users ?? []) users.set(user.id, user);
    for (const comment of page.comments) {
      if (comment.id === afterId) break pages;
      found.set(comment.id, comment);
    }
  }
  const comments = [...found.values()].reverse();
  const own = await findOwn(zendesk, ticketId, comments);
  return comments.map((comment) => toComment(comment, users.get(String(comment.author_id)), own.has(comment.id)));
}

/** The ids of those comments that are ours. Comments need not show what audits do. */
async function findOwn(
  zendesk: Connection,
  ticketId: string,
  comments: readonly ZendeskComment[],
): Promise<Set<string>> {
  const own = new Set(comments.filter(({ metadata }) => metadata?.custom?.bellwether).map(({ id }) => id));
  const unsure = comments.filter(({ id, via }) => !own.has(id) && apiChannels.has(via?.channel));
  if (unsure.length === 0) return own;
  const auditIds = unsure.flatMap(({ audit_id }) => audit_id ?? []);
  const isFew = auditIds.length === unsure.length && unsure.length <= fewAudits;
  const keys = commentKeys(zendesk, ticketId, isFew ? auditIds : undefined);
  for await (const [commentId] of keys) own.add(commentId);
  return own;
}

function toComment(comment: ZendeskComment, author: User | undefined, isOwn: boolean): Comment {
  return {
    id: comment.id,
    isPublic: comment.public,
    author: { name: author?.name ?? null, role: isOwn ? 'us' : author?.role === 'end-user' ? 'customer' : 'agent' },
    body: plainText(comment),
    attachments: comment.attachments ?? [],
    createdAt: comment.created_at,
  };
}
