import { z } from 'zod';
import { ask, type Connection, read } from './connection.ts';
import { commentSchema, userSchema } from './schemas.ts';
import { plainText } from './text.ts';

const lastCommentsSchema = z.object({ comments: z.array(commentSchema), users: z.array(userSchema).nullish() });

/**
 * The ticket that a merged one goes on in; null when it cannot be told. A ticket does not say so itself: the note does that
 * the merge left, which is the last comment there can be. What customers write is no such note.
 */
export async function findMergeTarget(zendesk: Connection, ticketId: string): Promise<string | null> {
  const query = { sort: '-created_at', include: 'users', 'page[size]': '5' };
  const answer = await ask(zendesk, { method: 'GET', path: `tickets/${ticketId}/comments`, query });
  const { comments, users } = read(zendesk, answer, `ticket ${ticketId}`, lastCommentsSchema);
  const notes = comments.filter((comment) => {
    const author = users?.find(({ id }) => id === String(comment.author_id));
    return author?.role !== 'end-user';
  });
  for (const note of notes) {
    const source = note.via?.source;
    const told = source?.rel === 'merge' ? source.to?.ticket_id : null;
    if (told && String(told) !== ticketId) return String(told);
    const named = /\bmerged into request #([1-9]\d*)/i.exec(plainText(note))?.[1];
    if (named && named !== ticketId) return named;
  }
  // In other languages the note has other words, but names no other number.
  const numbers = new Set<string>();
  for (const [, number] of plainText(notes[0] ?? {}).matchAll(/#([1-9]\d*)/g)) if (number) numbers.add(number);
  numbers.delete(ticketId);
  const [only = null] = numbers;
  return numbers.size === 1 ? only : null;
}
