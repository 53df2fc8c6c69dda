import { sql } from 'kysely';
import { importedKey, startBatch } from './event-batches.ts';
import { ensureEventMonths } from './event-months.ts';
import {
  dropRepeats,
  type ImportTarget,
  insertNamedAccounts,
  type RowRange,
  rejectStaged,
  rejectUnknownAccounts,
  resolveAliases,
  settleImportedUsers,
  type UpsertCounts,
} from './import-stage.ts';
import { findKeptFrom } from './retention.ts';
import type { Db } from './types.ts';

/** An event as staged; `occurredAt` is ISO, `properties` JSON. */
export type StagedEvent = {
  account: string;
  user: string | null;
  name: string;
  occurredAt: string;
  properties: string;
  id: string;
  /** The id is a hash of the event: equal ones are several events, not one that comes twice. */
  derived: boolean;
};

/** Events by account and id: one that is there already is replaced when anything differs. */
export const eventTarget: ImportTarget<StagedEvent> = {
  columns: `account_id text, user_id text, name text, occurred_at timestamptz, properties jsonb, id text, derived boolean`,
  toCopy: (event) => [
    event.account,
    event.user,
    event.name,
    event.occurredAt,
    event.properties,
    event.id,
    event.derived ? 't' : 'f',
  ],
  async settle(db, { knownAccountsOnly, refuseRepeats }) {
    if (knownAccountsOnly) await rejectUnknownAccounts(db);
    await numberDerived(db);
    await rejectGone(db);
    if (refuseRepeats !== null) await rejectRepeats(db, refuseRepeats);
    return dropRepeats(db, ['account_id', 'id']);
  },
  async prepare(db) {
    const { rows } = await sql<{ month: Date }>`
      select distinct date_trunc('month', occurred_at, 'UTC') as month from import_stage
    `.execute(db);
    await ensureEventMonths(
      db,
      rows.map(({ month }) => month),
    );
  },
  async merge(db, range, timeZone) {
    await resolveAliases(db, range, 'user_id');
    const createdAccounts = await insertNamedAccounts(db, range);
    const users = await sql`
      insert into users (account_id, id)
      select distinct account_id, user_id from import_stage
      where row > ${range.after} and row <= ${range.last} and user_id is not null
      order by account_id, user_id
      on conflict (account_id, id) do nothing
    `.execute(db);
    await settleImportedUsers(db, range, 'user_id');
    const counts = await mergeEvents(db, range, timeZone);
    return { ...counts, createdAccounts, createdUsers: Number(users.numAffectedRows ?? 0) };
  },
  rowsPerTransaction: 50_000,
  dayOf: (timeZone) => sql`(occurred_at at time zone ${timeZone})::date`,
};

/**
 * Stores what is new, and replaces what differs. A replaced event has been counted, or will be, with its batch: its day
 * is to be counted anew, and the new event's day with it.
 */
async function mergeEvents(db: Db, range: RowRange, timeZone: string): Promise<UpsertCounts> {
  const batch = await startBatch(db);
  await findKnown(db, range);
  const unchanged = await sql`
    delete from import_part p using import_known k
    where k.key = p.key
      and (k.user_id, k.name, k.occurred_at, k.properties)
        is not distinct from (p.user_id, p.name, p.occurred_at, p.properties)
  `.execute(db);
  const updated = await deleteChanged(db, timeZone);
  await sql`
    insert into event_keys (key, occurred_at) select key, occurred_at from import_part order by key
    on conflict (key) do update set occurred_at = excluded.occurred_at
  `.execute(db);
  const written = await sql`
    insert into events (account_id, id, key, user_id, name, occurred_at, properties, batch)
    select account_id, id, key, user_id, name, occurred_at, properties, ${batch} from import_part
    order by account_id, occurred_at
  `.execute(db);
  return {
    inserted: Number(written.numAffectedRows ?? 0) - updated,
    updated,
    unchanged: Number(unchanged.numAffectedRows ?? 0),
  };
}

