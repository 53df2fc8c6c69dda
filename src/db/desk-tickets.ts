import { sql } from 'kysely';
import type { Comment, Severity, TicketStatus } from '../helpdesk/types.ts';
import { addWish } from './ticket-wishes.ts';
import { touchTicketMessages } from './tickets.ts';
import type { Db } from './types.ts';

/** A ticket as those who work on it see it, with what was asked for here and the help desk has not been told yet. */
export type DeskTicket = {
  /** Our own number of it. */
  id: number;
  /** What the help desk calls it; `null` until it is made there. */
  number: string | null;
  desk: string;
  account: { id: string; name: string } | null;
  channelId: string;
  subject: string;
  requesterName: string | null;
  /** What the requester wrote; empty where nobody knows any more. */
  words: string;
  status: TicketStatus;
  severity: Severity | null;
  groupName: string | null;
  assignee: string | null;
  fault: string | null;
  createdAt: Date;
};

/** A comment of the built-in help desk. */
export type DeskComment = Pick<Comment, 'isPublic' | 'body' | 'createdAt'> & {
  authorName: string;
  role: Comment['author']['role'];
};

const status = sql<TicketStatus>`coalesce(t.wanted ->> 'status', t.status)`;
const severity = sql<Severity | null>`coalesce(t.wanted ->> 'severity', t.severity)`;
const assigneeEmail = sql<string | null>`coalesce(t.wanted -> 'assignee' ->> 'email', t.assignee_email)`;
const isOpen = sql<boolean>`${status} not in ('solved', 'closed')`;

/** The text of the message that was made a ticket; the later ones tell how it went on. */
const words = sql<string>`coalesce(
  (select m.text from ticket_messages m where m.ticket_id = t.id and m.ts = t.source_ts order by m.id limit 1), ''
)`;

const selectTickets = sql`
  select t.id, t.desk_ticket_id as number, t.desk, t.account_id, a.name as account_name, t.channel_id as "channelId",
    t.subject, t.requester_name as "requesterName", ${words} as words, ${status} as status, ${severity} as severity,
    t.group_name as "groupName",
    coalesce(t.wanted -> 'assignee' ->> 'name', t.assignee_name, t.assignee_email) as assignee,
    t.fault, t.created_at as "createdAt"
  from tickets t left join accounts a on a.id = t.account_id
`;

type Row = Omit<DeskTicket, 'account'> & { account_id: string | null; account_name: string | null };

/** One page of the open tickets of an agent, or (`email` null) of all: the most severe first, and then the oldest. */
export async function findOpenTickets(
  db: Db,
  { email, limit, offset }: { email: string | null; limit: number; offset: number },
): Promise<{ tickets: DeskTicket[]; total: number; urgent: number; all: number }> {
  const wanted = email === null ? sql`${isOpen}` : sql`${isOpen} and lower(${assigneeEmail}) = ${email}`;
  const { rows } = await sql<Row>`
    ${selectTickets} where ${wanted}
    order by array_position(array['urgent', 'high', 'normal', 'low'], coalesce(${severity}, 'normal')), t.created_at, t.id
    limit ${limit} offset ${offset}
  `.execute(db);
  const counted = await sql<{ total: number; urgent: number; all: number }>`
    select count(*) filter (where ${wanted}) as total,
      count(*) filter (where ${wanted} and ${severity} = 'urgent') as urgent,
      count(*) filter (where ${isOpen}) as all
    from tickets t
  `.execute(db);
  const { total = 0, urgent = 0, all = 0 } = counted.rows[0] ?? {};
  return { tickets: rows.map(toTicket), total, urgent, all };
}

/** A ticket by our own number of it; `null` when there is none. */
export async function findDeskTicket(db: Db, id: number): Promise<DeskTicket | null> {
  const { rows } = await sql<Row>`${selectTickets} where t.id = ${id}`.execute(db);
  return rows[0] ? toTicket(rows[0]) : null;
}

/** A ticket by the number that a help desk has for it; `null` when there is none. */
export async function findDeskTicketByNumber(db: Db, desk: string, number: string): Promise<DeskTicket | null> {
  const { rows } = await sql<Row>`
    ${selectTickets} where t.desk = ${desk} and t.desk_ticket_id = ${number} order by t.id limit 1
  `.execute(db);
  return rows[0] ? toTicket(rows[0]) : null;
}

/** The last comments of a ticket of the built-in help desk, oldest first, and how many there are before them. */
export async function findLastComments(
  db: Db,
  number: string,
  limit: number,
): Promise<{ comments: DeskComment[]; earlier: number }> {
  const { rows } = await sql<DeskComment & { total: number }>`
    select is_public as "isPublic", author_name as "authorName", role, body, created_at as "createdAt",
      count(*) over () as total
    from built_in_comments where ticket_id::text = ${number} order by id desc limit ${limit}
  `.execute(db);
  const comments = rows.map(({ total: _total, ...comment }) => comment).reverse();
  return { comments, earlier: (rows[0]?.total ?? 0) - rows.length };
}

/** Makes a ticket that was solved one that is to be solved. `already`: it is; `ended`: it is closed for good. */
export async function reopenTicket(db: Db, id: number, now: Date): Promise<'changed' | 'already' | 'ended' | 'gone'> {
  return db.transaction().execute(async (transaction) => {
    await transaction.selectFrom('tickets').select('id').where('id', '=', id).forUpdate().execute();
    const ticket = await findDeskTicket(transaction, id);
    if (!ticket) return 'gone';
    if (ticket.status === 'closed') return 'ended';
    if (ticket.status !== 'solved') return 'already';
    await transaction.updateTable('tickets').set({ status: 'open' }).where('id', '=', id).execute();
    await addWish(transaction, id, { status: 'open' }, now);
    await touchTicketMessages(transaction, id);
    return 'changed';
  });
}

function toTicket({ account_id, account_name, ...row }: Row): DeskTicket {
  return { ...row, account: account_id === null ? null : { id: account_id, name: account_name ?? account_id } };
}
