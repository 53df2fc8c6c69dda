import { createHash } from 'node:crypto';
import { z } from 'zod';
import { HelpDeskUnavailable } from '../../helpdesk/errors.ts';
import type {
  Attempt,
  CreatedTicket,
  FieldValue,
  NewTicket,
  Requester,
  Ticket,
  TicketChanges,
} from '../../helpdesk/types.ts';
import { ask, type Connection, read } from './connection.ts';
import { faultCodeOf } from './failures.ts';
import { toNumber } from './ids.ts';
import { findMergeTarget } from './merges.ts';
import { auditSchema, commentIdOf, idSchema, ticketAnswerSchema, toTicket } from './schemas.ts';
import { inert } from './text.ts';

const createdSchema = z.object({
  ticket: z.object({ id: idSchema, requester_id: idSchema.nullish() }),
  audit: auditSchema.nullish().catch(null),
});
const foundSchema = z.object({
  tickets: z.array(z.object({ id: idSchema, external_id: z.string().nullish(), requester_id: idSchema.nullish() })),
});
const firstCommentSchema = z.object({ comments: z.array(z.object({ id: idSchema })).min(1) });
const userAnswerSchema = z.object({ user: z.object({ id: idSchema }) });

/**
 * Creates a ticket once. Zendesk remembers a key for two hours, during which it answers alike; after that the ticket is
 * found by our id of it.
 */
export async function createTicket(
  zendesk: Connection,
  ticket: NewTicket,
  { isRetry }: Attempt,
): Promise<CreatedTicket> {
  const known = isRetry ? await findCreated(zendesk, ticket.externalId) : null;
  if (known) return known;
  const body = {
    subject: inert(ticket.subject),
    external_id: ticket.externalId,
    tags: ticket.tags,
    custom_fields: toCustomFields(ticket.fields),
    metadata: { bellwether: `ticket:${ticket.externalId}` },
    ...(ticket.groupId !== null && { group_id: toNumber(ticket.groupId, 'group') }),
    ...(ticket.severity !== null && { priority: ticket.severity }),
    ...(ticket.followUpOf !== null && { via_followup_source_id: toNumber(ticket.followUpOf, 'ticket') }),
    ...(await toRequester(zendesk, ticket.requester)),
  };
  const comment = { body: inert(ticket.body), public: ticket.isPublic };
  const answer = await ask(zendesk, {
    method: 'POST',
    path: 'tickets',
    // Files have other tokens in each attempt; anything else that differs is another wish, after a refusal.
    headers: { 'idempotency-key': keyOf({ ...body, comment }) },
    body: { ticket: { ...body, comment: { ...comment, uploads: ticket.attachments } } },
  });
  if (answer.status === 400 && faultCodeOf(answer) === 'IdempotentRequestError') {
    const found = await findCreated(zendesk, ticket.externalId);
    if (found) return found;
    throw new HelpDeskUnavailable('Zendesk is still creating the ticket.', { mayBeDone: true });
  }
  const created = read(zendesk, answer, 'this ticket', createdSchema, true);
  return toCreated(zendesk, created.ticket, created.audit ? commentIdOf(created.audit) : null);
}

/** Reads a ticket, and where it went if it was merged into another. */
export async function readTicket(zendesk: Connection, ticketId: string): Promise<Ticket> {
  const path = `tickets/${toNumber(ticketId, 'ticket')}`;
  const answer = await ask(zendesk, { method: 'GET', path, query: { include: 'users,groups' } });
  const found = read(zendesk, answer, `ticket ${ticketId}`, ticketAnswerSchema);
  const isMerged = found.ticket.status === 'closed' && found.ticket.tags?.includes('closed_by_merge');
  return toTicket(found, isMerged ? await findMergeTarget(zendesk, ticketId) : null);
}

/** Changes a ticket, without a comment. */
export async function updateTicket(zendesk: Connection, ticketId: string, changes: TicketChanges): Promise<void> {
  const { status, severity, groupId, fields, assignee } = changes;
  const path = `tickets/${toNumber(ticketId, 'ticket')}`;
  const ticket = {
    ...(status !== undefined && { status }),
    ...(severity !== undefined && { priority: severity }),
    ...(groupId !== undefined && { group_id: toNumber(groupId, 'group') }),
    ...(fields !== undefined && { custom_fields: toCustomFields(fields) }),
    ...(assignee !== undefined && (assignee === null ? { assignee_id: null } : { assignee_email: assignee.email })),
  };
  const answer = await ask(zendesk, { method: 'PUT', path, body: { ticket } });
  read(zendesk, answer, `ticket ${ticketId}`, z.object({ ticket: z.object({ id: idSchema }) }), true);
}

async function findCreated(zendesk: Connection, externalId: string): Promise<CreatedTicket | null> {
  const answer = await ask(zendesk, { method: 'GET', path: 'tickets', query: { external_id: externalId } });
  const { tickets } = read(zendesk, answer, 'list of tickets', foundSchema);
  // Zendesk lets several tickets have one external id; ours is the first.
  const [first] = tickets
    .filter((ticket) => ticket.external_id === externalId)
    .sort((one, other) => Number(one.id) - Number(other.id));
  return first ? toCreated(zendesk, first, null) : null;
}

async function toCreated(
  zendesk: Connection,
  { id, requester_id }: { id: string; requester_id?: string | null | undefined },
  commentId: string | null,
): Promise<CreatedTicket> {
  return { id, requesterId: requester_id ?? null, commentId: commentId ?? (await firstCommentId(zendesk, id)) };
}

async function firstCommentId(zendesk: Connection, ticketId: string): Promise<string> {
  const query = { sort: 'created_at', 'page[size]': '1' };
  const answer = await ask(zendesk, { method: 'GET', path: `tickets/${ticketId}/comments`, query });
  return read(zendesk, answer, `ticket ${ticketId}`, firstCommentSchema).comments[0]!.id;
}

/** Zendesk knows people by their address. Who has none is first made known by our id of them. */
async function toRequester(zendesk: Connection, { name, email, externalId }: Requester) {
  if (email !== null) return { requester: { name, email } };
  const user = { name, external_id: externalId, role: 'end-user', skip_verify_email: true };
  const answer = await ask(zendesk, { method: 'POST', path: 'users/create_or_update', body: { user } });
  return { requester_id: Number(read(zendesk, answer, 'this requester', userAnswerSchema, true).user.id) };
}

function toCustomFields(fields: Readonly<Record<string, FieldValue>>) {
  return Object.entries(fields).map(([id, value]) => ({ id: toNumber(id, 'field'), value }));
}

function keyOf(body: object): string {
  return `bellwether-${createHash('sha256').update(JSON.stringify(body)).digest('hex')}`;
}
