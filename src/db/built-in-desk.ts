import { sql } from 'kysely';
import { HelpDeskRefused } from '../helpdesk/errors.ts';
import type {
  AddedComment,
  Comment,
  CreatedTicket,
  HelpDesk,
  NewComment,
  NewTicket,
  Ticket,
  TicketChanges,
} from '../helpdesk/types.ts';
import { storable } from './storable.ts';
import type { Db } from './types.ts';

/** What people call it, and what tickets that live in our own database have as their desk. */
export const BUILT_IN_DESK = 'Bellwether';

/** As TICKET_GROUPS, unless it says otherwise. */
const defaultGroups = ['Support', 'Engineering'];
const keepsNoFiles = 'Bellwether keeps no files of tickets; they stay where they are, in Slack.';

/**
 * The help desk for those who have no other: tickets in our own database. A group is its name. It takes no files, which are
 * in Slack already, where everybody works who works here.
 */
export function createBuiltInDesk(
  db: Db,
  now: () => Date,
  { groups = defaultGroups }: { groups?: readonly string[] } = {},
): HelpDesk {
  const checkGroup = (group: string | null | undefined) => {
    if (group && !groups.includes(group)) throw new HelpDeskRefused('invalid', `There is no group ${group} any more.`);
  };
  return {
    name: BUILT_IN_DESK,
    createTicket: async (ticket) => {
      checkGroup(ticket.groupId);
      checkFiles(ticket.attachments);
      return createTicket(db, ticket, now());
    },
    readTicket: (ticketId) => readTicket(db, ticketId),
    updateTicket: async (ticketId, changes) => {
      checkGroup(changes.groupId);
      return updateTicket(db, ticketId, changes, now());
    },
    addComment: async (ticketId, comment) => {
      checkFiles(comment.attachments);
      return addComment(db, ticketId, comment, now());
    },
    listComments: (ticketId, afterId) => listComments(db, ticketId, afterId),
    listGroups: async () => groups.map((name) => ({ id: name, name })),
    uploadFile: async () => {
      throw new HelpDeskRefused('too_large', keepsNoFiles);
    },
    openFile: async () => {
      throw new HelpDeskRefused('not_found', keepsNoFiles);
    },
    linkTo: () => null,
  };
}

/** The first call's ticket with its body, whatever a later one asks for. */
async function createTicket(db: Db, ticket: NewTicket, now: Date): Promise<CreatedTicket> {
  return inTransaction(db, async (transaction) => {
    const { requester } = ticket;
    const { rows } = await sql<{ id: number }>`
      insert into built_in_tickets (external_id, subject, status, severity, group_id, requester_id, requester_name,
        requester_email, fields, tags, follow_up_of, created_at, updated_at)
      values (${ticket.externalId}, ${storable(ticket.subject)}, 'new', ${ticket.severity}, ${ticket.groupId},
        ${requester.externalId}, ${storable(requester.name)}, ${requester.email}, ${JSON.stringify(ticket.fields)},
        ${ticket.tags}::text[], ${await findClosed(transaction, ticket.followUpOf)}::bigint, ${now}, ${now})
      on conflict (external_id) do nothing
      returning id
    `.execute(transaction);
    const id = rows[0]?.id;
    if (id !== undefined)
      await insertComment(transaction, id, {
        key: null,
        isPublic: ticket.isPublic,
        authorName: requester.name,
        role: 'us',
        body: ticket.body,
        now,
      });
    return findCreated(transaction, ticket.externalId);
  });
}

async function findCreated(db: Db, externalId: string): Promise<CreatedTicket> {
  const { id, requester_id, comment } = await db
    .selectFrom('built_in_tickets as t')
    .innerJoin('built_in_comments as c', 'c.ticket_id', 't.id')
    .select((is) => ['t.id', 't.requester_id', is.fn.min<number>('c.id').as('comment')])
    .where('t.external_id', '=', externalId)
    .groupBy('t.id')
    .executeTakeFirstOrThrow();
  return { id: String(id), requesterId: requester_id, commentId: String(comment) };
}

/** Only a closed ticket is followed up; another goes on itself. */
async function findClosed(db: Db, ticketId: string | null): Promise<number | null> {
  if (ticketId === null) return null;
  const { id, status } = await findRow(db, ticketId);
  return status === 'closed' ? id : null;
}

async function readTicket(db: Db, ticketId: string): Promise<Ticket> {
  const row = await findRow(db, ticketId);
  return {
    id: String(row.id),
    externalId: row.external_id,
    subject: row.subject,
    status: row.status,
    severity: row.severity,
    group: row.group_id === null ? null : { id: row.group_id, name: row.group_id },
    assignee: row.assignee_name === null ? null : { name: row.assignee_name, email: row.assignee_email },
    requesterId: row.requester_id,
    mergedInto: null,
    followUpOf: row.follow_up_of === null ? null : String(row.follow_up_of),
    updatedAt: row.updated_at,
  };
}

async function updateTicket(db: Db, ticketId: string, changes: TicketChanges, now: Date): Promise<void> {
  const { status, severity, groupId, fields, assignee } = changes;
  await inTransaction(db, async (transaction) => {
    const row = await lockOpen(transaction, ticketId);
    // What somebody works on is no longer new.
    const isTaken = status === undefined && Boolean(assignee) && row.status === 'new';
    await transaction
      .updateTable('built_in_tickets')
      .set({
        ...(status !== undefined && { status }),
        ...(isTaken && { status: 'open' }),
        ...(severity !== undefined && { severity }),
        ...(groupId !== undefined && { group_id: groupId }),
        ...(fields !== undefined && { fields: JSON.stringify({ ...row.fields, ...fields }) }),
        ...(assignee !== undefined && {
          assignee_name: assignee === null ? null : storable(assignee.name),
          assignee_email: assignee?.email ?? null,
        }),
        updated_at: now,
      })
      .where('id', '=', row.id)
      .execute();
  });
}

