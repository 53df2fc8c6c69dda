import { sql } from 'kysely';
import type { Db } from './types.ts';

/**
 * What an operator watches of the messages: those that are due and not posted, for how long the oldest, and holds; and for
 * how long the oldest of Stripe's events has waited that is due and not handled.
 */
export type DeliveryFigures = {
  overdue: number;
  oldestSeconds: number;
  held: number;
  holds: number;
  stripeEventSeconds: number;
};

/** The figures as of `now`. */
export async function findDeliveryFigures(db: Db, now: Date): Promise<DeliveryFigures> {
  const { rows } = await sql<DeliveryFigures>`
    select
      count(*) filter (where hold_id is null and due_at <= ${now})::int as overdue,
      coalesce(extract(epoch from ${now}::timestamptz - min(created_at) filter (where hold_id is null and due_at <= ${now})), 0)::float
        as "oldestSeconds",
      count(hold_id)::int as held,
      (select count(*) from alert_holds where ended_at is null)::int as holds,
      (
        select coalesce(extract(epoch from ${now}::timestamptz - min(received_at)), 0)::float
        from stripe_events where handled_at is null and due_at <= ${now}
      ) as "stripeEventSeconds"
    from messages where status = 'waiting' and (recipient is not null or kind <> 'ticket_mirror')
  `.execute(db);
  return rows[0] ?? { overdue: 0, oldestSeconds: 0, held: 0, holds: 0, stripeEventSeconds: 0 };
}