/** Copies staged rows with their keys to `import_part`, and the events that are stored of these keys to `import_known`. */
async function findKnown(db: Db, { after, last }: RowRange): Promise<void> {
  await sql`drop table if exists import_part, import_known`.execute(db);
  await preferIndexes(db, true);
  await sql`
    create temp table import_part on commit drop as
    select p.*, k.occurred_at as known_at
    from (
      select *, ${importedKey(sql`account_id`, sql`id`)} as key
      from import_stage where row > ${after}::bigint and row <= ${last}::bigint
    ) p
    left join event_keys k on k.key = p.key
  `.execute(db);
  // Each time once, as an account may have thousands of events of the same.
  await sql`
    create temp table import_known on commit drop as
    select e.tableoid as partition, e.ctid as place, e.account_id, e.key, e.user_id, e.name, e.occurred_at, e.properties
    from (select distinct account_id, known_at from import_part where known_at is not null) t
    join events e on e.account_id = t.account_id and e.occurred_at = t.known_at
  `.execute(db);
  await preferIndexes(db, false);
  await sql`analyze import_part, import_known`.execute(db);
}

/** Deletes the stored events of what is left in `import_part`, and returns how many; nobody else moves them meanwhile. */
async function deleteChanged(db: Db, timeZone: string): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into stale_days (account_id, day)
    select k.account_id, (k.occurred_at at time zone ${timeZone})::date
    from import_known k join import_part p on p.key = k.key
    union
    select p.account_id, (p.occurred_at at time zone ${timeZone})::date
    from import_known k join import_part p on p.key = k.key
  `.execute(db);
  if (Number(numAffectedRows ?? 0) === 0) return 0;
  await sql`delete from import_known k where not exists (select from import_part p where p.key = k.key)`.execute(db);
  await preferIndexes(db, true);
  const gone = await sql`
    delete from events e using import_known k where e.tableoid = k.partition and e.ctid = k.place
  `.execute(db);
  await preferIndexes(db, false);
  return Number(gone.numAffectedRows ?? 0);
}

/** Looks up rows one by one, as they are few beside those stored: the tables' statistics may be older than the import. */
async function preferIndexes(db: Db, really: boolean): Promise<void> {
  const value = sql.lit(really ? 'off' : 'on');
  for (const plan of ['enable_hashjoin', 'enable_mergejoin', 'enable_seqscan']) {
    await sql`set local ${sql.raw(plan)} = ${value}`.execute(db);
  }
}

/** Tells equal events without an id apart by their order in the file. */
async function numberDerived(db: Db): Promise<void> {
  await sql`
    update import_stage s set id = s.id || '-' || n.nth
    from (
      select row, row_number() over (partition by account_id, id order by row) as nth
      from import_stage
      where derived and (account_id, id) in (
        select account_id, id from import_stage where derived group by account_id, id having count(*) > 1
      )
    ) as n
    where s.row = n.row and n.nth > 1
  `.execute(db);
}

/** Refuses rows that would move an event here from a time of which nothing is kept any more: it was counted there. */
async function rejectGone(db: Db): Promise<void> {
  const keptFrom = await findKeptFrom(db);
  if (keptFrom === null) return;
  await rejectStaged(
    db,
    sql`
      select s.row, 'id' as field, s.id as value, 'is that of an event so old that it is no longer kept' as reason
      from import_stage s join event_keys k on k.key = ${importedKey(sql`s.account_id`, sql`s.id`)}
      where k.occurred_at < ${keptFrom}
    `,
  );
}

async function rejectRepeats(db: Db, reason: string): Promise<void> {
  await rejectStaged(
    db,
    sql`
      select row, 'id' as field, id as value, ${reason}::text as reason
      from import_stage
      where (account_id, id) in (select account_id, id from import_stage group by account_id, id having count(*) > 1)
    `,
  );
}
