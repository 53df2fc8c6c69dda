import { sql } from 'kysely';
import type { Band } from '../health/types.ts';
import type { Group, Severity, TicketStatus } from '../helpdesk/types.ts';
import { type Trouble, troubleOf } from '../tickets/faults.ts';
import type { Day, Db, Escalation, MessageKind } from './types.ts';

/** What a message of the outbox is about a ticket. */
type TicketMessageKind = Extract<MessageKind, `ticket${string}`>;

/** A ticket as its messages show it; those for the thread show but a part. */
export type TicketView = {
  message: {
    id: number;
    kind: TicketMessageKind;
    ownerEmail: string | null;
    /** Why it goes to a channel instead of to its owner. */
    detour: string | null;
    isPosted: boolean;
  };
  ticket: {
    id: number;
    channelId: string;
    threadTs: string;
    /** What the help desk calls it. */
    number: string | null;
    desk: string;
    subject: string;
    requesterName: string | null;
    status: TicketStatus;
    severity: Severity | null;
    group: Group | null;
    assignee: { name: string; email: string | null } | null;
    form: 'open' | 'filled' | 'defaulted';
    /** A Slack id. */
    formBy: string | null;
    /** When the form was put there, and when somebody was reminded of it. */
    formSince: Date;
    escalation: (Escalation & { by: string | null; at: Date }) | null;
    /** What is wrong until somebody mends it: words for colleagues alone, since they may be the help desk's own. */
    fault: string | null;
    trouble: Trouble | null;
    createdAt: Date;
  };
  account: {
    id: string;
    name: string;
    csmEmail: string | null;
    arr: number | null;
    currency: string;
  } | null;
  /** The newest score up to today. */
  health: { model: string; score: number | null; band: Band | null } | null;
  /** What the form offers, in the help desk's order. */
  groups: readonly Group[];
  /** Of a reply: what the agent said. */
  reply: TicketReply | null;
  /** Messages for the thread that Slack did not take so far, and why the first of them. */
  notPosted: { count: number; why: string | null };
  /** Messages of the thread that the help desk does not get, and why the first of them. */
  notTaken: { count: number; why: string | null };
  /** The same of what colleagues said under the card. */
  notesNotTaken: { count: number; why: string | null };
};

/** Something that was said about a ticket and is to be shown in its thread. */
export type TicketReply = {
  origin: 'thread' | 'mirror' | 'desk';
  isPublic: boolean;
  authorKind: 'customer' | 'staff' | 'bot' | 'agent' | 'us';
  authorName: string;
  text: string;
  files: readonly unknown[];
};

type Row = {
  message_id: number;
  kind: TicketMessageKind;
  owner_email: string | null;
  detour: string | null;
  message_ts: string | null;
  id: number;
  channel_id: string;
  thread_ts: string;
  desk: string;
  desk_ticket_id: string | null;
  subject: string;
  requester_name: string | null;
  status: TicketStatus;
  severity: Severity | null;
  group_id: string | null;
  group_name: string | null;
  assignee_name: string | null;
  assignee_email: string | null;
  form: 'open' | 'filled' | 'defaulted';
  form_by: string | null;
  form_since: Date;
  escalated_at: Date | null;
  escalated_by: string | null;
  escalation: Escalation | null;
  fault: string | null;
  created_at: Date;
  account_id: string | null;
  name: string;
  csm_email: string | null;
  arr: number | null;
  currency: string;
  model: string | null;
  score: number | null;
  band: Band | null;
  groups: Group[];
  said_origin: TicketReply['origin'] | null;
  is_public: boolean;
  author_kind: TicketReply['authorKind'];
  author_name: string;
  text: string;
  files: unknown[];
  not_posted: number;
  not_posted_why: string | null;
  not_taken: number;
  not_taken_why: string | null;
  notes_not_taken: number;
  notes_not_taken_why: string | null;
};

/** Since when a ticket `t` shows its form: since its card `card` stands in the thread, or was to. */
export const formSince = sql<Date>`coalesce(card.posted_at, card.created_at, t.created_at)`;

