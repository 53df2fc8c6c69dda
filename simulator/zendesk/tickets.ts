import { change, via } from './change.ts';
import { auditJson, commentJson, groupJson, personJson, ticketJson } from './json.ts';
import { page } from './pages.ts';
import { addPerson } from './people.ts';
import { invalid, notFound, tooMany, ZendeskRefusal } from './refusal.ts';
import type { Call, Reply } from './routes.ts';
import { type NewTicket, readNewTicket, readTicketChange, type TicketChange } from './schemas.ts';
import { type Fields, nextId, ownPerson, type State, type StoredFile, type StoredTicket, stamp } from './state.ts';

const mostMetadata = 1024;
const mostUpdates = 30;
const updatesMs = 10 * 60_000;

/** A ticket that is there; 404 where it is not. */
export function findTicket(state: State, id: number): StoredTicket {
  const ticket = state.tickets.get(id);
  if (!ticket || ticket.deleted) throw notFound();
  return ticket;
}

/** POST /api/v2/tickets */
export function createTicket(state: State, { body }: Call): Reply {
  const given = readNewTicket(body);
  if (given.comment.body.trim() === '') throw invalid('base', 'Description: cannot be blank');
  const own = ownPerson(state);
  const source = given.via_followup_source_id ? findTicket(state, given.via_followup_source_id) : null;
  // Of a ticket that is not closed it means nothing.
  const followed = source?.status === 'closed' ? source : null;
  const fields = readFields(state, given);
  const audit = checkComment(state, given);
  const now = stamp(state);
  const ticket: StoredTicket = {
    id: nextId(state, 'ticket'),
    external_id: null,
    subject: '',
    status: 'new',
    priority: null,
    group_id: null,
    assignee_id: null,
    requester_id: requesterOf(state, given) ?? own.id,
    tags: followed?.tags.filter((tag) => tag !== 'closed_by_merge') ?? [],
    custom_fields: [],
    via: followed
      ? via('api', 'follow_up', { ticket_id: followed.id, subject: followed.subject, channel: 'api' })
      : via('api'),
    created_at: now,
    updated_at: now,
    followup_ids: [],
    deleted: false,
    audits: [],
  };
  state.tickets.set(ticket.id, ticket);
  followed?.followup_ids.push(ticket.id);
  const made = change(state, ticket, { author: own.id, via: via('api'), fields, ...audit });
  return {
    status: 201,
    body: { ticket: ticketJson(state, ticket), audit: auditJson(state, ticket, made) },
    headers: { location: `${state.url}/api/v2/tickets/${ticket.id}.json` },
  };
}

/** GET /api/v2/tickets, of one external id or of all. */
export function listTickets(state: State, { query }: Call): Reply {
  const wanted = query.external_id;
  const tickets = [...state.tickets.values()].filter(
    ({ deleted, external_id }) => !deleted && (wanted === undefined || external_id === wanted),
  );
  const { items, rest } = page(tickets, query, ({ id }) => id);
  return { status: 200, body: { tickets: items.map((ticket) => ticketJson(state, ticket)), ...rest } };
}

/** GET /api/v2/tickets/7 */
export function showTicket(state: State, { ids: [id = 0], query }: Call): Reply {
  const ticket = findTicket(state, id);
  const include = query.include?.split(',') ?? [];
  const people = [...new Set([ticket.requester_id, ticket.assignee_id])].flatMap(
    (each) => state.people.get(each ?? 0) ?? [],
  );
  const group = state.groups.get(ticket.group_id ?? 0);
  return {
    status: 200,
    body: {
      ticket: ticketJson(state, ticket),
      ...(include.includes('users') && { users: people.map(personJson) }),
      ...(include.includes('groups') && { groups: group ? [groupJson(group)] : [] }),
    },
  };
}

/** PUT /api/v2/tickets/7 */
export function updateTicket(state: State, { ids: [id = 0], body }: Call): Reply {
  const ticket = findTicket(state, id);
  const given = readTicketChange(body);
  if (ticket.status === 'closed') throw invalid('status', 'Status: closed prevents ticket update');
  if (state.perMinute !== null) limitUpdates(state, ticket);
  if (given.safe_update && given.updated_stamp !== ticket.updated_at)
    throw new ZendeskRefusal(409, {
      error: 'UpdateConflict',
      description: 'Safe Update prevented the update due to outdated ticket data.',
    });
  const fields = readFields(state, given);
  const own = ownPerson(state);
  const audit = change(state, ticket, { author: own.id, via: via('api'), fields, ...checkComment(state, given) });
  return { status: 200, body: { ticket: ticketJson(state, ticket), audit: auditJson(state, ticket, audit) } };
}

