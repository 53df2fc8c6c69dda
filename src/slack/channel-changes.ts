import { adoptTickets, clearChannelFault, moveChannel, setChannelFault } from '../db/account-channels.ts';
import type { Deps } from '../deps.ts';
import { findAccountOfChannel } from './find-account-of-channel.ts';

type Given = Pick<Deps, 'db' | 'slack' | 'config' | 'now'>;

/** What the tickets of an archived channel say. */
export const archivedFault =
  'The channel is archived in Slack: nothing can be posted in its threads until it is unarchived.';
/** What the tickets of a channel say that customers no longer see. */
export const unsharedFault =
  'The channel is no longer shared with the customer: they do not see what is posted in its threads.';

/** A channel has another name, or is shared from now on: tickets without an account may have one now. */
export async function channelNamed(deps: Given, channelId: string): Promise<void> {
  const found = await findAccountOfChannel(deps, channelId);
  if ('accountId' in found)
    await adoptTickets(deps.db, { channelId, accountId: found.accountId, isSaid: false, now: deps.now() });
}

/** A channel is shared with another company from now on: whose it is, is found or asked for. */
export async function channelShared(deps: Given, channelId: string): Promise<void> {
  await clearChannelFault(deps.db, channelId, unsharedFault, deps.now());
  await channelNamed(deps, channelId);
}

/** A channel is shared with one company less; `isStillShared`: with others it is. */
export async function channelUnshared({ db }: Given, channelId: string, isStillShared: boolean): Promise<void> {
  if (!isStillShared) await setChannelFault(db, channelId, unsharedFault);
}

/** Nothing can be posted in an archived channel; its tickets say so. */
export async function channelArchived({ db }: Given, channelId: string): Promise<void> {
  await setChannelFault(db, channelId, archivedFault);
}

/** What waited for the channel goes on. */
export async function channelUnarchived({ db, now }: Given, channelId: string): Promise<void> {
  await clearChannelFault(db, channelId, archivedFault, now());
}

/** Slack calls the channel by another id from now on. */
export async function channelIdChanged({ db, now }: Given, from: string, to: string): Promise<void> {
  await moveChannel(db, { from, to, now: now() });
}
