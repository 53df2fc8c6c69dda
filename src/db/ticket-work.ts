import { type Selectable, sql } from 'kysely';
import type { Ticket as DeskTicket, NewTicket } from '../helpdesk/types.ts';
import { storableJson } from './storable.ts';
import { insertTicketMessages, type NewTicketMessage } from './ticket-messages.ts';
import { touchTicketMessages } from './tickets.ts';
import type { Database, Db, Escalation, TicketWish } from './types.ts';

/** The right to work on a ticket, until the lease ends or another takes it. */
export type TicketClaim = { id: number; lease: string };

/** A ticket that somebody works on, with all that the work needs. */
export type TicketInWork = TicketClaim & {
  teamId: string;
  channelId: string;
  threadTs: string;
  sourceTs: string;
  reportedBy: string;
  accountId: string | null;
  requesterSlackId: string | null;
  requesterName: string | null;
  subject: string;
  desk: string;
  deskTicketId: string | null;
  deskRequesterId: string | null;
  generation: number;
  previousTicketId: string | null;
  request: NewTicket | null;
  creatingAt: Date | null;
  status: Row['status'];
  severity: Row['severity'];
  groupId: string | null;
  escalatedAt: Date | null;
  escalation: Escalation | null;
  wanted: TicketWish | null;
  lastCommentId: string | null;
  threadReadAt: Date | null;
  askedAt: Date | null;
  fault: string | null;
  attempts: number;
  /** What due_at was set to by the claim: where it is another by now, there is something new to do. */
  claimedDue: Date;
};

type Row = Selectable<Database['tickets']>;

/** A thread that is to become a ticket. */
export type NewThreadTicket = {
  teamId: string;
  channelId: string;
  threadTs: string;
  sourceTs: string;
  reportedBy: string;
  requester: { slackId: string; name: string };
  subject: string;
  desk: string;
  /** Whether nothing else had been said in the thread. */
  isWhole: boolean;
  /** The message that it is made of. */
  source: NewTicketMessage;
};

