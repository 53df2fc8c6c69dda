import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { failureOf, SlackBusy } from './failures.ts';
import { type SlackMessage, slackMessageSchema } from './slack-message.ts';

/** A message, and the thread that it is in or may begin. */
export type FoundMessage =
  /** `isWhole`: it surely begins a thread in which nothing else has been said. */
  | { kind: 'found'; message: SlackMessage; threadTs: string; isWhole: boolean }
  /** It was deleted, or there never was one. */
  | { kind: 'gone' }
  /** The bot does not see the conversation. */
  | { kind: 'unseen'; code: string };

/** Ways to ask for a message, each with a rate of its own at Slack, of 50 a minute. */
type Way = 'replies' | 'reactions' | 'history';

const gone = new Set(['message_not_found', 'thread_not_found', 'bad_timestamp']);
const unseen = new Set(['not_in_channel', 'channel_not_found', 'is_archived', 'no_permission', 'access_denied']);

const messagesSchema = z.object({ messages: z.array(slackMessageSchema) });
const reactionsSchema = z.object({ message: slackMessageSchema.nullish() });

/** When each way may be taken again, and whose turn is next; by client, for the rates are those of its token. */
const rates = new WeakMap<WebClient, { freeAt: Map<Way, number>; turn: number }>();

/**
 * A message by its channel and ts, whether it begins a thread or is a reply, of which Slack's events say nothing. Takes
 * the ways in turn, and another where one is over its rate. Throws when Slack does not tell for now.
 */
export async function findMessage(slack: WebClient, channelId: string, ts: string, now: Date): Promise<FoundMessage> {
  const { freeAt, turn } = nextTurn(slack);
  // Of a thread's first message `reactions` may not tell whether there are replies.
  const ways: readonly Way[] =
    turn % 2 === 0 ? ['history', 'replies', 'reactions'] : ['replies', 'history', 'reactions'];
  for (const way of ways) {
    if ((freeAt.get(way) ?? 0) > now.getTime()) continue;
    try {
      const found = await ask(slack, way, channelId, ts);
      if (found) return found;
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'refused' && gone.has(failure.code)) return { kind: 'gone' };
      if (failure.kind === 'refused' && unseen.has(failure.code)) return { kind: 'unseen', code: failure.code };
      if (failure.kind !== 'limited') throw error;
      freeAt.set(way, now.getTime() + failure.waitMs);
    }
  }
  const waits = ways.map((way) => (freeAt.get(way) ?? 0) - now.getTime()).filter((ms) => ms > 0);
  // A way that was not asked may know of it.
  if (waits.length > 0) throw new SlackBusy(Math.min(...waits));
  return { kind: 'gone' };
}

/** `null` where this way does not tell: a history has no replies. */
async function ask(slack: WebClient, way: Way, channelId: string, ts: string): Promise<FoundMessage | null> {
  if (way === 'reactions') {
    const args = { channel: channelId, timestamp: ts, full: true };
    const { message } = reactionsSchema.parse(await slack.reactions.get(args));
    return message?.ts === ts ? toFound(message, { isSure: false }) : null;
  }
  const range = { channel: channelId, oldest: ts, latest: ts, inclusive: true };
  const answer =
    way === 'history'
      ? await slack.conversations.history({ ...range, limit: 1 })
      : // The first message of the thread may stand before it.
        await slack.conversations.replies({ ...range, ts, limit: 2 });
  const message = messagesSchema.parse(answer).messages.find((each) => each.ts === ts);
  return message ? toFound(message, { isSure: true }) : null;
}

function toFound(message: SlackMessage, { isSure }: { isSure: boolean }): FoundMessage {
  // A message that was deleted and has replies stays as an empty place.
  if (message.subtype === 'tombstone') return { kind: 'gone' };
  const told = URL.parse(message.permalink ?? '')?.searchParams.get('thread_ts');
  const threadTs = message.thread_ts || told || message.ts;
  const isAlone = threadTs === message.ts && (message.reply_count ?? 0) === 0;
  return { kind: 'found', message, threadTs, isWhole: isAlone && isSure };
}

function nextTurn(slack: WebClient) {
  const state = rates.get(slack) ?? { freeAt: new Map<Way, number>(), turn: 0 };
  rates.set(slack, { ...state, turn: state.turn + 1 });
  return state;
}
