import { type RawBuilder, sql } from 'kysely';
import type { Severity, TicketStatus } from '../helpdesk/types.ts';
import { insertReplies, insertTicketMessages, type NewTicketMessage } from './ticket-messages.ts';
import { insertTicketPosts, inTransaction } from './ticket-work.ts';
import { touchTicketMessages } from './tickets.ts';
import type { Db } from './types.ts';

/** A ticket as it is stored, to be compared with its thread and with the help desk. */
export type StoredTicket = {
  id: number;
  desk: string;
  deskTicketId: string | null;
  /** Our id of it at the help desk; `null` until it was asked for. */
  externalId: string | null;
  generation: number;
  channelId: string;
  threadTs: string;
  accountName: string | null;
  subject: string;
  status: TicketStatus;
  severity: Severity | null;
  groupId: string | null;
  assigneeEmail: string | null;
  fault: string | null;
  createdAt: Date;
  /** Somebody works on it or is about to: what differs may be on its way. */
  isBusy: boolean;
};

/** What is stored of a ticket and cannot stay as it is; each is a count unless it says otherwise. */
export type StoredFindings = {
  failed: number;
  failedWhy: string | null;
  /** Messages that wait to be taken to the help desk. */
  waiting: number;
  /** Messages of the outbox that wait, or that say something else in Slack than they should. */
  unsaid: number;
  unsaidWhy: string | null;
  /** Agents' public comments, and cards, that never came into the outbox. */
  unqueued: number;
  /** The account of its channel, which it does not have. */
  missingAccount: string | null;
};

/** Tickets that are not closed or were made since `since`, or the one of this number; in the order in which they were made. */
export async function findStoredTickets(
  db: Db,
  { since, number, now }: { since: Date; number: string | null; now: Date },
): Promise<StoredTicket[]> {
  const { rows } = await sql<StoredTicket>`
    select t.id, t.desk, t.desk_ticket_id as "deskTicketId", t.request ->> 'externalId' as "externalId", t.generation,
      t.channel_id as "channelId", t.thread_ts as "threadTs", a.name as "accountName", t.subject, t.status, t.severity,
      t.group_id as "groupId", t.assignee_email as "assigneeEmail", t.fault, t.created_at as "createdAt",
      (t.leased_until > ${now} or t.due_at <= ${now} or t.wanted is not null) is true as "isBusy"
    from tickets t left join accounts a on a.id = t.account_id
    where ${number === null ? sql`(t.status <> 'closed' or t.created_at >= ${since})` : sql`t.desk_ticket_id = ${number}`}
    order by t.id
  `.execute(db);
  return rows;
}

/** What is amiss with what is stored of a ticket; what is younger than `before` is on its way. */
export async function findStoredFindings(
  db: Db,
  ticketId: number,
  { before, hasSupportChannel }: { before: Date; hasSupportChannel: boolean },
): Promise<StoredFindings> {
  const { rows } = await sql<StoredFindings>`
    select
      (select count(*) from ticket_messages m where m.ticket_id = t.id and state = 'failed') as failed,
      (select error from ticket_messages m where m.ticket_id = t.id and state = 'failed' order by id limit 1) as "failedWhy",
      (
        select count(*) from ticket_messages m
        where m.ticket_id = t.id and state = 'waiting' and said_at < ${before} and t.created_at < ${before}
      ) as waiting,
      (select count(*) from (${unsaid(before, hasSupportChannel)}) u) as unsaid,
      (select last_error from (${unsaid(before, hasSupportChannel)}) u where last_error is not null order by id limit 1)
        as "unsaidWhy",
      (
        select count(*) from ticket_messages m where ${isReply} and m.said_at < ${before}
          and not exists (select from messages o where o.ticket_message_id = m.id)
      ) + (
        select count(*) from unnest(array['ticket', 'ticket_mirror']) as kind
        where t.desk_ticket_id is not null and t.created_at < ${before}
          and not exists (select from messages o where o.ticket_id = t.id and o.kind = kind.kind)
      ) as unqueued,
      (select a.id from accounts a where t.account_id is null and a.slack_channel_id = t.channel_id) as "missingAccount"
    from tickets t where t.id = ${ticketId}
  `.execute(db);
  const none = {
    failed: 0,
    failedWhy: null,
    waiting: 0,
    unsaid: 0,
    unsaidWhy: null,
    unqueued: 0,
    missingAccount: null,
  };
  return rows[0] ?? none;
}