/** The ticket of a thread is made, once, with the message that it is made of. `isNew` false: it has one. */
export async function openTicket(db: Db, ticket: NewThreadTicket, now: Date): Promise<{ id: number; isNew: boolean }> {
  const row = await db
    .insertInto('tickets')
    .values({
      team_id: ticket.teamId,
      channel_id: ticket.channelId,
      thread_ts: ticket.threadTs,
      source_ts: ticket.sourceTs,
      reported_by: ticket.reportedBy,
      requester_slack_id: ticket.requester.slackId,
      requester_name: ticket.requester.name,
      subject: ticket.subject,
      desk: ticket.desk,
      thread_read_at: ticket.isWhole ? now : null,
      created_at: now,
      due_at: now,
    })
    .onConflict((conflict) => conflict.columns(['team_id', 'channel_id', 'thread_ts']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) {
    const known = await db
      .selectFrom('tickets')
      .select('id')
      .where('team_id', '=', ticket.teamId)
      .where('channel_id', '=', ticket.channelId)
      .where('thread_ts', '=', ticket.threadTs)
      .executeTakeFirstOrThrow();
    return { id: known.id, isNew: false };
  }
  await insertTicketMessages(db, row.id, [ticket.source]);
  return { id: row.id, isNew: true };
}

/**
 * Takes the lease on a ticket of this help desk for which something is due and on which nobody else works; `null` when there
 * is none. What another help desk calls by the same id is another ticket.
 */
export async function claimTicket(
  db: Db,
  { desk, now, leaseMs }: { desk: string; now: Date; leaseMs: number },
): Promise<TicketInWork | null> {
  const until = new Date(now.getTime() + leaseMs);
  const { rows } = await sql<TicketInWork>`
    with claimed as (
      select id from tickets
      where due_at <= ${now} and desk = ${desk} and (leased_until is null or leased_until <= ${now})
      order by due_at limit 1 for update skip locked
    )
    update tickets t set lease = gen_random_uuid()::text, leased_until = ${until}, due_at = ${until}
    from claimed where t.id = claimed.id
    returning t.id, lease, team_id as "teamId", channel_id as "channelId", thread_ts as "threadTs",
      source_ts as "sourceTs", reported_by as "reportedBy", account_id as "accountId",
      requester_slack_id as "requesterSlackId", requester_name as "requesterName", subject, desk,
      desk_ticket_id as "deskTicketId", desk_requester_id as "deskRequesterId", generation,
      previous_ticket_id as "previousTicketId", request, creating_at as "creatingAt", status, severity,
      group_id as "groupId", escalated_at as "escalatedAt", escalation, wanted, last_comment_id as "lastCommentId",
      thread_read_at as "threadReadAt", asked_at as "askedAt", fault, attempts, due_at as "claimedDue"
  `.execute(db);
  return rows[0] ?? null;
}

/** Makes the lease last from now on. False: another has it. */
export async function renewTicketLease(
  db: Db,
  { id, lease }: TicketClaim,
  now: Date,
  leaseMs: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tickets')
    .set({ leased_until: new Date(now.getTime() + leaseMs) })
    .where('id', '=', id)
    .where('lease', '=', lease)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Ends the lease, unless another has it. It is due at `next`, or at once where something came up meanwhile. */
export async function releaseTicket(
  db: Db,
  { id, lease, claimedDue }: TicketInWork,
  { next, attempts }: { next: Date | null; attempts: number },
): Promise<void> {
  await db
    .updateTable('tickets')
    .set((is) => ({
      lease: null,
      leased_until: null,
      attempts,
      due_at: is.case().when('due_at', '=', claimedDue).then(next).else(is.ref('due_at')).end(),
    }))
    .where('id', '=', id)
    .where('lease', '=', lease)
    .execute();
}

/** When a ticket is next to be worked on, which may be over; `null` when none is. */
export async function findNextTicketDue(db: Db, desk: string): Promise<Date | null> {
  const { rows } = await sql<{ next: Date | null }>`
    select min(greatest(due_at, leased_until)) as next from tickets where due_at is not null and desk = ${desk}
  `.execute(db);
  return rows[0]?.next ?? null;
}

/**
 * Has the help desk asked about tickets of which it told nothing for long, those first that were not asked about the
 * longest. Returns how many.
 */
export async function askAboutTickets(
  db: Db,
  given: { desk: string; now: Date; before: Date; solvedBefore: Date; limit: number },
): Promise<number> {
  const { desk, now, before, solvedBefore, limit } = given;
  const { numAffectedRows } = await sql`
    update tickets set due_at = ${now} where id in (
      select id from tickets
      where due_at is null and desk = ${desk} and status <> 'closed' and desk_ticket_id is not null
        and asked_at <= case when status = 'solved' then ${solvedBefore}::timestamptz else ${before}::timestamptz end
      order by asked_at limit ${limit} for update skip locked
    )
  `.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** Has somebody look what became of a ticket of the help desk. Returns how many threads it is of. */
export async function touchDeskTicket(db: Db, desk: string, deskTicketId: string, now: Date): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('tickets')
    .set({ due_at: now })
    .where('desk_ticket_id', '=', deskTicketId)
    .where('desk', '=', desk)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/**
 * Stores what is asked of the help desk, with the messages that are said by it, and that it is asked now. False: another
 * works on the ticket.
 */
export async function noteCreating(
  db: Db,
  { id, lease }: TicketClaim,
  given: {
    request: NewTicket;
    accountId: string | null;
    messageIds: readonly number[];
    commentKey: string;
    at: Date;
  },
): Promise<boolean> {
  const { rows } = await sql`
    with noted as (
      update tickets set request = ${storableJson(given.request)}::jsonb,
        account_id = coalesce(account_id, ${given.accountId}), creating_at = coalesce(creating_at, ${given.at})
      where id = ${id} and lease = ${lease}
      returning id
    ), taken as (
      update ticket_messages set comment_key = ${given.commentKey}
      where id = any(${given.messageIds}) and ticket_id in (select id from noted)
    )
    select id from noted
  `.execute(db);
  return rows.length > 0;
}

/** Notes that a ticket was surely not created. */
export async function forgetCreating(db: Db, { id, lease }: TicketClaim): Promise<void> {
  await db
    .updateTable('tickets')
    .set({ creating_at: null })
    .where('id', '=', id)
    .where('lease', '=', lease)
    .where('desk_ticket_id', 'is', null)
    .execute();
}

/** Notes the help desk's ticket, and puts into the outbox what tells of it. False: another works on the ticket. */
export async function setCreated(
  db: Db,
  claim: TicketClaim,
  given: {
    deskTicketId: string;
    requesterId: string | null;
    commentId: string;
    commentKey: string;
    supportChannel: string | undefined;
    now: Date;
  },
): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('tickets')
      .set({
        desk_ticket_id: given.deskTicketId,
        desk_requester_id: given.requesterId,
        last_comment_id: given.commentId,
        asked_at: given.now,
        status: 'new',
        fault: null,
      })
      .where('id', '=', claim.id)
      .where('lease', '=', claim.lease)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await transaction
      .updateTable('ticket_messages')
      .set({ state: 'done', comment_id: given.commentId, error: null })
      .where('ticket_id', '=', claim.id)
      .where('comment_key', '=', given.commentKey)
      .where('state', '=', 'waiting')
      .execute();
    await insertTicketPosts(transaction, claim.id, given);
    return true;
  });
}

