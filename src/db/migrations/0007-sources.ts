import { type Kysely, sql } from 'kysely';

/** What each source says of accounts, and which of its records is of which account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table account_claims (
      account_id text not null references accounts on delete cascade,
      -- A column of the account, or traits.NAME.
      field text not null check (field in ('renewal_date', 'csm_email', 'arr', 'mrr') or field ~ '^traits\\..' and length(field) <= 262),
      source text not null check (source in ('salesforce', 'vitally', 'stripe', 'files', 'people')),
      value jsonb not null check (jsonb_typeof(value) in ('string', 'number', 'boolean')),
      -- When it said so first, and last, to a day.
      said_at timestamptz not null check (isfinite(said_at)),
      seen_at timestamptz not null check (isfinite(seen_at)),
      -- Whether it owned the field when it said so last.
      as_owner boolean not null,
      primary key (account_id, field, source),
      check (seen_at >= said_at)
    )
  `.execute(db);
  await sql`
    create table account_records (
      source text not null check (source in ('salesforce', 'vitally')),
      account_id text not null references accounts on delete cascade,
      -- The source's id of it, and what it calls it.
      record_id text not null check (btrim(record_id) <> '' and length(record_id) <= 255),
      name text not null check (length(name) <= 500),
      -- The segments that it names, and those of them that the account has from it.
      said_segments text[] not null default '{}',
      given_segments text[] not null default '{}',
      seen_at timestamptz not null check (isfinite(seen_at)),
      primary key (source, account_id),
      check (given_segments <@ said_segments)
    )
  `.execute(db);
}
