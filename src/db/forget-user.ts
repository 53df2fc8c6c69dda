import { type Kysely, sql } from 'kysely';
import {
  deleteEvents,
  deleteRefusalsWith,
  deleteWaitingEvents,
  forgetInTransaction,
  settleEventNames,
} from './forget-events.ts';
import { deletePresence } from './forget-presence.ts';
import type { Database, Day, Db } from './types.ts';

/** What is known of a user: `ids` are all that are theirs, the user's own first; `others` are accounts that keep them. */
type Person = { ids: string[]; accounts: string[]; others: string[] };

/** An account whose stored values the user was counted in, from a day on. */
type Counted = { account: string; from: Day };

/** What was removed, or would be, and what is to be computed anew besides what count-events asks for. */
export type ForgottenUser = Pick<Person, 'ids' | 'accounts'> & {
  counted: Counted[];
  removed: { users: number; events: number; waiting: number; aliases: number; refusals: number };
};

/**
 * Removes a user from everywhere: of all accounts, or of `account` alone. What the user's events were counted into is
 * counted anew by count-events. Null when nothing is known of such a user; `rehearsed` changes nothing.
 */
export async function forgetUser(
  db: Kysely<Database>,
  id: string,
  { account, timeZone, rehearsed }: { account: string | null; timeZone: string; rehearsed: boolean },
): Promise<ForgottenUser | null> {
  return forgetInTransaction(db, rehearsed, async (transaction) => {
    const person = await findPerson(transaction, id, account);
    const { ids, accounts } = person;
    const whole = person.others.length === 0;
    const events = await deleteEvents(
      transaction,
      sql`e.account_id = any(${accounts}::text[]) and (e.user_id = any(${ids}::text[]) or e.anonymous_id = any(${ids}::text[]))`,
    );
    const waiting = await deleteWaiting(transaction, ids, whole ? null : account);
    await noteStaleDays(transaction, timeZone);
    const presence = await deletePresence(transaction, accounts, ids);
    const counted = await noteStaleAccounts(transaction, person, presence, timeZone);
    const users = await deleteUsers(transaction, person);
    const aliases = whole ? await deleteAliases(transaction, ids) : 0;
    const refusals = whole ? await deleteRefusalsWith(transaction, ids) : 0;
    await settleEventNames(transaction, timeZone);
    const found = accounts.length + waiting + aliases > 0;
    return found ? { ids, accounts, counted, removed: { users, events, waiting, aliases, refusals } } : null;
  });
}

async function findPerson(transaction: Db, id: string, account: string | null): Promise<Person> {
  const named = await sql<{ id: string }>`
    with own as (select coalesce((select user_id from user_aliases where alias = ${id}), ${id}::text) as id)
    select id from own union all
    (select alias from user_aliases join own on user_aliases.user_id = own.id order by alias)
  `.execute(transaction);
  const ids = named.rows.map((row) => row.id);
  const placed = await sql<{ account: string }>`
    select account_id as account from users where id = any(${ids}::text[])
    union select account_id from user_accounts where user_id = any(${ids}::text[])
    union select account_id from changed_users where user_id = any(${ids}::text[])
    union select account_id from events where user_id = any(${ids}::text[]) or anonymous_id = any(${ids}::text[])
    order by account
  `.execute(transaction);
  const accounts = placed.rows.map((row) => row.account);
  if (account === null) return { ids, accounts, others: [] };
  return {
    ids,
    accounts: accounts.filter((one) => one === account),
    others: accounts.filter((one) => one !== account),
  };
}

/** Events and traits that wait: of all accounts, or of those that `account` is called by. */
async function deleteWaiting(transaction: Db, ids: readonly string[], account: string | null): Promise<number> {
  const ofAccount = sql`
    (${account}::text is null or w.account = ${account}
      or lower(w.account) in (select alias from account_aliases where account_id = ${account}))
  `;
  const events = await deleteWaitingEvents(
    transaction,
    sql`(w.user_id = any(${ids}::text[]) or w.anonymous_id = any(${ids}::text[])) and ${ofAccount}`,
  );
  const said = await sql`
    delete from waiting_users w where w.actor = any(${ids}::text[]) and ${ofAccount}
  `.execute(transaction);
  return events + Number(said.numAffectedRows ?? 0);
}

async function noteStaleDays(transaction: Db, timeZone: string): Promise<void> {
  await sql`
    insert into stale_days (account_id, day)
    select distinct account_id, (occurred_at at time zone ${timeZone})::date from forgotten_events
  `.execute(transaction);
}

/** From the day on which the user first counted for anything; one without a date of creation counted on every day. */
async function noteStaleAccounts(
  transaction: Db,
  { ids, accounts }: Person,
  presence: ReadonlyMap<string, Day>,
  timeZone: string,
): Promise<Counted[]> {
  const { rows } = await sql<Counted>`
    with noted as (
    insert into stale_accounts (account_id, from_day)
    select account_id, min(day) from (
      select account_id, coalesce((created_at at time zone ${timeZone})::date, '1970-01-01') as day
      from users where account_id = any(${accounts}::text[]) and id = any(${ids}::text[])
      union all
      select account_id, (occurred_at at time zone ${timeZone})::date from forgotten_events
      union all
      select * from unnest(${[...presence.keys()]}::text[], ${[...presence.values()]}::date[])
    ) counted (account_id, day)
    group by account_id
    returning account_id, from_day
    )
    select account_id as account, greatest(from_day, stored.first) as "from"
    from noted cross join lateral (select min(day) as first from metric_values v where v.account_id = noted.account_id) stored
    where stored.first is not null
    order by account_id
  `.execute(transaction);
  return rows;
}

async function deleteUsers(transaction: Db, { ids, accounts, others }: Person): Promise<number> {
  const which = sql`account_id = any(${accounts}::text[])`;
  const { numAffectedRows } = await sql`
    delete from users where ${which} and id = any(${ids}::text[])
  `.execute(transaction);
  await sql`delete from changed_users where ${which} and user_id = any(${ids}::text[])`.execute(transaction);
  await sql`delete from user_accounts where ${which} and user_id = any(${ids}::text[])`.execute(transaction);
  if (others.length > 0) {
    await sql`
      insert into user_accounts (user_id, account_id, since)
      select distinct on (id) id, account_id, to_timestamp(0) from users where id = any(${ids}::text[])
      order by id, account_id
      on conflict (user_id) do nothing
    `.execute(transaction);
  }
  return Number(numAffectedRows ?? 0);
}

async function deleteAliases(transaction: Db, ids: readonly string[]): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from user_aliases where user_id = any(${ids}::text[]) or alias = any(${ids}::text[])
  `.execute(transaction);
  return Number(numAffectedRows ?? 0);
}
