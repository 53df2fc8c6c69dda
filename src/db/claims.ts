import { sql } from 'kysely';
import { decideClaim } from '../crm/decide.ts';
import {
  type Claim,
  type ClaimField,
  type ClaimSource,
  type ClaimValue,
  type Conflict,
  type FieldChange,
  type Owners,
  ownableColumns,
} from '../crm/types.ts';
import { lockAccounts } from './lock-accounts.ts';
import type { Db } from './types.ts';

/** What was written, and where the accounts asked about and their sources differ since. */
export type WrittenClaims = { written: FieldChange[]; conflicts: Conflict[] };

type ClaimOptions = { owners: Owners; now: Date };

/** Claims that are compared in one query. */
const claimsAtOnce = 20_000;

/** What a source says now. */
type Said = {
  account: string;
  field: ClaimField;
  value: ClaimValue;
  isNew: boolean;
  /** Whether the account has taken it. */
  isWritten: boolean;
  asOwner: boolean;
};

type Stored = {
  account: string;
  field: ClaimField;
  current: ClaimValue | null;
  before: ClaimValue | null;
  saidAt: Date | null;
  asOwner: boolean | null;
  personSince: Date | null;
};

/**
 * Notes in the given transaction what a source says of accounts, and writes what counts of it; docs/crm.md has the rule.
 * The accounts whose fields were written are computed anew. Accounts that are not there are passed over.
 */
export async function writeClaims(
  transaction: Db,
  source: ClaimSource,
  claims: readonly Claim[],
  options: ClaimOptions,
): Promise<WrittenClaims> {
  const written = await noteClaims(transaction, source, claims, options);
  const accountIds = [...new Set(claims.map(({ accountId }) => accountId))];
  return { written, conflicts: await findConflicts(transaction, options.owners, accountIds) };
}

/** As writeClaims, for whoever does not tell of conflicts; returns what was written. */
export async function noteClaims(
  transaction: Db,
  source: ClaimSource,
  given: readonly Claim[],
  { owners, now }: ClaimOptions,
): Promise<FieldChange[]> {
  const all = [...new Map(given.map((claim) => [keyOf(claim.accountId, claim.field), storable(claim)])).values()];
  const claims = source === 'people' ? all : await withoutRepeats(transaction, source, all, { owners, now });
  if (claims.length === 0) return [];
  const stored = await findStored(transaction, source, claims);
  const written: FieldChange[] = [];
  const said: Said[] = [];
  const gone: { account: string; field: ClaimField }[] = [];
  for (const { accountId, field, value } of claims) {
    const known = stored.get(keyOf(accountId, field));
    if (!known) continue;
    const { current, before, saidAt, asOwner, personSince } = known;
    const owner = owners[field] ?? null;
    const wasSaid = before !== null && saidAt !== null && asOwner !== null;
    const { write, isNew } = decideClaim(source, value, {
      current,
      before: wasSaid ? { value: before, saidAt, asOwner } : null,
      personSince,
      owner,
      takesBack: field.startsWith('traits.'),
    });
    if (write) written.push({ accountId, field, was: current, is: value });
    if (value !== null)
      said.push({ account: accountId, field, value, isNew, isWritten: write, asOwner: owner === source });
    else if (isNew) gone.push({ account: accountId, field });
  }
  await writeFields(transaction, written);
  await storeClaims(transaction, source, said, now);
  await forgetClaims(transaction, source, gone);
  // What a person said was until somebody whose word counts says something new, or is heard as the new owner.
  const isOver = ({ field, isNew, isWritten, asOwner }: Said) => isWritten || (isNew && (asOwner || !owners[field]));
  if (source !== 'people') {
    const over = said.filter((claim) => isOver(claim) && owners[claim.field] !== 'people');
    await forgetClaims(transaction, 'people', over);
  }
  return written;
}

/** Where an account and what a source says of it differ, by account; of all accounts unless some are named. */
export async function findConflicts(db: Db, owners: Owners, accountIds?: readonly string[]): Promise<Conflict[]> {
  const owned = Object.keys(owners);
  const { rows } = await sql<Omit<Conflict, 'owner'>>`
    select * from (
      select c.account_id as "accountId", a.name, c.field, c.source, c.value as says, c.said_at as since,
        ${currentOf('c')} as value
      from account_claims c join accounts a on a.id = c.account_id
      where ${accountIds === undefined ? sql`true` : sql`c.account_id = any(${accountIds}::text[])`}
        -- Without an owner others go over what people said, as they always did; of traits the last is right.
        and (c.field = any(${owned}::text[]) or c.source <> 'people' and c.field not like 'traits.%')
    ) claimed
    where says is distinct from value
    order by name, "accountId", field, since, source
  `.execute(db);
  return rows.map((row) => ({ ...row, owner: owners[row.field] ?? null }));
}

/** Money as its columns hold it, so that it is the same when it is said again. */
function storable(claim: Claim): Claim {
  const isMoney = (claim.field === 'arr' || claim.field === 'mrr') && typeof claim.value === 'number';
  return isMoney ? { ...claim, value: Math.round(Number(claim.value) * 100) / 100 } : claim;
}

/**
 * The claims of which something may come. What a source only says again, each hour of all accounts, is neither to lock these
 * nor to be written anew; that it was said is noted once a day.
 */
