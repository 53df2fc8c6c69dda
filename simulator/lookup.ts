import type { State, StoredMessage } from './state.ts';

/** A channel's messages, oldest first, ephemerals among them. */
export const channelMessages = (state: State, channel: string): StoredMessage[] => state.messages.get(channel) ?? [];

/** The message all can see, or undefined. */
export const findMessage = (state: State, channel: string, ts: string): StoredMessage | undefined =>
  channelMessages(state, channel).find((message) => message.ts === ts && message.ephemeral_to === null);

/** The message this person sees, ephemerals included. */
export const findSeen = (state: State, channel: string, ts: string, user: string): StoredMessage | undefined =>
  channelMessages(state, channel).find(
    (message) => message.ts === ts && (message.ephemeral_to === null || message.ephemeral_to === user),
  );

/** The replies of a thread that all can see, oldest first. */
export const repliesOf = (state: State, channel: string, ts: string): StoredMessage[] =>
  channelMessages(state, channel).filter(
    (message) => message.thread_ts === ts && message.ts !== ts && message.ephemeral_to === null,
  );
