import { sql } from 'kysely';
import type { Db, TicketWish } from './types.ts';

/** Asks for something more, and has somebody look; what was asked for before and is not in `wish` stays. */
export async function addWish(db: Db, ticketId: number, wish: TicketWish, now: Date): Promise<void> {
  await sql`
    update tickets set wanted = coalesce(wanted, '{}') || ${JSON.stringify(wish)}::jsonb, due_at = ${now}
    where id = ${ticketId}
  `.execute(db);
}

/** Notes that the help desk knows of `wish`; what was asked for since stays. */
export async function clearWish(db: Db, ticketId: number, wish: TicketWish): Promise<void> {
  await sql`
    update tickets t set wanted = (
      select jsonb_object_agg(key, value) from jsonb_each(t.wanted)
      where not ${JSON.stringify(wish)}::jsonb @> jsonb_build_object(key, value)
    )
    where id = ${ticketId}
  `.execute(db);
}
