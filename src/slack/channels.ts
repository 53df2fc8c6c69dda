import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { refusalOf } from './failures.ts';

/** A channel as it is called. */
export type NamedChannel = { id: string; name: string };

/** Pages of channels that are read at most, of 999 channels each. */
const mostPages = 20;

const flag = z.boolean().nullish().transform(Boolean);
const infoSchema = z.object({
  channel: z.object({
    name: z.string().nullish(),
    is_archived: flag,
    is_ext_shared: flag,
    is_shared: flag,
    is_org_shared: flag,
  }),
});
const listSchema = z.object({
  channels: z.array(
    z.object({
      id: z.string().min(1),
      name: z.string().nullish(),
      is_member: flag,
      is_shared: flag,
      is_ext_shared: flag,
      is_org_shared: flag,
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** What a channel is called; `null` where Slack does not let us see it. Throws when Slack does not tell for now. */
export async function findChannelName(slack: WebClient, channelId: string): Promise<string | null> {
  return (await findChannelState(slack, channelId))?.name ?? null;
}

/** How a channel stands; `null` where Slack does not let us see it. Throws when Slack does not tell for now. */
export async function findChannelState(
  slack: WebClient,
  channelId: string,
): Promise<{ name: string | null; isArchived: boolean; isShared: boolean } | null> {
  try {
    const { channel } = infoSchema.parse(await slack.conversations.info({ channel: channelId }));
    const isShared = channel.is_ext_shared || (channel.is_shared && !channel.is_org_shared);
    return { name: channel.name || null, isArchived: channel.is_archived, isShared };
  } catch (error) {
    if (refusalOf(error) !== null) return null;
    throw error;
  }
}

/** The channels that the bot is in, and whether people outside the company are; archived ones are left out. */
export async function listOwnChannels(slack: WebClient): Promise<(NamedChannel & { shared: boolean })[]> {
  const found: (NamedChannel & { shared: boolean })[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const answer = await slack.conversations.list({
      types: 'public_channel,private_channel',
      exclude_archived: true,
      limit: 999,
      ...(cursor && { cursor }),
    });
    const { channels, response_metadata } = listSchema.parse(answer);
    for (const { id, name, is_member, is_shared, is_ext_shared, is_org_shared } of channels)
      if (is_member) found.push({ id, name: name || id, shared: is_ext_shared || (is_shared && !is_org_shared) });
    cursor = response_metadata?.next_cursor || undefined;
    if (cursor === undefined) break;
  }
  return found;
}
