import { type RawBuilder, sql } from 'kysely';
import { BUILT_IN_DESK } from './built-in-desk.ts';
import type { Db } from './types.ts';

/**
 * Deletes an account's tickets, with all that was said about them, what is to be said in Slack, the built-in help desk's
 * side of them and the events of Slack that tell of them. Returns how many tickets. The account must still be there.
 */
export async function deleteTickets(transaction: Db, accountId: string): Promise<number> {
  const count = await listTickets(transaction, accountId);
  await listChannels(transaction, accountId);
  await deleteSlackEvents(transaction);
  await deleteBuiltIn(transaction);
  await sql`
    delete from messages m using forgotten_channels c where m.key = 'link:' || c.channel_id
  `.execute(transaction);
  await sql`delete from tickets t using forgotten_tickets f where t.id = f.id`.execute(transaction);
  await sql`
    delete from recipients r using forgotten_channels c
    where r.recipient = '#' || c.channel_id and not exists (select from messages m where m.recipient = r.recipient)
  `.execute(transaction);
  return count;
}

/** Lists its tickets in `forgotten_tickets`: also those of its channel that have no account yet. */
async function listTickets(transaction: Db, accountId: string): Promise<number> {
  await sql`
    create temp table forgotten_tickets on commit drop as
    select id, team_id, channel_id, thread_ts, source_ts, desk, desk_ticket_id, previous_ticket_id, request from tickets
    where account_id = ${accountId}
      or (account_id is null and channel_id = (select slack_channel_id from accounts where id = ${accountId}))
    order by id for update
  `.execute(transaction);
  const { rows } = await sql<{ count: number }>`select count(*) as count from forgotten_tickets`.execute(transaction);
  return rows[0]?.count ?? 0;
}

/** Lists its channels in `forgotten_channels`: its own and those of its tickets, where they are of nobody else. */
async function listChannels(transaction: Db, accountId: string): Promise<void> {
  await sql`
    create temp table forgotten_channels on commit drop as
    select channel_id from (
      select slack_channel_id as channel_id from accounts where id = ${accountId} and slack_channel_id is not null
      union select channel_id from forgotten_tickets
      -- Slack may have called it otherwise when the ticket was made.
      union select split_part(request ->> 'externalId', ':', 3) from forgotten_tickets where request is not null
    ) own
    where not exists (select from accounts a where a.slack_channel_id = own.channel_id and a.id <> ${accountId})
      and not exists (
        select from tickets o
        where o.channel_id = own.channel_id and o.id not in (select id from forgotten_tickets)
      )
      -- Nor the one in which colleagues talk about all tickets.
      and not exists (
        select from messages m
        where m.kind = 'ticket_mirror' and m.channel_id = own.channel_id
          and m.ticket_id not in (select id from forgotten_tickets)
      )
  `.execute(transaction);
}

/** Of a ticket that follows a closed one, the closed one, too. */
async function deleteBuiltIn(transaction: Db): Promise<void> {
  await sql`
    delete from built_in_tickets b
    where ${threadOf(sql`b.external_id`)} in (
        select concat_ws(':', 'bellwether', team_id, channel_id, thread_ts) from forgotten_tickets
        union select ${threadOf(sql`request ->> 'externalId'`)} from forgotten_tickets where request is not null
      )
      or b.id::text in (
        select unnest(array[desk_ticket_id, previous_ticket_id]) from forgotten_tickets where desk = ${BUILT_IN_DESK}
      )
  `.execute(transaction);
}

/** An external id, as tickets/create-ticket.ts makes it, without what tells those of one thread apart. */
function threadOf(externalId: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`array_to_string((string_to_array(${externalId}, ':'))[1:4], ':')`;
}

/** All events of its channels, and those that name a message of its tickets elsewhere. */
async function deleteSlackEvents(transaction: Db): Promise<void> {
  await sql`
    with places as (
      select channel_id, thread_ts as ts from forgotten_tickets
      union select channel_id, source_ts from forgotten_tickets
      union select m.channel_id, m.ts from messages m join forgotten_tickets t on t.id = m.ticket_id
      union select said.channel_id, said.ts from ticket_messages said join forgotten_tickets t on t.id = said.ticket_id
    ),
    words as (
      select e.event_id, e.channel_id, word #>> '{}' as word
      from slack_events e, jsonb_path_query(e.body, 'strict $.** ? (@.type() == "string")') as word
    )
    delete from slack_events
    where channel_id in (select channel_id from forgotten_channels)
      or event_id in (
        select event_id from words join places on places.channel_id = words.channel_id and places.ts = words.word
        -- What tells of a channel itself happened in none.
        union select event_id from words
          where channel_id is null and word in (select channel_id from forgotten_channels)
      )
  `.execute(transaction);
}
