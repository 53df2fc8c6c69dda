import { type Kysely, sql } from 'kysely';
import { startBatch } from '../../src/db/event-batches.ts';
import { ensureEventMonths } from '../../src/db/event-months.ts';
import type { Database, Db } from '../../src/db/types.ts';

export const accountCount = 2000;
export const days = 60;
/** The last of the days, and until when in it events were sent. */
export const today = '2026-11-20';
export const now = new Date(`${today}T18:00:00Z`);
/** What users do; the first four are measured. */
export const eventNames = [
  ...['report viewed', 'ticket purchased', 'search made', 'profile updated'],
  ...['page viewed', 'login', 'comment written', 'file uploaded'],
];
const destinations = 60;
const seed = 20261120;
const loaders = 2;
const dayMs = 86_400_000;
const start = new Date(Date.parse(`${today}T00:00:00Z`) - (days - 1) * dayMs);

/** The id of the account at a place from 0. */
export function accountId(place: number): string {
  return `account-${place}`;
}

/** Stores the accounts, each with 20 to 50 users. */
export async function insertAccounts(db: Db): Promise<void> {
  await sql`
    insert into accounts (id, name) select 'account-' || a, 'Account ' || a from generate_series(0, ${accountCount - 1}) a
  `.execute(db);
  await sql`
    insert into users (account_id, id)
    select 'account-' || a, 'user-' || u
    from generate_series(0, ${accountCount - 1}) a cross join lateral generate_series(0, 19 + a * 7 % 31) u
  `.execute(db);
}

/**
 * Stores the events numbered from `from` to before `to`: the same ones each time. Indexes are made anew after it, as
 * ten million events are quicker stored without.
 */
export async function insertGeneratedEvents(db: Kysely<Database>, from: number, to: number): Promise<void> {
  await ensureEventMonths(
    db,
    Array.from({ length: days }, (_, day) => new Date(start.getTime() + day * dayMs)),
  );
  const indexes = await sql<{ name: string; definition: string }>`
    select c.relname as name, pg_get_indexdef(c.oid) as definition
    from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = 'events'::regclass
  `.execute(db);
  for (const { name } of indexes.rows) await sql`drop index ${sql.table(name)}`.execute(db);
  const share = Math.ceil((to - from) / loaders);
  await Promise.all(
    Array.from({ length: loaders }, (_, loader) =>
      db.transaction().execute(async (transaction) => {
        await sql`set local synchronous_commit = off`.execute(transaction);
        const first = from + loader * share;
        await insertRange(transaction, first, Math.min(to, first + share), await startBatch(transaction));
      }),
    ),
  );
  for (const { definition } of indexes.rows) await sql.raw(definition.replace(' ON ONLY ', ' ON ')).execute(db);
  await sql`vacuum (freeze, analyze) events`.execute(db);
}

/** Larger accounts come first; of an account's users, some are busier than others and some stopped half-way. */
async function insertRange(db: Db, from: number, to: number, batch: number): Promise<void> {
  const random = (salt: number) =>
    sql`((hashint8extended(i, ${sql.lit(seed + salt)}) & 1073741823) / 1073741824.0::float8)`;
  const seconds = (now.getTime() - start.getTime()) / 1000;
  await sql`
    insert into events (account_id, id, key, user_id, name, occurred_at, properties, batch)
    select
      'account-' || account, 'event-' || i, lpad(to_hex(i), 32, '0')::uuid, 'user-' || who,
      (${eventNames}::text[])[1 + what],
      ${start}::timestamptz + interval '1 millisecond'
        * floor(1000 * ${seconds}::float8 * at * case when (account + who) % 5 = 0 then 0.6 else 1 end),
      case what
        when 1 then jsonb_build_object(
          'amount', round((20 + value * 1000)::numeric, 2), 'destination', 'airport ' || floor(${destinations}::int * value * value)
        )
        else jsonb_build_object('source', case when value < 0.7 then 'web' else 'mobile' end)
      end,
      ${batch}
    from (
      select i, account, floor((20 + account * 7 % 31) * power(${random(1)}, 1.3))::int as who,
        floor(${eventNames.length}::int * ${random(2)})::int as what, ${random(3)} as at, ${random(4)} as value
      from (
        select i, floor(${accountCount}::int * power(${random(0)}, 1.4))::int as account
        from generate_series(${from}::bigint, ${to - 1}::bigint) i
      ) of_account
    ) generated
  `.execute(db);
}
