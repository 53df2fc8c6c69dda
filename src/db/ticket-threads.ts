import { sql } from 'kysely';
import type { Db } from './types.ts';

/** What a thread is to tickets. */
export type TicketThread =
  /** It is a ticket's own, or the mirror's of one. */
  | { kind: 'ticket' | 'mirror'; ticketId: number }
  /** Somebody may just be making it a ticket's, or its first message is a card whose post is not certain yet. */
  | { kind: 'perhaps' }
  | { kind: 'none' };

/** What a thread is to tickets; one look, so that nothing falls between two. */
export async function findTicketThread(
  db: Db,
  { teamId, channelId, threadTs }: { teamId: string; channelId: string; threadTs: string },
): Promise<TicketThread> {
  const { rows } = await sql<{ ticket: number | null; mirror: number | null; perhaps: boolean }>`
    select
      (select id from tickets where team_id = ${teamId} and channel_id = ${channelId} and thread_ts = ${threadTs}) as ticket,
      (select ticket_id from messages where kind = 'ticket_mirror' and channel_id = ${channelId} and ts = ${threadTs} limit 1)
        as mirror,
      exists (
        select from slack_events
        where channel_id = ${channelId} and handled_at is null and type in ('reaction_added', 'shortcut')
      ) or exists (
        select from messages
        where kind = 'ticket_mirror' and channel_id = ${channelId} and ts is null and posting_at is not null
      ) as perhaps
  `.execute(db);
  const { ticket = null, mirror = null, perhaps = false } = rows[0] ?? {};
  if (ticket !== null) return { kind: 'ticket', ticketId: ticket };
  if (mirror !== null) return { kind: 'mirror', ticketId: mirror };
  return { kind: perhaps ? 'perhaps' : 'none' };
}