/** Of these keys of messages those that are not stored for a ticket. */
export async function findUnstoredKeys(db: Db, ticketId: number, keys: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select k.key from unnest(${keys}::text[]) with ordinality as k (key, place)
    where not exists (select from ticket_messages m where m.ticket_id = ${ticketId} and m.key = k.key)
    order by k.place
  `.execute(db);
  return rows.map(({ key }) => key);
}

/** Messages that are said to be at the help desk, with the comments that they are in; a ticket's body cannot be gone. */
export async function findTakenMessages(db: Db, ticketId: number): Promise<{ id: number; commentId: string }[]> {
  const { rows } = await sql<{ id: number; commentId: string }>`
    select id, comment_id as "commentId" from ticket_messages
    where ticket_id = ${ticketId} and state = 'done' and origin <> 'desk' and comment_id is not null
      and comment_key not like 'ticket:%'
    order by id
  `.execute(db);
  return rows;
}

/** Of posts in a channel those that the outbox knows nothing of. */
export async function findUnknownPosts(db: Db, channelId: string, posts: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ ts: string }>`
    select p.ts from unnest(${posts}::text[]) as p (ts)
    where not exists (select from messages m where m.channel_id = ${channelId} and m.ts = p.ts)
  `.execute(db);
  return rows.map(({ ts }) => ts);
}

/** What the outbox has posted in a ticket's thread, but for what is known to have been removed there. */
export async function findPostedInThread(db: Db, ticketId: number): Promise<{ id: number; ts: string }[]> {
  const { rows } = await sql<{ id: number; ts: string }>`
    select m.id, m.ts from messages m join tickets t on t.id = m.ticket_id
    where m.ticket_id = ${ticketId} and m.kind in ('ticket', 'ticket_reply') and m.status = 'sent'
      and m.channel_id = t.channel_id and m.last_error is null
    order by m.id
  `.execute(db);
  return rows;
}

/**
 * Stores messages of a thread that nobody took note of, as if it had been tried to take them to the help desk: should they be
 * there, from before something was lost here, they are found there.
 */
export async function storeOverlooked(
  db: Db,
  ticketId: number,
  messages: readonly NewTicketMessage[],
  now: Date,
): Promise<void> {
  await inTransaction(db, async (transaction) => {
    const stored = await insertTicketMessages(transaction, ticketId, messages);
    if (stored.length === 0) return;
    const ids = stored.map(({ id }) => id);
    await transaction
      .updateTable('ticket_messages')
      .set({ begun_at: now })
      .where('id', 'in', ids)
      .where('state', '=', 'waiting')
      .execute();
  });
}

/** What is to be done for a ticket. */
export type TicketRepair = {
  /** What failed is tried again. */
  tryAgain: boolean;
  /** What never came into the outbox does. */
  queueAgain: boolean;
  /**
   * All comments of the help desk are read again. Never of a ticket that this one was merged into: what was said there before
   * is another conversation.
   */
  readComments: boolean;
  /** Messages that are not at the help desk though they were taken there. */
  takeAgain: readonly number[];
  /** Messages of the outbox that somebody removed in Slack; they are not posted again. */
  removed: readonly number[];
  /** The fault is taken back: it is found again where it is still so. */
  forgetFault: boolean;
};

/** Has all that is amiss done again by who works on tickets. Doing it twice ends as doing it once. */
export async function repairTicket(
  db: Db,
  ticketId: number,
  repair: TicketRepair,
  { supportChannel, now }: { supportChannel: string | undefined; now: Date },
): Promise<void> {
  await inTransaction(db, async (transaction) => {
    const row = await transaction
      .selectFrom('tickets')
      .select('desk_ticket_id')
      .where('id', '=', ticketId)
      .forUpdate()
      .executeTakeFirst();
    if (!row) return;
    await transaction
      .updateTable('tickets')
      .set({
        due_at: now,
        attempts: 0,
        ...(repair.readComments && { last_comment_id: null }),
        ...(repair.forgetFault && { fault: null }),
      })
      .where('id', '=', ticketId)
      .execute();
    const again = [...repair.takeAgain];
    await sql`
      update ticket_messages set state = 'waiting', error = null,
        comment_id = case when id = any(${again}::bigint[]) then null else comment_id end
      where ticket_id = ${ticketId}
        and ((state = 'failed' and ${repair.tryAgain}::boolean) or (state = 'done' and id = any(${again}::bigint[])))
    `.execute(transaction);
    if (repair.queueAgain && row.desk_ticket_id !== null)
      await queueAgain(transaction, ticketId, { supportChannel, now });
    await sql`
      update messages set due_at = least(due_at, ${now}), attempts = 0 where id in (
        select id from messages
        where ticket_id = ${ticketId} and status = 'waiting' and ${isOfTicket(sql`messages`)} order by id for update
      )
    `.execute(transaction);
    await sql`
      update recipients set next_at = null where next_at > ${now} and recipient in (
        select recipient from messages where ticket_id = ${ticketId} and status = 'waiting'
      )
    `.execute(transaction);
    await sql`
      update messages set last_error = ${removed}, shown_version = version
      where ticket_id = ${ticketId} and id = any(${[...repair.removed]}::bigint[])
    `.execute(transaction);
    if (repair.forgetFault) await touchTicketMessages(transaction, ticketId);
  });
}

/** Events of Slack that were received before `before` and are not handled, and what the first of them fails of. */
export async function findUnhandledEvents(db: Db, before: Date): Promise<{ count: number; why: string | null }> {
  const { rows } = await sql<{ count: number; why: string | null }>`
    select count(*) as count, min(last_error) as why from slack_events
    where handled_at is null and received_at < ${before}
  `.execute(db);
  return rows[0] ?? { count: 0, why: null };
}

/** Has all events of Slack that are not handled tried again. */
export async function retryEvents(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('slack_events')
    .set({ due_at: now })
    .where('handled_at', 'is', null)
    .where('due_at', '>', now)
    .execute();
}

/** Whether anything is still to be done or said for tickets. */
export async function hasWorkOnTickets(db: Db, ticketIds: readonly number[], now: Date): Promise<boolean> {
  const { rows } = await sql<{ busy: boolean }>`
    select exists (select from tickets where id = any(${ticketIds}::bigint[]) and (due_at <= ${now} or leased_until > ${now}))
      or exists (
        select from messages where ticket_id = any(${ticketIds}::bigint[])
          and ${isOfTicket(sql`messages`)}
          and (
            (status = 'waiting' and recipient is not null and attempts = 0 and due_at <= ${now})
            or (status = 'sent' and shown_version < version)
          )
      ) as busy
  `.execute(db);
  return rows[0]?.busy === true;
}

const removed = 'removed in Slack';

/** A reminder waits for whom it reminds: for the end of their quiet hours, say. */
function isOfTicket(message: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`${message}.kind <> 'ticket_reminder'`;
}

const isReply = sql<boolean>`
  m.ticket_id = t.id and m.origin = 'desk' and m.author_kind = 'agent' and m.is_public and m.state = 'done'
`;

/** Cards have nowhere to go without a channel of their own. */
function unsaid(before: Date, hasSupportChannel: boolean) {
  return sql`
    select o.id, o.last_error from messages o
    where o.ticket_id = t.id and o.hold_id is null and ${isOfTicket(sql`o`)}
      and (
        (o.status = 'waiting' and o.created_at < ${before} and (${hasSupportChannel}::boolean or o.kind <> 'ticket_mirror'))
        or (o.status = 'sent' and o.shown_version < o.version and o.posted_at < ${before} and o.attempts > 0)
      )
  `;
}

/** Only what is not there is added. */
async function queueAgain(
  transaction: Db,
  ticketId: number,
  { supportChannel, now }: { supportChannel: string | undefined; now: Date },
): Promise<void> {
  await insertTicketPosts(transaction, ticketId, { supportChannel, now });
  const { rows } = await sql<{ id: number }>`
    select m.id from ticket_messages m join tickets t on t.id = m.ticket_id
    where t.id = ${ticketId} and ${isReply} and not exists (select from messages o where o.ticket_message_id = m.id)
    order by m.id
  `.execute(transaction);
  const ids = rows.map(({ id }) => id);
  await insertReplies(transaction, ticketId, ids, now);
}
