import { type Kysely, sql } from 'kysely';

/** What indicators found, the alerts that came of it, the messages that tell of them, and the tasks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createReadings(db);
  await createMessages(db);
  await createAlerts(db);
  await createTasks(db);
}

async function createReadings(db: Kysely<unknown>): Promise<void> {
  // What a rule last said of an account; silence (no data) leaves it as it was.
  await sql`
    create table indicator_readings (
      account_id text not null references accounts on delete cascade,
      indicator text not null check (indicator ~ '^[a-z][a-z0-9_]{0,99}$'),
      -- Which of several things the indicator watches; empty where it watches one.
      subject text not null check (length(subject) <= 100),
      met boolean not null,
      -- It was ever found not to be so: only then has an account that meets the rule changed.
      once_unmet boolean not null,
      -- Evaluations in a row that found it met, an hour counting once.
      streak int not null check (streak >= 0),
      value jsonb check (jsonb_typeof(value) in ('number', 'string', 'boolean')),
      -- The local day of the value, and the last value of an earlier day.
      day date not null check (isfinite(day)),
      previous jsonb check (jsonb_typeof(previous) in ('number', 'string', 'boolean')),
      -- When the evaluation began.
      read_at timestamptz not null check (isfinite(read_at)),
      primary key (account_id, indicator, subject)
    )
  `.execute(db);
}

async function createMessages(db: Kysely<unknown>): Promise<void> {
  // Runs in which so many accounts changed that nothing was sent.
  await sql`
    create table alert_holds (
      id bigint generated always as identity primary key,
      at timestamptz not null check (isfinite(at)),
      -- Accounts that changed, of how many.
      changed int not null check (changed > 0),
      accounts int not null check (accounts >= changed),
      -- How many by indicator.
      indicators jsonb not null check (jsonb_typeof(indicators) = 'object'),
      -- Those that the flood is made of: they are held back in later runs, too.
      floods jsonb not null check (jsonb_typeof(floods) = 'array'),
      ended_at timestamptz check (isfinite(ended_at)),
      outcome text check (outcome in ('released', 'discarded')),
      check ((ended_at is null) = (outcome is null))
    )
  `.execute(db);
  // The outbox: what is to be said in Slack. A message is posted once and edited whenever version is ahead of shown_version.
  await sql`
    create table messages (
      id bigint generated always as identity primary key,
      -- What makes it the same as another.
      key text not null unique check (key <> ''),
      kind text not null check (kind in ('alert', 'group', 'digest', 'notice')),
      -- Whom it is meant for, by email; null is nobody.
      owner_email text,
      -- Where it goes: an email, or a channel's id after '#'; null until that is decided.
      recipient text check (recipient like '%_@_%' or recipient ~ '^#[CG][A-Z0-9]{2,}$'),
      -- Why it goes to a channel instead of to its owner.
      detour text,
      severity text not null check (severity in ('high', 'medium', 'low')),
      -- What a notice says.
      notice text,
      hold_id bigint references alert_holds,
      status text not null default 'waiting' check (status in ('waiting', 'sent', 'merged', 'cancelled')),
      due_at timestamptz not null check (isfinite(due_at)),
      version int not null default 1 check (version > 0),
      shown_version int not null default 0 check (shown_version >= 0),
      -- Before a post is begun, where and when; with no ts after it, Slack may have it.
      channel_id text,
      posting_at timestamptz check (isfinite(posting_at)),
      ts text check (ts ~ '^[0-9]+\\.[0-9]+$'),
      attempts int not null default 0,
      last_error text,
      -- An edit that failed is not tried again before.
      edit_after timestamptz check (isfinite(edit_after)),
      created_at timestamptz not null check (isfinite(created_at)),
      posted_at timestamptz check (isfinite(posted_at)),
      check ((kind = 'notice') = (notice is not null)),
      check ((status = 'sent') = (ts is not null)),
      check ((ts is null) = (posted_at is null)),
      check (posting_at is null or channel_id is not null),
      check (ts is null or channel_id is not null)
    )
  `.execute(db);
  await sql`create index messages_waiting on messages (due_at) where status = 'waiting'`.execute(db);
  await sql`create index messages_changed on messages (id) where status = 'sent' and shown_version < version`.execute(
    db,
  );
  await sql`create index messages_recent on messages (recipient, posted_at) where posted_at is not null`.execute(db);
  // One worker at a time writes to somebody, at Slack's rate.
  await sql`
    create table recipients (
      recipient text primary key check (recipient like '%_@_%' or recipient ~ '^#[CG][A-Z0-9]{2,}$'),
      lease text,
      leased_until timestamptz check (isfinite(leased_until)),
      -- Nothing is written to them before.
      next_at timestamptz check (isfinite(next_at)),
      -- Of a person, who and where that is in Slack, and when it was looked up.
      slack_user_id text check (slack_user_id ~ '^[UW][A-Z0-9]{2,}$'),
      channel_id text,
      found_at timestamptz check (isfinite(found_at))
    )
  `.execute(db);
  await sql`
    create table alert_preferences (
      email text primary key check (email = lower(email) and email like '%_@_%'),
      -- Local times of day as HH:MM; quiet_from null is no quiet hours, digest_at null is no digest.
      quiet_from text check (quiet_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
      quiet_to text check (quiet_to ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
      quiet_weekend boolean not null,
      digest_at text check (digest_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
      updated_at timestamptz not null check (isfinite(updated_at)),
      check ((quiet_from is null) = (quiet_to is null))
    )
  `.execute(db);
}

async function createAlerts(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table alerts (
      id bigint generated always as identity primary key,
      account_id text not null references accounts on delete cascade,
      indicator text not null check (indicator ~ '^[a-z][a-z0-9_]{0,99}$'),
      subject text not null check (length(subject) <= 100),
      kind text not null check (kind in ('risk', 'opportunity')),
      severity text not null check (severity in ('high', 'medium', 'low')),
      state text not null check (state in ('active', 'acknowledged', 'snoozed', 'resolved')),
      opened_at timestamptz not null check (isfinite(opened_at)),
      changed_at timestamptz not null check (isfinite(changed_at)),
      -- Of a snoozed one; null is until it changes.
      snoozed_until timestamptz check (isfinite(snoozed_until)),
      -- Who changed the state, by Slack id; null is the rule.
      changed_by text,
      -- Of an ended one: the rule no longer holds, or no longer applies.
      resolution text check (resolution in ('cleared', 'excluded', 'retired')),
      -- When it began, and newest.
      evidence jsonb not null check (jsonb_typeof(evidence) = 'object'),
      latest jsonb not null check (jsonb_typeof(latest) = 'object'),
      -- The title of a task that is to be opened with its message; null is none, or it is opened.
      task text,
      -- The message that it now stands in.
      message_id bigint references messages,
      check ((state = 'resolved') = (resolution is not null)),
      check (snoozed_until is null or state = 'snoozed')
    )
  `.execute(db);
  await sql`
    create unique index alerts_open on alerts (account_id, indicator, subject) where state <> 'resolved'
  `.execute(db);
  await sql`create index alerts_account on alerts (account_id, opened_at)`.execute(db);
  await sql`create index alerts_indicator on alerts (indicator, opened_at)`.execute(db);
  await sql`create index alerts_message on alerts (message_id)`.execute(db);
  await sql`create index alerts_snoozed on alerts (snoozed_until) where state = 'snoozed'`.execute(db);
  // All messages that an alert stands or stood in; the others say where it went.
  await sql`
    create table alert_messages (
      alert_id bigint not null references alerts on delete cascade,
      message_id bigint not null references messages on delete cascade,
      primary key (message_id, alert_id)
    )
  `.execute(db);
  await sql`create index alert_messages_alert on alert_messages (alert_id)`.execute(db);
  await sql`
    create table alert_transitions (
      id bigint generated always as identity primary key,
      alert_id bigint not null references alerts on delete cascade,
      from_state text not null check (from_state in ('inactive', 'active', 'acknowledged', 'snoozed')),
      to_state text not null check (to_state in ('active', 'acknowledged', 'snoozed', 'resolved')),
      at timestamptz not null check (isfinite(at)),
      -- By Slack id; null is the rule.
      by_user text,
      evidence jsonb not null check (jsonb_typeof(evidence) = 'object')
    )
  `.execute(db);
  await sql`create index alert_transitions_alert on alert_transitions (alert_id)`.execute(db);
  await sql`create index alert_transitions_at on alert_transitions (at)`.execute(db);
  await sql`
    create table alert_votes (
      alert_id bigint not null references alerts on delete cascade,
      slack_user_id text not null check (slack_user_id ~ '^[UW][A-Z0-9]{2,}$'),
      useful boolean not null,
      at timestamptz not null check (isfinite(at)),
      primary key (alert_id, slack_user_id)
    )
  `.execute(db);
}

async function createTasks(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table tasks (
      id bigint generated always as identity primary key,
      -- What makes it the same as another; null for one that a person wrote.
      key text unique check (key <> ''),
      account_id text not null references accounts on delete cascade,
      alert_id bigint references alerts on delete set null,
      title text not null check (btrim(title) <> '' and length(title) <= 500),
      assignee_email text check (assignee_email = lower(assignee_email) and assignee_email like '%_@_%'),
      due date check (isfinite(due)),
      created_at timestamptz not null check (isfinite(created_at)),
      -- By Slack id; null is a rule.
      created_by text,
      done_at timestamptz check (isfinite(done_at)),
      done_by text
    )
  `.execute(db);
  await sql`create index tasks_open on tasks (assignee_email, due) where done_at is null`.execute(db);
  await sql`create index tasks_account on tasks (account_id)`.execute(db);
  await sql`create index tasks_alert on tasks (alert_id)`.execute(db);
}
