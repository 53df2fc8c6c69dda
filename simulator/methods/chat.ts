import type { AnyBlock, MessageMetadata } from '@slack/types';
import { z } from 'zod';
import { messageJson } from '../json.ts';
import { findMessage } from '../lookup.ts';
import { edit, type NewMessage, post, remove } from '../messages.ts';
import { directOf } from '../people.ts';
import { postedBlocks, readBlocks } from '../posted.ts';
import { SlackRefusal, type State, type StoredMessage } from '../state.ts';
import { type Channel, findUser } from '../workspace.ts';
import { flag, joinedChannel, json, knownChannel, method, TIER_3, TIER_4 } from './method.ts';

const content = {
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  attachments: z.unknown().optional(),
};
const posting = {
  channel: z.string(),
  ...content,
  markdown_text: z.string().max(12_000).optional(),
  thread_ts: z.string().optional(),
  parse: z.enum(['none', 'full', 'client']).optional(),
  link_names: flag.optional(),
  mrkdwn: flag.optional(),
  unfurl_links: flag.optional(),
  unfurl_media: flag.optional(),
  username: z.string().optional(),
  icon_emoji: z.string().optional(),
  icon_url: z.string().optional(),
};

const postArgs = z.object({ ...posting, reply_broadcast: flag.optional(), metadata: json(z.unknown()).optional() });
const customised = (args: {
  username?: string | undefined;
  icon_emoji?: string | undefined;
  icon_url?: string | undefined;
}) => (args.username || args.icon_emoji || args.icon_url ? ['chat:write', 'chat:write.customize'] : ['chat:write']);

const metadataSchema = z.object({
  event_type: z.string().min(1),
  event_payload: z.record(z.string(), z.unknown()),
  entities: z.array(z.unknown()).optional(),
});

function readMetadata(value: unknown): MessageMetadata | null {
  if (value === undefined || value === null || value === '') return null;
  const parsed = metadataSchema.safeParse(value);
  if (!parsed.success) throw new SlackRefusal('invalid_metadata_format');
  if (JSON.stringify(parsed.data).length > 16_000) throw new SlackRefusal('metadata_too_large');
  return parsed.data as MessageMetadata;
}

/** Where a post goes: a conversation the bot is in, a public one with chat:write.public, or a person's DM. */
function target(state: State, id: string): Channel {
  const { app } = state.workspace;
  const user = findUser(state.workspace, id);
  if (user) {
    if (user.deleted || user.id === app.bot_user_id) throw new SlackRefusal('channel_not_found');
    return directOf(state, app.bot_user_id, user.id);
  }
  const channel = knownChannel(state, id);
  if (channel.is_archived) throw new SlackRefusal('is_archived');
  const isMember = channel.members.includes(app.bot_user_id);
  if (!isMember && !state.settings.scopes.includes('chat:write.public')) throw new SlackRefusal('not_in_channel');
  return channel;
}

function readContent(state: State, args: z.infer<z.ZodObject<typeof posting>>) {
  if (args.markdown_text === undefined) return postedBlocks(state, args);
  if (args.text || args.blocks) throw new SlackRefusal('markdown_text_conflict');
  return postedBlocks(state, { text: args.markdown_text, blocks: [{ type: 'markdown', text: args.markdown_text }] });
}

function threadOf(state: State, channel: Channel, ts: string | undefined): string | null {
  if (!ts) return null;
  const parent = findMessage(state, channel.id, ts);
  if (!parent) throw new SlackRefusal('thread_not_found');
  return parent.thread_ts ?? parent.ts;
}

const botMessage = (state: State): Pick<NewMessage, 'user' | 'is_bot'> => ({
  user: state.workspace.app.bot_user_id,
  is_bot: true,
});

/** A warning instead of a refusal: without `text` there is nothing to notify with or read aloud. */
const textWarning = (text: string) =>
  text === ''
    ? { warning: 'missing_text_in_message', response_metadata: { warnings: ['missing_text_in_message'] } }
    : {};

function ownMessage(state: State, channel: Channel, ts: string, refusal: string): StoredMessage {
  const message = findMessage(state, channel.id, ts);
  if (!message) throw new SlackRefusal('message_not_found');
  if (message.user !== state.workspace.app.bot_user_id) throw new SlackRefusal(refusal);
  return message;
}

