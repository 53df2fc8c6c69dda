import { sql } from 'kysely';
import { lockIngestion } from './ingest-lock.ts';
import { ensureIngestStage, storeStaged } from './ingest-stage.ts';
import { takeWaitingUsers, writeUsers } from './ingest-users.ts';
import type { Db } from './types.ts';

/** Accounts, as events name them, and users of whom something may have been waiting. */
export type Appeared = { accounts: readonly string[]; users: readonly string[] };

/** Moved in one transaction at most, so that nobody waits for long. */
const MOST = 10_000;

/**
 * Stores all that waits and need not any more, because its account or user is known by now: by an import, say. Cheap
 * when there is nothing to do. Returns how many events were stored.
 */
export async function attachWaitingEvents(db: Db): Promise<number> {
  let attached = 0;
  for (;;) {
    if (isNothing(await findAppeared(db))) return attached;
    const staged = await db.transaction().execute(attachSome);
    attached += staged;
    if (staged < MOST) return attached;
  }
}

async function attachSome(transaction: Db): Promise<number> {
  await lockIngestion(transaction, 'alone');
  const { accounts, users } = await findAppeared(transaction);
  await settleUsers(transaction, users);
  const taken = await takeWaitingUsers(transaction, { accounts, users });
  await writeUsers(transaction, taken);
  await ensureIngestStage(transaction);
  const all = [...users, ...taken.map(({ user, actor }) => user ?? actor)];
  const staged = await stageWaiting(transaction, { accounts, users: all });
  if (staged > 0) await storeStaged(transaction);
  return staged;
}

/**
 * Moves to the stage what waits for these accounts and users, if those are known, and returns how many. What is older
 * than what is kept cannot be counted any more, and goes.
 */
export async function stageWaiting(transaction: Db, { accounts, users }: Appeared): Promise<number> {
  const { numAffectedRows } = await sql`
    with ids as (
      select u.id, u.id as given from unnest(${users}::text[]) as u (id)
      union select user_id, alias from user_aliases where user_id = any(${users}::text[])
    ),
    placed as (select i.given from ids i join user_accounts m on m.user_id = i.id),
    known as (
      select n.name from unnest(${accounts}::text[]) as n (name)
      where exists (select from accounts a where a.id = n.name)
        or exists (select from account_aliases x where x.alias = lower(n.name))
    ),
    ready as (
      select key from waiting_events where account in (select name from known)
      union all
      select key from waiting_events where account is null and user_id in (select given from placed)
      union all
      select key from waiting_events
      where account is null and user_id is null and anonymous_id in (select given from placed)
      limit ${MOST}
    ),
    gone as (
      delete from waiting_events w using ready where w.key = ready.key
      returning w.key, w.id, w.account, w.user_id, w.anonymous_id, w.name, w.occurred_at, w.properties, w.received_at
    )
    insert into ingest_stage (key, id, account, user_id, anonymous_id, name, occurred_at, properties, received_at)
    select * from gone
    where occurred_at >= coalesce((select kept_from from event_retention), '-infinity')
  `.execute(transaction);
  return Number(numAffectedRows ?? 0);
}

/** Whether something waits for users of staged events who are in an account by now: by one of these events, say. */
export async function isStagedAwaited(transaction: Db): Promise<boolean> {
  const { rows } = await sql<{ awaited: boolean }>`
    with people as materialized (
      select distinct s.user_id as given, coalesce(t.user_id, s.user_id) as id
      from ingest_stage s left join user_aliases t on t.alias = s.user_id
      where s.user_id is not null and s.account is not null
    ),
    placed as (select given, id from people p where exists (select from user_accounts m where m.user_id = p.id))
    select exists (select from waiting_users w where w.account is null and w.actor in (select id from placed))
      or exists (
        select from waiting_events w where w.account is null and w.user_id in (select id from placed union select given from placed)
      ) as awaited
  `.execute(transaction);
  return rows[0]!.awaited;
}

/** Which of the accounts and users that something waits for are known. */
async function findAppeared(db: Db): Promise<Appeared> {
  const { rows } = await sql<{ account: string | null; user_id: string | null }>`
    with recursive
    -- Steps from one value to the next, however many rows have it.
    names as (
      (select account as name from waiting_events where account is not null order by account limit 1)
      union all
      select (select account from waiting_events where account > names.name order by account limit 1)
      from names where names.name is not null
    ),
    people as (
      (
        select user_id as id from waiting_events
        where account is null and user_id is not null order by user_id limit 1
      )
      union all
      select (
        select user_id from waiting_events where account is null and user_id > people.id order by user_id limit 1
      )
      from people where people.id is not null
    ),
    strangers as (
      (
        select anonymous_id as id from waiting_events
        where account is null and user_id is null and anonymous_id is not null order by anonymous_id limit 1
      )
      union all
      select (
        select anonymous_id from waiting_events
        where account is null and user_id is null and anonymous_id > strangers.id order by anonymous_id limit 1
      )
      from strangers where strangers.id is not null
    ),
    said as (
      select w.account, coalesce(t.user_id, w.actor) as user_id
      from waiting_users w left join user_aliases t on t.alias = w.actor
      where w.is_user or t.alias is not null
    ),
    all_names as (select name from names union select account from said),
    all_users as (
      select coalesce(t.user_id, p.id) as id
      from (select id from people union select id from strangers) p left join user_aliases t on t.alias = p.id
      union select user_id from said where account is null
    )
    select n.name as account, null as user_id from all_names n
    where exists (select from accounts a where a.id = n.name)
      or exists (select from account_aliases x where x.alias = lower(n.name))
    union all
    select null, p.id from all_users p
    where exists (select from user_accounts m where m.user_id = p.id) or exists (select from users u where u.id = p.id)
  `.execute(db);
  return {
    accounts: rows.flatMap(({ account }) => account ?? []),
    users: rows.flatMap(({ user_id }) => user_id ?? []),
  };
}

/** Users who are in an account by an import, say, and of whom no call told which is theirs: the first. */
async function settleUsers(transaction: Db, users: readonly string[]): Promise<void> {
  await sql`
    insert into user_accounts (user_id, account_id, since)
    select distinct on (id) id, account_id, to_timestamp(0) from users
    where id = any(${users}::text[]) order by id, account_id
    on conflict do nothing
  `.execute(transaction);
}

function isNothing({ accounts, users }: Appeared): boolean {
  return accounts.length + users.length === 0;
}
