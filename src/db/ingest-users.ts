import { sql } from 'kysely';
import { readUserTraits } from '../ingest/known-traits.ts';
import type { Fields } from '../ingest/types.ts';
import type { Db } from './types.ts';

/** What was said of somebody. */
export type SaidOfUser = {
  /** The user's id as given, or else the anonymous one. */
  actor: string;
  isUser: boolean;
  /** Whom the actor is known as; null while nobody told. */
  user: string | null;
  /** As named; null is whichever account the user is in. */
  account: string | null;
  /** Null when it is not known, or none was named. */
  accountId: string | null;
  at: Date;
  traits: Fields;
};

/**
 * Writes what was said of users, in its order: puts them into accounts, and merges their traits with what is stored. What
 * cannot be written yet, waits.
 */
export async function writeUsers(transaction: Db, said: readonly SaidOfUser[]): Promise<void> {
  if (said.length === 0) return;
  await writeHomes(transaction, said);
  const known = said.filter(({ user }) => user !== null);
  const placed = known.filter(({ accountId }) => accountId !== null);
  const anywhere = known.filter(({ account }) => account === null);
  await writeTraits(
    transaction,
    fold(placed, ({ user, accountId }) => JSON.stringify([accountId, user])),
  );
  const homeless = await writeTraits(
    transaction,
    fold(anywhere, ({ user }) => user!),
  );
  const waiting = said.filter(({ user, account, accountId }) => user === null || (account !== null && !accountId));
  await keepWaiting(transaction, [
    ...fold(waiting, ({ actor, account }) => JSON.stringify([actor, account])),
    ...homeless.map((one) => ({ ...one, actor: one.user!, isUser: true })),
  ]);
}

/** Takes what waits for these users, or for these accounts, as calls named them; the oldest first. */
export async function takeWaitingUsers(
  transaction: Db,
  { accounts, users }: { accounts: readonly string[]; users: readonly string[] },
): Promise<SaidOfUser[]> {
  const { rows } = await sql<SaidOfUser>`
    with ids as (
      select unnest(${users}::text[]) as id
      union select alias from user_aliases where user_id = any(${users}::text[])
    ),
    gone as (
      delete from waiting_users w
      where (w.account = any(${accounts}::text[]) or (w.account is null and w.actor in (select id from ids)))
        and (w.is_user or exists (select from user_aliases t where t.alias = w.actor))
      returning w.*
    )
    select g.actor, g.is_user as "isUser", coalesce(t.user_id, g.actor) as user, g.account,
      coalesce(a.id, x.account_id) as "accountId", g.at, g.traits
    from gone g
    left join user_aliases t on t.alias = g.actor
    left join accounts a on a.id = g.account
    left join account_aliases x on a.id is null and x.alias = lower(g.account)
    order by g.at
  `.execute(transaction);
  return rows;
}

/** Puts users into accounts; of several calls the newest counts, also when an older one comes later. */
async function writeHomes(transaction: Db, said: readonly SaidOfUser[]): Promise<void> {
  const homes = new Map<string, { user_id: string; account_id: string; since: Date }>();
  for (const { user, actor, accountId, at } of said) {
    if (accountId === null) continue;
    const id = user ?? actor;
    const before = homes.get(id);
    if (!before || before.since <= at) homes.set(id, { user_id: id, account_id: accountId, since: at });
  }
  if (homes.size === 0) return;
  await sql`
    insert into user_accounts as m (user_id, account_id, since)
    select g.user_id, a.id, g.since
    from jsonb_to_recordset(${JSON.stringify([...homes.values()])}::jsonb)
      as g (user_id text, account_id text, since timestamptz)
    join accounts a on a.id = g.account_id
    order by g.user_id
    on conflict (user_id) do update set account_id = excluded.account_id, since = excluded.since
    where excluded.since >= m.since and (excluded.account_id, excluded.since) <> (m.account_id, m.since)
  `.execute(transaction);
}

