import { sql } from 'kysely';
import type { CustomerMatch } from '../billing/types.ts';
import type { Db } from './types.ts';

/** Tables whose rows have fingerprints, and which customer a row is of. */
const customerOf = {
  stripe_customers: 'id',
  subscriptions: 'customer_id',
  invoices: 'customer_id',
  credit_grants: 'customer_id',
} as const;

/** Something as a list shows it. */
export type Listed = { id: string; customerId: string; fingerprint: string };

/** The customers of those that are not stored, or stored otherwise; without those that were deleted, of whom nothing is read. */
export async function findChangedCustomers(
  db: Db,
  table: keyof typeof customerOf,
  listed: readonly Listed[],
): Promise<string[]> {
  if (listed.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select distinct l."customerId" as id
    from jsonb_to_recordset(${JSON.stringify(listed)}::jsonb) as l (id text, "customerId" text, fingerprint text)
    left join ${sql.table(table)} t on t.id = l.id
    left join stripe_customers c on c.id = l."customerId"
    where t.fingerprint is distinct from l.fingerprint and l."customerId" <> '' and c.is_deleted is not true
    order by 1
  `.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Customers whose state changes by itself and was not read since `before`: those with credit, with an invoice that stands
 * open, or with one that is to come before `until`.
 */
export async function findCustomersToRead(db: Db, before: Date, until: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select c.id from stripe_customers c
    where c.read_at < ${before} and not c.is_deleted and (
      c.balance <> 0
      or exists (select from credit_grants g where g.customer_id = c.id and g.voided_at is null)
      or exists (select from invoices i where i.customer_id = c.id and i.status in ('open', 'upcoming'))
      or exists (
        select from subscriptions s
        where s.customer_id = c.id and s.ended_at is null and s.period_end < ${until}
      )
    )
    order by c.read_at
  `.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Finds the accounts of customers, all unless told: the one that a person linked; else the one that the customer's metadata
 * names, by id or alias; else the one that names the customer; else the only one with the domain of the customer's email.
 * Returns the accounts whose customers changed, those that lost one among them.
 */
export async function matchCustomers(db: Db, ids: readonly string[] | null = null): Promise<string[]> {
  const { rows } = await sql<{ account: string }>`
    with found as (
      select c.id, c.account_id as was,
        named.id as named, own.id as own, domains.id as by_domain
      from stripe_customers c
      left join lateral (
        select a.id from accounts a where a.id = c.named_account
        union all
        select x.account_id from account_aliases x where x.alias = lower(c.named_account)
        limit 1
      ) named on true
      left join accounts own on own.stripe_customer_id = c.id
      left join lateral (
        select min(a.id) as id from accounts a where a.domain = split_part(c.email, '@', 2) having count(*) = 1
      ) domains on true
      where (${ids}::text[] is null or c.id = any(${ids}::text[])) and c.matched_by is distinct from 'person'
    ),
    matched as (
      select id, was, coalesce(named, own, by_domain) as account,
        case when named is not null then 'metadata' when own is not null then 'id' when by_domain is not null then 'domain' end as how
      from found
    ),
    changed as (
      update stripe_customers c set account_id = m.account, matched_by = m.how
      from matched m
      where m.id = c.id and (m.account, m.how) is distinct from (c.account_id, c.matched_by)
      returning m.was, m.account
    )
    select distinct account from (select was as account from changed union select account from changed) both_of
    where account is not null
    order by account
  `.execute(db);
  return rows.map(({ account }) => account);
}

/** A customer that is no account's. */
export type UnmatchedCustomer = {
  id: string;
  name: string | null;
  email: string | null;
  namedAccount: string | null;
  /** Whether it has a subscription that goes on or an invoice that stands open. */
  isActive: boolean;
};

/** Customers that are no account's, those that are billed first. */
export async function findUnmatchedCustomers(db: Db): Promise<UnmatchedCustomer[]> {
  const { rows } = await sql<UnmatchedCustomer>`
    select id, name, email, named_account as "namedAccount", (
      exists (select from subscriptions s where s.customer_id = c.id and s.ended_at is null)
      or exists (select from invoices i where i.customer_id = c.id and i.status = 'open')
    ) as "isActive"
    from stripe_customers c where account_id is null and not is_deleted
    order by "isActive" desc, name, id
  `.execute(db);
  return rows;
}

/** The accounts that customers are of, each once. */
export async function findAccountsOfCustomers(db: Db, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('stripe_customers')
    .select('account_id')
    .distinct()
    .where('id', 'in', ids)
    .where('account_id', 'is not', null)
    .orderBy('account_id')
    .execute();
  return rows.map(({ account_id }) => account_id as string);
}

/** The accounts that have customers, or figures of ones that they had. */
export async function findBilledAccounts(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select account_id as id from stripe_customers where account_id is not null
    union select account_id from account_claims where source = 'stripe'
    union select id from accounts where traits ? 'stripe_card_on_file'
    order by 1
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** Which customer of which account; `null` where there is no such customer. */
export type CustomerLink = { accountId: string | null; matchedBy: CustomerMatch | null };

/** Says whose a customer is; `null` leaves it to be found again. Returns how it was; `null`: there is no such customer. */
export async function linkCustomer(db: Db, id: string, accountId: string | null): Promise<CustomerLink | null> {
  const { rows } = await sql<CustomerLink>`
    with before as (select id, account_id, matched_by from stripe_customers where id = ${id} for update)
    update stripe_customers c set account_id = ${accountId}, matched_by = ${accountId === null ? null : 'person'}
    from before where c.id = before.id
    returning before.account_id as "accountId", before.matched_by as "matchedBy"
  `.execute(db);
  return rows[0] ?? null;
}
