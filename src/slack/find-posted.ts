import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { refusalOf } from './failures.ts';
import { findHome, type Home } from './identity.ts';
import { messageEvent } from './queued-message.ts';

const beforeMs = 5 * 60_000;
const afterMs = 60 * 60_000;
const pageSize = 200;

const historySchema = z.object({
  messages: z.array(
    z.object({
      ts: z.string().min(1),
      user: z.string().nullish(),
      bot_id: z.string().nullish(),
      metadata: z
        .object({ event_type: z.string(), event_payload: z.object({ message_id: z.unknown() }).nullish() })
        .nullish(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

type Posting = { id: number; channelId: string; threadTs: string | null; postingAt: Date };

/**
 * The ts of a message that was begun to be posted at `postingAt`, if Slack took it; `null` if not. Slack's clock may differ
 * from ours by some minutes. Throws when the history cannot be read.
 */
export async function findPosted(
  slack: WebClient,
  { id, channelId, threadTs, postingAt }: Posting,
): Promise<string | null> {
  const home = await findHome(slack);
  const seconds = (ms: number) => (ms / 1000).toFixed(6);
  let cursor: string | undefined;
  do {
    const range = {
      channel: channelId,
      oldest: seconds(postingAt.getTime() - beforeMs),
      latest: seconds(postingAt.getTime() + afterMs),
      include_all_metadata: true,
      limit: pageSize,
      ...(cursor ? { cursor } : {}),
    };
    const read = () =>
      threadTs === null
        ? slack.conversations.history(range)
        : // A channel's history leaves out what stands in threads.
          slack.conversations.replies({ ts: threadTs, ...range });
    const page = await read().then(historySchema.parse, (error: unknown) => {
      if (refusalOf(error) === 'thread_not_found') return null;
      throw error;
    });
    if (page === null) return null;
    const found = page.messages.find(
      (message) =>
        isOwn(message, home) &&
        message.metadata?.event_type === messageEvent &&
        message.metadata.event_payload?.message_id === String(id),
    );
    if (found) return found.ts;
    cursor = page.response_metadata?.next_cursor || undefined;
  } while (cursor);
  return null;
}

/** Of the bot itself: another Bellwether's messages have the same numbers. Under another name it has no user. */
function isOwn({ user, bot_id }: { user?: string | null; bot_id?: string | null }, { botUserId, botId }: Home) {
  if (botUserId === null || user === botUserId) return true;
  return !user && botId !== null && bot_id === botId;
}
