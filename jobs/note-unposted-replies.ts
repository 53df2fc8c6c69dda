import { z } from 'zod';
import { notPostedNote } from '../blocks/ticket-words.ts';
import { findUnpostedReplies, noteUnpostedReply } from '../src/db/unposted-replies.ts';
import type { JobDefinition } from '../src/queue/types.ts';

const payload = z.strictObject({});
/** What only passes is over by then. */
const attempts = 2;

/** Tells the help desk of agents' replies that Slack does not take: the agent believes that the customer has read them. */
export const noteUnpostedReplies: JobDefinition<z.infer<typeof payload>> = {
  name: 'note-unposted-replies',
  description: "tell the help desk of agents' replies that Slack does not take",
  payload,
  schedule: '* * * * *',
  record: 'latest',
  async run(_payload, { db, now, queue }) {
    const replies = await findUnpostedReplies(db, attempts);
    for (const { messageId, ticketId, why } of replies)
      await noteUnpostedReply(db, { messageId, ticketId, text: notPostedNote(why), now: now() });
    if (replies.length > 0) await queue.enqueue('work-on-tickets', {}, { key: 'work-on-tickets' });
    return { noted: replies.length };
  },
};
