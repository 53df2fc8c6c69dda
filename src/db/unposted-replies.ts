import { sql } from 'kysely';
import type { Db } from './types.ts';

/** An agent's reply that stands in no thread, of which the help desk was not told. */
export type UnpostedReply = { messageId: number; ticketId: number; why: string | null };

/** Replies that Slack has refused at least so often. */
export async function findUnpostedReplies(db: Db, attempts: number): Promise<UnpostedReply[]> {
  const { rows } = await sql<UnpostedReply>`
    select m.id as "messageId", m.ticket_id as "ticketId", m.last_error as why from messages m
    where m.kind = 'ticket_reply' and m.status = 'waiting' and m.attempts >= ${attempts}
      and not exists (select from ticket_messages n where n.ticket_id = m.ticket_id and n.key = 'unposted:' || m.id)
    order by m.id limit 100
  `.execute(db);
  return rows;
}

/** Has the help desk told, once, by an internal note. */
export async function noteUnpostedReply(
  db: Db,
  { messageId, ticketId, text, now }: { messageId: number; ticketId: number; text: string; now: Date },
): Promise<void> {
  await sql`
    with noted as (
      insert into ticket_messages (ticket_id, key, origin, is_public, author_kind, author_name, text, said_at, state)
      values (${ticketId}, ${`unposted:${messageId}`}, 'mirror', false, 'us', 'Bellwether', ${text}, ${now}, 'waiting')
      on conflict (ticket_id, key) do nothing
      returning ticket_id
    )
    update tickets set due_at = ${now} where id in (select ticket_id from noted)
  `.execute(db);
}
