import { ErrorCode, type WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { UserError } from '../errors.ts';
import type { Message } from './response-url.ts';

const notAMember =
  'I am not a member of this channel, so I cannot post here. Type `/invite @Bellwether`, then try again.';
const refusals = new Map([
  ['not_in_channel', notAMember],
  ['channel_not_found', notAMember],
  ['is_archived', 'This channel is archived, so nothing can be posted here.'],
  ['restricted_action', 'Your workspace does not let me post in this channel.'],
]);

/** Posts for all to see and returns the message's ts. Throws a UserError where Slack does not let the bot post. */
export async function postMessage(slack: WebClient, channelId: string, message: Message): Promise<string> {
  try {
    const { ts } = await slack.chat.postMessage({ channel: channelId, ...message, unfurl_links: false });
    if (!ts) throw new Error('chat.postMessage answered without a ts');
    return ts;
  } catch (error) {
    const { code, data } = error as Partial<WebAPIPlatformError>;
    const refusal = code === ErrorCode.PlatformError ? refusals.get(data?.error ?? '') : undefined;
    throw refusal === undefined ? error : new UserError(refusal);
  }
}

/** Puts another message in the place of one that the bot posted. */
export async function updateMessage(slack: WebClient, channelId: string, ts: string, message: Message): Promise<void> {
  await slack.chat.update({ channel: channelId, ts, ...message });
}

/** Takes a message of the bot's back. */
export async function deleteMessage(slack: WebClient, channelId: string, ts: string): Promise<void> {
  await slack.chat.delete({ channel: channelId, ts });
}
