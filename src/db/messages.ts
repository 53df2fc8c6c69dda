import { type RawBuilder, sql } from 'kysely';
import type { Severity } from '../indicators/types.ts';
import { type Claim, insertRecipients } from './recipients.ts';
import type { Db, MessageKind } from './types.ts';

/** A message of the outbox that is to be posted or edited. */
export type QueuedMessage = {
  id: number;
  kind: MessageKind;
  ownerEmail: string | null;
  notice: string | null;
  severity: Severity;
  dueAt: Date;
  /** What it says now; read before it is rendered, so that what changes meanwhile is a later version. */
  version: number;
  /** Where it is, or may be. */
  channelId: string | null;
  /** When a post was begun whose outcome is not known. */
  postingAt: Date | null;
  ts: string | null;
  /** Failures in a row. */
  attempts: number;
  /** Of the kinds that are about a ticket. */
  ticketId: number | null;
  /** The thread that it is posted in. */
  threadTs: string | null;
};

/** What stands in a ticket's thread, where customers may read it. All else is for colleagues only. */
const threadKinds: readonly MessageKind[] = ['ticket', 'ticket_reply'];
/** What is about alerts, and has nothing to say once they have ended. */
const alertKinds: readonly MessageKind[] = ['alert', 'group', 'digest'];

/** Replies of a thread wait for one before them until it has failed so often. */
const mostHeldUp = 3;

/** Whether later replies of its thread wait for this one, which has just failed once more. */
export function holdsUpLater({ kind, attempts }: Pick<QueuedMessage, 'kind' | 'attempts'>): boolean {
  return kind === 'ticket_reply' && attempts + 1 < mostHeldUp;
}

/** Whether it stands in a ticket's own thread, whoever reads that. */
export function isForThread({ kind }: Pick<QueuedMessage, 'kind'>): boolean {
  return threadKinds.includes(kind);
}

const columns = [
  'id',
  'kind',
  'owner_email as ownerEmail',
  'notice',
  'severity',
  'due_at as dueAt',
  'version',
  'channel_id as channelId',
  'posting_at as postingAt',
  'ts',
  'attempts',
  'ticket_id as ticketId',
  'thread_ts as threadTs',
] as const;

/**
 * Says where waiting messages go: to their owner; those without one, and those that are to go to a fallback channel of
 * before, to `fallback`; cards of tickets to `support`. Without these they stay as they are, and so do the messages of a
 * ticket's thread.
 */
export async function setRecipients(
  db: Db,
  { fallback, support }: { fallback: string | null; support: string | null },
  now: Date,
): Promise<void> {
  // What may have been posted already stays where it is until that is known. Rows that others change have their turn later.
  await sql`
    with decided as (
      select id, case
        when kind = 'ticket_mirror' then ${support}::text
        when recipient is null then coalesce(lower(owner_email), ${fallback})
        else ${fallback}
      end as recipient
      from messages
      where status = 'waiting' and kind <> all(${threadKinds}::text[]) and (
        (kind <> 'ticket_mirror' and recipient is null and coalesce(owner_email, ${fallback}) is not null)
        or (kind <> 'ticket_mirror' and recipient like '#%' and recipient <> ${fallback} and posting_at is null)
        or (kind = 'ticket_mirror' and recipient is distinct from ${support} and ${support}::text is not null and posting_at is null)
      )
      order by id
      for update skip locked
    )
    update messages m set
      recipient = d.recipient,
      detour = case
        when m.recipient is null and m.owner_email is null and m.kind not in ('notice', 'ticket_mirror')
          then 'the account has no CSM'
        else m.detour
      end,
      -- It waited only because there was nowhere to go.
      due_at = case when m.attempts > 0 then least(m.due_at, ${now}) else m.due_at end
    from decided d where m.id = d.id
  `.execute(db);
  await insertRecipients(db);
}

/** Messages that are due and have nowhere to go; they are due again at `until`. Returns how many. */
export async function deferHomeless(db: Db, now: Date, until: Date, why: string): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('messages')
    .set((is) => ({ due_at: until, attempts: is('attempts', '+', 1), last_error: why }))
    .where('status', '=', 'waiting')
    .where('recipient', 'is', null)
    .where('owner_email', 'is', null)
    .where('kind', '<>', 'ticket_mirror')
    .where('hold_id', 'is', null)
    .where('due_at', '<=', now)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** What is due for somebody, in the order in which it came to be. */
export async function findDueMessages(db: Db, recipient: string, now: Date): Promise<QueuedMessage[]> {
  return db
    .selectFrom('messages')
    .select(columns)
    .where('recipient', '=', recipient)
    .where('status', '=', 'waiting')
    .where('hold_id', 'is', null)
    .where('due_at', '<=', now)
    .orderBy('id')
    .execute();
}

