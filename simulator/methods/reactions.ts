import { z } from 'zod';
import { messageJson } from '../json.ts';
import { findMessage } from '../lookup.ts';
import { react } from '../messages.ts';
import { SlackRefusal, type State } from '../state.ts';
import { joinedChannel, method, TIER_2, TIER_3 } from './method.ts';

const place = { channel: z.string(), timestamp: z.string() };
const named = z.object({ ...place, name: z.string() });

function change(state: State, args: z.infer<typeof named>, removed: boolean): Record<string, unknown> {
  const channel = joinedChannel(state, args.channel);
  if (channel.is_archived) throw new SlackRefusal('is_archived');
  if (!/^\d+\.\d+$/.test(args.timestamp)) throw new SlackRefusal('bad_timestamp');
  const message = findMessage(state, channel.id, args.timestamp);
  if (!message) throw new SlackRefusal('message_not_found');
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(args.name)) throw new SlackRefusal('invalid_name');
  const user = state.workspace.app.bot_user_id;
  if (!react(state, channel, message, { user, name: args.name, removed })) {
    throw new SlackRefusal(removed ? 'no_reaction' : 'already_reacted');
  }
  return {};
}

/** reactions.* */
export const reactionMethods = [
  method({
    name: 'reactions.add',
    scopes: ['reactions:write'],
    rate: TIER_3,
    args: named,
    run: (state, args) => change(state, args, false),
  }),
  method({
    name: 'reactions.remove',
    scopes: ['reactions:write'],
    rate: TIER_2,
    args: named,
    run: (state, args) => change(state, args, true),
  }),
  method({
    name: 'reactions.get',
    scopes: ['reactions:read'],
    rate: TIER_3,
    args: z.object(place),
    run: (state, args) => {
      const channel = joinedChannel(state, args.channel);
      const message = findMessage(state, channel.id, args.timestamp);
      if (!message) throw new SlackRefusal('message_not_found');
      return { type: 'message', channel: channel.id, message: messageJson(state, message) };
    },
  }),
];
