import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { type Conversation, findConversation, findHome, findPerson, type Home, type Person } from './identity.ts';

/** Who asks, where, and the workspace that Slack's request names for them. */
export type Asker = { userId: string; teamId: string; channelId: string };

/** Whether customer data may be shown to the asker there; a refusal carries what to tell them, and no data. */
export type Decision =
  | { allowed: true; person: Person; conversation: Conversation }
  | { allowed: false; refusal: string };

const refusals = {
  guest:
    'Sorry, I show customer data to full members of this workspace only, and you are here as a guest. Please ask a colleague who is a full member.',
  outsider:
    'Sorry, I show customer data to members of my own workspace only. Please ask the person you work with there.',
  deactivated: 'Sorry, I show customer data to active members of this workspace only.',
  sharedChannel:
    'Sorry, this channel is shared with people outside your company, so I show no customer data here. Please ask me in a direct message with me or in an internal channel.',
  otherDirectMessage:
    'Sorry, I cannot see who is in this conversation, so I show no customer data here. Please ask me in a direct message with me or in an internal channel.',
  unknownPerson:
    'Sorry, I could not check with Slack who you are, so I show no customer data for now. Please try again in a minute.',
  unknownChannel:
    'Sorry, I could not check with Slack who can read this channel, so I show no customer data here. Please ask me in a direct message with me; in a private channel, invite me with /invite first.',
};

/**
 * Decides from fresh look-ups, side by side, and keeps none: somebody made a guest, or a channel shared, a minute ago
 * must not be answered from memory. What cannot be looked up counts as outside. Email addresses never grant anything.
 */
export async function authorize(deps: { slack: WebClient; log: Logger }, asker: Asker): Promise<Decision> {
  const { slack, log } = deps;
  const home = findHome(slack);
  const [homeResult, personResult, conversationResult] = await Promise.allSettled([
    home,
    findPerson(slack, asker.userId),
    findConversation(slack, asker.channelId, home),
  ]);
  for (const result of [homeResult, personResult, conversationResult])
    if (result.status === 'rejected') log.warn({ err: result.reason, asker }, 'a look-up for a permission failed');
  if (homeResult.status === 'rejected' || personResult.status === 'rejected') return refuse('unknownPerson');
  const person = personResult.value;
  const fault = faultOfPerson(person, asker, homeResult.value);
  if (fault) return refuse(fault);
  if (conversationResult.status === 'rejected') return refuse('unknownChannel');
  const conversation = conversationResult.value;
  if (conversation.shared) return refuse('sharedChannel');
  if (conversation.directWith !== null && conversation.directWith !== asker.userId) return refuse('otherDirectMessage');
  return { allowed: true, person, conversation };
}

/** Whether somebody may see customer data where nobody else reads along: in a modal. */
export type PersonDecision = { allowed: true; person: Person } | { allowed: false; refusal: string };

/** As `authorize`, for what only the asker sees. */
export async function authorizePerson(
  { slack, log }: { slack: WebClient; log: Logger },
  asker: Omit<Asker, 'channelId'>,
): Promise<PersonDecision> {
  try {
    const [home, person] = await Promise.all([findHome(slack), findPerson(slack, asker.userId)]);
    const fault = faultOfPerson(person, asker, home);
    return fault ? { allowed: false, refusal: refusals[fault] } : { allowed: true, person };
  } catch (error) {
    log.warn({ err: error, asker }, 'a look-up for a permission failed');
    return { allowed: false, refusal: refusals.unknownPerson };
  }
}

function faultOfPerson(person: Person, asker: Omit<Asker, 'channelId'>, home: Home): keyof typeof refusals | null {
  if (person.kind === 'deactivated') return 'deactivated';
  if (person.kind === 'stranger') return 'outsider';
  const ours = (teamId: string) =>
    teamId === home.teamId || (home.enterpriseId !== null && person.enterpriseId === home.enterpriseId);
  // The request's own word may only take away: a person known here who acts from elsewhere is outside too.
  if (!ours(person.teamId) || !ours(asker.teamId)) return 'outsider';
  if (person.kind === 'guest') return 'guest';
  return person.kind === 'member' ? null : 'outsider';
}

function refuse(reason: keyof typeof refusals): Decision & { allowed: false } {
  return { allowed: false, refusal: refusals[reason] };
}
