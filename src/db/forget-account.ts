import { type Kysely, sql } from 'kysely';
import {
  deleteEvents,
  deleteRefusalsWith,
  deleteWaitingEvents,
  forgetInTransaction,
  settleEventNames,
} from './forget-events.ts';
import { deleteTickets } from './forget-tickets.ts';
import type { Database, Db } from './types.ts';

/** What was removed with an account, or would be. */
export type ForgottenAccount = {
  name: string;
  removed: {
    users: number;
    events: number;
    waiting: number;
    aliases: number;
    metricValues: number;
    importedValues: number;
    scores: number;
    alerts: number;
    tasks: number;
    tickets: number;
    refusals: number;
  };
};

/** Removes an account with all that it has. Null when there is none; `rehearsed` changes nothing. */
export async function forgetAccount(
  db: Kysely<Database>,
  id: string,
  { timeZone, rehearsed }: { timeZone: string; rehearsed: boolean },
): Promise<ForgottenAccount | null> {
  return forgetInTransaction(db, rehearsed, async (transaction) => {
    const { rows } = await sql<{ name: string }>`
      select name from accounts where id = ${id} for update
    `.execute(transaction);
    const [account] = rows;
    if (!account) return null;
    const counts = await countOwn(transaction, id);
    const events = await deleteEvents(transaction, sql`e.account_id = ${id}`);
    const waiting = await deleteWaiting(transaction, id);
    const refusals = await deleteRefusals(transaction, id);
    const aliases = await deleteUserAliases(transaction, id);
    const tickets = await deleteTickets(transaction, id);
    // The rest goes with it.
    await sql`delete from accounts where id = ${id}`.execute(transaction);
    await settleEventNames(transaction, timeZone);
    return { ...account, removed: { ...counts, events, waiting, refusals, aliases, tickets } };
  });
}

type OwnCounts = Pick<
  ForgottenAccount['removed'],
  'users' | 'metricValues' | 'importedValues' | 'scores' | 'alerts' | 'tasks'
>;

async function countOwn(transaction: Db, id: string) {
  const count = (table: string) => sql<number>`(select count(*) from ${sql.table(table)} where account_id = ${id})`;
  const { rows } = await sql<OwnCounts>`
    select ${count('users')} as users, ${count('metric_values')} as "metricValues",
      ${count('imported_metric_values')} as "importedValues", ${count('scores')} as scores,
      ${count('alerts')} as alerts, ${count('tasks')} as tasks
  `.execute(transaction);
  return { users: 0, metricValues: 0, importedValues: 0, scores: 0, alerts: 0, tasks: 0, ...rows[0] };
}

/** What waits for the account, as calls may have named it, or for users of no other. */
async function deleteWaiting(transaction: Db, id: string): Promise<number> {
  const named = sql<boolean>`(w.account = ${id}
    or lower(w.account) in (select alias from account_aliases where account_id = ${id}))`;
  const events = await deleteWaitingEvents(
    transaction,
    sql`${named} or (w.account is null and w.user_id in (${ownUsers(id)}))`,
  );
  const said = await sql`
    delete from waiting_users w where ${named} or (w.account is null and w.actor in (${ownUsers(id)}))
  `.execute(transaction);
  return events + Number(said.numAffectedRows ?? 0);
}

async function deleteUserAliases(transaction: Db, id: string): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from user_aliases where user_id in (${ownUsers(id)})
  `.execute(transaction);
  return Number(numAffectedRows ?? 0);
}

/** The account's users who are in no other. */
function ownUsers(id: string) {
  return sql`
    select u.id from users u
    where u.account_id = ${id} and not exists (select from users o where o.id = u.id and o.account_id <> ${id})
  `;
}

/** Samples in which the account, or one of its users, is named. */
async function deleteRefusals(transaction: Db, id: string): Promise<number> {
  const aliases = await sql<{ alias: string }>`
    select alias from account_aliases where account_id = ${id}
  `.execute(transaction);
  const named = await deleteRefusalsWith(transaction, [id, ...aliases.rows.map(({ alias }) => alias)]);
  const { numAffectedRows } = await sql`
    delete from ingest_refusals r where exists (
      select from regexp_matches(r.sample, '"((?:[^"\\\\]|\\\\.)*)"', 'g') as words
      join users u on words[1] in (u.id, u.email) where u.account_id = ${id}
    )
  `.execute(transaction);
  return named + Number(numAffectedRows ?? 0);
}
