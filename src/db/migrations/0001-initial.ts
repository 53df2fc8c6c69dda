import { type Kysely, sql } from 'kysely';

/** Accounts, what is known of them, and the scores computed from it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table accounts (
      id text primary key check (btrim(id) <> '' and length(id) <= 255),
      name text not null check (btrim(name) <> '' and length(name) <= 500),
      domain text check (domain ~ '^[a-z0-9-]+(\\.[a-z0-9-]+)+$'),
      csm_email text check (csm_email = lower(csm_email) and csm_email like '%_@_%'),
      arr numeric(16, 2) check (arr >= 0 and arr <> 'NaN'),
      mrr numeric(16, 2) check (mrr >= 0 and mrr <> 'NaN'),
      currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
      created_at timestamptz check (isfinite(created_at)),
      renewal_date date check (isfinite(renewal_date)),
      stripe_customer_id text unique check (stripe_customer_id <> ''),
      slack_channel_id text unique check (slack_channel_id ~ '^[CG][A-Z0-9]{2,}$'),
      traits jsonb not null default '{}' check (jsonb_typeof(traits) = 'object'),
      updated_at timestamptz not null default now()
    );
    create index accounts_name on accounts (lower(name));
    create index accounts_domain on accounts (domain);
    create index accounts_csm on accounts (csm_email);

    create table account_aliases (
      alias text primary key check (alias = lower(alias) and btrim(alias) <> '' and length(alias) <= 255),
      account_id text not null references accounts on delete cascade
    );
    create index account_aliases_account on account_aliases (account_id);

    create table account_segments (
      account_id text not null references accounts on delete cascade,
      segment text not null check (btrim(segment) <> '' and length(segment) <= 100),
      primary key (account_id, segment)
    );

    create table users (
      account_id text not null references accounts on delete cascade,
      id text not null check (btrim(id) <> '' and length(id) <= 255),
      email text check (email = lower(email) and email like '%_@_%'),
      name text check (btrim(name) <> '' and length(name) <= 500),
      created_at timestamptz check (isfinite(created_at)),
      traits jsonb not null default '{}' check (jsonb_typeof(traits) = 'object'),
      updated_at timestamptz not null default now(),
      primary key (account_id, id)
    );

    create table events (
      account_id text not null references accounts on delete cascade,
      id text not null check (id <> '' and length(id) <= 255),
      user_id text,
      name text not null check (name <> '' and length(name) <= 255),
      occurred_at timestamptz not null check (isfinite(occurred_at)),
      properties jsonb not null default '{}' check (jsonb_typeof(properties) = 'object'),
      primary key (account_id, id),
      foreign key (account_id, user_id) references users on delete cascade
    );
    create index events_occurred on events (occurred_at);
    create index events_account_name on events (account_id, name, occurred_at);

    create table imported_metric_values (
      account_id text not null references accounts on delete cascade,
      metric text not null check (metric ~ '^[a-z][a-z0-9_]{0,99}$'),
      day date not null check (isfinite(day)),
      value jsonb not null check (jsonb_typeof(value) in ('number', 'string', 'boolean')),
      imported_at timestamptz not null default now(),
      primary key (account_id, metric, day)
    );

    create table metric_values (
      account_id text not null references accounts on delete cascade,
      metric text not null check (metric ~ '^[a-z][a-z0-9_]{0,99}$'),
      day date not null check (isfinite(day)),
      value jsonb check (jsonb_typeof(value) in ('number', 'string', 'boolean')),
      computed_at timestamptz not null check (isfinite(computed_at)),
      primary key (account_id, metric, day),
      -- Somewhere on Earth the day has begun.
      check (day <= (computed_at at time zone 'UTC-14')::date)
    );

    create table scores (
      account_id text not null references accounts on delete cascade,
      day date not null check (isfinite(day)),
      model text not null check (model <> ''),
      model_hash text not null check (model_hash ~ '^[0-9a-f]{64}$'),
      reason text not null,
      score double precision check (score between 0 and 10),
      band text check (band in ('poor', 'concerning', 'healthy')),
      coverage double precision not null check (coverage between 0 and 1),
      -- Only ever read whole, and json is read faster than jsonb.
      breakdown json not null check (json_typeof(breakdown) = 'array'),
      data_at timestamptz check (isfinite(data_at)),
      computed_at timestamptz not null check (isfinite(computed_at)),
      primary key (account_id, day),
      check ((score is null) = (band is null)),
      check ((score is null) = (coverage = 0)),
      check (day <= (computed_at at time zone 'UTC-14')::date)
    );
    create index scores_day on scores (day);

    create table trend_pictures (
      account_id text not null references accounts on delete cascade,
      slack_user_id text not null check (slack_user_id ~ '^[UW][A-Z0-9]{2,}$'),
      fingerprint text not null check (fingerprint <> ''),
      file_id text not null check (file_id ~ '^F[A-Z0-9]{2,}$'),
      created_at timestamptz not null default now(),
      primary key (account_id, slack_user_id)
    );

    create table picture_threads (
      slack_user_id text primary key check (slack_user_id ~ '^[UW][A-Z0-9]{2,}$'),
      channel_id text not null check (channel_id ~ '^D[A-Z0-9]{2,}$'),
      thread_ts text not null check (thread_ts ~ '^[0-9]+\\.[0-9]+$')
    );

    create table job_runs (
      id bigint generated always as identity primary key,
      name text not null check (name <> ''),
      local_day date not null check (isfinite(local_day)),
      started_at timestamptz not null check (isfinite(started_at)),
      finished_at timestamptz check (isfinite(finished_at)),
      error text,
      result jsonb,
      check (finished_at >= started_at),
      check (error is null or result is null),
      check (
        local_day between (started_at at time zone 'UTC')::date - 1 and (started_at at time zone 'UTC')::date + 1
      ),
      check (finished_at is not null or (error is null and result is null))
    );
    create index job_runs_name_day on job_runs (name, local_day);
  `.execute(db);
}
