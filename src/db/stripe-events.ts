import { sql } from 'kysely';
import type { StripeNotice } from '../sources/stripe/webhook.ts';
import type { Db } from './types.ts';

/** One that somebody handles now. */
export type ClaimedStripeEvent = StripeNotice & { attempts: number };

/** Stores an event before it is answered. False: it is there already, for Stripe tells of one more than once. */
export async function insertStripeEvent(db: Db, event: StripeNotice, receivedAt: Date): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('stripe_events')
    .values({
      id: event.id,
      type: event.type,
      object_id: event.objectId,
      customer_id: event.customerId,
      subscription_id: event.subscriptionId,
      created_at: event.createdAt,
      received_at: receivedAt,
      due_at: receivedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Takes the oldest events that are due, so that nobody else does before `until`. */
export async function claimStripeEvents(
  db: Db,
  { now, until, limit }: { now: Date; until: Date; limit: number },
): Promise<ClaimedStripeEvent[]> {
  const { rows } = await sql<ClaimedStripeEvent>`
    with claimed as (
      select id from stripe_events where handled_at is null and due_at <= ${now}
      order by due_at, received_at, id limit ${limit} for update skip locked
    )
    update stripe_events e set attempts = attempts + 1, due_at = ${until}
    from claimed where e.id = claimed.id
    returning e.id, type, object_id as "objectId", customer_id as "customerId",
      subscription_id as "subscriptionId", created_at as "createdAt", attempts
  `.execute(db);
  return rows;
}

/** Notes that events need no more handling; `why` says what they failed of, where they did. */
export async function setStripeEventsHandled(
  db: Db,
  ids: readonly string[],
  at: Date,
  why: string | null = null,
): Promise<void> {
  await db.updateTable('stripe_events').set({ handled_at: at, last_error: why }).where('id', 'in', ids).execute();
}

/** Puts events off that cannot be handled now. */
export async function postponeStripeEvents(
  db: Db,
  ids: readonly string[],
  { until, why }: { until: Date; why: string },
): Promise<void> {
  await db.updateTable('stripe_events').set({ due_at: until, last_error: why }).where('id', 'in', ids).execute();
}

/** When an event is next to be handled, which may be over; `null` when none is. */
export async function findNextStripeEventDue(db: Db): Promise<Date | null> {
  const row = await db
    .selectFrom('stripe_events')
    .select((is) => is.fn.min('due_at').as('next'))
    .where('handled_at', 'is', null)
    .executeTakeFirst();
  return row?.next ?? null;
}

/** Forgets events that were handled before, and returns how many. Stripe repeats none that is so old. */
export async function deleteHandledStripeEvents(db: Db, before: Date): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('stripe_events').where('handled_at', '<', before).executeTakeFirst();
  return Number(numDeletedRows);
}