/** Puts off replies whose thread waits for one before them that has failed, so that they keep their order. */
export async function postponeBehindFailed(db: Db, recipient: string, now: Date): Promise<void> {
  await sql`
    update messages m set due_at = earlier.due_at
    from messages earlier
    where m.recipient = ${recipient} and m.kind = 'ticket_reply' and m.status = 'waiting' and m.posting_at is null
      and m.due_at <= ${now}
      and earlier.ticket_id = m.ticket_id and earlier.kind = 'ticket_reply' and earlier.id < m.id
      and earlier.status = 'waiting' and earlier.due_at > ${now} and earlier.attempts < ${mostHeldUp}
  `.execute(db);
}

/** Posted messages that say something else by now, but for those whose edit failed a moment ago. */
export async function findChangedMessages(
  db: Db,
  recipient: string,
  { now, limit }: { now: Date; limit: number },
): Promise<QueuedMessage[]> {
  return db
    .selectFrom('messages')
    .select(columns)
    .where('recipient', '=', recipient)
    .where('status', '=', 'sent')
    .whereRef('shown_version', '<', 'version')
    .where((is) => is.or([is('edit_after', 'is', null), is('edit_after', '<=', now)]))
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** When something is next to be posted or edited, which may be over; `null` when nothing waits. */
export async function findNextDue(db: Db): Promise<Date | null> {
  const { rows } = await sql<{ next: Date | null }>`
    select min(greatest(work.due_at, r.next_at, r.leased_until)) as next
    from (
      select recipient, due_at from messages where status = 'waiting' and hold_id is null
        -- Cards of tickets have nowhere to go without a channel of their own.
        and (recipient is not null or kind <> 'ticket_mirror')
      union all
      select recipient, coalesce(edit_after, to_timestamp(0)) from messages where status = 'sent' and shown_version < version
    ) as work
    left join recipients r on r.recipient = work.recipient
  `.execute(db);
  return rows[0]?.next ?? null;
}

/** Cancels what is due and was never posted, where none of its alerts goes on in it. Returns how many. */
export async function cancelEndedMessages(db: Db, recipient: string | null, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    update messages set status = 'cancelled' where id in (
      select id from messages m
      where recipient is not distinct from ${recipient} and status = 'waiting' and hold_id is null
        and kind = any(${alertKinds}::text[])
        and posting_at is null and due_at <= ${now}
        and not exists (select from alerts where message_id = m.id and state <> 'resolved')
      -- Who changes alerts may be about to change these, too; they have their turn later.
      for update skip locked
    )
  `.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** Cancels a message that has nothing to say and was never posted. */
export async function cancelMessage(db: Db, claim: Claim, id: number): Promise<void> {
  await unposted(db, claim, [id]).set({ status: 'cancelled' }).execute();
}

/** Puts off a message that was not posted; it did not fail. */
export async function postponeMessage(db: Db, claim: Claim, id: number, dueAt: Date): Promise<void> {
  await unposted(db, claim, [id]).set({ due_at: dueAt }).execute();
}

/** Puts off messages that could not be posted. A ticket's card says so of those of its thread. */
export async function deferMessages(
  db: Db,
  claim: Claim,
  ids: readonly number[],
  { until, why }: { until: Date; why: string },
): Promise<void> {
  await db
    .with('deferred', () =>
      unposted(db, claim, ids)
        .set((is) => ({ due_at: until, attempts: is('attempts', '+', 1), last_error: why }))
        .returning(['ticket_id', 'kind', 'attempts']),
    )
    .updateTable('messages')
    .set((is) => ({ version: is('version', '+', 1) }))
    .where('kind', '=', 'ticket_mirror')
    .where('ticket_id', 'in', (is) =>
      is.selectFrom('deferred').select('ticket_id').where('kind', 'in', threadKinds).where('attempts', '=', 1),
    )
    .execute();
}

/** Sends messages to the fallback channel, `#` and its id, instead. */
export async function detourMessages(
  db: Db,
  claim: Claim,
  ids: readonly number[],
  { to, why }: { to: string; why: string },
): Promise<void> {
  await unposted(db, claim, ids).set({ recipient: to, detour: why, attempts: 0, last_error: why }).execute();
  await insertRecipients(db);
}

/** Counts a failure of a message and returns how many it had. */
export async function countFailure(db: Db, id: number, why: string): Promise<number> {
  const row = await db
    .updateTable('messages')
    .set((is) => ({ attempts: is('attempts', '+', 1), last_error: why }))
    .where('id', '=', id)
    .returning('attempts')
    .executeTakeFirst();
  return row?.attempts ?? 1;
}

/**
 * Notes, before a message is posted, where and when, and makes the lease last. False: the lease is lost, or the message is
 * not to be posted any more, or not there. In a conversation that is not ours alone (`isInternal` false) only those may be
 * noted that are of its ticket's own thread; and of replies nowhere but those that an agent has made public.
 */
export async function notePosting(
  db: Db,
  { recipient, lease }: Claim,
  post: { id: number; version: number; channelId: string; isInternal: boolean; at: Date; leasedUntil: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with held as (
      update recipients set leased_until = ${post.leasedUntil}
      where recipient = ${recipient} and lease = ${lease}
      returning recipient
    )
    update messages m set posting_at = ${post.at}, channel_id = ${post.channelId}, shown_version = ${post.version}
    where id = ${post.id} and status = 'waiting' and hold_id is null and posting_at is null
      and recipient in (select recipient from held)
      and case
        when kind = any(${threadKinds}::text[]) then ${inOwnThread(sql`${post.channelId}::text`)}
        else ${post.isInternal}::boolean
      end
  `.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Whether a posted message may be edited where it stands: as for posts, unless that is ours alone. */
export async function mayStandThere(
  db: Db,
  { id, channelId, isInternal }: { id: number; channelId: string; isInternal: boolean },
): Promise<boolean> {
  const { rows } = await sql`
    select from messages m where id = ${id} and case
      when kind = any(${threadKinds}::text[]) then ${inOwnThread(sql`${channelId}::text`)}
      else ${isInternal}::boolean
    end
  `.execute(db);
  return rows.length > 0;
}

/** Whether a message `m` belongs into its thread in this channel: it is its ticket's, and what it says is for customers. */
function inOwnThread(channelId: RawBuilder<string>): RawBuilder<boolean> {
  return sql`exists (
    select from tickets t
    where t.id = m.ticket_id and t.channel_id = ${channelId} and t.thread_ts = m.thread_ts and (
      m.kind = 'ticket' or exists (
        select from ticket_messages said
        where said.id = m.ticket_message_id and said.ticket_id = m.ticket_id
          and said.is_public and said.origin = 'desk' and said.author_kind = 'agent'
      )
    )
  )`;
}

/** Forgets that a post was begun at `at`, which is known not to be there; another that was begun since stays noted. */
export async function clearPosting(db: Db, id: number, at: Date): Promise<void> {
  await db
    .updateTable('messages')
    .set({ posting_at: null })
    .where('id', '=', id)
    .where('ts', 'is', null)
    .where('posting_at', '=', at)
    .execute();
}

/** Notes where a message was posted. False: it has been posted otherwise, or was not to be posted any more. */
export async function setPosted(
  db: Db,
  id: number,
  { channelId, ts, at }: { channelId: string; ts: string; at: Date },
): Promise<boolean> {
  // Where a ticket's card says that it is not there, that is over.
  const { rows } = await sql`
    with before as (select id, ticket_id, kind, attempts from messages where id = ${id} and status = 'waiting' for update),
    posted as (
      update messages m
      set status = 'sent', channel_id = ${channelId}, ts = ${ts}, posted_at = ${at}, attempts = 0, last_error = null
      from before where m.id = before.id
      returning m.id
    ),
    shown as (
      update messages m set version = version + 1
      from before
      where m.kind = 'ticket_mirror' and m.ticket_id = before.ticket_id
        and before.kind = any(${threadKinds}::text[]) and before.attempts > 0
    )
    select id from posted
  `.execute(db);
  if (rows.length > 0) return true;
  const same = await db
    .selectFrom('messages')
    .select('id')
    .where('id', '=', id)
    .where('channel_id', '=', channelId)
    .where('ts', '=', ts)
    .executeTakeFirst();
  return same !== undefined;
}

/** Notes that a posted message says this version, or that it cannot be made to and why. */
export async function setShown(db: Db, id: number, version: number, fault: string | null): Promise<void> {
  await db
    .updateTable('messages')
    .set((is) => ({
      shown_version: is.fn<number>('greatest', ['shown_version', is.val(version)]),
      attempts: 0,
      last_error: fault,
      edit_after: null,
    }))
    .where('id', '=', id)
    .execute();
}

/** Has an edit wait that failed; what else is to be said to its reader does not. */
export async function deferEdit(db: Db, id: number, until: Date): Promise<void> {
  await db.updateTable('messages').set({ edit_after: until }).where('id', '=', id).execute();
}

/** Of these messages those that are still to go to this recipient and that nobody has begun to post. */
function unposted(db: Db, { recipient }: Claim, ids: readonly number[]) {
  return db.updateTable('messages').where('id', 'in', (is) =>
    is
      .selectFrom('messages as m')
      .select('m.id')
      .where('m.id', 'in', ids)
      .where('m.recipient', '=', recipient)
      .where('m.status', '=', 'waiting')
      .where('m.posting_at', 'is', null)
      // In the order in which others lock several.
      .orderBy('m.id')
      .forUpdate(),
  );
}