/** Puts a ticket's card for the thread, and the one for colleagues, into the outbox; those that are there say what is so now. */
export async function insertTicketPosts(
  db: Db,
  ticketId: number,
  { supportChannel, now }: { supportChannel: string | undefined; now: Date },
): Promise<void> {
  const { numAffectedRows } = await sql`
    insert into messages (key, kind, ticket_id, recipient, thread_ts, severity, due_at, created_at)
    select 'ticket:' || id, 'ticket', id, '#' || channel_id, thread_ts, 'medium', ${now}::timestamptz, ${now}::timestamptz
    from tickets where id = ${ticketId}
    union all
    select 'ticket-mirror:' || id, 'ticket_mirror', id, ${supportChannel === undefined ? null : `#${supportChannel}`},
      null, 'medium', ${now}, ${now}
    from tickets where id = ${ticketId}
    on conflict (key) do nothing
  `.execute(db);
  if ((numAffectedRows ?? 0n) < 2n) await touchTicketMessages(db, ticketId);
}

/** Notes that all that had been said in the thread is known. */
export async function setThreadRead(db: Db, { id, lease }: TicketClaim, at: Date): Promise<void> {
  await db.updateTable('tickets').set({ thread_read_at: at }).where('id', '=', id).where('lease', '=', lease).execute();
}

/** Notes how far the comments of the help desk are known. False: another works on the ticket. */
export async function setLastComment(
  db: Db,
  { id, lease }: TicketClaim,
  { lastCommentId, at }: { lastCommentId: string | null; at: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tickets')
    .set({ asked_at: at, ...(lastCommentId !== null && { last_comment_id: lastCommentId }) })
    .where('id', '=', id)
    .where('lease', '=', lease)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Stores how a ticket stands at the help desk; what is still wished for stays as people here see it. True: it changed. */
export async function setDeskState(db: Db, { id, lease }: TicketClaim, ticket: DeskTicket): Promise<boolean> {
  const { status, severity, group, assignee } = ticket;
  const { numAffectedRows } = await sql`
    update tickets set status = ${status}, severity = ${severity}, group_id = ${group?.id ?? null},
      group_name = ${group?.name ?? null}, assignee_name = ${assignee?.name ?? null},
      assignee_email = ${assignee?.email ?? null}
    where id = ${id} and lease = ${lease} and wanted is null
      and (status, severity, group_id, group_name, assignee_name, assignee_email) is distinct from
        (${status}::text, ${severity}::text, ${group?.id ?? null}::text, ${group?.name ?? null}::text,
          ${assignee?.name ?? null}::text, ${assignee?.email ?? null}::text)
  `.execute(db);
  const isChanged = (numAffectedRows ?? 0n) > 0n;
  if (isChanged) await touchTicketMessages(db, id);
  return isChanged;
}

/** Says what is wrong with a ticket; the cards show it. A fault that is only passing leaves another as it is. */
export async function setFault(db: Db, ticketId: number, fault: string, { passing = false } = {}): Promise<void> {
  const { numAffectedRows } = await sql`
    update tickets set fault = ${fault}
    where id = ${ticketId} and fault is distinct from ${fault} and (not ${passing}::boolean or fault is null)
  `.execute(db);
  if ((numAffectedRows ?? 0n) > 0n) await touchTicketMessages(db, ticketId);
}

/** Takes back what was said to be wrong with a ticket. */
export async function clearFault(db: Db, ticketId: number, fault: string): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('tickets')
    .set({ fault: null })
    .where('id', '=', ticketId)
    .where('fault', '=', fault)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) await touchTicketMessages(db, ticketId);
}

/** The help desk goes on with another ticket in the place of the one that it closed by merging. */
export async function setMerged(
  db: Db,
  { id, lease }: TicketClaim,
  to: { deskTicketId: string; lastCommentId: string | null },
): Promise<void> {
  await db
    .updateTable('tickets')
    .set({ desk_ticket_id: to.deskTicketId, last_comment_id: to.lastCommentId })
    .where('id', '=', id)
    .where('lease', '=', lease)
    .execute();
  await touchTicketMessages(db, id);
}

/** Has another ticket made for the thread, in the place of a closed one. */
export async function startFollowUp(db: Db, { id, lease }: TicketClaim): Promise<void> {
  await sql`
    update tickets set previous_ticket_id = desk_ticket_id, desk_ticket_id = null, generation = generation + 1,
      request = null, creating_at = null, last_comment_id = null
    where id = ${id} and lease = ${lease} and desk_ticket_id is not null
  `.execute(db);
}

/** Of the tickets of the help desk that are `deskTicketId`, whose threads they are; see `followsMerge`. */
export async function findThreadsOfDeskTicket(
  db: Db,
  desk: string,
  deskTicketId: string,
): Promise<{ channelId: string; accountId: string | null }[]> {
  return db
    .selectFrom('tickets')
    .select(['channel_id as channelId', 'account_id as accountId'])
    .where('desk_ticket_id', '=', deskTicketId)
    .where('desk', '=', desk)
    .execute();
}

/** The name and the CSM's address of a ticket's account. */
export async function findTicketAccount(
  db: Db,
  accountId: string,
): Promise<{ name: string; csmEmail: string | null } | null> {
  const row = await db
    .selectFrom('accounts')
    .select(['name', 'csm_email as csmEmail'])
    .where('id', '=', accountId)
    .executeTakeFirst();
  return row ?? null;
}

/** Runs something as one. */
export function inTransaction<Result>(db: Db, work: (transaction: Db) => Promise<Result>): Promise<Result> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
