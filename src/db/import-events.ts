import { sql } from 'kysely';
import {
  countUpsert,
  dropRepeats,
  type ImportTarget,
  insertNamedAccounts,
  rejectStaged,
  rejectUnknownAccounts,
} from './import-stage.ts';
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
    if (refuseRepeats !== null) await rejectRepeats(db, refuseRepeats);
    return dropRepeats(db, ['account_id', 'id']);
  },
  async merge(db, range) {
    const createdAccounts = await insertNamedAccounts(db, range);
    const users = await sql`
      insert into users (account_id, id)
      select distinct account_id, user_id from import_stage
      where row > ${range.after} and row <= ${range.last} and user_id is not null
      order by account_id, user_id
      on conflict (account_id, id) do nothing
    `.execute(db);
    const counts = await countUpsert(
      db,
      sql`
        part as materialized (
          select * from import_stage where row > ${range.after} and row <= ${range.last}
        ),
        fresh as (
          select p.* from part p left join events e on e.account_id = p.account_id and e.id = p.id
          where e.id is null
            or (e.user_id, e.name, e.occurred_at, e.properties)
              is distinct from (p.user_id, p.name, p.occurred_at, p.properties)
        ),
        written as (
          insert into events (account_id, id, user_id, name, occurred_at, properties)
          select account_id, id, user_id, name, occurred_at, properties from fresh order by account_id, id
          on conflict (account_id, id) do update set
            user_id = excluded.user_id, name = excluded.name,
            occurred_at = excluded.occurred_at, properties = excluded.properties
          returning xmax = 0 as inserted
        )
      `,
    );
    return { ...counts, createdAccounts, createdUsers: Number(users.numAffectedRows ?? 0) };
  },
  rowsPerTransaction: 50_000,
  dayOf: (timeZone) => sql`(occurred_at at time zone ${timeZone})::date`,
};

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
