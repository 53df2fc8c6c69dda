import { setTimeout as sleep } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import { adoptTickets, clearChannelFault, setChannelFault } from '../db/account-channels.ts';
import {
  findPostedInThread,
  findStoredFindings,
  findTakenMessages,
  findUnknownPosts,
  findUnstoredKeys,
  repairTicket,
  type StoredTicket,
  storeOverlooked,
  type TicketRepair,
} from '../db/ticket-doctor.ts';
import type { NewTicketMessage } from '../db/ticket-messages.ts';
import type { Db } from '../db/types.ts';
import { HelpDeskRefused, HelpDeskUnavailable } from '../helpdesk/errors.ts';
import type { Comment, HelpDesk, Ticket } from '../helpdesk/types.ts';
import { archivedFault, unsharedFault } from '../slack/channel-changes.ts';
import { findChannelState } from '../slack/channels.ts';
import { failureOf, refusalOf } from '../slack/failures.ts';
import { findHome } from '../slack/identity.ts';
import { readThread } from '../slack/read-thread.ts';
import { isOwn, isSaid, type SlackMessage } from '../slack/slack-message.ts';
import { keyOf, toThreadMessage } from './said.ts';

/** What tickets are compared with. */
export type Doctor = {
  db: Db;
  slack: WebClient;
  desk: HelpDesk;
  now: () => Date;
  supportChannel: string | undefined;
  isStaffPublic: boolean;
  /** What is younger is on its way, and does not differ. */
  graceMs: number;
};

/** Something that differs. `isMendable` false: only people can set it right, as the words say. */
type Finding = { kind: FindingKind; words: string; isMendable: boolean };

type FindingKind =
  | 'not_created'
  | 'messages_failed'
  | 'messages_waiting'
  | 'posts_waiting'
  | 'posts_missing'
  | 'posts_removed'
  | 'posts_unknown'
  | 'account_missing'
  | 'fault'
  | 'channel_archived'
  | 'thread_gone'
  | 'thread_unreadable'
  | 'messages_not_stored'
  | 'messages_not_at_desk'
  | 'comments_not_in_thread'
  | 'out_of_step'
  | 'desk_ticket_gone'
  | 'not_compared';

/** What differs for a ticket, and what sets it right; `repair` null: nothing that can be done here. */
export type Diagnosis = { ticket: StoredTicket; findings: Finding[]; repair: Repair | null };

type Repair = Omit<TicketRepair, 'takeAgain' | 'removed'> & {
  takeAgain: number[];
  removed: number[];
  overlooked: SlackMessage[];
  account: string | null;
  channelFault: { set?: string; clear?: string };
};

type Findings = {
  list: Finding[];
  /** Posts of ours are in Slack of which nothing is stored: which of what agents said they are, nobody knows. */
  isAmnesic: boolean;
  repair: Repair;
  add(kind: FindingKind, words: string, isMendable?: boolean): void;
};

const mostTries = 5;
const longestWaitMs = 120_000;

/** Compares a ticket as it is stored with its thread in Slack and with the help desk. */
export async function examineTicket(doctor: Doctor, ticket: StoredTicket): Promise<Diagnosis> {
  const before = new Date(doctor.now().getTime() - doctor.graceMs);
  const found = newFindings();
  await examineThread(doctor, ticket, before, found);
  await examineStored(doctor, ticket, before, found);
  await examineDesk(doctor, ticket, before, found);
  return {
    ticket,
    findings: found.list,
    repair: found.list.some(({ isMendable }) => isMendable) ? found.repair : null,
  };
}

/** Sets right what can be: all of it is done again by who works on tickets. Doing it twice ends as doing it once. */
export async function repairDiagnosed(doctor: Doctor, { ticket, repair }: Diagnosis): Promise<void> {
  if (!repair) return;
  const { db, now, supportChannel } = doctor;
  const { account, channelFault, overlooked, ...rest } = repair;
  const { channelId } = ticket;
  const said: NewTicketMessage[] = [];
  for (const message of overlooked) said.push(await patiently(() => toThreadMessage(doctor, channelId, message)));
  await storeOverlooked(db, ticket.id, said, now());
  if (account !== null) await adoptTickets(db, { channelId, accountId: account, isSaid: false, now: now() });
  if (channelFault.clear !== undefined) await clearChannelFault(db, channelId, channelFault.clear, now());
  if (channelFault.set !== undefined) await setChannelFault(db, channelId, channelFault.set);
  await repairTicket(db, ticket.id, rest, { supportChannel, now: now() });
}

