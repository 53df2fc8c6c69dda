import type { WebClient } from '@slack/web-api';
import { refusalOf } from './failures.ts';

/** The address of a message; `null` where Slack does not tell. Throws when it does not for now. */
export async function findPermalink(slack: WebClient, channelId: string, ts: string): Promise<string | null> {
  try {
    return (await slack.chat.getPermalink({ channel: channelId, message_ts: ts })).permalink ?? null;
  } catch (error) {
    if (refusalOf(error) !== null) return null;
    throw error;
  }
}
