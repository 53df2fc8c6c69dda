import { sql } from 'kysely';
import type { Claim } from './recipients.ts';
import type { Db } from './types.ts';

/** A message that holds several alerts. */
export type GroupKind = 'group' | 'digest';

/** Whose messages, and where they go. A group holds those of one owner only, so that it moves when they change. */
export type GroupPlace = { recipient: string; ownerEmail: string | null };

/** How many single alerts were posted there after `since`. */
export async function countRecentAlerts(db: Db, { recipient, ownerEmail }: GroupPlace, since: Date): Promise<number> {
  const { count } = await db
    .selectFrom('messages')
    .select((is) => is.fn.countAll<number>().as('count'))
    .where('recipient', '=', recipient)
    .where('owner_email', 'is not distinct from', ownerEmail)
    .where('kind', '=', 'alert')
    .where('posted_at', '>', since)
    .executeTakeFirstOrThrow();
  return count;
}

/**
 * The newest group that more alerts may join, and how many: one that waits, or was posted after `since` and has an alert that
 * is not over; `null` is none. A digest that was posted is complete.
 */
export async function findOpenGroup(
  db: Db,
  { recipient, ownerEmail }: GroupPlace,
  { kind, since, mostAlerts }: { kind: GroupKind; since: Date; mostAlerts: number },
): Promise<{ id: number; room: number } | null> {
  const { rows } = await sql<{ id: number; alerts: number }>`
    select m.id, (select count(*) from alert_messages a where a.message_id = m.id) as alerts
    from messages m
    where m.recipient = ${recipient} and m.owner_email is not distinct from ${ownerEmail} and m.kind = ${kind} and (
      (m.status = 'waiting' and m.posting_at is null)
      or (m.kind = 'group' and m.status = 'sent' and m.posted_at > ${since}
        and exists (select from alerts a where a.message_id = m.id and a.state <> 'resolved'))
    )
    order by m.id desc limit 1
  `.execute(db);
  const [newest] = rows;
  return newest && newest.alerts < mostAlerts ? { id: newest.id, room: mostAlerts - newest.alerts } : null;
}

/** What became of a merge; `busy`: somebody is changing one of the messages or alerts, and nothing was merged. */
export type MergeOutcome = 'merged' | 'busy' | 'lost';

/**
 * Moves the alerts of single messages that nobody has begun to post into a group, `into` or a new one, in one transaction.
 * `lost`: another has the lease.
 */
export async function mergeMessages(
  db: Db,
  { recipient, lease }: Claim,
  merge: { ids: readonly number[]; kind: GroupKind; into: number | null; dueAt: Date; now: Date },
): Promise<MergeOutcome> {
  return db.transaction().execute(async (transaction) => {
    const held = await transaction
      .selectFrom('recipients')
      .select('recipient')
      .where('recipient', '=', recipient)
      .where('lease', '=', lease)
      .forUpdate()
      .executeTakeFirst();
    if (!held) return 'lost';
    const alertIds = await lockAlerts(transaction, merge.ids);
    const all = merge.into === null ? merge.ids : [...merge.ids, merge.into];
    const isAsItWas = await lockMessages(transaction, recipient, all);
    if (!alertIds || !isAsItWas) return 'busy';
    const group = merge.into ?? (await insertGroup(transaction, recipient, merge));
    await sql`
      insert into alert_messages (alert_id, message_id) select id, ${group}::bigint from unnest(${alertIds}::bigint[]) as id
      on conflict do nothing
    `.execute(transaction);
    await transaction.deleteFrom('alert_messages').where('message_id', 'in', merge.ids).execute();
    if (alertIds.length > 0)
      await transaction.updateTable('alerts').set({ message_id: group }).where('id', 'in', alertIds).execute();
    await transaction.updateTable('messages').set({ status: 'merged' }).where('id', 'in', merge.ids).execute();
    await setGroup(transaction, group, { parts: all, isNew: merge.into === null });
    return 'merged';
  });
}

/**
 * Locks the alerts that stand in the messages. Who changes alerts locks many of them in an order of their own, so this does
 * not wait: `null` when one is taken.
 */
async function lockAlerts(db: Db, messageIds: readonly number[]): Promise<number[] | null> {
  const inThese = db.selectFrom('alerts').select('id').where('message_id', 'in', messageIds).orderBy('id');
  const locked = await inThese.forUpdate().skipLocked().execute();
  const all = await inThese.execute();
  return locked.length === all.length ? locked.map(({ id }) => id) : null;
}

/** Whether all messages could be locked at once and are still as they were: singles not begun to post, a group not ended. */
async function lockMessages(db: Db, recipient: string, ids: readonly number[]): Promise<boolean> {
  const locked = await db
    .selectFrom('messages')
    .select('id')
    .where('id', 'in', ids)
    .where('recipient', '=', recipient)
    .where((is) =>
      is.or([
        is.and([is('status', '=', 'waiting'), is('posting_at', 'is', null)]),
        is.and([is('kind', '=', 'group'), is('status', '=', 'sent')]),
      ]),
    )
    .orderBy('id')
    .forUpdate()
    .skipLocked()
    .execute();
  return locked.length === ids.length;
}

async function insertGroup(
  db: Db,
  recipient: string,
  { ids, kind, dueAt, now }: { ids: readonly number[]; kind: GroupKind; dueAt: Date; now: Date },
): Promise<number> {
  const { id } = await db
    .insertInto('messages')
    // The rest is taken from the merged ones.
    .values({
      key: `${kind}:${Math.min(...ids)}`,
      kind,
      recipient,
      severity: 'low',
      due_at: dueAt,
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** A group is as severe as the most severe in it, theirs whose they are, and has every reason to detour. */
async function setGroup(
  db: Db,
  group: number,
  { parts, isNew }: { parts: readonly number[]; isNew: boolean },
): Promise<void> {
  await sql`
    with parts as (select severity, owner_email, detour from messages where id = any(${parts}::bigint[]))
    update messages set
      version = version + ${isNew ? 0 : 1}::int,
      severity = (select severity from parts order by array_position(array['high', 'medium', 'low'], severity) limit 1),
      owner_email = (select min(owner_email) from parts),
      detour = (
        select string_agg(distinct reason, '; ' order by reason)
        from parts, unnest(string_to_array(detour, '; ')) as reason
      )
    where id = ${group}
  `.execute(db);
}
