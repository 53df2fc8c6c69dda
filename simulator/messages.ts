import type { AnyBlock, MessageMetadata } from '@slack/types';
import { channelType, sendEvent } from './deliver.ts';
import { messageJson } from './json.ts';
import { channelMessages, findMessage } from './lookup.ts';
import { pageMessage } from './page-json.ts';
import { nextTs, type State, type StoredMessage } from './state.ts';
import { pingsOf } from './text.ts';
import { type Channel, findUser } from './workspace.ts';

export type NewMessage = {
  channel: Channel;
  user: string;
  text: string;
  blocks?: AnyBlock[] | undefined;
  attachments?: unknown[] | undefined;
  is_bot?: boolean | undefined;
  thread_ts?: string | null | undefined;
  broadcast?: boolean | undefined;
  files?: string[] | undefined;
  metadata?: MessageMetadata | null | undefined;
  subtype?: string | null | undefined;
  ephemeral_to?: string | null | undefined;
  username?: string | null | undefined;
};

/** Stores a message, tells the pages of those who see it, and the bot. */
export function post(state: State, draft: NewMessage): StoredMessage {
  const { channel } = draft;
  const message: StoredMessage = {
    channel: channel.id,
    ts: nextTs(state),
    user: draft.user,
    text: draft.text,
    blocks: draft.blocks ?? [],
    attachments: draft.attachments ?? [],
    is_bot: draft.is_bot ?? false,
    thread_ts: draft.thread_ts ?? null,
    broadcast: draft.broadcast ?? false,
    edited: null,
    reactions: [],
    files: draft.files ?? [],
    metadata: draft.metadata ?? null,
    subtype: draft.subtype ?? null,
    ephemeral_to: draft.ephemeral_to ?? null,
    username: draft.username ?? null,
  };
  const list = state.messages.get(channel.id) ?? [];
  state.messages.set(channel.id, [...list, message]);
  const { ts, user, text, thread_ts } = message;
  const pings = pingsOf(text, [message.blocks, message.attachments]);
  if (message.ephemeral_to !== null) {
    state.journal.add({ kind: 'ephemeral', channel: channel.id, ts, user: message.ephemeral_to, text, pings });
    show(state, message);
    return message;
  }
  state.journal.add({ kind: 'post', channel: channel.id, ts, user, text, thread_ts, pings });
  show(state, message);
  announce(state, channel, message);
  return message;
}

function announce(state: State, channel: Channel, message: StoredMessage): void {
  const author = findUser(state.workspace, message.user);
  const event = {
    ...messageJson(state, message, { metadata: true }),
    channel: channel.id,
    channel_type: channelType(channel),
    event_ts: message.ts,
    ...(author &&
      author.team_id !== state.workspace.team.id && { user_team: author.team_id, source_team: author.team_id }),
  };
  sendEvent(state, { ...event, type: 'message' }, channel);
  const { bot_user_id } = state.workspace.app;
  if (channel.kind !== 'im' && message.user !== bot_user_id && message.text.includes(`<@${bot_user_id}>`)) {
    sendEvent(state, { ...event, type: 'app_mention' }, channel);
  }
}

/** Changes a message in place and tells everyone. */
export function edit(
  state: State,
  channel: Channel,
  message: StoredMessage,
  change: Partial<Pick<StoredMessage, 'text' | 'blocks' | 'attachments' | 'metadata'>>,
  by: string,
): void {
  const previous = messageJson(state, message, { metadata: true });
  Object.assign(message, change);
  if (message.ephemeral_to !== null) {
    const pings = pingsOf(message.text, message.blocks);
    const { ts, text } = message;
    state.journal.add({ kind: 'ephemeral', channel: channel.id, ts, user: message.ephemeral_to, text, pings });
    show(state, message);
    return;
  }
  const at = nextTs(state);
  message.edited = { user: by, ts: at };
  const { ts, user, text, thread_ts } = message;
  const pings = pingsOf(text, [message.blocks, message.attachments]);
  state.journal.add({ kind: 'edit', channel: channel.id, ts, user, text, thread_ts, pings });
  show(state, message);
  announceChange(state, channel, message, { previous, at });
}

