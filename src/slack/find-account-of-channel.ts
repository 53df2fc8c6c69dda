import { findChannelOwner, insertLinkQuestion } from '../db/account-channels.ts';
import { findNamed } from '../db/account-search.ts';
import type { Deps } from '../deps.ts';
import { namesInChannel } from './channel-names.ts';
import { findChannelName } from './channels.ts';

/** The account of a channel; else what the channel is called, `null` where Slack does not tell us. */
export type AccountOfChannel = { accountId: string } | { unknown: true; channelName: string | null };

type Given = Pick<Deps, 'db' | 'slack' | 'config' | 'now'>;

/**
 * The account of a channel: the one that `/cs link` or an import gave it, else the only one of its name. Where there is
 * none, and nobody said so, colleagues are asked once, by a message of the outbox. Throws when Slack does not tell for now.
 *
 * An account that is found by name is not stored as the channel's: names are renamed, and a guess that everybody takes for
 * a person's word is hard to find. The ticket keeps the account it was opened with.
 */
export async function findAccountOfChannel(deps: Given, channelId: string): Promise<AccountOfChannel> {
  const { db, slack } = deps;
  const owner = await findChannelOwner(db, channelId);
  if (owner !== null && owner !== 'nobody') return owner;
  // A direct message is nobody's channel.
  if (channelId.startsWith('D')) return { unknown: true, channelName: null };
  const channelName = await findChannelName(slack, channelId);
  if (owner === 'nobody') return { unknown: true, channelName };
  const accountId = channelName === null ? null : await findByName(deps, channelName);
  if (accountId !== null) return { accountId };
  await askWhose(deps, { channelId, channelName });
  return { unknown: true, channelName };
}

/** Exactly one, or none: of two accounts neither is more likely. */
async function findByName({ db }: Given, channelName: string): Promise<string | null> {
  for (const name of namesInChannel(channelName)) {
    const found = await findNamed(db, [name]);
    if (found.length > 0) return found.length === 1 ? (found[0]?.id ?? null) : null;
  }
  return null;
}

async function askWhose(
  { db, config, now }: Given,
  channel: { channelId: string; channelName: string | null },
): Promise<void> {
  const { supportChannel, alertFallbackChannel } = config;
  // A notice goes to the fallback channel, if there is one.
  const isOurs = supportChannel !== undefined && alertFallbackChannel === undefined;
  const recipient = isOurs ? `#${supportChannel}` : null;
  await insertLinkQuestion(db, { ...channel, recipient, now: now() });
}
