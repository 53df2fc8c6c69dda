import { sql } from 'kysely';
import { insertRecipients } from './recipients.ts';
import { touchTicketMessages } from './tickets.ts';
import type { Db } from './types.ts';

const LOCK = 7_305_814;

/** Whose channel it is, as somebody said; `'nobody'` where they said that it is no account's, `null` where nobody said. */
export async function findChannelOwner(db: Db, channelId: string): Promise<{ accountId: string } | 'nobody' | null> {
  const account = await db
    .selectFrom('accounts')
    .select('id')
    .where('slack_channel_id', '=', channelId)
    .executeTakeFirst();
  if (account) return { accountId: account.id };
  const unlinked = await db
    .selectFrom('unlinked_channels')
    .select('channel_id')
    .where('channel_id', '=', channelId)
    .executeTakeFirst();
  return unlinked ? 'nobody' : null;
}

/** Of these channels those of which nobody said whose they are. */
export async function findUnsaidChannels(db: Db, channelIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select c.id from unnest(${channelIds}::text[]) with ordinality as c (id, place)
    where not exists (select from accounts where slack_channel_id = c.id)
      and not exists (select from unlinked_channels where channel_id = c.id)
    order by c.place
  `.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * What became of a wish to link. `before` is the channel that the account had, `tickets` how many got the account by it;
 * `taken` has the account that the channel is of; `gone`: there is no such account.
 */
export type LinkedChannel =
  | { outcome: 'linked'; before: string | null; tickets: number }
  | { outcome: 'already' }
  | { outcome: 'taken'; by: { id: string; name: string } }
  | { outcome: 'gone' };

/**
 * Says whose channel it is. Its tickets that have no account get this one, and so do those of another that are not done;
 * somebody looks what follows.
 */
export async function linkChannel(
  db: Db,
  { channelId, accountId, now }: { channelId: string; accountId: string; now: Date },
): Promise<LinkedChannel> {
  return inTransaction(db, async (transaction) => {
    // Nobody else gives this channel to another account meanwhile.
    await sql`select pg_advisory_xact_lock(${LOCK}, hashtext(${channelId}))`.execute(transaction);
    const rows = await transaction
      .selectFrom('accounts')
      .select(['id', 'name', 'slack_channel_id'])
      .where((is) => is.or([is('id', '=', accountId), is('slack_channel_id', '=', channelId)]))
      // In one order, for others may be linking the same.
      .orderBy('id')
      .forUpdate()
      .execute();
    const account = rows.find(({ id }) => id === accountId);
    const owner = rows.find(({ slack_channel_id }) => slack_channel_id === channelId);
    if (!account) return { outcome: 'gone' };
    if (owner && owner.id !== accountId) return { outcome: 'taken', by: { id: owner.id, name: owner.name } };
    await transaction.deleteFrom('unlinked_channels').where('channel_id', '=', channelId).execute();
    if (owner) {
      await adoptTickets(transaction, { channelId, accountId, isSaid: true, now });
      return { outcome: 'already' };
    }
    await transaction
      .updateTable('accounts')
      .set({ slack_channel_id: channelId })
      .where('id', '=', accountId)
      .execute();
    const tickets = await adoptTickets(transaction, { channelId, accountId, isSaid: true, now });
    return { outcome: 'linked', before: account.slack_channel_id, tickets };
  });
}

/** Says that a channel is no account's; tickets keep the account they have. Returns the account it was of. */
export async function unlinkChannel(
  db: Db,
  { channelId, by, now }: { channelId: string; by: string; now: Date },
): Promise<{ id: string; name: string } | null> {
  return inTransaction(db, async (transaction) => {
    const owner = await transaction
      .updateTable('accounts')
      .set({ slack_channel_id: null })
      .where('slack_channel_id', '=', channelId)
      .returning(['id', 'name'])
      .executeTakeFirst();
    await transaction
      .insertInto('unlinked_channels')
      .values({ channel_id: channelId, said_by: by, said_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return owner ?? null;
  });
}

/**
 * Gives the tickets of a channel that have no account this one, and has somebody look what follows. Where a person said whose
 * it is (`isSaid`), open tickets that were another's get it, too. Returns how many.
 */
export async function adoptTickets(
  db: Db,
  { channelId, accountId, isSaid, now }: { channelId: string; accountId: string; isSaid: boolean; now: Date },
): Promise<number> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await sql<{ id: number }>`
      update tickets set account_id = ${accountId}, due_at = ${now} where id in (
        select id from tickets
        where channel_id = ${channelId} and account_id is distinct from ${accountId}
          and (account_id is null or (${isSaid} and status not in ('solved', 'closed')))
        order by id for update
      )
      returning id
    `.execute(transaction);
    for (const { id } of rows) await touchTicketMessages(transaction, id);
    return rows.length;
  });
}

/** Has colleagues asked, once for each channel, whose it is. False: they were. */
export async function insertLinkQuestion(
  db: Db,
  {
    channelId,
    channelName,
    recipient,
    now,
  }: { channelId: string; channelName: string | null; recipient: string | null; now: Date },
): Promise<boolean> {
  const name = channelName === null ? channelId : `#${channelName}`;
  const notice = `Which account is the channel ${name} of? Tell me with “/cs link ${name} acme”, where acme is the account; or with “/cs link ${name} none” if it is of none. Until then its tickets count for no account.`;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('messages')
    .values({
      key: `link:${channelId}`,
      kind: 'notice',
      recipient,
      severity: 'medium',
      notice,
      due_at: now,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Says what is wrong with a channel, on its tickets that are not done and on which nothing else is wrong. Returns how many. */
export async function setChannelFault(db: Db, channelId: string, fault: string): Promise<number> {
  return changeFaults(
    db,
    sql`
    update tickets set fault = ${fault} where id in (
      select id from tickets
      where channel_id = ${channelId} and fault is null and status not in ('solved', 'closed')
      order by id for update
    )
    returning id
  `,
  );
}

/** Takes back that something was wrong with a channel, and has what waited for it tried again. Returns how many tickets. */
export async function clearChannelFault(db: Db, channelId: string, fault: string, now: Date): Promise<number> {
  return inTransaction(db, async (transaction) => {
    const count = await changeFaults(
      transaction,
      sql`
      update tickets set fault = null, due_at = ${now} where id in (
        select id from tickets where channel_id = ${channelId} and fault = ${fault} order by id for update
      )
      returning id
    `,
    );
    await sql`
      update messages set due_at = ${now}, attempts = 0 where id in (
        select m.id from messages m join tickets t on t.id = m.ticket_id
        where t.channel_id = ${channelId} and m.status = 'waiting' and m.due_at > ${now} and m.attempts > 0
        order by m.id for update of m
      )
    `.execute(transaction);
    return count;
  });
}

/**
 * Slack calls a channel by another id from now on: when it is moved to another workspace of the organisation, say. All that
 * is kept of it follows; what was said of the new id meanwhile stays.
 */
export async function moveChannel(db: Db, { from, to, now }: { from: string; to: string; now: Date }): Promise<void> {
  await inTransaction(db, async (transaction) => {
    await sql`
      update accounts set slack_channel_id = ${to}
      where slack_channel_id = ${from} and not exists (select from accounts where slack_channel_id = ${to})
    `.execute(transaction);
    await sql`
      insert into unlinked_channels (channel_id, said_by, said_at)
      select ${to}, said_by, said_at from unlinked_channels where channel_id = ${from} on conflict do nothing
    `.execute(transaction);
    const { rows } = await sql<{ id: number }>`
      update tickets set channel_id = ${to}, due_at = ${now} where id in (
        select id from tickets t where channel_id = ${from} and not exists (
          select from tickets o where (o.team_id, o.channel_id, o.thread_ts) = (t.team_id, ${to}, t.thread_ts)
        )
        order by id for update
      )
      returning id
    `.execute(transaction);
    const ids = rows.map(({ id }) => id);
    // A message's key has its channel, so that it is known again.
    await sql`
      update ticket_messages m set channel_id = ${to}, key = regexp_replace(key, ${`^([a-z]+):${from}:`}, ${`\\1:${to}:`})
      where channel_id = ${from} and ticket_id = any(${ids}::bigint[])
    `.execute(transaction);
    await sql`
      update messages set
        channel_id = case when channel_id = ${from} then ${to} else channel_id end,
        recipient = case when recipient = ${`#${from}`} then ${`#${to}`} else recipient end
      where ticket_id = any(${ids}::bigint[]) and ${from} in (channel_id, substr(recipient, 2))
    `.execute(transaction);
    await insertRecipients(transaction);
  });
}

async function changeFaults(db: Db, change: ReturnType<typeof sql<{ id: number }>>): Promise<number> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await change.execute(transaction);
    for (const { id } of rows) await touchTicketMessages(transaction, id);
    return rows.length;
  });
}

function inTransaction<Result>(db: Db, work: (transaction: Db) => Promise<Result>): Promise<Result> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
