import { type Kysely, sql } from 'kysely';

/** Contracts that are or were to be renewed, what was sent of each, and what became of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table renewals (
      id bigint generated always as identity primary key,
      account_id text not null references accounts on delete cascade,
      -- The date that its reminders were first sent for: what is less than a week from it is the same contract.
      armed_for date not null check (isfinite(armed_for)),
      -- The date as it is now, or was when it ended.
      renewal_date date not null check (isfinite(renewal_date)),
      state text not null check (state in ('open', 'past', 'moved', 'churned', 'renewed', 'lost')),
      task_id bigint references tasks on delete set null,
      opened_at timestamptz not null check (isfinite(opened_at)),
      -- When the state became what it is, and by whom, by Slack id; null is the job.
      changed_at timestamptz not null check (isfinite(changed_at)),
      changed_by text,
      note text check (length(note) <= 1000),
      -- Of a moved or renewed one: the account's date since.
      next_date date check (isfinite(next_date)),
      unique (account_id, armed_for),
      check (next_date is null or state in ('moved', 'renewed'))
    )
  `.execute(db);
  await sql`create index renewals_running on renewals (account_id) where state in ('open', 'past')`.execute(db);
  await sql`create index renewals_task on renewals (task_id)`.execute(db);
  // Every change of the above, as it was made.
  await sql`
    create table renewal_changes (
      id bigint generated always as identity primary key,
      renewal_id bigint not null references renewals on delete cascade,
      state text not null check (state in ('open', 'past', 'moved', 'churned', 'renewed', 'lost')),
      renewal_date date not null check (isfinite(renewal_date)),
      next_date date check (isfinite(next_date)),
      at timestamptz not null check (isfinite(at)),
      by_user text,
      note text check (length(note) <= 1000),
      check (next_date is null or state in ('moved', 'renewed'))
    )
  `.execute(db);
  await sql`create index renewal_changes_renewal on renewal_changes (renewal_id)`.execute(db);
  await sql`
    alter table messages
      drop constraint messages_kind_check,
      add constraint messages_kind_check check (kind in (
        'alert', 'group', 'digest', 'notice', 'ticket', 'ticket_reply', 'ticket_mirror', 'ticket_reminder', 'renewal'
      )),
      add column renewal_id bigint references renewals on delete cascade,
      add constraint messages_renewal_check check ((kind = 'renewal') = (renewal_id is not null))
  `.execute(db);
  await sql`create index messages_renewal on messages (renewal_id) where renewal_id is not null`.execute(db);
  // Each reminder of a contract is sent or skipped once.
  await sql`
    create table renewal_steps (
      renewal_id bigint not null references renewals on delete cascade,
      step text not null check (step <> '' and length(step) <= 50),
      outcome text not null check (outcome in ('sent', 'skipped')),
      at timestamptz not null check (isfinite(at)),
      primary key (renewal_id, step)
    )
  `.execute(db);
}
