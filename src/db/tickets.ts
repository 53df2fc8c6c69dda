import { type Selectable, sql } from 'kysely';
import type { Database, Db } from './types.ts';

/** A thread that became a ticket. */
export type Ticket = {
  id: number;
  teamId: string;
  channelId: string;
  threadTs: string;
  sourceTs: string;
  reportedBy: string;
  accountId: string | null;
  requesterName: string | null;
  subject: string;
  /** Where it is worked on, and as which ticket there; null until it is made there. */
  desk: string;
  deskTicketId: string | null;
  status: Row['status'];
  severity: Row['severity'];
  group: { id: string; name: string } | null;
  assignee: { name: string; email: string | null } | null;
  form: Row['form'];
  formBy: string | null;
  escalatedAt: Date | null;
  escalatedBy: string | null;
  /** What is wrong until somebody mends it. */
  fault: string | null;
  createdAt: Date;
};

type Row = Selectable<Database['tickets']>;

/** A ticket by our number; `null` when there is none. */
export async function findTicket(db: Db, id: number): Promise<Ticket | null> {
  const row = await db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toTicket(row) : null;
}

/** Has somebody look what is to be done for a ticket, now. */
export async function touchTicket(db: Db, id: number, now: Date): Promise<void> {
  await db.updateTable('tickets').set({ due_at: now }).where('id', '=', id).execute();
}

/** Has somebody look what is to be done for a ticket, at `at` at the latest. */
export async function touchTicketBy(db: Db, id: number, at: Date): Promise<void> {
  await sql`update tickets set due_at = least(coalesce(due_at, ${at}), ${at}) where id = ${id}`.execute(db);
}

/** Has the messages of a ticket say what is so now. */
export async function touchTicketMessages(db: Db, id: number): Promise<void> {
  await sql`
    update messages set version = version + 1 where id in (
      select id from messages where ticket_id = ${id} and kind <> 'ticket_reply' order by id for update
    )
  `.execute(db);
}

/** A row as the rest knows it. */
export function toTicket(row: Row): Ticket {
  return {
    id: row.id,
    teamId: row.team_id,
    channelId: row.channel_id,
    threadTs: row.thread_ts,
    sourceTs: row.source_ts,
    reportedBy: row.reported_by,
    accountId: row.account_id,
    requesterName: row.requester_name,
    subject: row.subject,
    desk: row.desk,
    deskTicketId: row.desk_ticket_id,
    status: row.status,
    severity: row.severity,
    group: row.group_id === null ? null : { id: row.group_id, name: row.group_name ?? row.group_id },
    assignee: row.assignee_name === null ? null : { name: row.assignee_name, email: row.assignee_email },
    form: row.form,
    formBy: row.form_by,
    escalatedAt: row.escalated_at,
    escalatedBy: row.escalated_by,
    fault: row.fault,
    createdAt: row.created_at,
  };
}