async function examineStored(doctor: Doctor, ticket: StoredTicket, before: Date, found: Findings): Promise<void> {
  const hasSupportChannel = doctor.supportChannel !== undefined;
  const stored = await findStoredFindings(doctor.db, ticket.id, { before, hasSupportChannel });
  const { repair } = found;
  if (ticket.deskTicketId === null && ticket.createdAt < before)
    found.add('not_created', `it was never made in ${ticket.desk}`);
  if (stored.failed > 0) {
    repair.tryAgain = true;
    found.add(
      'messages_failed',
      `${counted(stored.failed, 'message')} did not reach ${ticket.desk}${because(stored.failedWhy)}`,
    );
  }
  if (stored.waiting > 0)
    found.add(
      'messages_waiting',
      `${counted(stored.waiting, 'message')} of the thread still to be taken to ${ticket.desk}`,
    );
  if (stored.unsaid > 0)
    found.add(
      'posts_waiting',
      `${counted(stored.unsaid, 'message')} still to be posted in Slack${because(stored.unsaidWhy)}`,
    );
  if (stored.unqueued > 0) {
    repair.queueAgain = !found.isAmnesic;
    found.add(
      'posts_missing',
      `${counted(stored.unqueued, 'message')} that nobody was asked to post in Slack`,
      !found.isAmnesic,
    );
  }
  if (stored.missingAccount !== null) {
    repair.account = stored.missingAccount;
    found.add('account_missing', `its channel is that of ${stored.missingAccount}, and it has no account`);
  }
  await examineChannel(doctor, ticket, found);
}

/** A channel's faults are as the channel is; others are found again by the work where they are still so. */
async function examineChannel({ slack }: Doctor, ticket: StoredTicket, found: Findings): Promise<void> {
  const { fault } = ticket;
  const isOpen = ticket.status !== 'solved' && ticket.status !== 'closed';
  const channel = await patiently(() => findChannelState(slack, ticket.channelId));
  if (channel?.isArchived && isOpen) {
    if (fault === null) {
      found.repair.channelFault.set = archivedFault;
      found.add('fault', 'it does not say that its channel is archived');
    }
    found.add('channel_archived', 'its channel is archived: unarchive it, or say there that it is', false);
    return;
  }
  if (fault === null) return;
  const isOfChannel = fault === archivedFault || fault === unsharedFault;
  if (fault === unsharedFault && channel && !channel.isShared) {
    found.add('fault', fault, false);
    return;
  }
  if (isOfChannel) found.repair.channelFault.clear = fault;
  else found.repair.forgetFault = true;
  found.add('fault', fault);
}

async function examineThread(doctor: Doctor, ticket: StoredTicket, before: Date, found: Findings): Promise<void> {
  const { db, slack } = doctor;
  const home = await findHome(slack);
  const seen = new Set<string>();
  const said = new Map<string, SlackMessage>();
  const own: string[] = [];
  try {
    await patiently(async () => {
      seen.clear();
      said.clear();
      own.length = 0;
      for await (const page of readThread(slack, ticket))
        for (const message of page) {
          seen.add(message.ts);
          const isOld = Number(message.ts) * 1000 < before.getTime();
          // Files that agents attached to their replies are no messages of the outbox.
          if (isOwn(message, home)) own.push(...(message.subtype === 'file_share' ? [] : [message.ts]));
          else if (isOld && isSaid(message)) said.set(keyOf(ticket.channelId, message.ts), message);
        }
    });
  } catch (error) {
    const code = refusalOf(error);
    if (code === null) throw error;
    found.add('thread_unreadable', `Slack does not let me read its thread (${code}): invite me to the channel`, false);
    return;
  }
  if (seen.size === 0) {
    found.add('thread_gone', 'its thread is gone from Slack', false);
    return;
  }
  const unknown = await findUnknownPosts(db, ticket.channelId, own);
  if (unknown.length > 0) {
    found.isAmnesic = true;
    found.add(
      'posts_unknown',
      `${counted(unknown.length, 'post')} of ours in its thread that is not stored here, as after a restored backup: what agents said is not posted again, lest it be there twice`,
      false,
    );
  }
  const missing = await findUnstoredKeys(db, ticket.id, [...said.keys()]);
  if (missing.length > 0) {
    found.repair.overlooked.push(...missing.flatMap((key) => said.get(key) ?? []));
    found.add('messages_not_stored', `${counted(missing.length, 'message')} of its thread nobody took note of`);
  }
  const removed = (await findPostedInThread(db, ticket.id)).filter(({ ts }) => !seen.has(ts));
  if (removed.length > 0) {
    found.repair.removed.push(...removed.map(({ id }) => id));
    found.add('posts_removed', `${counted(removed.length, 'post')} of ours that somebody removed from its thread`);
  }
}

