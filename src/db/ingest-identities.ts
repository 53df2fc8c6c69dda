import { type RawBuilder, sql } from 'kysely';
import type { Db } from './types.ts';

/** Which users the ids are, of those that are another's. */
export async function findAliases(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('user_aliases')
    .select(['alias', 'user_id'])
    .where((eb) => eb('alias', '=', eb.fn.any(eb.val([...ids]))))
    .execute();
  return new Map(rows.map(({ alias, user_id }) => [alias, user_id]));
}

/**
 * Makes each id of `users` another name of its user. What is stored of those in `merged` becomes that user's: their events,
 * so that the days of those (in `timeZone`) are counted anew, their accounts and traits; the user's own traits win.
 */
export async function writeTies(
  transaction: Db,
  { users, merged }: { users: ReadonlyMap<string, string>; merged: ReadonlyMap<string, string> },
  timeZone: string,
): Promise<void> {
  if (users.size === 0) return;
  await sql`
    update user_aliases a set user_id = p.user_id from ${pairs(merged)} where a.user_id = p.alias
  `.execute(transaction);
  await sql`
    insert into user_aliases (alias, user_id) select alias, user_id from ${pairs(users)} order by alias
    on conflict (alias) do update set user_id = excluded.user_id
  `.execute(transaction);
  if (merged.size === 0) return;
  // Most have nothing stored; which these are is told from indexes.
  const { rows: strangers } = await sql<{ id: string }>`
    select distinct anonymous_id as id from events where anonymous_id = any(${[...merged.keys()]}::text[])
  `.execute(transaction);
  const { rows: known } = await sql<{ id: string }>`
    select distinct id from users where id = any(${[...merged.keys()]}::text[]) order by id
  `.execute(transaction);
  const only = (rows: readonly { id: string }[]) => new Map(rows.map(({ id }) => [id, merged.get(id)!]));
  if (strangers.length > 0) {
    const moved = sql`
      update events e set user_id = p.user_id, anonymous_id = null from ${pairs(only(strangers))}
      where e.anonymous_id = p.alias
      returning e.account_id, e.user_id, e.occurred_at
    `;
    await moveEvents(transaction, moved, timeZone);
  }
  if (known.length > 0) {
    const moved = sql`
      update events e set user_id = p.user_id from ${pairs(only(known))} join users u on u.id = p.alias
      where e.account_id = u.account_id and e.user_id = u.id
      returning e.account_id, e.user_id, e.occurred_at
    `;
    await moveEvents(transaction, moved, timeZone);
    await mergeUsers(transaction, only(known));
  }
  await mergeHomes(transaction, merged);
}

/** A table `p` of ids and whose they are. */
function pairs(users: ReadonlyMap<string, string>): RawBuilder<unknown> {
  return sql`unnest(${[...users.keys()]}::text[], ${[...users.values()]}::text[]) as p (alias, user_id)`;
}

/** Runs `moved`, which gives events to users, and notes what follows from it. */
async function moveEvents(transaction: Db, moved: RawBuilder<unknown>, timeZone: string): Promise<void> {
  await sql`
    with moved as (${moved}),
    stale as (
      insert into stale_days (account_id, day)
      select distinct account_id, (occurred_at at time zone ${timeZone})::date from moved
    ),
    homes as (
      insert into user_accounts (user_id, account_id, since)
      select distinct on (user_id) user_id, account_id, to_timestamp(0) from moved order by user_id, account_id
      on conflict do nothing
    )
    insert into users as u (account_id, id, created_at)
    select account_id, user_id, min(occurred_at) from moved group by account_id, user_id order by account_id, user_id
    on conflict (account_id, id) do update set created_at = excluded.created_at where u.created_at > excluded.created_at
  `.execute(transaction);
}

async function mergeHomes(transaction: Db, users: ReadonlyMap<string, string>): Promise<void> {
  await sql`
    with gone as (delete from user_accounts where user_id = any(${[...users.keys()]}::text[]) returning *)
    insert into user_accounts as m (user_id, account_id, since)
    select distinct on (p.user_id) p.user_id, g.account_id, g.since
    from gone g join ${pairs(users)} on p.alias = g.user_id
    order by p.user_id, g.since desc
    on conflict (user_id) do update set account_id = excluded.account_id, since = excluded.since
    where excluded.since > m.since
  `.execute(transaction);
}

/** One after another, as several may be one user's. Rare: anonymous ids are no users. */
async function mergeUsers(transaction: Db, users: ReadonlyMap<string, string>): Promise<void> {
  for (const [id, user] of users) {
    await sql`
      with gone as (delete from users where id = ${id} returning *),
      -- Two count as one from there on; the day before, as days are not those of UTC everywhere.
      stale as (
        insert into stale_accounts (account_id, from_day)
        select account_id, least(current_date, coalesce((created_at - interval '1 day')::date, '1970-01-01')) from gone
      )
      insert into users as u (account_id, id, email, name, created_at, traits)
      select account_id, ${user}::text, email, name, created_at, traits from gone order by account_id
      on conflict (account_id, id) do update set
        email = coalesce(u.email, excluded.email), name = coalesce(u.name, excluded.name),
        created_at = case when u.created_at is not null then least(u.created_at, excluded.created_at) end,
        traits = excluded.traits || u.traits, updated_at = now()
    `.execute(transaction);
  }
}
