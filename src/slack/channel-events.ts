import { z } from 'zod';
import type { Deps } from '../deps.ts';
import {
  channelArchived,
  channelIdChanged,
  channelNamed,
  channelShared,
  channelUnarchived,
  channelUnshared,
} from './channel-changes.ts';

type Given = Pick<Deps, 'db' | 'slack' | 'config' | 'now'>;

const id = z.string().regex(/^[CG][A-Z0-9]{2,}$/);
const renamed = z.object({ channel: z.object({ id }) });
const named = z.object({ channel: id });
const unshared = z.object({ channel: id, is_ext_shared: z.boolean().nullish() });
const moved = z.object({ old_channel_id: id, new_channel_id: id });

/** What each event of a channel has follow; `group_` is Slack's old name of private channels. */
const handlers: Readonly<Record<string, (deps: Given, event: unknown) => Promise<void>>> = {
  channel_rename: (deps, event) => channelNamed(deps, renamed.parse(event).channel.id),
  group_rename: (deps, event) => channelNamed(deps, renamed.parse(event).channel.id),
  channel_archive: (deps, event) => channelArchived(deps, named.parse(event).channel),
  group_archive: (deps, event) => channelArchived(deps, named.parse(event).channel),
  channel_unarchive: (deps, event) => channelUnarchived(deps, named.parse(event).channel),
  group_unarchive: (deps, event) => channelUnarchived(deps, named.parse(event).channel),
  channel_shared: (deps, event) => channelShared(deps, named.parse(event).channel),
  channel_unshared: (deps, event) => {
    const { channel, is_ext_shared } = unshared.parse(event);
    return channelUnshared(deps, channel, is_ext_shared === true);
  },
  channel_id_changed: (deps, event) => {
    const { old_channel_id, new_channel_id } = moved.parse(event);
    return channelIdChanged(deps, old_channel_id, new_channel_id);
  },
};

/** The types of events that tell of a channel. */
export const channelEventTypes: readonly string[] = Object.keys(handlers);

/** Does what follows of an event of a channel. False: it is of no such type. */
export async function handleChannelEvent(deps: Given, type: string, body: { event?: unknown }): Promise<boolean> {
  const handler = handlers[type];
  if (!handler) return false;
  await handler(deps, body.event);
  return true;
}
