import { sql } from 'kysely';
import type { PaymentRisk } from '../billing/types.ts';
import type { Band } from '../health/types.ts';
import type { IndicatorKind } from '../indicators/types.ts';
import type { RenewalState } from '../renewals/types.ts';
import type { Day, Db } from './types.ts';

/** An invoice that is to be paid; `remaining` with taxes, of its own currency. */
export type OpenInvoice = {
  label: string;
  remaining: number;
  currency: string;
  due: Day | null;
  hasFailed: boolean;
  risk: PaymentRisk | null;
  riskNote: string | null;
};

/** What is stored that the message about a contract shows. */
export type RenewalFacts = {
  message: {
    id: number;
    ownerEmail: string | null;
    /** Why it goes to a channel instead of to its owner. */
    detour: string | null;
    isPosted: boolean;
    /** Whom a newer message about the contract is meant for; `null` where this is the newest. */
    newer: { ownerEmail: string | null } | null;
  };
  renewal: {
    id: number;
    date: Day;
    state: RenewalState;
    changedAt: Date;
    /** A Slack id; `null` is the job. */
    changedBy: string | null;
    note: string | null;
    nextDate: Day | null;
  };
  account: {
    id: string;
    name: string;
    csmEmail: string | null;
    arr: number | null;
    currency: string;
    slackChannelId: string | null;
    /** When the one before was renewed, if that is known. */
    renewedBefore: { date: Day; note: string | null } | null;
  };
  /** The newest score up to today, and the one 90 days before it. */
  health: {
    day: Day;
    model: string;
    score: number | null;
    band: Band | null;
    before: { score: number | null; model: string } | null;
  } | null;
  /** Alerts that are open, the most severe first, a few of them. */
  alerts: { total: number; list: readonly { indicator: string; subject: string; kind: IndicatorKind }[] };
  openTickets: number;
  /** Invoices that are open, a few of those that are due first; `null` where nothing is known of invoices. */
  invoices: { total: number; list: readonly OpenInvoice[] } | null;
  /** The contract's own, and how many others are open. */
  task: { assigneeEmail: string | null; due: Day | null; doneBy: string | null; isDone: boolean } | null;
  otherTasks: number;
};

type Row = {
  message: RenewalFacts['message'];
  renewal: Omit<RenewalFacts['renewal'], 'changedAt'>;
  changed_at: Date;
  account: RenewalFacts['account'];
  health: RenewalFacts['health'];
  alerts: RenewalFacts['alerts'];
  open_tickets: number;
  invoices: RenewalFacts['invoices'];
  task: RenewalFacts['task'];
  other_tasks: number;
};

/** Reads what a message about a contract shows; `null` when the message is gone. */
export async function findRenewalFacts(
  db: Db,
  messageId: number,
  { today, timeZone }: { today: Day; timeZone: string },
): Promise<RenewalFacts | null> {
  const { rows } = await sql<Row>`
    select
      json_build_object(
        'id', m.id, 'ownerEmail', m.owner_email, 'detour', m.detour, 'isPosted', m.ts is not null,
        'newer', (
          select json_build_object('ownerEmail', owner_email) from messages
          where renewal_id = r.id and id > m.id order by id desc limit 1
        )
      ) as message,
      json_build_object(
        'id', r.id, 'date', r.renewal_date, 'state', r.state, 'changedBy', r.changed_by, 'note', r.note,
        'nextDate', r.next_date
      ) as renewal,
      r.changed_at,
      json_build_object(
        'id', a.id, 'name', a.name, 'csmEmail', a.csm_email, 'arr', a.arr, 'currency', a.currency,
        'slackChannelId', a.slack_channel_id,
        'renewedBefore', (
          select json_build_object('date', renewal_date, 'note', note) from renewals
          where account_id = a.id and state = 'renewed' and renewal_date < r.renewal_date
          order by renewal_date desc limit 1
        )
      ) as account,
      (
        select json_build_object(
          'day', s.day, 'model', s.model, 'score', s.score, 'band', s.band,
          'before', (
            select json_build_object('score', score, 'model', model) from scores
            where account_id = a.id and day = s.day - 90
          )
        )
        from scores s where s.account_id = a.id and s.day <= ${today}::date order by s.day desc limit 1
      ) as health,
      (
        select json_build_object('total', count(*), 'list', coalesce(json_agg(json_build_object(
          'indicator', indicator, 'subject', subject, 'kind', kind
        ) order by place) filter (where place <= 4), '[]'))
        from (
          select indicator, subject, kind,
            row_number() over (order by array_position(array['high', 'medium', 'low'], severity), kind desc, id) as place
          from alerts where account_id = a.id and state <> 'resolved'
        ) open
      ) as alerts,
      (
        select count(*) from tickets where account_id = a.id and status not in ('solved', 'closed')
      ) as open_tickets,
      (
        select json_build_object('total', count(open.id), 'list', coalesce(json_agg(json_build_object(
          'label', open.label, 'remaining', open.remaining, 'currency', open.currency,
          'due', (open.due_at at time zone ${timeZone})::date, 'hasFailed', open.is_failed, 'risk', open.risk,
          'riskNote', open.risk_note
        ) order by place) filter (where place <= 3), '[]'))
        from stripe_customers c left join (
          select *, row_number() over (order by due_at nulls last, created_at, id) as place
          from invoices where status = 'open' and customer_id in (
            select id from stripe_customers where account_id = a.id and not is_deleted
          )
        ) open on open.customer_id = c.id
        where c.account_id = a.id
        having count(*) > 0
      ) as invoices,
      (
        select json_build_object(
          'assigneeEmail', assignee_email, 'due', due, 'doneBy', done_by, 'isDone', done_at is not null
        ) from tasks where id = r.task_id
      ) as task,
      (
        select count(*) from tasks where account_id = a.id and done_at is null and id is distinct from r.task_id
      ) as other_tasks
    from messages m join renewals r on r.id = m.renewal_id join accounts a on a.id = r.account_id
    where m.id = ${messageId}
  `.execute(db);
  const [row] = rows;
  if (!row) return null;
  return {
    message: row.message,
    renewal: { ...row.renewal, changedAt: row.changed_at },
    account: row.account,
    health: row.health,
    alerts: row.alerts,
    openTickets: row.open_tickets,
    invoices: row.invoices,
    task: row.task,
    otherTasks: row.other_tasks,
  };
}

/** The account of a contract, and its renewal date; `null` when there is none. */
export async function findRenewalAccount(
  db: Db,
  renewalId: number,
): Promise<{ accountId: string; name: string; currency: string; date: Day } | null> {
  const row = await db
    .selectFrom('renewals as r')
    .innerJoin('accounts as a', 'a.id', 'r.account_id')
    .select(['a.id as accountId', 'a.name', 'a.currency', 'r.renewal_date as date'])
    .where('r.id', '=', renewalId)
    .executeTakeFirst();
  return row ?? null;
}