/** chat.* */
export const chatMethods = [
  method({
    name: 'chat.postMessage',
    scopes: customised,
    rate: { perMinute: 60, burst: 1, by: 'channel' },
    args: postArgs,
    run: (state, args) => {
      const channel = target(state, args.channel);
      const { text, blocks, attachments } = readContent(state, args);
      const thread_ts = threadOf(state, channel, args.thread_ts);
      const broadcast = thread_ts !== null && (args.reply_broadcast ?? false);
      const message = post(state, {
        channel,
        ...botMessage(state),
        text,
        blocks,
        attachments,
        thread_ts,
        broadcast,
        subtype: args.username ? 'bot_message' : broadcast ? 'thread_broadcast' : null,
        username: args.username?.slice(0, 80),
        metadata: readMetadata(args.metadata),
      });
      const answer = messageJson(state, message, { metadata: true });
      return { channel: channel.id, ts: message.ts, message: answer, ...textWarning(text) };
    },
  }),
  method({
    name: 'chat.postEphemeral',
    scopes: customised,
    rate: TIER_4,
    args: z.object({ ...posting, user: z.string() }),
    run: (state, args) => {
      const channel = joinedChannel(state, args.channel);
      if (channel.is_archived) throw new SlackRefusal('is_archived');
      if (!channel.members.includes(args.user)) throw new SlackRefusal('user_not_in_channel');
      const { text, blocks, attachments } = readContent(state, args);
      const thread_ts = threadOf(state, channel, args.thread_ts);
      const message = post(state, {
        channel,
        ...botMessage(state),
        text,
        blocks,
        attachments,
        thread_ts,
        ephemeral_to: args.user,
      });
      return { message_ts: message.ts, ...textWarning(text) };
    },
  }),
  method({
    name: 'chat.update',
    scopes: ['chat:write'],
    rate: TIER_3,
    args: z.object({ channel: z.string(), ts: z.string(), ...content, metadata: json(z.unknown()).optional() }),
    run: (state, args) => {
      const channel = knownChannel(state, args.channel);
      const message = ownMessage(state, channel, args.ts, 'cant_update_message');
      if (channel.is_archived) throw new SlackRefusal('is_inactive');
      // What is not given stays; an empty list takes the blocks away.
      const isGiven = args.text !== undefined || args.blocks !== undefined || args.attachments !== undefined;
      if (!isGiven && args.metadata === undefined) throw new SlackRefusal('no_text');
      const blocks = args.blocks === undefined ? message.blocks : readBlocks(state, args.blocks);
      const { text, attachments } = postedBlocks(state, {
        text: args.text ?? message.text,
        blocks: args.blocks ?? message.blocks,
        attachments: args.attachments ?? message.attachments,
      });
      const metadata = args.metadata === undefined ? message.metadata : readMetadata(args.metadata);
      edit(state, channel, message, { text, blocks: blocks as AnyBlock[], attachments, metadata }, message.user);
      const answer = messageJson(state, message, { metadata: true });
      return { channel: channel.id, ts: message.ts, text, message: answer, ...textWarning(text) };
    },
  }),
  method({
    name: 'chat.delete',
    scopes: ['chat:write'],
    rate: TIER_3,
    args: z.object({ channel: z.string(), ts: z.string() }),
    run: (state, args) => {
      const channel = knownChannel(state, args.channel);
      remove(state, channel, ownMessage(state, channel, args.ts, 'cant_delete_message'));
      return { channel: channel.id, ts: args.ts };
    },
  }),
  method({
    name: 'chat.getPermalink',
    rate: { perMinute: 600 },
    args: z.object({ channel: z.string(), message_ts: z.string() }),
    run: (state, args) => {
      const channel = joinedChannel(state, args.channel);
      const message = findMessage(state, channel.id, args.message_ts);
      if (!message) throw new SlackRefusal('message_not_found');
      const link = `https://${state.workspace.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`;
      const isReply = message.thread_ts !== null && message.thread_ts !== message.ts;
      const permalink = isReply ? `${link}?thread_ts=${message.thread_ts}&cid=${channel.id}` : link;
      return { channel: channel.id, permalink };
    },
  }),
];