async function addComment(db: Db, ticketId: string, comment: NewComment, now: Date): Promise<AddedComment> {
  return inTransaction(db, async (transaction) => {
    const { key, isPublic, author, body } = comment;
    // Found also on a ticket that was closed since.
    const row = await lock(transaction, ticketId);
    const known = await findComment(transaction, row.id, key);
    if (known !== null) return { commentId: String(known) };
    refuseClosed(row);
    const isOfCustomer = isPublic && author.personId !== null;
    const id = await insertComment(transaction, row.id, {
      key,
      isPublic,
      authorName: author.name,
      role: 'us',
      body,
      now,
    });
    // Whoever wrote waits for an answer again.
    const isAwake = isOfCustomer && ['pending', 'solved'].includes(row.status);
    await touch(transaction, row.id, isAwake ? 'open' : row.status, now);
    return { commentId: String(id) };
  });
}

/** What an agent writes here, in Slack: once for each `key`. */
export type AgentComment = { key: string; isPublic: boolean; authorName: string; body: string };

/**
 * Adds what an agent wrote. `isNew` false: it was there already.
 * @throws {HelpDeskRefused} for a closed ticket, or none
 */
export async function addAgentComment(
  db: Db,
  ticketId: string,
  { key, ...comment }: AgentComment,
  now: Date,
): Promise<{ isNew: boolean }> {
  return inTransaction(db, async (transaction) => {
    const row = await lock(transaction, ticketId);
    if ((await findComment(transaction, row.id, `agent:${key}`)) !== null) return { isNew: false };
    refuseClosed(row);
    await insertComment(transaction, row.id, { ...comment, key: `agent:${key}`, role: 'agent', now });
    await touch(transaction, row.id, row.status === 'new' ? 'open' : row.status, now);
    return { isNew: true };
  });
}

async function listComments(db: Db, ticketId: string, afterId: string | null): Promise<Comment[]> {
  const { id } = await findRow(db, ticketId);
  const after = toNumber(afterId ?? '');
  const rows = await db
    .selectFrom('built_in_comments')
    .selectAll()
    .where('ticket_id', '=', id)
    .where((is) =>
      is.or([
        is('id', '>', after ?? 0),
        // One that is not of this ticket tells nothing.
        is.not(
          is.exists(
            is
              .selectFrom('built_in_comments as known')
              .select('known.id')
              .where('known.id', '=', after)
              .where('known.ticket_id', '=', id),
          ),
        ),
      ]),
    )
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: String(row.id),
    isPublic: row.is_public,
    author: { name: row.author_name, role: row.role },
    body: row.body,
    attachments: [],
    createdAt: row.created_at,
  }));
}

type NewRow = {
  key: string | null;
  isPublic: boolean;
  authorName: string;
  role: Comment['author']['role'];
  body: string;
  now: Date;
};

/** The ticket must be locked: so the comments of a ticket get their ids in the order in which they are seen. */
async function insertComment(transaction: Db, ticketId: number, comment: NewRow): Promise<number> {
  const { id } = await transaction
    .insertInto('built_in_comments')
    .values({
      ticket_id: ticketId,
      key: comment.key,
      is_public: comment.isPublic,
      author_name: storable(comment.authorName),
      role: comment.role,
      body: storable(comment.body),
      created_at: comment.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function findComment(db: Db, ticketId: number, key: string): Promise<number | null> {
  const row = await db
    .selectFrom('built_in_comments')
    .select('id')
    .where('ticket_id', '=', ticketId)
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.id ?? null;
}

async function touch(transaction: Db, id: number, status: Ticket['status'], now: Date): Promise<void> {
  await transaction.updateTable('built_in_tickets').set({ status, updated_at: now }).where('id', '=', id).execute();
}

async function findRow(db: Db, ticketId: string) {
  return known(ticketId, await rowsOf(db, ticketId).executeTakeFirst());
}

async function lock(transaction: Db, ticketId: string) {
  return known(ticketId, await rowsOf(transaction, ticketId).forUpdate().executeTakeFirst());
}

async function lockOpen(transaction: Db, ticketId: string) {
  const row = await lock(transaction, ticketId);
  refuseClosed(row);
  return row;
}

function rowsOf(db: Db, ticketId: string) {
  return db
    .selectFrom('built_in_tickets')
    .selectAll()
    .where('id', '=', toNumber(ticketId) ?? 0);
}

function known<Row>(ticketId: string, row: Row | undefined): Row {
  if (row) return row;
  throw new HelpDeskRefused('not_found', `There is no ticket ${ticketId.slice(0, 20)}.`);
}

function refuseClosed({ id, status }: { id: number; status: Ticket['status'] }): void {
  if (status === 'closed') throw new HelpDeskRefused('closed', `Ticket ${id} is closed, so it cannot change any more.`);
}

function checkFiles(tokens: readonly string[]): void {
  if (tokens.length > 0) throw new HelpDeskRefused('invalid', keepsNoFiles);
}

function toNumber(id: string): number | null {
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : null;
}

function inTransaction<Result>(db: Db, work: (transaction: Db) => Promise<Result>): Promise<Result> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
