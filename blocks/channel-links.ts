import { formatNumber } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { type BlockMessage, context, header, sections } from './text.ts';

/** A channel; `id` is Slack's own. */
type Channel = { id: string; name: string };

/** Channels on a list. */
const MOST = 40;

/** The channels of which nobody said whose they are. */
export function unlinkedChannels(channels: readonly Channel[]): BlockMessage {
  if (channels.length === 0)
    return said('I know of each channel that is shared with another company, and that I am in, whose it is.');
  const title = `Channels without an account: ${formatNumber(channels.length)}`;
  const lines = channels.slice(0, MOST).map(({ id, name }) => `<#${id}> \`/cs link #${nameOf(name)} …\``);
  if (channels.length > MOST) lines.push(`and ${formatNumber(channels.length - MOST)} more`);
  return {
    text: [title, ...lines].join('\n'),
    blocks: [
      header(title),
      ...sections(lines),
      context(
        'After the channel comes the account’s id or name, or `none`. I also go by names: #acme-shared is the account acme’s, if there is only one.',
      ),
    ],
  };
}

/** Whose channel it is; `'nobody'` where somebody said so. */
export function channelOwner({ id, name }: Channel, owner: { name: string } | 'nobody' | null): BlockMessage {
  if (owner === 'nobody') return said(`<#${id}> is no account’s.`);
  if (owner) return said(`<#${id}> is the channel of *${mrkdwn(owner.name)}*.`);
  return said(`Nobody has told me whose channel <#${id}> is. \`/cs link #${nameOf(name)} acme\` does.`);
}

/** That a channel is an account's; `linked` null: it was. */
export function channelLinked(
  { id }: Channel,
  account: { name: string },
  linked: { before: string | null; tickets: number } | null,
): BlockMessage {
  const name = `*${mrkdwn(account.name)}*`;
  if (linked === null) return said(`<#${id}> is the channel of ${name} already.`);
  const { before, tickets } = linked;
  const count = tickets === 1 ? '1 ticket of it counts' : `${formatNumber(tickets)} tickets of it count`;
  return said(
    `<#${id}> is the channel of ${name} now.`,
    ...(tickets > 0 ? [`${count} for them from now on.`] : []),
    ...(before === null ? [] : [`Before, it was <#${before}>, which is no longer theirs: an account has one channel.`]),
  );
}

/** That a channel is another account's, and what to do about it. */
export function channelTaken(
  { id, name }: Channel,
  wanted: { id: string; name: string },
  by: { name: string },
): BlockMessage {
  const channel = `#${nameOf(name)}`;
  return said(
    `<#${id}> is the channel of *${mrkdwn(by.name)}*, so I left it as it is.`,
    `To give it to *${mrkdwn(wanted.name)}*, say \`/cs link ${channel} none\` first, then the same again.`,
  );
}

/** That a channel is no account's; `owner` had it before. */
export function channelIsNobodys({ id }: Channel, owner: { name: string } | null): BlockMessage {
  return said(
    `<#${id}> is no account’s, and I do not ask again.`,
    ...(owner ? [`It was the channel of *${mrkdwn(owner.name)}*; its tickets so far stay theirs.`] : []),
  );
}

function said(...lines: string[]): BlockMessage {
  return { text: lines.join(' '), blocks: sections([lines.join(' ')]) };
}

function nameOf(name: string): string {
  return mrkdwn(name, 80);
}
