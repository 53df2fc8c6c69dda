import { sql } from 'kysely';
import { lockIngestion } from './ingest-lock.ts';
import type { Db } from './types.ts';

/** An event that tells of a ticket, for its account's metrics. */
export type TicketFact = {
  /** As keyOfMessage makes it. */
  key: string;
  occurredAt: Date;
  properties: Readonly<Record<string, unknown>>;
};

/** Since when a ticket is known to be solved, and for which account it is counted. */
export type CountedTicket = { solvedAt: Date | null; countedFor: string | null };

/** What is noted of a ticket; `null` when there is no such ticket. */
export async function findCountedTicket(db: Db, id: number): Promise<CountedTicket | null> {
  const row = await db
    .selectFrom('tickets')
    .select(['solved_at as solvedAt', 'counted_for as countedFor'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** Those of the facts that are stored for an account, as they are stored; a fact is looked for at its own time. */
export async function findStoredFacts(
  db: Db,
  account: string,
  facts: readonly Pick<TicketFact, 'key' | 'occurredAt'>[],
): Promise<TicketFact[]> {
  const { rows } = await sql<TicketFact>`
    select replace(e.key::text, '-', '') as key, e.occurred_at as "occurredAt", e.properties
    from unnest(${facts.map(({ key }) => key)}::uuid[], ${facts.map(({ occurredAt }) => occurredAt)}::timestamptz[])
      as f (key, at)
    join events e on e.account_id = ${account} and e.occurred_at = f.at and e.key = f.key
  `.execute(db);
  return rows;
}

/**
 * Notes what is known of a ticket now, takes back facts that are not so, and corrects others; the days of these are counted
 * anew. So an account's metrics are as if nobody had been wrong.
 */
export async function correctTicketFacts(
  db: Db,
  ticketId: number,
  given: {
    counted: CountedTicket;
    /** Of the account that the ticket was counted for. */
    wrong: { account: string; taken: readonly TicketFact[]; changed: readonly TicketFact[] } | null;
    timeZone: string;
  },
): Promise<void> {
  const { counted, wrong, timeZone } = given;
  await db.transaction().execute(async (transaction) => {
    await lockIngestion(transaction, 'shared');
    await transaction
      .updateTable('tickets')
      .set({ solved_at: counted.solvedAt, counted_for: counted.countedFor })
      .where('id', '=', ticketId)
      .execute();
    for (const { key, occurredAt } of wrong?.taken ?? []) {
      await sql`
        with gone as (
          delete from events where account_id = ${wrong?.account} and occurred_at = ${occurredAt} and key = ${key}::uuid
          returning account_id, key, occurred_at
        ),
        keys as (delete from event_keys where key in (select key from gone))
        insert into stale_days (account_id, day)
        select account_id, (occurred_at at time zone ${timeZone})::date from gone
      `.execute(transaction);
    }
    for (const { key, occurredAt, properties } of wrong?.changed ?? []) {
      await sql`
        with changed as (
          update events set properties = ${JSON.stringify(properties)}
          where account_id = ${wrong?.account} and occurred_at = ${occurredAt} and key = ${key}::uuid
          returning account_id, occurred_at
        )
        insert into stale_days (account_id, day)
        select account_id, (occurred_at at time zone ${timeZone})::date from changed
      `.execute(transaction);
    }
  });
}
