import { type Kysely, sql } from 'kysely';

/** Events by month, the doors they come in by, and the series that metrics are computed from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await partitionEvents(db);
  await createDoors(db);
  await createSeries(db);
  await keepHistory(db);
  await keepMetricPictures(db);
}

/**
 * Events become a table with a partition for each month (UTC). No foreign keys: looking up each event's account and user
 * would take half of what storing it takes; who deletes an account keeps events from being written meanwhile (src/db/ingest-lock.ts).
 */
async function partitionEvents(db: Kysely<unknown>): Promise<void> {
  await sql`alter table events rename to events_before`.execute(db);
  await sql`alter index events_pkey rename to events_before_pkey`.execute(db);
  await sql`
    create table events (
      account_id text not null,
      id text not null check (id <> '' and length(id) <= 255),
      -- What makes the event the same as another: a hash of its id, and of its account where ids are an account's own.
      key uuid not null,
      user_id text check (user_id <> '' and length(user_id) <= 255),
      -- Who did it, where nobody knows yet which user that is.
      anonymous_id text check (anonymous_id <> '' and length(anonymous_id) <= 255),
      name text not null check (name <> '' and length(name) <= 255),
      occurred_at timestamptz not null check (isfinite(occurred_at)),
      properties jsonb not null default '{}' check (jsonb_typeof(properties) = 'object'),
      -- The transaction's number, see uncounted_batches.
      batch bigint not null,
      check (anonymous_id is null or user_id is null)
    ) partition by range (occurred_at)
  `.execute(db);
  await sql`create index events_account on events (account_id, occurred_at)`.execute(db);
  await sql`create index events_batch on events (batch)`.execute(db);
  await sql`create index events_anonymous on events (anonymous_id) where anonymous_id is not null`.execute(db);
  await sql`create sequence event_batches as bigint`.execute(db);

  // Every event's key, as long as the event is kept: what makes it count once, whatever time it says.
  await sql`create table event_keys (key uuid primary key, occurred_at timestamptz not null)`.execute(db);
  // Stored and not in the series yet. A batch is seen when its transaction is over, so none can be skipped.
  await sql`create table uncounted_batches (id bigint primary key, created_at timestamptz not null default now())`.execute(
    db,
  );
  // Raw events before it are gone: none of that time can be taken any more, for it might be one that was counted.
  await sql`
    create table event_retention (
      one boolean primary key default true check (one),
      kept_from timestamptz not null check (isfinite(kept_from))
    )
  `.execute(db);

  await sql`
    do $$
    declare month timestamptz;
    begin
      for month in select distinct date_trunc('month', occurred_at, 'UTC') from events_before loop
        execute format('create table %I partition of events for values from (%L) to (%L)',
          'events_' || to_char(month at time zone 'UTC', 'YYYY_MM'), month, month + interval '1 month');
      end loop;
    end $$
  `.execute(db);
  const key = sql`md5('import' || chr(10) || account_id || chr(10) || id)::uuid`;
  await sql`
    insert into events (account_id, id, key, user_id, name, occurred_at, properties, batch)
    select account_id, id, ${key}, user_id, name, occurred_at, properties, 0 from events_before
  `.execute(db);
  await sql`insert into event_keys select ${key}, occurred_at from events_before`.execute(db);
  await sql`insert into uncounted_batches (id) values (0)`.execute(db);
  await sql`drop table events_before`.execute(db);
}

