import { z } from 'zod';
import { channelJson, messageJson } from '../json.ts';
import { channelMessages, findMessage, repliesOf } from '../lookup.ts';
import { directOf, move } from '../people.ts';
import { SlackRefusal, type State, type StoredMessage } from '../state.ts';
import { type Channel, findUser } from '../workspace.ts';
import {
  flag,
  joinedChannel,
  kindScope,
  knownChannel,
  method,
  page,
  paging,
  TIER_2,
  TIER_3,
  TIER_4,
} from './method.ts';

const TYPES = { public_channel: 'channel', private_channel: 'private', im: 'im', mpim: 'mpim' } as const;
const TYPE_SCOPES = { channel: 'channels:read', private: 'groups:read', im: 'im:read', mpim: 'mpim:read' };

function kindsOf(types: string | undefined): Channel['kind'][] {
  return (types ?? 'public_channel').split(',').map((type) => {
    if (!(type.trim() in TYPES)) throw new SlackRefusal('invalid_types');
    return TYPES[type.trim() as keyof typeof TYPES];
  });
}

const readScope = (args: { channel: string }, state: State) => kindScope(state, args.channel, 'read');
const historyScope = (args: { channel: string }, state: State) => kindScope(state, args.channel, 'history');

const range = {
  channel: z.string(),
  oldest: z.string().optional(),
  latest: z.string().optional(),
  inclusive: flag.optional(),
  include_all_metadata: flag.optional(),
  ...paging,
};
type Range = z.infer<z.ZodObject<typeof range>>;

function within({ oldest, latest, inclusive }: Range) {
  const [from, to] = [Number(oldest || 0), latest ? Number(latest) : Number.POSITIVE_INFINITY];
  if (Number.isNaN(from)) throw new SlackRefusal('invalid_ts_oldest');
  if (Number.isNaN(to)) throw new SlackRefusal('invalid_ts_latest');
  return ({ ts }: StoredMessage) => {
    const at = Number(ts);
    return (at > from && at < to) || (inclusive === true && (at === from || at === to));
  };
}

/** conversations.* */
export const conversationMethods = [
  method({
    name: 'conversations.info',
    scopes: readScope,
    rate: TIER_3,
    args: z.object({ channel: z.string(), include_num_members: flag.optional(), include_locale: flag.optional() }),
    run: (state, args) => ({
      channel: channelJson(state, knownChannel(state, args.channel), { members: args.include_num_members ?? false }),
    }),
  }),
  method({
    name: 'conversations.list',
    scopes: (args) => kindsOf(args.types).map((kind) => TYPE_SCOPES[kind]),
    rate: TIER_2,
    args: z.object({ types: z.string().optional(), exclude_archived: flag.optional(), ...paging }),
    run: (state, args) => {
      const kinds = kindsOf(args.types);
      const bot = state.workspace.app.bot_user_id;
      const visible = state.workspace.channels.filter(
        (channel) =>
          kinds.includes(channel.kind) &&
          (channel.kind === 'channel' || channel.members.includes(bot)) &&
          !(args.exclude_archived && channel.is_archived),
      );
      const { items, next_cursor } = page(visible, args, { standard: 100, most: 999 });
      const channels = items.map((channel) => channelJson(state, channel, { members: true }));
      return { channels, response_metadata: { next_cursor } };
    },
  }),
  method({
    name: 'conversations.history',
    scopes: historyScope,
    rate: TIER_3,
    args: z.object(range),
    run: (state, args) => {
      const channel = joinedChannel(state, args.channel);
      const isWithin = within(args);
      // Replies are in their threads only, unless they were also sent to the channel.
      const seen = channelMessages(state, channel.id).filter(
        (message) =>
          message.ephemeral_to === null &&
          (message.thread_ts === null || message.thread_ts === message.ts || message.broadcast) &&
          isWithin(message),
      );
      const { items, next_cursor } = page(seen.reverse(), args, { standard: 100, most: 999 });
      return {
        messages: items.map((message) => messageJson(state, message, { metadata: args.include_all_metadata ?? false })),
        has_more: next_cursor !== '',
        pin_count: 0,
        ...(next_cursor && { response_metadata: { next_cursor } }),
      };
    },
  }),
  method({
    name: 'conversations.replies',
    scopes: historyScope,
    rate: TIER_3,
    args: z.object({ ...range, ts: z.string() }),
    run: (state, args) => {
      const channel = joinedChannel(state, args.channel);
      const named = findMessage(state, channel.id, args.ts);
      const head = named && findMessage(state, channel.id, named.thread_ts ?? named.ts);
      if (!head) throw new SlackRefusal('thread_not_found');
      const replies = repliesOf(state, channel.id, head.ts).filter(within(args));
      const { items, next_cursor } = page([head, ...replies], args, { standard: 1000, most: 1000 });
      return {
        messages: items.map((message) => messageJson(state, message, { metadata: args.include_all_metadata ?? false })),
        has_more: next_cursor !== '',
        ...(next_cursor && { response_metadata: { next_cursor } }),
      };
    },
  }),
  method({
    name: 'conversations.members',
    scopes: readScope,
    rate: TIER_4,
    args: z.object({ channel: z.string(), ...paging }),
    run: (state, args) => {
      const channel = knownChannel(state, args.channel);
      const { items, next_cursor } = page(channel.members, args, { standard: 100, most: 1000 });
      return { members: items, response_metadata: { next_cursor } };
    },
  }),
  method({
    name: 'conversations.open',
    scopes: (args) => [(args.users ?? '').includes(',') ? 'mpim:write' : 'im:write'],
    rate: TIER_3,
    args: z.object({
      users: z.string().optional(),
      channel: z.string().optional(),
      return_im: flag.optional(),
      prevent_creation: flag.optional(),
    }),
    run: (state, args) => {
      const { workspace } = state;
      const bot = workspace.app.bot_user_id;
      if (args.channel)
        return { no_op: true, already_open: true, channel: { id: knownChannel(state, args.channel).id } };
      const ids = (args.users ?? '').split(',').flatMap((id) => id.trim() || []);
      if (ids.length === 0) throw new SlackRefusal('users_list_not_supplied');
      if (ids.length > 8) throw new SlackRefusal('too_many_users');
      for (const id of ids) {
        const user = findUser(workspace, id);
        if (!user) throw new SlackRefusal('user_not_found');
        if (user.deleted) throw new SlackRefusal('user_disabled');
        if (user.is_bot) throw new SlackRefusal('cannot_dm_bot');
      }
      const before = workspace.channels.length;
      const channel = directOf(state, bot, ...ids);
      const isOld = workspace.channels.length === before;
      const shown = args.return_im ? channelJson(state, channel) : { id: channel.id };
      return { ...(isOld && { no_op: true, already_open: true }), channel: shown };
    },
  }),
  method({
    name: 'conversations.join',
    scopes: ['channels:join'],
    rate: TIER_3,
    args: z.object({ channel: z.string() }),
    run: (state, args) => {
      const channel = knownChannel(state, args.channel);
      if (channel.kind !== 'channel') throw new SlackRefusal('method_not_supported_for_channel_type');
      if (channel.is_archived) throw new SlackRefusal('is_archived');
      const moved = move(state, state.workspace.app.bot_user_id, channel.id, true);
      const warning = 'already_in_channel';
      return {
        channel: channelJson(state, channel),
        ...(!moved.ok && { warning, response_metadata: { warnings: [warning] } }),
      };
    },
  }),
];
