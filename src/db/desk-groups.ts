import { sql } from 'kysely';
import type { Group } from '../helpdesk/types.ts';
import type { Db } from './types.ts';

/** The groups of a help desk as last asked, in its order. */
export async function findGroups(db: Db, desk: string): Promise<Group[]> {
  return db
    .selectFrom('desk_groups')
    .select(['id', 'name'])
    .where('desk', '=', desk)
    .orderBy('place')
    .orderBy('id')
    .execute();
}

/**
 * Stores the groups of a help desk in place of those that were known; where they are others, the forms that are open show
 * these. True: they are others.
 */
export async function replaceGroups(db: Db, desk: string, groups: readonly Group[], now: Date): Promise<boolean> {
  const wanted = groups.filter(({ id, name }) => id !== '' && id.length <= 75 && name.trim() !== '');
  return db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('desk_groups'))`.execute(transaction);
    const before = await findGroups(transaction, desk);
    await transaction.deleteFrom('desk_groups').where('desk', '=', desk).execute();
    if (wanted.length > 0)
      await transaction
        .insertInto('desk_groups')
        .values(wanted.map(({ id, name }, place) => ({ desk, id, name, place, found_at: now })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    const after = await findGroups(transaction, desk);
    if (JSON.stringify(before) === JSON.stringify(after)) return false;
    await sql`
      update messages set version = version + 1 where id in (
        select m.id from messages m join tickets t on t.id = m.ticket_id
        where m.kind = 'ticket' and t.desk = ${desk} and t.form = 'open' and t.status not in ('solved', 'closed')
        order by m.id for update of m
      )
    `.execute(transaction);
    return true;
  });
}
