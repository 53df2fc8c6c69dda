import { type RawBuilder, sql } from 'kysely';
import { type Owners, ownableColumns } from '../crm/types.ts';
import { currentOf } from './claims.ts';
import type { Db } from './types.ts';

type OwnedColumn = { column: (typeof ownableColumns)[number]; bit: number; isOurs: boolean };

/**
 * Sets aside what staged accounts say of fields that have an owner, and takes out of the stage what does not count of it by
 * the rule of src/crm/decide.ts, here for many accounts at once. `bits` say of each column how the stage marks it as given.
 */
export async function settleOwned(db: Db, owners: Owners, bits: Readonly<Record<string, number>>): Promise<boolean> {
  const owned = ownableColumns.flatMap((column): OwnedColumn[] => {
    const bit = bits[column];
    return owners[column] === undefined || bit === undefined
      ? []
      : [{ column, bit, isOurs: owners[column] === 'files' }];
  });
  if (owned.length === 0) return false;
  const said = owned.map(
    ({ column, bit, isOurs }) => sql`
      select s.id, ${column} as field, ${bit}::int as bit, ${sql.lit(isOurs)} as is_ours, ${stagedAs(column)} as value
      from import_stage s where s.given & ${bit} <> 0
    `,
  );
  await sql`
    create temp table import_claims on commit drop as
    select said.*, coalesce(own.value is distinct from said.value, true) as is_new, case
      when not is_ours then false
      when said.value is null then own.value is not null and own.value = current
      else own.value is distinct from said.value or current is null
        or not own.as_owner and not coalesce(person.said_at > own.said_at, false)
    end as counts
    from (${sql.join(said, sql` union all `)}) said
    left join account_claims own
      on own.account_id = said.id and own.field = said.field and own.source = 'files'
    left join account_claims person
      on person.account_id = said.id and person.field = said.field and person.source = 'people'
    left join lateral (
      select ${currentOf('said')} as current from accounts a where a.id = said.id
    ) stored on true
  `.execute(db);
  await sql`
    update import_stage s set given = s.given - c.bits
    from (select id, sum(bit)::int as bits from import_claims where not counts group by id) c
    where s.id = c.id
  `.execute(db);
  return true;
}

/** Notes what was set aside, and returns how many values differ from what the accounts have. */
export async function noteOwned(db: Db): Promise<number> {
  await sql`
    insert into account_claims as c (account_id, field, source, value, said_at, seen_at, as_owner)
    select id, field, 'files', value, now(), now(), is_ours from import_claims where value is not null order by id, field
    on conflict (account_id, field, source) do update set value = excluded.value, as_owner = excluded.as_owner,
      said_at = case when c.value = excluded.value then c.said_at else excluded.said_at end,
      seen_at = greatest(c.seen_at, excluded.seen_at)
  `.execute(db);
  // Who no longer says anything has no claim; and what a person said was until the owner says something new, or
  // is heard as the new owner.
  await sql`
    delete from account_claims c using import_claims i
    where c.account_id = i.id and c.field = i.field
      and (c.source = 'files' and i.value is null or c.source = 'people' and i.value is not null and i.is_ours and (i.is_new or i.counts))
  `.execute(db);
  const { rows } = await sql<{ differing: number }>`
    select count(*) as differing from import_claims i join accounts a on a.id = i.id
    where i.value is not null and i.value is distinct from ${currentOf('i')}
  `.execute(db);
  return rows[0]?.differing ?? 0;
}

function stagedAs(column: OwnedColumn['column']): RawBuilder<unknown> {
  return column === 'csm_email' ? sql`to_jsonb(lower(s.csm_email))` : sql`to_jsonb(${sql.ref(`s.${column}`)})`;
}
