import { sql } from 'kysely';
import type { Db } from './types.ts';

/** A run in which so many accounts changed that nothing was sent. */
export type Hold = {
  id: number;
  at: Date;
  /** Accounts that changed, of how many. */
  changed: number;
  accounts: number;
  /** How many by indicator. */
  indicators: Record<string, number>;
  /** Messages that wait for it. */
  messages: number;
};

/** The holds that nobody has ended, the oldest first. */
export async function findHolds(db: Db): Promise<Hold[]> {
  const { rows } = await sql<Hold>`
    select id, at, changed, accounts, indicators,
      (select count(*) from messages where hold_id = h.id and status = 'waiting') as messages
    from alert_holds h where ended_at is null order by id
  `.execute(db);
  return rows;
}

/**
 * Ends a hold: released, its messages go out; discarded, they are never sent, and their alerts end in silence when they
 * are over.
 */
export async function endHold(
  db: Db,
  id: number,
  outcome: 'released' | 'discarded',
  now: Date,
): Promise<'ended' | 'already' | 'unknown'> {
  const { rows } = await sql<{ ended: boolean }>`
    with found as (select id, ended_at from alert_holds where id = ${id} for update),
    ended as (
      update alert_holds h set ended_at = ${now}, outcome = ${outcome}
      from found where h.id = found.id and found.ended_at is null returning h.id
    ),
    freed as (
      update messages m set hold_id = null, due_at = ${now},
        status = case when ${outcome} = 'released' then m.status else 'cancelled' end
      from ended where m.hold_id = ended.id and m.status = 'waiting' returning m.id
    )
    select exists (select from ended) as ended from found
  `.execute(db);
  if (!rows[0]) return 'unknown';
  return rows[0].ended ? 'ended' : 'already';
}
