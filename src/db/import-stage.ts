import { type RawBuilder, sql } from 'kysely';
import type { CopyValue } from './copy-format.ts';
import type { Day, Db } from './types.ts';

/** Staged rows after the first, up to and with the last; numbered from 1 as they were staged. */
export type RowRange = { after: number; last: number };

/** What became of rows: of accounts, users, events or metric values. */
export type UpsertCounts = { inserted: number; updated: number; unchanged: number };

/**
 * The same, and what was made because rows name it. `differing`: so many values are not what the account has, as another
 * source owns the field.
 */
export type MergeCounts = UpsertCounts & { createdAccounts: number; createdUsers: number; differing?: number };

type SettleOptions = {
  /** Refuse rows that name an account that is not stored, rather than create it. */
  knownAccountsOnly: boolean;
  /** Why a record that comes twice is refused; null lets the last one win. */
  refuseRepeats: string | null;
};

/** How one kind of record gets into the tables by way of a temporary table, `import_stage`. */
export type ImportTarget<Staged> = {
  /** The stage's columns beside `row` and `line`, in SQL. */
  columns: string;
  /** Values in the order of `columns`. */
  toCopy(record: Staged): CopyValue[];
  /** Finds among the staged rows those that come twice or that the database refuses; returns how many were superseded. */
  settle(db: Db, options: SettleOptions): Promise<number>;
  /** Makes room for the staged rows, outside any transaction. */
  prepare?(db: Db): Promise<void>;
  /** Writes staged rows; those that are stored already as they are stay untouched. Days are those of `timeZone`. */
  merge(db: Db, range: RowRange, timeZone: string): Promise<MergeCounts>;
  /** Rows merged in one transaction; null is all. */
  rowsPerTransaction: number | null;
  /** In SQL, the day in `timeZone` that a staged row counts for; null where rows have none. */
  dayOf: ((timeZone: string) => RawBuilder<Day>) | null;
};

/** A staged row that the database refuses; `field` as in the stage's column. */
export type RejectedRow = { row: number; line: number; field: string; value: string; reason: string };

/** Makes the empty stage, and the list of what is refused. */
export async function createStage(db: Db, columns: string): Promise<void> {
  await sql`create temp table import_stage (row bigint, line bigint, ${sql.raw(columns)})`.execute(db);
  await sql`
    create temp table import_rejected (row bigint primary key, line bigint, field text, value text, reason text)
  `.execute(db);
}

/** To be called when all rows are staged. */
export async function indexStage(db: Db): Promise<void> {
  await sql`create unique index on import_stage (row)`.execute(db);
  await sql`analyze import_stage`.execute(db);
}

/** The first day that a staged row counts for, refused ones included. */
export async function findEarliestDay(db: Db, day: RawBuilder<Day>): Promise<Day | null> {
  const { rows } = await sql<{ day: Day | null }>`select min(${day}) as day from import_stage`.execute(db);
  return rows[0]?.day ?? null;
}

/** Up to 1000 refused rows after the one numbered so, in their order. */
export async function findRejected(db: Db, afterRow: number): Promise<RejectedRow[]> {
  const { rows } = await sql<RejectedRow>`
    select row, line, field, value, reason from import_rejected where row > ${afterRow} order by row limit 1000
  `.execute(db);
  return rows;
}

/** Moves staged rows to the refused. `rejected` selects row, field, value and reason; returns how many there were. */
export async function rejectStaged(db: Db, rejected: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with rejected as materialized (${rejected}),
    gone as (
      delete from import_stage s using rejected r where s.row = r.row
      returning s.row, s.line, r.field, r.value, r.reason
    ),
    kept as (insert into import_rejected select row, line, field, value, reason from gone returning row)
    select count(*) as count from kept
  `.execute(db);
  return rows[0]?.count ?? 0;
}

/** Refuses rows whose account is not stored. */
export async function rejectUnknownAccounts(db: Db): Promise<void> {
  await rejectStaged(
    db,
    sql`
      select s.row, 'account' as field, s.account_id as value, 'is not a known account' as reason
      from import_stage s
      where not exists (select from accounts a where a.id = s.account_id)
    `,
  );
}

/** Of staged rows with the same key keeps the last, and returns how many others there were. `key` are columns of ours. */
export async function dropRepeats(db: Db, key: readonly string[]): Promise<number> {
  const columns = sql.raw(key.join(', '));
  const { numAffectedRows } = await sql`
    delete from import_stage where row in (
      select row from (
        select row, row_number() over (partition by ${columns} order by row desc) as nth
        from import_stage
        where (${columns}) in (select ${columns} from import_stage group by ${columns} having count(*) > 1)
      ) as repeated
      where nth > 1
    )
  `.execute(db);
  return Number(numAffectedRows ?? 0);
}

/**
 * Writes staged rows and counts what became of them. `steps` are the query's parts: `part`, the rows to be merged, and
 * `written`, an upsert that returns `xmax = 0 as inserted` of those that are new or differ.
 */
export async function countUpsert(db: Db, steps: RawBuilder<unknown>): Promise<UpsertCounts> {
  const { rows } = await sql<{ staged: number; inserted: number; updated: number }>`
    with ${steps}
    select
      (select count(*) from part) as staged,
      count(*) filter (where inserted) as inserted,
      count(*) filter (where not inserted) as updated
    from written
  `.execute(db);
  const { staged = 0, inserted = 0, updated = 0 } = rows[0] ?? {};
  return { inserted, updated, unchanged: staged - inserted - updated };
}

/** Users who are in no account by what a call said are in the first that they are imported into. */
export async function settleImportedUsers(db: Db, { after, last }: RowRange, id: 'id' | 'user_id'): Promise<void> {
  const user = sql.ref(id);
  await sql`
    insert into user_accounts (user_id, account_id, since)
    select distinct on (${user}) ${user}, account_id, to_timestamp(0) from import_stage
    where row > ${after} and row <= ${last} and ${user} is not null order by ${user}, account_id
    on conflict (user_id) do nothing
  `.execute(db);
}

/** An id that calls told to be another user's is that user in files, too. */
export async function resolveAliases(db: Db, { after, last }: RowRange, id: 'id' | 'user_id'): Promise<void> {
  await sql`
    update import_stage s set ${sql.ref(id)} = a.user_id from user_aliases a
    where a.alias = s.${sql.ref(id)} and s.row > ${after} and s.row <= ${last}
  `.execute(db);
}

/** Stores the accounts that staged rows name and that are not there, called by their id; returns how many. */
export async function insertNamedAccounts(db: Db, { after, last }: RowRange): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into accounts (id, name)
    select distinct account_id, account_id from import_stage where row > ${after} and row <= ${last}
    order by account_id
    on conflict (id) do nothing
  `.execute(db);
  return Number(numAffectedRows ?? 0);
}
