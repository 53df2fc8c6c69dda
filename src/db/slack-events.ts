import { sql } from 'kysely';
import { storableJson } from './storable.ts';
import type { Db } from './types.ts';

/** What Slack told us of: an event, or a press of a shortcut, which we call by an id of our own. */
export type SlackEvent = { id: string; type: string; channelId: string | null; body: Record<string, unknown> };

/** One that somebody handles now. */
export type ClaimedEvent = SlackEvent & { attempts: number; receivedAt: Date };

/** Stores an event before it is acknowledged. False: it is there already, for Slack tells of one more than once. */
export async function insertSlackEvent(
  db: Db,
  { id, type, channelId, body }: SlackEvent,
  receivedAt: Date,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('slack_events')
    .values({
      event_id: id,
      type,
      channel_id: channelId,
      body: storableJson(body),
      received_at: receivedAt,
      due_at: receivedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Takes the oldest event that is due, so that nobody else does before `until`; `null` when there is none. */
export async function claimSlackEvent(db: Db, now: Date, until: Date): Promise<ClaimedEvent | null> {
  const { rows } = await sql<ClaimedEvent>`
    with claimed as (
      select event_id from slack_events where handled_at is null and due_at <= ${now}
      order by due_at, received_at, event_id limit 1 for update skip locked
    )
    update slack_events e set attempts = attempts + 1, due_at = ${until}
    from claimed where e.event_id = claimed.event_id
    returning e.event_id as id, type, channel_id as "channelId", body, attempts, received_at as "receivedAt"
  `.execute(db);
  return rows[0] ?? null;
}

/** Notes that an event needs no more handling; `why` says what it failed of, where it did. */
export async function setEventHandled(db: Db, id: string, at: Date, why: string | null = null): Promise<void> {
  await db.updateTable('slack_events').set({ handled_at: at, last_error: why }).where('event_id', '=', id).execute();
}

/** Puts an event off that cannot be handled now. */
export async function postponeEvent(db: Db, id: string, until: Date, why: string): Promise<void> {
  await db.updateTable('slack_events').set({ due_at: until, last_error: why }).where('event_id', '=', id).execute();
}

/** When an event is next to be handled, which may be over; `null` when none is. */
export async function findNextEventDue(db: Db): Promise<Date | null> {
  const row = await db
    .selectFrom('slack_events')
    .select((is) => is.fn.min('due_at').as('next'))
    .where('handled_at', 'is', null)
    .executeTakeFirst();
  return row?.next ?? null;
}

/** Whether something was said in a channel since `since` that is not known to its ticket yet, and may be soon. */
export async function hasUnhandledMessages(db: Db, channelId: string, since: Date): Promise<boolean> {
  const row = await db
    .selectFrom('slack_events')
    .select('event_id')
    .where('channel_id', '=', channelId)
    .where('handled_at', 'is', null)
    .where('type', '=', 'message')
    .where('received_at', '>=', since)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Forgets events that were handled before, and returns how many: what people wrote is not kept for nothing. */
export async function deleteHandledEvents(db: Db, before: Date): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('slack_events').where('handled_at', '<', before).executeTakeFirst();
  return Number(numDeletedRows);
}
