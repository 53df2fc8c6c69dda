import { sql } from 'kysely';
import type { Group, Severity } from '../helpdesk/types.ts';
import { formSince } from './ticket-view.ts';
import { addWish } from './ticket-wishes.ts';
import { type Ticket, toTicket, touchTicketMessages } from './tickets.ts';
import type { Db, Escalation } from './types.ts';

/**
 * What became of a press on a ticket. `already`: somebody did it before, as the ticket says; `ended`: it is solved or closed;
 * `gone`: there is no such ticket. Only `changed` has changed it.
 */
export type Pressed = { outcome: 'changed' | 'already' | 'ended'; ticket: Ticket } | { outcome: 'gone'; ticket: null };

/** The ticket whose card for the thread stands there; `null` when no message there is one. */
export async function findTicketOfCard(
  db: Db,
  { channelId, ts }: { channelId: string; ts: string },
): Promise<Ticket | null> {
  const row = await db
    .selectFrom('messages as m')
    // Of its own thread: nothing that is said elsewhere is about this ticket.
    .innerJoin('tickets as t', (join) =>
      join
        .onRef('t.id', '=', 'm.ticket_id')
        .onRef('t.channel_id', '=', 'm.channel_id')
        .onRef('t.thread_ts', '=', 'm.thread_ts'),
    )
    .selectAll('t')
    .where('m.kind', '=', 'ticket')
    .where('m.channel_id', '=', channelId)
    .where('m.ts', '=', ts)
    .executeTakeFirst();
  return row ? toTicket(row) : null;
}

/** Group and severity are chosen, once; `by` is a Slack id, `null` where time was up and these are the defaults. */
export function fillTicketForm(
  db: Db,
  ticketId: number,
  { group, severity, by, now }: { group: Group | null; severity: Severity; by: string | null; now: Date },
): Promise<Pressed> {
  return press(db, ticketId, async (transaction, ticket) => {
    if (ticket.form !== 'open') return 'already';
    if (isOver(ticket)) return 'ended';
    await transaction
      .updateTable('tickets')
      .set({
        form: by === null ? 'defaulted' : 'filled',
        form_by: by,
        form_at: now,
        severity,
        ...(group && { group_id: group.id, group_name: group.name }),
      })
      .where('id', '=', ticketId)
      .execute();
    await addWish(transaction, ticketId, { severity, ...(group && { groupId: group.id }) }, now);
    return 'changed';
  });
}

/** Somebody takes the ticket, by their address at the help desk. */
export function takeTicket(
  db: Db,
  ticketId: number,
  assignee: { email: string; name: string },
  now: Date,
): Promise<Pressed> {
  return press(db, ticketId, async (transaction, ticket) => {
    if (isOver(ticket)) return 'ended';
    if (ticket.assignee?.email?.toLowerCase() === assignee.email) return 'already';
    await addWish(transaction, ticketId, { assignee }, now);
    return 'changed';
  });
}

/** Somebody says that it is solved. */
export function solveTicket(db: Db, ticketId: number, now: Date): Promise<Pressed> {
  return press(db, ticketId, async (transaction, ticket) => {
    if (isOver(ticket)) return 'already';
    await transaction.updateTable('tickets').set({ status: 'solved' }).where('id', '=', ticketId).execute();
    await addWish(transaction, ticketId, { status: 'solved' }, now);
    return 'changed';
  });
}

/** Somebody brings it to engineering; `by` is a Slack id, `name` is what the help desk is told. */
export function escalateTicket(
  db: Db,
  ticketId: number,
  { escalation, by, name, now }: { escalation: Escalation; by: string; name: string; now: Date },
): Promise<Pressed> {
  return press(db, ticketId, async (transaction, ticket) => {
    if (ticket.escalatedAt !== null) return 'already';
    if (isOver(ticket)) return 'ended';
    await transaction
      .updateTable('tickets')
      .set({ escalation: JSON.stringify(escalation), escalated_at: now, escalated_by: by })
      .where('id', '=', ticketId)
      .execute();
    await addWish(transaction, ticketId, { escalatedBy: name }, now);
    return 'changed';
  });
}

/** Changes a ticket that nobody else changes meanwhile, and has its messages say so. */
function press(
  db: Db,
  ticketId: number,
  change: (transaction: Db, ticket: Ticket) => Promise<'changed' | 'already' | 'ended'>,
): Promise<Pressed> {
  return db.transaction().execute(async (transaction) => {
    const find = () => transaction.selectFrom('tickets').selectAll().where('id', '=', ticketId);
    const row = await find().forUpdate().executeTakeFirst();
    if (!row) return { outcome: 'gone', ticket: null };
    const outcome = await change(transaction, toTicket(row));
    if (outcome === 'changed') await touchTicketMessages(transaction, ticketId);
    return { outcome, ticket: toTicket(await find().executeTakeFirstOrThrow()) };
  });
}

function isOver({ status }: Ticket): boolean {
  return status === 'solved' || status === 'closed';
}

/** A ticket whose form is open for long. */
export type OpenForm = { ticketId: number; desk: string };

/** Has the CSMs of tickets reminded whose form is open since `before`; each once. Returns how many. */
export async function remindOfForms(db: Db, { before, now }: { before: Date; now: Date }): Promise<number> {
  const { numAffectedRows } = await sql`
    with open as (
      select t.id, a.csm_email from tickets t
      left join messages card on card.ticket_id = t.id and card.kind = 'ticket'
      left join accounts a on a.id = t.account_id
      where ${isOpenSince(before)} and t.reminded_at is null
      order by t.id
      for update of t skip locked
    ), reminded as (
      update tickets t set reminded_at = ${now} from open where t.id = open.id returning t.id, open.csm_email
    )
    insert into messages (key, kind, ticket_id, owner_email, severity, due_at, created_at)
    select 'ticket-reminder:' || id, 'ticket_reminder', id, csm_email, 'medium', ${now}, ${now} from reminded
    on conflict (key) do nothing
  `.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** Tickets whose form is open since `before`. */
export async function findOpenForms(db: Db, before: Date): Promise<OpenForm[]> {
  const { rows } = await sql<OpenForm>`
    select t.id as "ticketId", t.desk from tickets t
    left join messages card on card.ticket_id = t.id and card.kind = 'ticket'
    where ${isOpenSince(before)}
    order by t.id limit 1000
  `.execute(db);
  return rows;
}

function isOpenSince(before: Date) {
  return sql`t.form = 'open' and t.status not in ('solved', 'closed') and t.desk_ticket_id is not null
    and ${formSince} <= ${before}`;
}