async function withoutRepeats(
  db: Db,
  source: ClaimSource,
  claims: readonly Claim[],
  { owners, now }: ClaimOptions,
): Promise<Claim[]> {
  const kept: Claim[] = [];
  for (let start = 0; start < claims.length; start += claimsAtOnce) {
    const some = claims.slice(start, start + claimsAtOnce);
    const asked = some.map(({ accountId, field, value }, place) => {
      return { place, account: accountId, field, value, asOwner: (owners[field] ?? null) === source };
    });
    const { rows } = await sql<{ place: number }>`
      select c.place
      from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb)
        as c (place int, account text, field text, value jsonb, "asOwner" boolean)
      join accounts a on a.id = c.account
      left join account_claims own
        on own.account_id = c.account and own.field = c.field and own.source = ${source}
      where case when c.value is null then own.value is not null else not coalesce(
        own.value = c.value and own.as_owner = c."asOwner" and own.seen_at > ${now}::timestamptz - interval '1 day'
          and ${currentOf('c')} is not null,
        false
      ) end
      order by c.place
    `.execute(db);
    for (const { place } of rows) kept.push(some[place]!);
  }
  return kept;
}

/** What is stored of the fields of accounts, which are locked until the transaction ends. */
async function findStored(transaction: Db, source: ClaimSource, claims: readonly Claim[]) {
  const asked = JSON.stringify(claims.map(({ accountId, field }) => ({ account: accountId, field })));
  await lockAccounts(transaction, [...new Set(claims.map(({ accountId }) => accountId))]);
  const { rows } = await sql<Stored>`
    select c.account, c.field, ${currentOf('c')} as current, own.value as before, own.said_at as "saidAt",
      own.as_owner as "asOwner", person.said_at as "personSince"
    from jsonb_to_recordset(${asked}::jsonb) as c (account text, field text)
    join accounts a on a.id = c.account
    left join account_claims own
      on own.account_id = c.account and own.field = c.field and own.source = ${source}
    left join account_claims person
      on person.account_id = c.account and person.field = c.field and person.source = 'people'
  `.execute(transaction);
  return new Map(rows.map((row) => [keyOf(row.account, row.field), row]));
}

/** What the account `a` has in the field that a row of `table` names, as JSON; null where it has nothing. */
export function currentOf(table: string) {
  const field = sql.ref(`${table}.field`);
  const columns = ownableColumns.map((column) => sql`when ${sql.lit(column)} then to_jsonb(${sql.ref(`a.${column}`)})`);
  return sql`nullif(case ${field} ${sql.join(columns, sql` `)} else a.traits -> substr(${field}, 8) end, 'null'::jsonb)`;
}

async function writeFields(transaction: Db, written: readonly FieldChange[]): Promise<void> {
  if (written.length === 0) return;
  const changes = [...Map.groupBy(written, ({ accountId }) => accountId)].map(([id, fields]) => ({
    id,
    fields: Object.fromEntries(fields.map(({ field, is }) => [field, is])),
  }));
  const set = ownableColumns.map((column) => {
    const type = { renewal_date: sql`date`, csm_email: sql`text`, arr: sql`numeric`, mrr: sql`numeric` }[column];
    const ref = sql.ref(column);
    return sql`${ref} = case when c.fields ? ${column} then (c.fields ->> ${column})::${type} else a.${ref} end`;
  });
  await sql`
    with changed as (
      update accounts a set ${sql.join(set)}, updated_at = now(),
        traits = (
          a.traits - array(select substr(key, 8) from jsonb_each(c.fields) where key like 'traits.%' and value = 'null')
        ) || coalesce((
          select jsonb_object_agg(substr(key, 8), value) from jsonb_each(c.fields)
          where key like 'traits.%' and value <> 'null'
        ), '{}')
      from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as c (id text, fields jsonb)
      where a.id = c.id
      returning a.id
    )
    insert into stale_accounts (account_id, from_day) select id, current_date from changed
  `.execute(transaction);
}

async function storeClaims(transaction: Db, source: ClaimSource, said: readonly Said[], now: Date): Promise<void> {
  if (said.length === 0) return;
  await sql`
    insert into account_claims as c (account_id, field, source, value, said_at, seen_at, as_owner)
    select s.account, s.field, ${source}, s.value, ${now}::timestamptz, ${now}::timestamptz, s."asOwner"
    from jsonb_to_recordset(${JSON.stringify(said)}::jsonb)
      as s (account text, field text, value jsonb, "isNew" boolean, "asOwner" boolean)
    on conflict (account_id, field, source) do update set value = excluded.value, as_owner = excluded.as_owner,
      said_at = case when c.value = excluded.value and c.source <> 'people' then c.said_at else excluded.said_at end,
      seen_at = greatest(c.seen_at, excluded.seen_at)
  `.execute(transaction);
}

async function forgetClaims(
  transaction: Db,
  source: ClaimSource,
  gone: readonly { account: string; field: string }[],
): Promise<void> {
  if (gone.length === 0) return;
  await sql`
    delete from account_claims c
    using jsonb_to_recordset(${JSON.stringify(gone)}::jsonb) as g (account text, field text)
    where c.account_id = g.account and c.field = g.field and c.source = ${source}
  `.execute(transaction);
}

const keyOf = (accountId: string, field: string) => `${field} ${accountId}`;