/** GET /api/v2/tickets/7/comments */
export function listComments(state: State, { ids: [id = 0], query }: Call): Reply {
  const comments = findTicket(state, id).audits.flatMap(({ comment }) => comment ?? []);
  const sort = query.sort ?? 'created_at';
  if (sort !== 'created_at' && sort !== '-created_at')
    throw new ZendeskRefusal(400, { error: 'InvalidValue', description: 'sort is not valid' });
  const { items, rest } = page(sort === 'created_at' ? comments : comments.reverse(), query, (comment) => comment.id);
  const authors = [...new Set(items.map(({ author_id }) => author_id))].flatMap((each) => state.people.get(each) ?? []);
  const users = query.include === 'users' ? { users: authors.map(personJson) } : {};
  return { status: 200, body: { comments: items.map((comment) => commentJson(state, comment)), ...users, ...rest } };
}

/** GET /api/v2/tickets/7/audits */
export function listAudits(state: State, { ids: [id = 0], query }: Call): Reply {
  const ticket = findTicket(state, id);
  const { items, rest } = page(ticket.audits, query, (audit) => audit.id);
  return { status: 200, body: { audits: items.map((audit) => auditJson(state, ticket, audit)), ...rest } };
}

/** GET /api/v2/tickets/7/audits/8 */
export function showAudit(state: State, { ids: [id = 0, auditId] }: Call): Reply {
  const ticket = findTicket(state, id);
  const audit = ticket.audits.find((each) => each.id === auditId);
  if (!audit) throw notFound();
  return { status: 200, body: { audit: auditJson(state, ticket, audit) } };
}

function requesterOf(state: State, { requester, requester_id }: NewTicket): number | null {
  if (requester_id !== undefined && !state.people.has(requester_id)) throw invalid('requester', 'Requester is invalid');
  if (requester_id !== undefined || !requester) return requester_id ?? null;
  const known = [...state.people.values()].find(({ email }) => email === requester.email.toLowerCase());
  return known?.id ?? addPerson(state, requester);
}

function readFields(state: State, given: NewTicket | TicketChange): Partial<Fields> {
  const { subject, external_id, status, priority, group_id, assignee_email, custom_fields, tags } = given;
  if (group_id !== undefined && (state.groups.get(group_id)?.deleted ?? true))
    throw invalid('group', 'Group is invalid');
  const agent = [...state.people.values()].find(({ email, role }) => email === assignee_email && role !== 'end-user');
  if (assignee_email !== undefined && !agent) throw invalid('assignee', 'Assignee is invalid');
  const assignee_id = agent ? agent.id : given.assignee_id;
  // A ticket that somebody works on is no longer new.
  const isTaken = status === undefined && typeof assignee_id === 'number';
  return {
    ...(subject !== undefined && { subject }),
    ...(external_id !== undefined && { external_id }),
    ...(status !== undefined ? { status } : isTaken && { status: 'open' as const }),
    ...(priority !== undefined && { priority }),
    ...(group_id !== undefined && { group_id }),
    ...(assignee_id !== undefined && { assignee_id }),
    ...(custom_fields !== undefined && { custom_fields: custom_fields.map(({ id, value }) => ({ id, value })) }),
    ...(tags !== undefined && { tags }),
  };
}

/** The comment and the metadata of a change, with the files of its tokens, which are used up. */
function checkComment(state: State, { comment, metadata }: NewTicket | TicketChange) {
  if (JSON.stringify(metadata).length > mostMetadata) throw invalid('metadata', 'Metadata is too large');
  if (!comment) return { custom: metadata };
  if (comment.body.trim() === '') throw invalid('comment', 'Comment: cannot be blank');
  if (comment.author_id !== undefined && !state.people.has(comment.author_id))
    throw invalid('comment', 'Author is invalid');
  const files = comment.uploads.map((token) => takeUpload(state, token));
  const author = comment.author_id ?? ownPerson(state).id;
  return { custom: metadata, comment: { author, body: comment.body, public: comment.public, files } };
}

function takeUpload(state: State, token: string): StoredFile {
  const upload = state.uploads.get(token);
  if (!upload || upload.expires < state.now().getTime()) throw invalid('uploads', 'Attachment token is invalid');
  state.uploads.delete(token);
  return upload.file;
}

/** Zendesk lets a user change one ticket 30 times in ten minutes. */
function limitUpdates(state: State, ticket: StoredTicket): void {
  const since = state.now().getTime() - updatesMs;
  const own = ownPerson(state).id;
  const lately = ticket.audits
    .slice(1)
    .filter((audit) => audit.author_id === own && Date.parse(audit.created_at) > since);
  if (lately.length < mostUpdates) return;
  throw tooMany(Math.ceil((Date.parse(lately[0]!.created_at) - since) / 1000));
}
