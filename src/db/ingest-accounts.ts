import { sql } from 'kysely';
import { type Claim, type Owners, ownableColumns } from '../crm/types.ts';
import { type AccountFacts, readAccountTraits } from '../ingest/known-traits.ts';
import type { Fields } from '../ingest/types.ts';
import { noteClaims } from './claims.ts';
import { lockAccounts } from './lock-accounts.ts';
import type { Db } from './types.ts';

/** What was said of an account, by its id. */
export type SaidOfAccount = { id: string; traits: Fields };

/** Which accounts the names mean: by id, else by alias. What is not known is left out. */
export async function findAccountIds(db: Db, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const { rows } = await sql<{ name: string; id: string }>`
    select n.name, coalesce(a.id, x.account_id) as id
    from unnest(${names}::text[]) as n (name)
    left join accounts a on a.id = n.name
    left join account_aliases x on a.id is null and x.alias = lower(n.name)
    where coalesce(a.id, x.account_id) is not null
  `.execute(db);
  return new Map(rows.map(({ name, id }) => [name, id]));
}

/**
 * Makes accounts, or merges what was said, in its order, with what is stored. What has an owner is left to the rule of
 * claims.
 */
export async function writeAccounts(
  transaction: Db,
  said: readonly SaidOfAccount[],
  { owners, now }: { owners: Owners; now: Date },
): Promise<void> {
  if (said.length === 0) return;
  const folded = new Map<string, Fields>();
  for (const { id, traits } of said) folded.set(id, { ...folded.get(id), ...traits });
  const claims: Claim[] = [];
  const given = [...folded].map(([id, traits]) => ({
    id,
    ...takeOwned(id, readAccountTraits(traits), owners, claims),
  }));
  if (claims.length > 0) await lockAccounts(transaction, [...folded.keys()]);
  await sql`
    with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g (
        id text, name text, domain text, "csmEmail" text, arr numeric, mrr numeric, currency text,
        "createdAt" timestamptz, "renewalDate" date, traits jsonb
      )
    ),
    merged as (
      select g.id, a.id is null as is_new, coalesce(g.name, a.name, g.id) as name, coalesce(g.domain, a.domain) as domain,
        coalesce(g."csmEmail", a.csm_email) as csm_email, coalesce(round(g.arr, 2), a.arr) as arr,
        coalesce(round(g.mrr, 2), a.mrr) as mrr, coalesce(g.currency, a.currency, 'USD') as currency,
        coalesce(g."createdAt", a.created_at) as created_at, coalesce(g."renewalDate", a.renewal_date) as renewal_date,
        coalesce(a.traits, '{}') || g.traits as traits
      from given g left join accounts a on a.id = g.id
    ),
    written as (
      insert into accounts (id, name, domain, csm_email, arr, mrr, currency, created_at, renewal_date, traits)
      select m.id, m.name, m.domain, m.csm_email, m.arr, m.mrr, m.currency, m.created_at, m.renewal_date, m.traits
      from merged m left join accounts a on a.id = m.id
      where (m.name, m.domain, m.csm_email, m.arr, m.mrr, m.currency, m.created_at, m.renewal_date, m.traits)
        is distinct from
        (a.name, a.domain, a.csm_email, a.arr, a.mrr, a.currency, a.created_at, a.renewal_date, a.traits)
      order by m.id
      on conflict (id) do update set name = excluded.name, domain = excluded.domain, csm_email = excluded.csm_email,
        arr = excluded.arr, mrr = excluded.mrr, currency = excluded.currency, created_at = excluded.created_at,
        renewal_date = excluded.renewal_date, traits = excluded.traits, updated_at = now()
      returning id
    )
    -- What is known of an account may change its values of today.
    insert into stale_accounts (account_id, from_day) select id, current_date from written
  `.execute(transaction);
  await noteClaims(transaction, 'files', claims, { owners, now });
}

const factOf = { renewal_date: 'renewalDate', csm_email: 'csmEmail', arr: 'arr', mrr: 'mrr' } as const;

/** The facts of an account without those that have an owner, which are added to `claims`. */
function takeOwned(accountId: string, facts: AccountFacts, owners: Owners, claims: Claim[]): AccountFacts {
  const rest = { ...facts };
  for (const field of ownableColumns) {
    const value = rest[factOf[field]];
    if (owners[field] === undefined || value === undefined) continue;
    claims.push({ accountId, field, value: field === 'arr' || field === 'mrr' ? Number(value) : value });
    delete rest[factOf[field]];
  }
  return rest;
}
