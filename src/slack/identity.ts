import { setTimeout as wait } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { isTimeZone } from '../days.ts';

/** The workspace that the bot is installed in, the organisation it is part of, if any, and who the bot is there. */
export type Home = {
  teamId: string;
  enterpriseId: string | null;
  botUserId: string | null;
  /** By which a message is the bot's that stands there under another name. */
  botId: string | null;
  /** The workspace's address, `https://acme.slack.com/`. */
  url: string | null;
};

/** What matters of a Slack user. `kind` tells full members from those who may see no customer data. */
export type Person = {
  id: string;
  teamId: string;
  enterpriseId: string | null;
  kind: 'member' | 'guest' | 'stranger' | 'bot' | 'deactivated';
  /** What people see beside their messages; `null` when Slack does not tell. */
  name: string | null;
  /** In lower case; `null` when Slack does not tell. */
  email: string | null;
  /** `Europe/Stockholm`; `null` when Slack does not tell one that there is. */
  timeZone: string | null;
};

/** What matters of a conversation. */
export type Conversation = {
  id: string;
  /** The other person of a direct message with the bot. */
  directWith: string | null;
  /** Whether anybody outside our organisation is in it or is invited to it. */
  shared: boolean;
};

// A person waits for the answer, and an unanswered look-up only makes the answer a refusal.
const LOOKUP_MS = 2_500;

const flag = z.boolean().nullish().transform(Boolean);
const ids = z.array(z.string()).nullish();

const authSchema = z.object({
  team_id: z.string().min(1),
  enterprise_id: z.string().nullish(),
  user_id: z.string().nullish(),
  bot_id: z.string().nullish(),
  url: z.string().nullish(),
});

const userSchema = z.object({
  user: z.object({
    id: z.string().min(1),
    team_id: z.string().min(1),
    deleted: flag,
    is_bot: flag,
    is_restricted: flag,
    is_ultra_restricted: flag,
    is_stranger: flag,
    tz: z.string().nullish(),
    name: z.string().nullish(),
    real_name: z.string().nullish(),
    enterprise_user: z.object({ enterprise_id: z.string().nullish() }).nullish(),
    profile: z
      .object({ email: z.string().nullish(), real_name: z.string().nullish(), display_name: z.string().nullish() })
      .nullish(),
  }),
});

const conversationSchema = z.object({
  channel: z.object({
    id: z.string().min(1),
    is_im: flag,
    user: z.string().nullish(),
    is_shared: flag,
    is_org_shared: flag,
    is_ext_shared: flag,
    is_pending_ext_shared: flag,
    pending_shared: ids,
    pending_connected_team_ids: ids,
    connected_team_ids: ids,
    internal_team_ids: ids,
    shared_team_ids: ids,
    conversation_host_id: z.string().nullish(),
  }),
});

// A token's workspace never changes, so one answer serves as long as the client does; failures are asked again.
const homes = new WeakMap<WebClient, Promise<Home>>();

/** The bot's own workspace. Throws when Slack does not tell in time. */
export function findHome(slack: WebClient): Promise<Home> {
  const known = homes.get(slack);
  if (known) return known;
  const home = within(slack.auth.test()).then((answer) => {
    const { team_id, enterprise_id, user_id, bot_id, url } = authSchema.parse(answer);
    return {
      teamId: team_id,
      enterpriseId: enterprise_id || null,
      botUserId: user_id || null,
      botId: bot_id || null,
      url: url || null,
    };
  });
  homes.set(slack, home);
  home.catch(() => homes.delete(slack));
  return home;
}

/** A user by id. Throws when Slack does not tell in time. */
export async function findPerson(slack: WebClient, userId: string): Promise<Person> {
  const { user } = userSchema.parse(await within(slack.users.info({ user: userId })));
  if (user.id !== userId) throw new Error('users.info answered with somebody else');
  return {
    id: user.id,
    teamId: user.team_id,
    enterpriseId: user.enterprise_user?.enterprise_id || null,
    kind: user.deleted
      ? 'deactivated'
      : user.is_stranger
        ? 'stranger'
        : user.is_restricted || user.is_ultra_restricted
          ? 'guest'
          : user.is_bot
            ? 'bot'
            : 'member',
    name: nameOf(user),
    email: user.profile?.email?.toLowerCase() || null,
    timeZone: user.tz && isTimeZone(user.tz) ? user.tz : null,
  };
}

function nameOf({ profile, real_name, name }: z.output<typeof userSchema>['user']): string | null {
  const names = [profile?.real_name, real_name, profile?.display_name, name];
  return names.find((each) => each?.trim()) ?? null;
}

/** A conversation by id, as seen from `home`. Throws when Slack does not tell in time, or does not let the bot see it. */
export async function findConversation(
  slack: WebClient,
  channelId: string,
  home: Promise<Home>,
): Promise<Conversation> {
  const { channel } = conversationSchema.parse(await within(slack.conversations.info({ channel: channelId })));
  if (channel.id !== channelId) throw new Error('conversations.info answered with another conversation');
  const { teamId } = await home;
  const ours = new Set([teamId, ...(channel.internal_team_ids ?? [])]);
  const others = [
    ...(channel.connected_team_ids ?? []),
    ...(channel.shared_team_ids ?? []),
    ...(channel.conversation_host_id ? [channel.conversation_host_id] : []),
  ].filter((id) => !ours.has(id));
  // Within an organisation a channel may span its workspaces; nothing else shares one without outsiders.
  const withinOrganisation = channel.is_org_shared && !channel.is_ext_shared;
  return {
    id: channel.id,
    directWith: channel.is_im ? (channel.user ?? null) : null,
    shared:
      channel.is_ext_shared ||
      channel.is_pending_ext_shared ||
      (channel.pending_shared ?? []).length > 0 ||
      (channel.pending_connected_team_ids ?? []).length > 0 ||
      (!withinOrganisation && (channel.is_shared || others.length > 0)),
  };
}

async function within<T>(lookup: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = wait(LOOKUP_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`Slack did not answer within ${LOOKUP_MS} ms`);
  });
  try {
    return await Promise.race([lookup, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}