async function createDoors(db: Kysely<unknown>): Promise<void> {
  // The account of events that name a user and no account: the last that a call put the user into.
  await sql`
    create table user_accounts (
      user_id text primary key check (user_id <> '' and length(user_id) <= 255),
      account_id text not null references accounts on delete cascade,
      since timestamptz not null check (isfinite(since))
    )
  `.execute(db);
  await sql`create index user_accounts_account on user_accounts (account_id)`.execute(db);
  // Anonymous and earlier ids that identify and alias tied to a user.
  await sql`
    create table user_aliases (
      alias text primary key check (alias <> '' and length(alias) <= 255),
      user_id text not null check (user_id <> '' and length(user_id) <= 255 and user_id <> alias)
    )
  `.execute(db);
  await sql`create index user_aliases_user on user_aliases (user_id)`.execute(db);
  // Events of accounts that nobody has told of yet.
  await sql`
    create table waiting_events (
      key uuid primary key,
      id text not null check (id <> '' and length(id) <= 255),
      account text check (account <> '' and length(account) <= 255),
      user_id text check (user_id <> '' and length(user_id) <= 255),
      anonymous_id text check (anonymous_id <> '' and length(anonymous_id) <= 255),
      name text not null check (name <> '' and length(name) <= 255),
      occurred_at timestamptz not null check (isfinite(occurred_at)),
      properties jsonb not null default '{}' check (jsonb_typeof(properties) = 'object'),
      received_at timestamptz not null default now(),
      check (account is not null or user_id is not null or anonymous_id is not null)
    )
  `.execute(db);
  await sql`create index waiting_events_account on waiting_events (account)`.execute(db);
  await sql`create index waiting_events_user on waiting_events (user_id) where account is null`.execute(db);
  await sql`
    create index waiting_events_anonymous on waiting_events (anonymous_id) where account is null and user_id is null
  `.execute(db);
  // What was said of users who are in no known account yet, or of somebody whose user is not known yet.
  await sql`
    create table waiting_users (
      -- A user's id, or else an anonymous one.
      actor text not null check (btrim(actor) <> '' and length(actor) <= 255),
      is_user boolean not null,
      -- As the call named it; null is whichever account the user is in.
      account text check (btrim(account) <> '' and length(account) <= 255),
      at timestamptz not null check (isfinite(at)),
      traits jsonb not null check (jsonb_typeof(traits) = 'object'),
      unique nulls not distinct (actor, account)
    )
  `.execute(db);
  await sql`create index waiting_users_account on waiting_users (account)`.execute(db);
  // A user's id alone: in which accounts the user is.
  await sql`create index users_id on users (id)`.execute(db);
  // What came in by each door, by day (UTC) and outcome. Lines are added up when read.
  await sql`
    create table ingest_counts (
      day date not null check (isfinite(day)),
      door text not null check (door <> ''),
      outcome text not null check (outcome in ('stored', 'duplicate', 'waiting', 'applied', 'refused')),
      reason text not null default '',
      count bigint not null check (count > 0),
      last_at timestamptz not null check (isfinite(last_at)),
      primary key (day, door, outcome, reason),
      check ((reason <> '') = (outcome = 'refused'))
    )
  `.execute(db);
  await sql`
    create table ingest_refusals (
      id bigint generated always as identity primary key,
      at timestamptz not null check (isfinite(at)),
      door text not null check (door <> ''),
      reason text not null check (reason <> ''),
      -- What was refused, cut.
      sample text not null check (length(sample) <= 1000)
    )
  `.execute(db);
}

