import { sql } from 'kysely';
import type { Severity } from '../indicators/types.ts';
import { type Claim, insertRecipients } from './recipients.ts';
import type { Db } from './types.ts';

/** A message of the outbox that is to be posted or edited. */
export type QueuedMessage = {
  id: number;
  kind: 'alert' | 'group' | 'digest' | 'notice';
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
};

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
] as const;

/**
 * Says where waiting messages go: to their owner; those without one, and those that are to go to a fallback channel of
 * before, to `fallback`. Without a fallback these stay as they are.
 */
export async function setRecipients(db: Db, fallback: string | null, now: Date): Promise<void> {
  // What may have been posted already stays where it is until that is known. Rows that others change have their turn later.
  await sql`
    with undecided as (
      select id from messages
      where status = 'waiting' and (
        (recipient is null and coalesce(owner_email, ${fallback}) is not null)
        or (recipient like '#%' and recipient <> ${fallback} and posting_at is null)
      )
      order by id
      for update skip locked
    )
    update messages m set
      recipient = case when m.recipient is null then coalesce(lower(m.owner_email), ${fallback}) else ${fallback} end,
      detour = case
        when m.recipient is null and m.owner_email is null and m.kind <> 'notice' then 'the account has no CSM'
        else m.detour
      end,
      -- It waited only because there was nowhere to go.
      due_at = case when m.attempts > 0 then least(m.due_at, ${now}) else m.due_at end
    from undecided u where m.id = u.id
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

/** Posted messages that say something else by now. */
export async function findChangedMessages(db: Db, recipient: string, limit: number): Promise<QueuedMessage[]> {
  return db
    .selectFrom('messages')
    .select(columns)
    .where('recipient', '=', recipient)
    .where('status', '=', 'sent')
    .whereRef('shown_version', '<', 'version')
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
      union all
      select recipient, to_timestamp(0) from messages where status = 'sent' and shown_version < version
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
      where recipient is not distinct from ${recipient} and status = 'waiting' and kind <> 'notice' and hold_id is null
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

/** Puts off messages that could not be posted. */
export async function deferMessages(
  db: Db,
  claim: Claim,
  ids: readonly number[],
  { until, why }: { until: Date; why: string },
): Promise<void> {
  await unposted(db, claim, ids)
    .set((is) => ({ due_at: until, attempts: is('attempts', '+', 1), last_error: why }))
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
 * not to be posted any more.
 */
export async function notePosting(
  db: Db,
  { recipient, lease }: Claim,
  post: { id: number; version: number; channelId: string; at: Date; leasedUntil: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with held as (
      update recipients set leased_until = ${post.leasedUntil}
      where recipient = ${recipient} and lease = ${lease}
      returning recipient
    )
    update messages set posting_at = ${post.at}, channel_id = ${post.channelId}, shown_version = ${post.version}
    where id = ${post.id} and status = 'waiting' and hold_id is null and posting_at is null
      and recipient in (select recipient from held)
  `.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
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
  const { numUpdatedRows } = await db
    .updateTable('messages')
    .set({ status: 'sent', channel_id: channelId, ts, posted_at: at, attempts: 0, last_error: null })
    .where('id', '=', id)
    .where('status', '=', 'waiting')
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return true;
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
    }))
    .where('id', '=', id)
    .execute();
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
