import { findWaitingMessages, type WaitingMessage } from '../db/ticket-messages.ts';
import {
  findTicketAccount,
  forgetCreating,
  insertTicketPosts,
  noteCreating,
  setCreated,
  setFault,
  type TicketInWork,
} from '../db/ticket-work.ts';
import { HelpDeskRefused, HelpDeskUnavailable } from '../helpdesk/errors.ts';
import type { CreatedTicket, NewTicket } from '../helpdesk/types.ts';
import { findKnownChannel } from '../slack/known-channel.ts';
import { findKnownPerson, findNameByEmail } from '../slack/people.ts';
import { findPermalink } from '../slack/permalink.ts';
import { type CopiedFiles, copyFiles, isOfSettings } from './files.ts';
import { toRequest } from './request.ts';
import { holdTicket, lost, type TicketWork } from './work.ts';

const mostWaiting = 250;

/** What a ticket is at the help desk; `null`: the help desk does not take it, and the ticket says so. */
export type Made = Pick<TicketInWork, 'deskTicketId' | 'deskRequesterId' | 'lastCommentId'> | null;

/** Has a ticket made at the help desk, once, whatever happened to earlier attempts, and the outbox tell of it. */
export async function createTicket(work: TicketWork, ticket: TicketInWork): Promise<Made> {
  const { db, now } = work;
  const commentKey = commentKeyOf(ticket);
  const messages = await findFirst(work, ticket);
  const files = await copyFiles(
    work,
    ticket,
    messages.flatMap((message) => message.files),
  );
  const accountId = ticket.accountId ?? (await work.findAccount(ticket.channelId));
  const request = ticket.request
    ? withLines(ticket.request, files)
    : await buildRequest(work, ticket, { messages, files, accountId });
  await holdTicket(work, ticket);
  const messageIds = messages.map(({ id }) => id);
  if (!(await noteCreating(db, ticket, { request, accountId, messageIds, commentKey, at: now() }))) throw lost(ticket);
  const created = await create(work, ticket, { ...request, attachments: files.tokens });
  if (!created) return null;
  const { id: deskTicketId, requesterId, commentId } = created;
  const { supportChannel } = work;
  const made = { deskTicketId, requesterId, commentId, commentKey, supportChannel, now: now() };
  if (!(await setCreated(db, ticket, made))) throw lost(ticket);
  work.done.created += 1;
  await work.onMessages();
  return { deskTicketId, deskRequesterId: requesterId, lastCommentId: commentId };
}

/** The key of the comment that is a ticket's body. */
function commentKeyOf({ generation }: Pick<TicketInWork, 'generation'>): string {
  return `ticket:${generation}`;
}

/** What the ticket begins with: the message that it is made of; of one that follows a closed one, what a customer said since. */
async function findFirst({ db }: TicketWork, ticket: TicketInWork): Promise<WaitingMessage[]> {
  const waiting = await findWaitingMessages(db, ticket.id, mostWaiting);
  const chosen = waiting.filter((message) => message.commentKey === commentKeyOf(ticket));
  if (chosen.length > 0) return chosen;
  const said = waiting.find(({ isPublic, authorKind }) => isPublic && authorKind === 'customer') ?? waiting[0];
  return said ? [said] : [];
}

async function buildRequest(
  { db, slack, now }: TicketWork,
  ticket: TicketInWork,
  { messages, files, accountId }: { messages: readonly WaitingMessage[]; files: CopiedFiles; accountId: string | null },
): Promise<NewTicket> {
  const at = now();
  const [first] = messages;
  const requesterId = ticket.requesterSlackId ?? ticket.reportedBy;
  const account = accountId === null ? null : await findTicketAccount(db, accountId);
  const [requester, reporter, channel, link, csmName] = await Promise.all([
    findKnownPerson(slack, requesterId, at),
    findKnownPerson(slack, ticket.reportedBy, at),
    findKnownChannel(slack, ticket.channelId, at),
    findPermalink(slack, ticket.channelId, first?.ts ?? ticket.sourceTs),
    account?.csmEmail ? findNameByEmail(slack, account.csmEmail, at) : null,
  ]);
  const externalId = `bellwether:${ticket.teamId}:${ticket.channelId}:${ticket.threadTs}`;
  const { generation } = ticket;
  return toRequest({
    externalId: generation === 1 ? externalId : `${externalId}:${generation}`,
    subject: ticket.subject,
    message: {
      text: first?.text ?? '',
      files: files.lines,
      authorName: first?.authorName ?? requester.name,
      link,
    },
    // What a bot posted is the customer's to read where a customer asked for the ticket.
    isPublic: true,
    requester: { name: requester.name, email: requester.email, externalId: `slack:${ticket.teamId}:${requesterId}` },
    reporterName: reporter.name,
    channelName: channel.name,
    account: account && { name: account.name, csmName },
    followUpOf: ticket.previousTicketId,
    groupId: ticket.groupId,
    severity: ticket.severity,
  });
}

/** At another attempt files may be refused that were taken before. */
function withLines(request: NewTicket, { lines }: CopiedFiles): NewTicket {
  const missing = lines.filter((line) => !request.body.includes(line));
  return missing.length === 0 ? request : { ...request, body: `${request.body}\n${missing.join('\n')}` };
}

async function create(work: TicketWork, ticket: TicketInWork, request: NewTicket): Promise<CreatedTicket | null> {
  const { db, desk, log, now, supportChannel } = work;
  let isRetry = ticket.creatingAt !== null;
  for (const attempt of attemptsAt(request)) {
    try {
      return await desk.createTicket(attempt, { isRetry });
    } catch (error) {
      if (error instanceof HelpDeskUnavailable && !error.mayBeDone && !isRetry) await forgetCreating(db, ticket);
      if (!(error instanceof HelpDeskRefused) || isOfSettings(error)) throw error;
      log.error({ err: error, ticket: ticket.id }, 'the help desk does not take a ticket');
      isRetry = true;
      await holdTicket(work, ticket);
      await setFault(db, ticket.id, error.message);
      if (error.reason !== 'invalid') break;
    }
  }
  work.done.failed += 1;
  await insertTicketPosts(db, ticket.id, { supportChannel, now: now() });
  await work.onMessages();
  return null;
}

/** The ticket as it should be, then without what a help desk may refuse: files, an address that it does not take, a group that is gone. */
function attemptsAt(request: NewTicket): NewTicket[] {
  const { requester, attachments } = request;
  const bare = { ...request, attachments: [] };
  const attempts = [request];
  if (attachments.length > 0) attempts.push(bare);
  if (requester.email !== null) attempts.push({ ...bare, requester: { ...requester, email: null } });
  if (request.groupId !== null) attempts.push({ ...bare, groupId: null });
  if (request.followUpOf !== null) attempts.push({ ...bare, groupId: null, followUpOf: null });
  return attempts;
}
