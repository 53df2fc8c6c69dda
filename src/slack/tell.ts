import type { WebClient } from '@slack/web-api';
import { refusalOf } from './failures.ts';
import { answerTo } from './response-url.ts';

/** Whom to tell something, where: as the answer to a press, or in a thread. */
export type Listener = { userId: string; channelId: string; threadTs: string | null; responseUrl: string | null };

/**
 * Tells one person something that nobody else sees. False: Slack does not let it reach them, since they have left the
 * channel, for instance. Throws when that may pass.
 */
export async function tell(slack: WebClient, listener: Listener, text: string): Promise<boolean> {
  const { userId, channelId, threadTs, responseUrl } = listener;
  if (responseUrl !== null) {
    // An answer is good for half an hour.
    return answerTo(responseUrl, { text }).then(
      () => true,
      () => false,
    );
  }
  try {
    const place = { channel: channelId, user: userId, ...(threadTs && { thread_ts: threadTs }) };
    await slack.chat.postEphemeral({ ...place, text });
    return true;
  } catch (error) {
    if (refusalOf(error) !== null) return false;
    throw error;
  }
}
