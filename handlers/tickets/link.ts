import {
  channelIsNobodys,
  channelLinked,
  channelOwner,
  channelTaken,
  unlinkedChannels,
} from '../../blocks/channel-links.ts';
import { findChannelOwner, findUnsaidChannels, linkChannel, unlinkChannel } from '../../src/db/account-channels.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { type NamedChannel as Channel, findChannelName, listOwnChannels } from '../../src/slack/channels.ts';
import { mrkdwn } from '../../src/slack/escape.ts';
import type { Message } from '../../src/slack/response-url.ts';
import { findAccount, findAccountById } from '../health/find-account.ts';
import { readAccount } from '../health/parse.ts';
import type { Request } from '../types.ts';
import type { LinkRequest, NamedChannel } from './parse-link.ts';
import { workOnTickets } from './work.ts';

/** The channels that are shared with other companies, and of which nobody said whose they are. */
export async function listUnlinked({ db, slack, log }: Deps): Promise<Message> {
  const own = await listOwnChannels(slack).catch((error: unknown) => {
    log.warn({ err: error }, 'the channels could not be listed');
    throw new UserError('Sorry, Slack does not tell me my channels at the moment. Please try again in a minute.');
  });
  const shared = own.filter((channel) => channel.shared);
  const unsaid = new Set(
    await findUnsaidChannels(
      db,
      shared.map(({ id }) => id),
    ),
  );
  return unlinkedChannels(shared.filter(({ id }) => unsaid.has(id)));
}

/** Whose channel it is. */
export async function showOwner(wanted: NamedChannel, deps: Deps): Promise<Message> {
  const channel = await findChannel(wanted, deps);
  const owner = await findChannelOwner(deps.db, channel.id);
  if (owner === null || owner === 'nobody') return channelOwner(channel, owner);
  const { account } = await findAccountById(owner.accountId, deps);
  return channelOwner(channel, account);
}

/** Says whose channel it is, or that it is nobody's. */
export async function link(
  { person }: Request,
  { channel: wanted, account }: Extract<LinkRequest, { kind: 'link' }>,
  deps: Deps,
): Promise<Message> {
  const { db, now } = deps;
  const channel = await findChannel(wanted, deps);
  if (account === null)
    return channelIsNobodys(channel, await unlinkChannel(db, { channelId: channel.id, by: person.id, now: now() }));
  const found = await findAccount(readAccount(account), deps);
  // What is alike may be meant, but is not said.
  if ('instead' in found || found.asked !== null) {
    const why = 'instead' in found ? found.instead.text : `Did you mean ${mrkdwn(found.view.account.name)}?`;
    return { text: `${why} Then say it again with its id or its whole name.` };
  }
  const { id, name } = found.view.account;
  const linked = await linkChannel(db, { channelId: channel.id, accountId: id, now: now() });
  if (linked.outcome === 'gone') throw new UserError('This account is no longer there.');
  if (linked.outcome === 'taken') return channelTaken(channel, { id, name }, linked.by);
  await workOnTickets(deps);
  return channelLinked(channel, { name }, linked.outcome === 'linked' ? linked : null);
}

async function findChannel(wanted: NamedChannel, { slack, log }: Deps): Promise<Channel> {
  try {
    if ('id' in wanted) {
      const name = await findChannelName(slack, wanted.id);
      if (name !== null) return { id: wanted.id, name };
    } else {
      const found = (await listOwnChannels(slack)).find(({ name }) => name === wanted.name);
      if (found) return found;
    }
  } catch (error) {
    log.warn({ err: error }, 'a channel could not be looked up');
    throw new UserError('Sorry, I could not check with Slack which channel that is. Please try again in a minute.');
  }
  const named = 'id' in wanted ? 'this channel' : `a channel #${mrkdwn(wanted.name, 80)}`;
  throw new UserError(`I do not see ${named}. Invite me there with \`/invite\` first, and name it with a # before it.`);
}
