import { type Kysely, sql } from 'kysely';
import { withAlertsLocked } from './alert-changes.ts';
import type { Database, Day, Db } from './types.ts';

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
 * Ends a hold: released, its messages go out, and the tasks of its alerts are opened, to be done by `taskDue`; discarded, they
 * are never sent, and their alerts end in silence when they are over.
 */
export async function endHold(
  db: Kysely<Database>,
  id: number,
  outcome: 'released' | 'discarded',
  { now, taskDue }: { now: Date; taskDue: Day },
): Promise<'ended' | 'already' | 'unknown'> {
  return withAlertsLocked(db, async (transaction) => {
    const { rows } = await sql<{ ended: boolean }>`
      with found as (select id, ended_at from alert_holds where id = ${id} for update),
      ended as (
        update alert_holds h set ended_at = ${now}, outcome = ${outcome}
        from found where h.id = found.id and found.ended_at is null returning h.id
      )
      select exists (select from ended) as ended from found
    `.execute(transaction);
    if (!rows[0]) return 'unknown';
    if (!rows[0].ended) return 'already';
    if (outcome === 'released') {
      await sql`
        insert into tasks (key, account_id, alert_id, title, assignee_email, due, created_at)
        select 'alert:' || al.id, al.account_id, al.id, al.task, a.csm_email, ${taskDue}::date, ${now}
        from alerts al join accounts a on a.id = al.account_id join messages m on m.id = al.message_id
        where m.hold_id = ${id} and al.task is not null and al.state <> 'resolved'
        on conflict (key) do nothing
      `.execute(transaction);
    }
    await sql`
      update alerts set task = null from messages m where m.id = message_id and m.hold_id = ${id} and task is not null
    `.execute(transaction);
    await sql`
      update messages set hold_id = null, due_at = ${now},
        status = case when ${outcome} = 'released' then status else 'cancelled' end
      where hold_id = ${id} and status = 'waiting'
    `.execute(transaction);
    // Nobody need be told any more how to end it.
    await sql`
      update messages set status = 'cancelled' where key = ${`hold:${id}`} and status = 'waiting' and posting_at is null
    `.execute(transaction);
    return 'ended';
  });
}