async function examineDesk(doctor: Doctor, ticket: StoredTicket, before: Date, found: Findings): Promise<void> {
  const { desk } = doctor;
  const { deskTicketId } = ticket;
  if (deskTicketId === null) return;
  if (ticket.desk !== desk.name) {
    found.add('not_compared', `it is a ticket of ${ticket.desk}, which is not in use any more`, false);
    return;
  }
  let seen: Ticket;
  let comments: Comment[];
  try {
    seen = await patiently(() => desk.readTicket(deskTicketId));
    comments = await patiently(() => desk.listComments(deskTicketId, null));
  } catch (error) {
    if (error instanceof HelpDeskRefused && error.reason === 'not_found')
      found.add('desk_ticket_gone', `${ticket.desk} does not have it any more`, false);
    else if (error instanceof HelpDeskRefused || error instanceof HelpDeskUnavailable)
      found.add('not_compared', error.message, false);
    else throw error;
    return;
  }
  const differs = ticket.isBusy ? [] : differencesOf(ticket, seen);
  if (differs.length > 0) found.add('out_of_step', `${ticket.desk} says otherwise: ${differs.join(', ')}`);
  // What this one was merged into has the comments of another conversation, too.
  if (seen.externalId === null || seen.externalId !== ticket.externalId) return;
  await compareComments(doctor, ticket, { comments, before }, found);
}

async function compareComments(
  { db }: Doctor,
  ticket: StoredTicket,
  { comments, before }: { comments: readonly Comment[]; before: Date },
  found: Findings,
): Promise<void> {
  const theirs = comments.filter(({ author, createdAt }) => author.role !== 'us' && createdAt < before);
  const unknown = await findUnstoredKeys(
    db,
    ticket.id,
    theirs.map(({ id }) => `desk:${id}`),
  );
  if (unknown.length > 0) {
    found.repair.readComments = !found.isAmnesic;
    found.add(
      'comments_not_in_thread',
      `${counted(unknown.length, 'comment')} of ${ticket.desk} nobody took note of`,
      !found.isAmnesic,
    );
  }
  // Of a follow-up, what was said before is in another ticket.
  if (ticket.generation > 1) return;
  const there = new Set(comments.map(({ id }) => id));
  const lost = (await findTakenMessages(db, ticket.id)).filter(({ commentId }) => !there.has(commentId));
  if (lost.length > 0) {
    found.repair.takeAgain.push(...lost.map(({ id }) => id));
    found.add('messages_not_at_desk', `${counted(lost.length, 'message')} that ${ticket.desk} does not have any more`);
  }
}

function differencesOf(ticket: StoredTicket, seen: Ticket): string[] {
  const pairs: [string, string | null, string | null][] = [
    ['status', ticket.status, seen.status],
    ['severity', ticket.severity, seen.severity],
    ['group', ticket.groupId, seen.group?.id ?? null],
    ['assignee', ticket.assigneeEmail, seen.assignee?.email ?? null],
  ];
  return pairs.flatMap(([what, here, there]) =>
    here === there ? [] : [`${what} ${there ?? 'none'}, not ${here ?? 'none'}`],
  );
}

/** Asks again where Slack or the help desk want to be left alone for a while. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      const waitMs = waitOf(error);
      if (waitMs === null || waitMs > longestWaitMs || tries === mostTries) throw error;
      await sleep(waitMs);
    }
  }
}

function waitOf(error: unknown): number | null {
  if (error instanceof HelpDeskUnavailable)
    return error.retryAt === null ? null : Math.max(0, error.retryAt.getTime() - Date.now());
  const failure = failureOf(error);
  return failure.kind === 'limited' ? failure.waitMs : null;
}

function newFindings(): Findings {
  const list: Finding[] = [];
  return {
    list,
    isAmnesic: false,
    repair: {
      tryAgain: false,
      queueAgain: false,
      overlooked: [],
      readComments: false,
      forgetFault: false,
      takeAgain: [],
      removed: [],
      account: null,
      channelFault: {},
    },
    add: (kind, words, isMendable = true) => list.push({ kind, words, isMendable }),
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function because(why: string | null): string {
  return why === null ? '' : ` (${why.replace(/\.$/, '')})`;
}
