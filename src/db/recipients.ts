import { sql } from 'kysely';
import type { Db } from './types.ts';

/** The right to write to somebody, until the lease ends or another takes it; and where they were last found. */
export type Claim = {
  /** An email, or `#` and a channel's id. */
  recipient: string;
  lease: string;
  slackUserId: string | null;
  channelId: string | null;
  foundAt: Date | null;
};

/** Where a person was found. */
export type Found = { slackUserId: string; channelId: string };

/**
 * Takes the lease on somebody to whom something is to be said or changed, and to whom nobody else writes; `null` when there
 * is nobody.
 */
export async function claimRecipient(db: Db, now: Date, leaseMs: number): Promise<Claim | null> {
  const { rows } = await sql<Claim>`
    with claimed as (
      select recipient from recipients
      where (leased_until is null or leased_until <= ${now}) and (next_at is null or next_at <= ${now})
        and recipient in (
          select recipient from messages where status = 'waiting' and due_at <= ${now} and hold_id is null
          union all select recipient from messages
            where status = 'sent' and shown_version < version and (edit_after is null or edit_after <= ${now})
        )
      limit 1
      for update skip locked
    )
    update recipients r set lease = gen_random_uuid()::text, leased_until = ${until(now, leaseMs)}
    from claimed where r.recipient = claimed.recipient
    returning r.recipient, r.lease, r.slack_user_id as "slackUserId", r.channel_id as "channelId", r.found_at as "foundAt"
  `.execute(db);
  return rows[0] ?? null;
}

/** Makes the lease last from now on. False: another has it. */
export async function renewLease(db: Db, { recipient, lease }: Claim, now: Date, leaseMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('recipients')
    .set({ leased_until: until(now, leaseMs) })
    .where('recipient', '=', recipient)
    .where('lease', '=', lease)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Ends the lease, unless another has it; nothing is written to them before `nextAt`. */
export async function releaseRecipient(db: Db, { recipient, lease }: Claim, nextAt: Date | null): Promise<void> {
  await db
    .updateTable('recipients')
    .set({ lease: null, leased_until: null, next_at: nextAt })
    .where('recipient', '=', recipient)
    .where('lease', '=', lease)
    .execute();
}

/** Remembers where a person was found; `null` forgets it. */
export async function setFound(db: Db, recipient: string, found: Found | null, now: Date): Promise<void> {
  await db
    .updateTable('recipients')
    .set({
      slack_user_id: found?.slackUserId ?? null,
      channel_id: found?.channelId ?? null,
      found_at: found ? now : null,
    })
    .where('recipient', '=', recipient)
    .execute();
}

/** Makes room for those to whom something is to be said or changed and who were never written to. */
export async function insertRecipients(db: Db): Promise<void> {
  await sql`
    insert into recipients (recipient)
    select distinct recipient from messages m
    where recipient is not null and (status = 'waiting' or (status = 'sent' and shown_version < version))
      and not exists (select from recipients r where r.recipient = m.recipient)
    order by recipient
    on conflict do nothing
  `.execute(db);
}

function until(now: Date, leaseMs: number): Date {
  return new Date(now.getTime() + leaseMs);
}
