import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { findHome } from './identity.ts';
import { messageEvent } from './queued-message.ts';

const beforeMs = 5 * 60_000;
const afterMs = 60 * 60_000;
const pageSize = 200;

const historySchema = z.object({
  messages: z.array(
    z.object({
      ts: z.string().min(1),
      user: z.string().nullish(),
      metadata: z
        .object({ event_type: z.string(), event_payload: z.object({ message_id: z.unknown() }).nullish() })
        .nullish(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/**
 * The ts of a message that was begun to be posted at `postingAt`, if Slack took it; `null` if not. Slack's clock may differ
 * from ours by some minutes. Throws when the history cannot be read.
 */
export async function findPosted(
  slack: WebClient,
  { id, channelId, postingAt }: { id: number; channelId: string; postingAt: Date },
): Promise<string | null> {
  const { botUserId } = await findHome(slack);
  const seconds = (ms: number) => (ms / 1000).toFixed(6);
  let cursor: string | undefined;
  do {
    const page = historySchema.parse(
      await slack.conversations.history({
        channel: channelId,
        oldest: seconds(postingAt.getTime() - beforeMs),
        latest: seconds(postingAt.getTime() + afterMs),
        include_all_metadata: true,
        limit: pageSize,
        ...(cursor ? { cursor } : {}),
      }),
    );
    // Of the bot itself: another Bellwether's messages have the same numbers.
    const found = page.messages.find(
      ({ user, metadata }) =>
        (botUserId === null || user === botUserId) &&
        metadata?.event_type === messageEvent &&
        metadata.event_payload?.message_id === String(id),
    );
    if (found) return found.ts;
    cursor = page.response_metadata?.next_cursor || undefined;
  } while (cursor);
  return null;
}
