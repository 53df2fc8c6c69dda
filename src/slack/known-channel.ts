import type { WebClient } from '@slack/web-api';
import { findChannelName } from './channels.ts';

/** What a conversation is called, as of some minutes ago at most; null where Slack does not tell. */
export type KnownChannel = {
  name: string | null;
  /** Whether it is a direct message, of two people or more. */
  isDirect: boolean;
};

const knownForMs = 5 * 60_000;
const known = new WeakMap<WebClient, Map<string, { at: number; found: Promise<KnownChannel> }>>();

/** A conversation by id; many tickets come from one. Throws when Slack does not tell for now. */
export function findKnownChannel(slack: WebClient, channelId: string, now: Date): Promise<KnownChannel> {
  if (channelId.startsWith('D')) return Promise.resolve({ name: null, isDirect: true });
  const channels = known.get(slack) ?? new Map();
  known.set(slack, channels);
  const last = channels.get(channelId);
  if (last && Math.abs(now.getTime() - last.at) < knownForMs) return last.found;
  // Slack makes up the names of group messages.
  const found = findChannelName(slack, channelId).then((name) => ({ name, isDirect: /^mpdm-/.test(name ?? '') }));
  channels.set(channelId, { at: now.getTime(), found });
  found.catch(() => channels.delete(channelId));
  return found;
}
