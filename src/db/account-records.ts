import { sql } from 'kysely';
import type { KnownAccount, Matched } from '../crm/match.ts';
import type { CrmName } from '../crm/types.ts';
import { UPCOMING_RENEWAL } from './renewal-accounts.ts';
import type { Db } from './types.ts';

const LOCK = 7_305_819;

/** A record that was of an account when it was last seen, and is no longer there or of it. */
export type MissingRecord = { accountId: string; recordId: string; name: string; seenAt: Date };

/** The segments that an account got or lost. */
export type SegmentChange = { accountId: string; added: string[]; removed: string[] };

/** All accounts with what they are known by. */
export async function findKnownAccounts(db: Db): Promise<KnownAccount[]> {
  const { rows } = await sql<KnownAccount>`
    select a.id, a.name, a.domain, coalesce(array_agg(x.alias) filter (where x.alias is not null), '{}') as aliases
    from accounts a left join account_aliases x on x.account_id = a.id
    group by a.id order by a.id
  `.execute(db);
  return rows;
}

/** The addresses of all CSMs that accounts have. */
export async function findCsmEmails(db: Db): Promise<string[]> {
  const { rows } = await sql<{ email: string }>`
    select distinct csm_email as email from accounts where csm_email is not null order by 1
  `.execute(db);
  return rows.map(({ email }) => email);
}

/** Makes accounts of records that have none; one whose id is taken meanwhile is passed over. */
export async function insertRecordAccounts(
  transaction: Db,
  accounts: readonly { id: string; name: string; domain: string | null }[],
): Promise<string[]> {
  if (accounts.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    with made as (
      insert into accounts (id, name, domain)
      select id, name, domain from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb)
        as g (id text, name text, domain text)
      order by id on conflict (id) do nothing returning id
    ),
    stale as (insert into stale_accounts (account_id, from_day) select id, current_date from made)
    select id from made order by id
  `.execute(transaction);
  return rows.map(({ id }) => id);
}

/**
 * Notes which record is of which account, and gives the accounts the segments that it names newly. Those it names no more are
 * taken away where they came from it. What others give or take meanwhile stays; `upcoming-renewal` is ours alone.
 */
export async function storeRecords(
  transaction: Db,
  source: CrmName,
  matched: readonly Matched[],
  now: Date,
): Promise<SegmentChange[]> {
  if (matched.length === 0) return [];
  const rows = matched.map(({ accountId, record: { id, name, segments } }) => ({
    accountId,
    id,
    name,
    segments: segments?.filter((segment) => segment !== UPCOMING_RENEWAL) ?? null,
  }));
  const { rows: changes } = await sql<SegmentChange>`
    with named as materialized (
      select g."accountId" as account_id, g.id as record_id, left(g.name, 500) as name,
        coalesce(g.segments, r.said_segments, '{}') as said,
        coalesce(r.said_segments, '{}') as was_said, coalesce(r.given_segments, '{}') as was_given
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g ("accountId" text, id text, name text, segments text[])
      left join account_records r on r.source = ${source} and r.account_id = g."accountId"
    ),
    planned as materialized (
      select n.*,
        array(
          select distinct s from unnest(said) s
          where s <> all (was_said)
            and not exists (select from account_segments x where x.account_id = n.account_id and x.segment = s)
          order by s
        ) as added,
        array(
          select distinct s from unnest(was_given) s
          where s <> all (said)
            and exists (select from account_segments x where x.account_id = n.account_id and x.segment = s)
          order by s
        ) as removed
      from named n
    ),
    noted as (
      insert into account_records as r (source, account_id, record_id, name, said_segments, given_segments, seen_at)
      select ${source}, account_id, record_id, name, said,
        array(select s from unnest(was_given) s where s = any (said) union select unnest(added)), ${now}::timestamptz
      from planned
      on conflict (source, account_id) do update set record_id = excluded.record_id, name = excluded.name,
        said_segments = excluded.said_segments, given_segments = excluded.given_segments, seen_at = excluded.seen_at
    ),
    put as (
      insert into account_segments (account_id, segment) select account_id, unnest(added) from planned
      on conflict (account_id, segment) do nothing
    ),
    taken as (
      delete from account_segments x using planned p where x.account_id = p.account_id and x.segment = any (p.removed)
    ),
    changed as (select account_id, added, removed from planned where cardinality(added) + cardinality(removed) > 0),
    stale as (insert into stale_accounts (account_id, from_day) select account_id, current_date from changed)
    select account_id as "accountId", added, removed from changed order by account_id
  `.execute(transaction);
  return changes;
}

/**
 * Has the transaction wait for others that write what this source says. Returns whether one of them, which began to read after
 * `readAt`, has written since: it knows more.
 */
export async function isOutdated(transaction: Db, source: CrmName, readAt: Date): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(${LOCK}, hashtext(${source}))`.execute(transaction);
  // What was seen later than now was seen before the clock was set back.
  const { rows } = await sql`
    select from account_records
    where source = ${source} and seen_at > ${readAt}::timestamptz and seen_at <= clock_timestamp() limit 1
  `.execute(transaction);
  return rows.length > 0;
}

/** The records of which there is nothing any more since `now`, when all that is there was noted. */
export async function findMissingRecords(db: Db, source: CrmName, now: Date): Promise<MissingRecord[]> {
  const { rows } = await sql<MissingRecord>`
    select account_id as "accountId", record_id as "recordId", name, seen_at as "seenAt"
    from account_records where source = ${source} and seen_at < ${now}::timestamptz order by account_id
  `.execute(db);
  return rows;
}
