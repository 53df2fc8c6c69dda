import { sql } from 'kysely';
import type { Owners } from '../crm/types.ts';
import { type CopyValue, copyList } from './copy-format.ts';
import { noteOwned, settleOwned } from './import-claims.ts';
import { dropRepeats, type ImportTarget, type MergeCounts, rejectStaged } from './import-stage.ts';
import type { Db } from './types.ts';

/** The columns of an account that a file may give, each with its bit in `given`. */
const bits = {
  name: 1,
  domain: 2,
  aliases: 4,
  csm_email: 8,
  segments: 16,
  arr: 32,
  mrr: 64,
  currency: 128,
  created_at: 256,
  renewal_date: 512,
  stripe_customer_id: 1024,
  slack_channel_id: 2048,
};

type Text = string | null;

/**
 * An account as staged. What is absent or undefined stays as stored, null is cleared. Money is a decimal number,
 * `created_at` ISO, `renewal_date` a day, `traits` JSON.
 */
export type StagedAccount = { id: string; traits: string; cleared: readonly string[] } & {
  [Column in Exclude<keyof typeof bits, 'aliases' | 'segments'>]?: Text;
} & { aliases?: readonly string[]; segments?: readonly string[] };

/**
 * Accounts by id, with aliases and segments as the file says them; traits are merged with those that are there. What has an
 * owner is written as the rule of claims has it.
 */
export const accountTarget = (owners: Owners): ImportTarget<StagedAccount> => ({
  columns: `
    id text, traits jsonb, cleared text[], given int, name text, domain text, aliases text[], csm_email text,
    segments text[], arr numeric(16, 2), mrr numeric(16, 2), currency text, created_at timestamptz, renewal_date date,
    stripe_customer_id text, slack_channel_id text`,
  toCopy(account) {
    const columns = Object.keys(bits) as (keyof typeof bits)[];
    const given = columns.reduce((sum, column) => sum + (account[column] === undefined ? 0 : bits[column]), 0);
    const values = columns.map((column): CopyValue => {
      const value = account[column];
      return typeof value === 'string' ? value : copyList(value ?? undefined);
    });
    return [account.id, account.traits, copyList(account.cleared), given, ...values];
  },
  async settle(db) {
    // Until the transaction ends nobody else writes accounts: what is found free stays free.
    await sql`lock table accounts, account_aliases in share row exclusive mode`.execute(db);
    const repeated = await dropRepeats(db, ['id']);
    // A refused row keeps its account as it is, which may stand in the way of another row.
    while ((await rejectTaken(db)) > 0);
    return repeated;
  },
  async merge(db) {
    const isOwned = await settleOwned(db, owners, bits);
    await createPlan(db);
    await clearMoved(db);
    await writeAccounts(db);
    await writeLists(db);
    const differing = isOwned ? await noteOwned(db) : 0;
    return { ...(await countPlan(db)), ...(differing > 0 && { differing }) };
  },
  rowsPerTransaction: null,
  dayOf: null,
});

/**
 * Refuses rows that claim an alias, Stripe customer or Slack channel of an account that keeps it. Where several rows of
 * the file claim one, the account that has it goes first, then the first row.
 */
async function rejectTaken(db: Db): Promise<number> {
  return rejectStaged(
    db,
    sql`
      with claims as (
        select row, line, id, 'aliases' as field, lower(alias) as value
        from import_stage cross join unnest(aliases) as alias
        union
        select row, line, id, 'stripe_customer_id', stripe_customer_id from import_stage
        where stripe_customer_id is not null
        union
        select row, line, id, 'slack_channel_id', slack_channel_id from import_stage where slack_channel_id is not null
      ),
      holders as (
        select account_id as id, 'aliases' as field, ${bits.aliases}::int as bit, alias as value from account_aliases
        union all
        select id, 'stripe_customer_id', ${bits.stripe_customer_id}::int, stripe_customer_id from accounts
        where stripe_customer_id is not null
        union all
        select id, 'slack_channel_id', ${bits.slack_channel_id}::int, slack_channel_id from accounts
        where slack_channel_id is not null
      ),
      contested as (
        select c.*, h.id as holder,
          h.id <> c.id and not exists (select from import_stage s where s.id = h.id and s.given & h.bit <> 0) as kept,
          first_value(c.row) over same as winner,
          first_value(c.line) over same as winner_line
        from claims c left join holders h on h.field = c.field and h.value = c.value
        window same as (partition by c.field, c.value order by (h.id is not distinct from c.id) desc, c.row)
      )
      select distinct on (row) row, field, value,
        case when kept then 'belongs to account ' || holder else 'is claimed by line ' || winner_line || ' too' end
          as reason
      from contested
      where kept or winner <> row
      order by row, field, value
    `,
  );
}

