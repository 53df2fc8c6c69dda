import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { refusalOf } from './failures.ts';
import { type SlackMessage, slackMessageSchema } from './slack-message.ts';

const pageSize = 200;

const pageSchema = z.object({
  messages: z.array(slackMessageSchema),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** The messages of a thread, its first among them, page by page and oldest first. Throws when Slack does not tell for now. */
export async function* readThread(
  slack: WebClient,
  { channelId, threadTs }: { channelId: string; threadTs: string },
): AsyncGenerator<SlackMessage[]> {
  let cursor: string | undefined;
  do {
    const page = await readPage(slack, {
      channel: channelId,
      ts: threadTs,
      limit: pageSize,
      ...(cursor && { cursor }),
    });
    if (page === null) return;
    yield page.messages;
    const next = page.response_metadata?.next_cursor || undefined;
    if (next !== undefined && next === cursor) throw new Error('Slack does not say where the thread goes on.');
    cursor = next;
  } while (cursor !== undefined);
}

/** `null` where the thread is not there any more. */
async function readPage(slack: WebClient, args: { channel: string; ts: string; limit: number; cursor?: string }) {
  try {
    return pageSchema.parse(await slack.conversations.replies(args));
  } catch (error) {
    if (['thread_not_found', 'message_not_found'].includes(refusalOf(error) ?? '')) return null;
    throw error;
  }
}
