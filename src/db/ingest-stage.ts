import { type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import { copyRows } from './copy-rows.ts';
import type { Db } from './types.ts';

/** What became of the new events of a door; the others were there already. */
type StoredCount = { door: string; stored: number; waiting: number };

/** `usersAppeared`: users are in an account who were not before. */
export type StoredEvents = { counts: StoredCount[]; usersAppeared: boolean };

/** Makes the temporary table that events go through, once for a connection; it is empty when a transaction begins. */
export async function ensureIngestStage(transaction: Db): Promise<void> {
  await sql`
    create temp table if not exists ingest_stage (
      -- Null: the event waited, and was counted and keyed when it came.
      door text,
      key uuid,
      id text,
      account text,
      user_id text,
      anonymous_id text,
      name text,
      occurred_at timestamptz,
      properties jsonb,
      received_at timestamptz default now()
    ) on commit delete rows
  `.execute(transaction);
}

/** Adds lines in COPY's text format; `columns` in their order. */
export async function copyToIngestStage(transaction: Db, columns: string, lines: readonly Buffer[]): Promise<void> {
  await copyRows(`ingest_stage (${columns})`, lines).execute(transaction);
}

/**
 * Stores what is staged and was not stored before, each event with its account and user; what has no account waits. Users
 * appear by it. Keys in the stage must differ. What is stored is one batch.
 */
export async function storeStaged(transaction: Db): Promise<StoredEvents> {
  // Events that come again are the exception, and looking out for them takes a tenth of storing the others.
  await sql`savepoint before_events`.execute(transaction);
  try {
    return await store(transaction, { lookOut: false });
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.constraint === 'event_keys_pkey')) throw error;
  }
  await sql`rollback to savepoint before_events`.execute(transaction);
  return await store(transaction, { lookOut: true });
}

/** `lookOut` for events that are stored already; without it, one of them makes this fail. */
async function store(transaction: Db, { lookOut }: { lookOut: boolean }): Promise<StoredEvents> {
  const when = (fragment: RawBuilder<unknown>) => (lookOut ? fragment : sql``);
  const { rows } = await sql<{ door: string | null; stored: number; waiting: number; appeared: boolean }>`
    with fresh as (
      insert into event_keys (key, occurred_at)
      -- In one order, for others may be adding the same.
      select key, occurred_at from ingest_stage where door is not null order by key
      ${when(sql`on conflict do nothing returning key`)}
    ),
    resolved as materialized (
      select s.door, s.key, s.id, s.account, s.name, s.occurred_at, s.properties, s.received_at,
        s.user_id as given_user_id, s.anonymous_id as given_anonymous_id,
        case when s.user_id is null then t.user_id else coalesce(t.user_id, s.user_id) end as user_id,
        case when s.user_id is null and t.user_id is null then s.anonymous_id end as anonymous_id,
        case when s.account is null then home.account_id else coalesce(a.id, x.account_id) end as account_id
      from ingest_stage s
      ${when(sql`left join fresh f on f.key = s.key`)}
      left join user_aliases t on t.alias = coalesce(s.user_id, s.anonymous_id)
      left join accounts a on a.id = s.account
      left join account_aliases x on a.id is null and x.alias = lower(s.account)
      left join user_accounts home
        on s.account is null and home.user_id = coalesce(t.user_id, s.user_id, s.anonymous_id)
      ${when(sql`where s.door is null or f.key is not null`)}
    ),
    -- Nobody deletes one before this is over, see lockIngestion.
    found as materialized (select id from accounts where id in (select account_id from resolved)),
    batch as materialized (
      select nextval('event_batches') as id where exists (select from found)
    ),
    noted as (insert into uncounted_batches (id) select id from batch),
    stored as (
      insert into events (account_id, id, key, user_id, anonymous_id, name, occurred_at, properties, batch)
      select r.account_id, r.id, r.key, r.user_id, r.anonymous_id, r.name, r.occurred_at, r.properties,
        (select id from batch)
      from resolved r join found on found.id = r.account_id
    ),
    doers as (
      select r.account_id, r.user_id, min(r.occurred_at) as first_at
      from resolved r join found on found.id = r.account_id
      where r.user_id is not null
      group by r.account_id, r.user_id
    ),
    appeared as (
      insert into users as u (account_id, id, created_at)
      select d.account_id, d.user_id, d.first_at
      from doers d
      -- With a limit, so that each is looked up; reading all users takes longer than it is thought to.
      left join lateral (
        select u.id, u.created_at from users u where u.account_id = d.account_id and u.id = d.user_id limit 1
      ) known on true
      -- An active user is one of the account's users on that day.
      where known.id is null or known.created_at > d.first_at
      order by d.account_id, d.user_id
      on conflict (account_id, id) do update set created_at = excluded.created_at where u.created_at > excluded.created_at
      returning account_id, id
    ),
    -- A user's first account is the user's, until a call says otherwise.
    homes as (
      insert into user_accounts (user_id, account_id, since)
      select distinct on (id) id, account_id, to_timestamp(0) from appeared order by id, account_id
      on conflict do nothing
    ),
    waiting as (
      insert into waiting_events
        (key, id, account, user_id, anonymous_id, name, occurred_at, properties, received_at)
      select r.key, r.id, r.account, r.given_user_id, r.given_anonymous_id, r.name, r.occurred_at, r.properties,
        r.received_at
      from resolved r where not exists (select from found where found.id = r.account_id)
      order by r.key
      on conflict do nothing
    )
    select r.door, count(found.id) as stored, count(*) - count(found.id) as waiting,
      exists (select from appeared) as appeared
    from resolved r left join found on found.id = r.account_id
    group by r.door
  `.execute(transaction);
  return {
    counts: rows.flatMap(({ door, stored, waiting }) => (door === null ? [] : { door, stored, waiting })),
    usersAppeared: rows.some(({ appeared }) => appeared),
  };
}