/** Merges traits into users of the accounts given, or of those that the user is in; returns what had none. */
async function writeTraits(transaction: Db, said: readonly SaidOfUser[]): Promise<SaidOfUser[]> {
  if (said.length === 0) return [];
  const given = said.map(({ user, accountId, at, traits }, index) => ({
    index,
    user_id: user,
    account_id: accountId,
    at,
    ...readUserTraits(traits),
  }));
  const { rows } = await sql<{ index: number }>`
    with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g (
        index int, user_id text, account_id text, at timestamptz, email text, name text, "createdAt" timestamptz,
        traits jsonb
      )
    ),
    places as materialized (
      select g.index, a.id as account_id from given g join accounts a on a.id = g.account_id
      union select g.index, u.account_id from given g join users u on u.id = g.user_id where g.account_id is null
      union
      select g.index, m.account_id from given g join user_accounts m on m.user_id = g.user_id
      where g.account_id is null
    ),
    changed as materialized (
      select p.account_id, g.user_id, coalesce(g.email, u.email) as email, coalesce(g.name, u.name) as name,
        -- Unless it is told, a user is as old as what is first known of it.
        case when u.id is null then coalesce(g."createdAt", g.at) else least(u.created_at, g."createdAt") end as created_at,
        coalesce(u.traits, '{}') || g.traits as traits,
        u.id is null or u.created_at is distinct from least(u.created_at, g."createdAt") as counts_otherwise,
        u.id is not null and u.created_at is null as counted_always
      from places p join given g on g.index = p.index
      left join users u on u.account_id = p.account_id and u.id = g.user_id
      where u.id is null
        or (coalesce(g.email, u.email), coalesce(g.name, u.name), least(u.created_at, g."createdAt"), u.traits || g.traits)
          is distinct from (u.email, u.name, u.created_at, u.traits)
    ),
    written as (
      insert into users as old (account_id, id, email, name, created_at, traits)
      select account_id, user_id, email, name, created_at, traits from changed order by account_id, user_id
      on conflict (account_id, id) do update set email = excluded.email, name = excluded.name,
        created_at = excluded.created_at, traits = excluded.traits, updated_at = now()
    ),
    stale as (
      insert into stale_accounts (account_id, from_day)
      select account_id, min(case
        when not counts_otherwise then current_date
        when counted_always then '1970-01-01'
        -- The day before, as days are not those of UTC everywhere.
        else least(current_date, (created_at - interval '1 day')::date)
      end)
      from changed group by account_id
    )
    select index from given g where not exists (select from places p where p.index = g.index)
  `.execute(transaction);
  return rows.map(({ index }) => said[index]!);
}

async function keepWaiting(transaction: Db, said: readonly SaidOfUser[]): Promise<void> {
  // Nothing said and nowhere to go.
  const kept = said.filter(({ traits, account }) => account !== null || Object.keys(traits).length > 0);
  if (kept.length === 0) return;
  const folded = fold(kept, ({ actor, account }) => JSON.stringify([actor, account]));
  const rows = folded.map(({ actor, isUser, account, at, traits }) => ({
    actor,
    is_user: isUser,
    account,
    at,
    traits,
  }));
  await sql`
    insert into waiting_users as w (actor, is_user, account, at, traits)
    select actor, is_user, account, at, traits from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as g (actor text, is_user boolean, account text, at timestamptz, traits jsonb)
    order by actor, account
    on conflict (actor, account) do update set
      is_user = w.is_user or excluded.is_user, at = greatest(w.at, excluded.at), traits = w.traits || excluded.traits
  `.execute(transaction);
}

/** One for each key, with the traits of all merged; the last one's other facts. */
function fold(said: readonly SaidOfUser[], keyOf: (one: SaidOfUser) => string): SaidOfUser[] {
  const folded = new Map<string, SaidOfUser>();
  for (const one of said) {
    const before = folded.get(keyOf(one));
    const at = before && before.at > one.at ? before.at : one.at;
    folded.set(keyOf(one), before ? { ...one, at, traits: { ...before.traits, ...one.traits } } : one);
  }
  return [...folded.values()];
}