async function createSeries(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table series (
      id int generated always as identity primary key,
      -- SHA-256 of the definition and of the time zone its days are of.
      hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
      definition jsonb not null check (jsonb_typeof(definition) = 'object'),
      time_zone text not null check (time_zone <> ''),
      created_at timestamptz not null check (isfinite(created_at)),
      -- When a playbook last asked for it; long after that it is dropped.
      wanted_at timestamptz not null check (isfinite(wanted_at))
    )
  `.execute(db);
  // Written anew at each change, so with room on the page for the new version.
  await sql`
    create table series_months (
      series_id int not null references series on delete cascade,
      account_id text not null references accounts on delete cascade,
      month date not null check (month = date_trunc('month', month)),
      -- See src/series/types.ts.
      cells json,
      presence bytea check (length(presence) % 12 = 0),
      primary key (account_id, series_id, month),
      check ((cells is null) <> (presence is null))
    ) with (fillfactor = 70)
  `.execute(db);
  await sql`
    create table event_names (
      name text primary key check (name <> ''),
      first_at timestamptz not null check (isfinite(first_at))
    )
  `.execute(db);
  // Days whose series are to be counted anew from the events. Rows are only added and taken away, never changed.
  await sql`
    create table stale_days (
      id bigint generated always as identity primary key,
      account_id text not null references accounts on delete cascade,
      day date not null check (isfinite(day))
    )
  `.execute(db);
  // Users whose traits were changed, with what they were; series that ask for a trait may count them otherwise.
  await sql`
    create table changed_users (
      id bigint generated always as identity primary key,
      account_id text not null references accounts on delete cascade,
      user_id text not null,
      old_traits jsonb not null
    )
  `.execute(db);
  await sql`
    create function note_changed_user() returns trigger language plpgsql as $$
    begin
      insert into changed_users (account_id, user_id, old_traits)
      values (new.account_id, new.id, case when tg_op = 'UPDATE' then old.traits else '{}' end);
      return null;
    end $$
  `.execute(db);
  await sql`
    create trigger users_inserted after insert on users
    for each row when (new.traits <> '{}') execute function note_changed_user()
  `.execute(db);
  await sql`
    create trigger users_updated after update of traits on users
    for each row when (new.traits <> old.traits) execute function note_changed_user()
  `.execute(db);
  // Accounts whose metrics are to be computed anew from a day on.
  await sql`
    create table stale_accounts (
      id bigint generated always as identity primary key,
      account_id text not null references accounts on delete cascade,
      from_day date not null check (isfinite(from_day))
    )
  `.execute(db);
}

/** What accounts were on a past day; metrics of that day are computed from it. */
async function keepHistory(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table account_history (
      id bigint generated always as identity primary key,
      account_id text not null references accounts on delete cascade,
      changed_at timestamptz not null check (isfinite(changed_at)),
      arr numeric(16, 2),
      mrr numeric(16, 2),
      created_at timestamptz,
      renewal_date date,
      traits jsonb not null
    )
  `.execute(db);
  await sql`create index account_history_account on account_history (account_id, changed_at)`.execute(db);
  await sql`
    create function keep_account_history() returns trigger language plpgsql as $$
    begin
      insert into account_history (account_id, changed_at, arr, mrr, created_at, renewal_date, traits)
      values (new.id, clock_timestamp(), new.arr, new.mrr, new.created_at, new.renewal_date, new.traits);
      return null;
    end $$
  `.execute(db);
  await sql`
    create trigger accounts_inserted after insert on accounts for each row execute function keep_account_history()
  `.execute(db);
  await sql`
    create trigger accounts_updated after update on accounts for each row
    when ((new.arr, new.mrr, new.created_at, new.renewal_date, new.traits)
      is distinct from (old.arr, old.mrr, old.created_at, old.renewal_date, old.traits))
    execute function keep_account_history()
  `.execute(db);
  await sql`
    insert into account_history (account_id, changed_at, arr, mrr, created_at, renewal_date, traits)
    select id, updated_at, arr, mrr, created_at, renewal_date, traits from accounts
  `.execute(db);
  // When a value of a day that was over became another one: late events, mostly.
  await sql`alter table metric_values add column corrected_at timestamptz check (isfinite(corrected_at))`.execute(db);
  // By which definition a metric's past was computed: with another, it is computed again.
  await sql`
    create table metric_definitions (
      metric text primary key check (metric ~ '^[a-z][a-z0-9_]{0,99}$'),
      hash text not null check (hash ~ '^[0-9a-f]{64}$'),
      computed_at timestamptz not null check (isfinite(computed_at))
    )
  `.execute(db);
}

/** Pictures of metrics are kept beside those of the health score. */
async function keepMetricPictures(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table trend_pictures
      add column shows text not null default 'health' check (shows <> ''),
      drop constraint trend_pictures_pkey,
      add primary key (account_id, slack_user_id, shows)
  `.execute(db);
}