function announceChange(
  state: State,
  channel: Channel,
  message: StoredMessage,
  { previous, at }: { previous: Record<string, unknown>; at: string },
): void {
  sendEvent(
    state,
    {
      type: 'message',
      subtype: 'message_changed',
      hidden: true,
      message: messageJson(state, message, { metadata: true }),
      previous_message: previous,
      channel: channel.id,
      channel_type: channelType(channel),
      ts: at,
      event_ts: at,
    },
    channel,
  );
}

/** Shows more in a message than its author wrote; it does not count as edited. */
export function attach(state: State, channel: Channel, message: StoredMessage, attachments: unknown[]): void {
  const previous = messageJson(state, message, { metadata: true });
  message.attachments = attachments;
  show(state, message);
  announceChange(state, channel, message, { previous, at: nextTs(state) });
}

/** Takes a message away; its replies stay. */
export function remove(state: State, channel: Channel, message: StoredMessage): void {
  const rest = channelMessages(state, channel.id).filter((each) => each !== message);
  state.messages.set(channel.id, rest);
  state.journal.add({ kind: 'delete', channel: channel.id, ts: message.ts, user: message.user });
  state.stream.publish(audience(state, message), { type: 'message_removed', channel: channel.id, ts: message.ts });
  showParent(state, message);
  if (message.ephemeral_to !== null) return;
  const at = nextTs(state);
  sendEvent(
    state,
    {
      type: 'message',
      subtype: 'message_deleted',
      hidden: true,
      deleted_ts: message.ts,
      previous_message: messageJson(state, message, { metadata: true }),
      channel: channel.id,
      channel_type: channelType(channel),
      ts: at,
      event_ts: at,
    },
    channel,
  );
}

/** Adds or takes back a reaction. False: it was so already. */
export function react(
  state: State,
  channel: Channel,
  message: StoredMessage,
  { user, name, removed }: { user: string; name: string; removed: boolean },
): boolean {
  const reaction = message.reactions.find((each) => each.name === name);
  if ((reaction?.users.includes(user) ?? false) !== removed) return false;
  if (!reaction) message.reactions.push({ name, users: [user] });
  else reaction.users = removed ? reaction.users.filter((each) => each !== user) : [...reaction.users, user];
  message.reactions = message.reactions.filter((each) => each.users.length > 0);
  state.journal.add({ kind: 'reaction', channel: channel.id, ts: message.ts, user, name, removed });
  show(state, message);
  const event = {
    type: removed ? 'reaction_removed' : 'reaction_added',
    user,
    reaction: name,
    item: { type: 'message', channel: channel.id, ts: message.ts },
    item_user: message.user,
    event_ts: nextTs(state),
  };
  sendEvent(state, event, channel);
  return true;
}

const audience = (state: State, message: StoredMessage): string[] => {
  if (message.ephemeral_to !== null) return [message.ephemeral_to];
  const channel = state.workspace.channels.find((each) => each.id === message.channel);
  if (channel?.kind === 'channel') return state.workspace.users.map((user) => user.id);
  return channel?.members ?? [];
};

/** Tells the pages how a message, and the head of its thread, look now. */
function show(state: State, message: StoredMessage): void {
  state.stream.publish(audience(state, message), { type: 'message', message: pageMessage(state, message) });
  showParent(state, message);
}

function showParent(state: State, message: StoredMessage): void {
  if (message.thread_ts === null || message.thread_ts === message.ts) return;
  const parent = findMessage(state, message.channel, message.thread_ts);
  if (parent) state.stream.publish(audience(state, parent), { type: 'message', message: pageMessage(state, parent) });
}