/** Works out what each staged account would be, beside what it is. */
async function createPlan(db: Db): Promise<void> {
  const merged = sql.join(
    Object.entries(bits).map(([column, bit]) =>
      column === 'aliases' || column === 'segments'
        ? sql`case when s.given & ${bit} <> 0 then s.${sql.ref(column)} end as ${sql.ref(column)}`
        : sql`case when s.given & ${bit} <> 0 then s.${sql.ref(column)} else a.${sql.ref(column)} end as ${sql.ref(column)}`,
    ),
  );
  await sql`
    create temp table import_plan on commit drop as
    with merged as (
      select s.row, s.id, a.id is null as is_new, (coalesce(a.traits, '{}') - s.cleared) || s.traits as traits, ${merged}
      from import_stage s left join accounts a on a.id = s.id
    ),
    complete as (
      select row, id, is_new, traits, domain, segments, arr, mrr, created_at, renewal_date, stripe_customer_id,
        slack_channel_id, lower(csm_email) as csm_email, coalesce(name, id) as name, coalesce(currency, 'USD') as currency,
        case when aliases is not null then array(select distinct lower(alias) from unnest(aliases) as alias) end as aliases
      from merged
    )
    select c.*,
      c.is_new
      or (c.name, c.domain, c.csm_email, c.arr, c.mrr, c.currency, c.created_at, c.renewal_date, c.stripe_customer_id,
          c.slack_channel_id, c.traits)
        is distinct from (a.name, a.domain, a.csm_email, a.arr, a.mrr, a.currency, a.created_at, a.renewal_date,
          a.stripe_customer_id, a.slack_channel_id, a.traits)
      or c.aliases is not null and array(select unnest(c.aliases) order by 1)
        <> array(select alias from account_aliases where account_id = c.id order by 1)
      or c.segments is not null and array(select unnest(c.segments) order by 1)
        <> array(select segment from account_segments where account_id = c.id order by 1) as is_changed
    from complete c left join accounts a on a.id = c.id
  `.execute(db);
}

/** Frees what accounts give up, so that others can have it whatever the order. */
async function clearMoved(db: Db): Promise<void> {
  await sql`
    delete from account_aliases x using import_plan p
    where p.is_changed and x.account_id = p.id and x.alias <> all (p.aliases)
  `.execute(db);
  await sql`
    delete from account_segments x using import_plan p
    where p.is_changed and x.account_id = p.id and x.segment <> all (p.segments)
  `.execute(db);
  await sql`
    update accounts a set
      stripe_customer_id = case when a.stripe_customer_id = p.stripe_customer_id then a.stripe_customer_id end,
      slack_channel_id = case when a.slack_channel_id = p.slack_channel_id then a.slack_channel_id end
    from import_plan p
    where a.id = p.id and p.is_changed
      and (a.stripe_customer_id <> coalesce(p.stripe_customer_id, '') or a.slack_channel_id <> coalesce(p.slack_channel_id, ''))
  `.execute(db);
}

async function writeAccounts(db: Db): Promise<void> {
  const columns = [...Object.keys(bits).filter((column) => column !== 'aliases' && column !== 'segments'), 'traits'];
  const list = sql.join(columns.map((column) => sql.ref(column)));
  await sql`
    insert into accounts (id, ${list})
    select id, ${list} from import_plan where is_new order by id
  `.execute(db);
  await sql`
    update accounts a set
      ${sql.join(columns.map((column) => sql`${sql.ref(column)} = p.${sql.ref(column)}`))}, updated_at = now()
    from import_plan p
    where a.id = p.id and p.is_changed and not p.is_new
  `.execute(db);
}

async function writeLists(db: Db): Promise<void> {
  await sql`
    insert into account_aliases (alias, account_id)
    select alias, id from import_plan cross join unnest(aliases) as alias where is_changed
    on conflict (alias) do nothing
  `.execute(db);
  await sql`
    insert into account_segments (account_id, segment)
    select id, segment from import_plan cross join unnest(segments) as segment where is_changed
    on conflict (account_id, segment) do nothing
  `.execute(db);
}

async function countPlan(db: Db): Promise<MergeCounts> {
  const { rows } = await sql<{ inserted: number; updated: number; unchanged: number }>`
    select
      count(*) filter (where is_new) as inserted,
      count(*) filter (where is_changed and not is_new) as updated,
      count(*) filter (where not is_changed) as unchanged
    from import_plan
  `.execute(db);
  return { inserted: 0, updated: 0, unchanged: 0, ...rows[0], createdAccounts: 0, createdUsers: 0 };
}