/** What one message of the outbox shows of its ticket now; `null` when it is none of a ticket. */
export async function findTicketView(db: Db, messageId: number, { today }: { today: Day }): Promise<TicketView | null> {
  const { rows } = await sql<Row>`
    select
      m.id as message_id, m.kind, m.owner_email, m.detour, m.ts as message_ts,
      t.id, t.channel_id, t.thread_ts, t.desk, t.desk_ticket_id, t.subject, t.requester_name, t.status, t.severity,
      t.group_id, t.group_name, t.assignee_name, t.assignee_email, t.form, t.form_by, ${formSince} as form_since,
      t.escalated_at, t.escalated_by, t.escalation, t.fault, t.created_at,
      a.id as account_id, a.name, a.csm_email, a.arr, a.currency, s.model, s.score, s.band,
      coalesce((
        select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name) order by g.place, g.id)
        from desk_groups g where g.desk = t.desk
      ), '[]') as groups,
      said.origin as said_origin, said.is_public, said.author_kind, said.author_name, said.text, said.files,
      waiting.count as not_posted, waiting.why as not_posted_why, failed.count as not_taken, failed.why as not_taken_why,
      notes.count as notes_not_taken, notes.why as notes_not_taken_why
    from messages m
    join tickets t on t.id = m.ticket_id
    left join messages card on card.ticket_id = t.id and card.kind = 'ticket'
    left join accounts a on a.id = t.account_id
    left join lateral (
      select model, score, band from scores where account_id = t.account_id and day <= ${today}::date
      order by day desc limit 1
    ) s on true
    left join ticket_messages said on said.id = m.ticket_message_id and said.ticket_id = m.ticket_id
    left join lateral (
      select count(*) as count, (array_agg(last_error order by id))[1] as why from messages
      where ticket_id = t.id and kind in ('ticket', 'ticket_reply') and status = 'waiting' and attempts > 0
    ) waiting on true
    left join lateral (
      select count(*) as count, (array_agg(error order by id))[1] as why from ticket_messages
      where ticket_id = t.id and origin = 'thread' and state = 'failed'
    ) failed on true
    left join lateral (
      select count(*) as count, (array_agg(error order by id))[1] as why from ticket_messages
      where ticket_id = t.id and origin = 'mirror' and state = 'failed'
    ) notes on true
    where m.id = ${messageId}
  `.execute(db);
  const [row] = rows;
  return row ? toView(row) : null;
}

function toView(row: Row): TicketView {
  const { escalation, escalated_at: at } = row;
  return {
    message: {
      id: row.message_id,
      kind: row.kind,
      ownerEmail: row.owner_email,
      detour: row.detour,
      isPosted: row.message_ts !== null,
    },
    ticket: {
      id: row.id,
      channelId: row.channel_id,
      threadTs: row.thread_ts,
      number: row.desk_ticket_id,
      desk: row.desk,
      subject: row.subject,
      requesterName: row.requester_name,
      status: row.status,
      severity: row.severity,
      group: row.group_id === null ? null : { id: row.group_id, name: row.group_name ?? row.group_id },
      assignee: row.assignee_name === null ? null : { name: row.assignee_name, email: row.assignee_email },
      form: row.form,
      formBy: row.form_by,
      formSince: row.form_since,
      escalation: escalation && at ? { ...escalation, by: row.escalated_by, at } : null,
      fault: row.fault,
      trouble: troubleOf(row.fault),
      createdAt: row.created_at,
    },
    account:
      row.account_id === null
        ? null
        : { id: row.account_id, name: row.name, csmEmail: row.csm_email, arr: row.arr, currency: row.currency },
    health: row.model === null ? null : { model: row.model, score: row.score, band: row.band },
    groups: row.groups,
    reply:
      row.said_origin === null
        ? null
        : {
            origin: row.said_origin,
            isPublic: row.is_public,
            authorKind: row.author_kind,
            authorName: row.author_name,
            text: row.text,
            files: row.files,
          },
    notPosted: { count: row.not_posted, why: row.not_posted_why },
    notTaken: { count: row.not_taken, why: row.not_taken_why },
    notesNotTaken: { count: row.notes_not_taken, why: row.notes_not_taken_why },
  };
}
