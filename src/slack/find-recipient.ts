import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Claim, Found } from '../db/recipients.ts';
import { refusalOf } from './failures.ts';
import { type Conversation, findConversation, findHome, findPerson, type Home, type Person } from './identity.ts';

/** Where to write to somebody, or why that is for good, or until somebody changes it, nowhere. */
export type Place =
  /**
   * `timeZone` is the person's; a channel has none. `found` is new and worth remembering. `others` is why it is not for
   * colleagues only, so that nothing but a ticket's own thread is written there; `null`: it is.
   */
  | { kind: 'open'; channelId: string; timeZone: string | null; found: Found | null; others: string | null }
  /** A person who is not to be written to. */
  | { kind: 'unreachable'; why: string }
  /** A channel that is not to be written to, and what to do about it. */
  | { kind: 'closed'; why: string };

/** A person's id and direct messages are looked up once a day; who they are, each time. */
const foundForMs = 24 * 60 * 60 * 1000;

const lookupSchema = z.object({ user: z.object({ id: z.string().min(1) }) });
const openSchema = z.object({ channel: z.object({ id: z.string().min(1) }) });

const unknownPerson = new Set(['users_not_found', 'user_not_found', 'user_not_visible']);
const noDirectMessage = new Set([...unknownPerson, 'user_disabled', 'cannot_dm_bot', 'restricted_action']);
const unknownChannel = new Set(['channel_not_found', 'not_in_channel', 'method_not_supported_for_channel_type']);

/** Where to write to a recipient. Throws when Slack does not tell for now. */
export async function findPlace(slack: WebClient, claim: Claim, now: Date): Promise<Place> {
  const { recipient } = claim;
  return recipient.startsWith('#') ? findChannel(slack, recipient.slice(1)) : findDirect(slack, claim, now);
}

async function findChannel(slack: WebClient, channelId: string): Promise<Place> {
  const conversation = await orRefused(unknownChannel, () => findConversation(slack, channelId, findHome(slack)));
  if (conversation === null)
    return { kind: 'closed', why: `the channel ${channelId} is unknown to Slack, or private and without the bot` };
  const fault = faultOf(conversation);
  const others = fault && `the channel ${channelId} ${fault}`;
  return { kind: 'open', channelId, timeZone: null, found: null, others };
}

function faultOf({ shared, directWith }: Conversation): string | null {
  if (shared) return 'is shared with people outside the company';
  return directWith === null ? null : 'is a direct message';
}

/** An email only says whom a message is for; who has it by now, and whether they may read it, is asked afresh. */
async function findDirect(slack: WebClient, claim: Claim, now: Date): Promise<Place> {
  const { recipient: email, slackUserId, channelId, foundAt } = claim;
  const isFresh = foundAt !== null && now.getTime() - foundAt.getTime() < foundForMs;
  const known = isFresh && slackUserId ? await orRefused(unknownPerson, () => findPerson(slack, slackUserId)) : null;
  const isSame = known?.email === email && known.kind !== 'deactivated';
  const person = known && isSame ? known : await findByEmail(slack, email);
  if (!person) {
    const why = known?.email === email ? `${email} is deactivated in Slack` : `nobody active in Slack has ${email}`;
    return { kind: 'unreachable', why };
  }
  const fault = faultOfPerson(person, await findHome(slack));
  if (fault) return { kind: 'unreachable', why: `${email} ${fault}` };
  const { timeZone } = person;
  if (isSame && channelId) return { kind: 'open', channelId, timeZone, found: null, others: null };
  const opened = await openDirect(slack, person.id);
  return typeof opened === 'string'
    ? { kind: 'unreachable', why: `Slack opens no direct message with ${email} (${opened})` }
    : {
        kind: 'open',
        channelId: opened.channelId,
        timeZone,
        found: { slackUserId: person.id, ...opened },
        others: null,
      };
}

async function findByEmail(slack: WebClient, email: string): Promise<Person | null> {
  return orRefused(unknownPerson, async () => {
    const { user } = lookupSchema.parse(await slack.users.lookupByEmail({ email }));
    return findPerson(slack, user.id);
  });
}

/** Customer data is for full members only, wherever an email leads. */
function faultOfPerson(person: Person, home: Home): string | null {
  if (person.kind === 'deactivated') return 'is deactivated in Slack';
  if (person.kind === 'guest') return 'is a guest in Slack';
  const isOurs =
    person.teamId === home.teamId || (home.enterpriseId !== null && person.enterpriseId === home.enterpriseId);
  if (person.kind === 'stranger' || !isOurs) return 'is not of this workspace';
  return person.kind === 'member' ? null : 'is an app';
}

async function openDirect(slack: WebClient, userId: string): Promise<{ channelId: string } | string> {
  try {
    const { channel } = openSchema.parse(await slack.conversations.open({ users: userId }));
    return { channelId: channel.id };
  } catch (error) {
    const code = refusalOf(error);
    if (code !== null && noDirectMessage.has(code)) return code;
    throw error;
  }
}

/** `null` where Slack refuses with one of these. */
async function orRefused<T>(codes: ReadonlySet<string>, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (codes.has(refusalOf(error) ?? '')) return null;
    throw error;
  }
}
