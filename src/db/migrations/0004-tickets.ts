import { type Kysely, sql } from 'kysely';

/** What Slack told us of, tickets with their messages, the built-in help desk, and what the outbox says of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Events are stored before they are acknowledged, and handled after it. A second delivery of the same is not stored.
  await sql`
    create table slack_events (
      event_id text primary key check (event_id <> '' and length(event_id) <= 255),
      type text not null check (type <> ''),
      -- Where it happened, if anywhere.
      channel_id text check (channel_id ~ '^[CGD][A-Z0-9]{2,}$'),
      body jsonb not null check (jsonb_typeof(body) = 'object'),
      received_at timestamptz not null check (isfinite(received_at)),
      handled_at timestamptz check (isfinite(handled_at)),
      attempts int not null default 0 check (attempts >= 0),
      -- Not before, after a failure.
      due_at timestamptz not null check (isfinite(due_at)),
      last_error text
    )
  `.execute(db);
  await sql`create index slack_events_due on slack_events (due_at) where handled_at is null`.execute(db);
  // What may be about to become a ticket there, or to be said about one.
  await sql`create index slack_events_channel on slack_events (channel_id) where handled_at is null`.execute(db);
  await createTickets(db);
  await createBuiltInDesk(db);
  // Channels of which somebody said that they are no account's, so that nobody is asked again.
  await sql`
    create table unlinked_channels (
      channel_id text primary key check (channel_id ~ '^[CG][A-Z0-9]{2,}$'),
      said_by text not null check (said_by ~ '^[UW][A-Z0-9]{2,}$'),
      said_at timestamptz not null check (isfinite(said_at))
    )
  `.execute(db);
  await extendMessages(db);
}

async function createTickets(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table tickets (
      id bigint generated always as identity primary key,
      -- What there is one ticket of: a thread, by its first message.
      team_id text not null check (team_id <> ''),
      channel_id text not null check (channel_id ~ '^[CGD][A-Z0-9]{2,}$'),
      thread_ts text not null check (thread_ts ~ '^[0-9]+\\.[0-9]+$'),
      -- The message that was made a ticket, and who did so, by Slack id.
      source_ts text not null check (source_ts ~ '^[0-9]+\\.[0-9]+$'),
      reported_by text not null check (reported_by ~ '^[UW][A-Z0-9]{2,}$'),
      -- The team of who did so: another than ours is a customer's.
      account_id text references accounts on delete set null,
      requester_slack_id text,
      requester_name text,
      subject text not null default '',
      -- Where it is worked on, and as which ticket there; null until it is made there.
      desk text not null check (desk <> ''),
      desk_ticket_id text check (desk_ticket_id <> ''),
      desk_requester_id text,
      -- How many tickets the help desk has had for it: a closed one is followed by another.
      generation int not null default 1 check (generation > 0),
      previous_ticket_id text,
      -- What is asked of the help desk, the same at each attempt; and when the first attempt began.
      request jsonb check (jsonb_typeof(request) = 'object'),
      creating_at timestamptz check (isfinite(creating_at)),
      status text not null default 'new' check (status in ('new', 'open', 'pending', 'hold', 'solved', 'closed')),
      severity text check (severity in ('low', 'normal', 'high', 'urgent')),
      group_id text,
      group_name text,
      assignee_name text,
      assignee_email text,
      -- Of the form for group and severity: waiting, filled by somebody, or filled with the defaults.
      form text not null default 'open' check (form in ('open', 'filled', 'defaulted')),
      form_by text,
      form_at timestamptz check (isfinite(form_at)),
      reminded_at timestamptz check (isfinite(reminded_at)),
      escalated_at timestamptz check (isfinite(escalated_at)),
      escalated_by text,
      escalation jsonb check (jsonb_typeof(escalation) = 'object'),
      -- What people asked for here and the help desk has not been told yet.
      wanted jsonb check (jsonb_typeof(wanted) = 'object'),
      -- The newest comment of the help desk that is known here, and when it was last asked.
      last_comment_id text,
      -- When all that had been said in the thread was known here.
      thread_read_at timestamptz check (isfinite(thread_read_at)),
      asked_at timestamptz check (isfinite(asked_at)),
      -- What is wrong until somebody mends it, as people may read it on both sides.
      fault text,
      created_at timestamptz not null check (isfinite(created_at)),
      -- Of what its account's metrics count: since when it is known to be solved, and for which account it is counted.
      solved_at timestamptz check (isfinite(solved_at)),
      counted_for text references accounts on delete set null,
      -- Somebody works on it here: a lease, and when there is something to do.
      lease text,
      leased_until timestamptz check (isfinite(leased_until)),
      due_at timestamptz check (isfinite(due_at)),
      attempts int not null default 0 check (attempts >= 0),
      unique (team_id, channel_id, thread_ts),
      check (desk_ticket_id is null or creating_at is not null),
      check ((generation = 1) = (previous_ticket_id is null)),
      check ((form = 'open') = (form_at is null)),
      check (form_by is null or form = 'filled'),
      check ((escalated_at is null) = (escalated_by is null)),
      check ((escalated_at is null) = (escalation is null)),
      check ((lease is null) = (leased_until is null))
    )
  `.execute(db);
  await sql`create index tickets_due on tickets (due_at) where due_at is not null`.execute(db);
  await sql`create index tickets_account on tickets (account_id)`.execute(db);
  // Of several threads where the help desk merged their tickets.
  await sql`create index tickets_desk on tickets (desk_ticket_id, desk)`.execute(db);
  await sql`create index tickets_asked on tickets (asked_at) where due_at is null and status <> 'closed'`.execute(db);
  // Each message of the thread, of the mirror's thread and of the help desk, once.
  await sql`
    create table ticket_messages (
      id bigint generated always as identity primary key,
      ticket_id bigint not null references tickets on delete cascade,
      -- slack:CHANNEL:TS, edit:CHANNEL:TS:EDITED, delete:CHANNEL:TS, mirror:TS, desk:COMMENT.
      key text not null check (key <> '' and length(key) <= 100),
      origin text not null check (origin in ('thread', 'mirror', 'desk')),
      is_public boolean not null,
      author_kind text not null check (author_kind in ('customer', 'staff', 'bot', 'agent', 'us')),
      author_slack_id text,
      author_name text not null,
      text text not null,
      -- As Slack or the help desk describe them.
      files jsonb not null default '[]' check (jsonb_typeof(files) = 'array'),
      channel_id text check (channel_id ~ '^[CGD][A-Z0-9]{2,}$'),
      ts text check (ts ~ '^[0-9]+\\.[0-9]+$'),
      -- When Slack says it was last edited.
      edited_ts text,
      comment_id text,
      -- Of what is taken to the help desk, the key of the comment that it is in, alone or with others.
      comment_key text check (comment_key <> '' and length(comment_key) <= 100),
      said_at timestamptz not null check (isfinite(said_at)),
      -- To be taken to the other side, there, not to be taken, or not to be had there for good.
      state text not null check (state in ('waiting', 'done', 'skipped', 'failed')),
      begun_at timestamptz check (isfinite(begun_at)),
      attempts int not null default 0 check (attempts >= 0),
      error text,
      unique (ticket_id, key),
      check (channel_id is null or ts is not null),
      -- What the help desk said is not taken back there.
      check (origin <> 'desk' or (comment_id is not null and state <> 'waiting'))
    )
  `.execute(db);
  await sql`create index ticket_messages_waiting on ticket_messages (ticket_id, id) where state = 'waiting'`.execute(
    db,
  );
  await sql`create index ticket_messages_ts on ticket_messages (channel_id, ts)`.execute(db);
  // Groups of the help desk, as last asked.
  await sql`
    create table desk_groups (
      desk text not null check (desk <> ''),
      id text not null check (id <> '' and length(id) <= 75),
      name text not null check (btrim(name) <> ''),
      -- In the order in which the help desk lists them.
      place int not null check (place >= 0),
      found_at timestamptz not null check (isfinite(found_at)),
      primary key (desk, id)
    )
  `.execute(db);
}

/** The help desk for those who have no other. */
async function createBuiltInDesk(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table built_in_tickets (
      id bigint generated always as identity primary key,
      external_id text not null unique check (external_id <> ''),
      subject text not null,
      status text not null check (status in ('new', 'open', 'pending', 'hold', 'solved', 'closed')),
      severity text check (severity in ('low', 'normal', 'high', 'urgent')),
      group_id text,
      assignee_name text,
      assignee_email text,
      -- Our id of the person.
      requester_id text not null check (requester_id <> ''),
      requester_name text not null,
      requester_email text,
      fields jsonb not null default '{}' check (jsonb_typeof(fields) = 'object'),
      tags text[] not null default '{}',
      follow_up_of bigint references built_in_tickets on delete set null,
      created_at timestamptz not null check (isfinite(created_at)),
      updated_at timestamptz not null check (isfinite(updated_at))
    )
  `.execute(db);
  await sql`
    create table built_in_comments (
      id bigint generated always as identity primary key,
      ticket_id bigint not null references built_in_tickets on delete cascade,
      -- By which it is added once; null for the ticket's body.
      key text check (key <> ''),
      is_public boolean not null,
      author_name text not null,
      role text not null check (role in ('agent', 'customer', 'us')),
      body text not null,
      files jsonb not null default '[]' check (jsonb_typeof(files) = 'array'),
      created_at timestamptz not null check (isfinite(created_at)),
      unique nulls not distinct (ticket_id, key)
    )
  `.execute(db);
  await sql`create index built_in_comments_ticket on built_in_comments (ticket_id, id)`.execute(db);
}

/** The outbox also says what there is to say of tickets, in threads, and under an agent's name. */
async function extendMessages(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table messages
      drop constraint messages_kind_check,
      add constraint messages_kind_check check (
        kind in ('alert', 'group', 'digest', 'notice', 'ticket', 'ticket_reply', 'ticket_mirror', 'ticket_reminder')
      ),
      drop constraint messages_recipient_check,
      add constraint messages_recipient_check check (recipient like '%_@_%' or recipient ~ '^#[CGD][A-Z0-9]{2,}$'),
      add column ticket_id bigint references tickets on delete cascade,
      add column ticket_message_id bigint references ticket_messages on delete cascade,
      add column thread_ts text check (thread_ts ~ '^[0-9]+\\.[0-9]+$'),
      add check ((kind like 'ticket%') = (ticket_id is not null)),
      add check ((kind = 'ticket_reply') = (ticket_message_id is not null)),
      -- Outside of the thread a customer's whole channel would read it.
      add check ((kind in ('ticket', 'ticket_reply')) = (thread_ts is not null))
  `.execute(db);
  await sql`alter table recipients drop constraint recipients_recipient_check`.execute(db);
  await sql`
    alter table recipients
      add constraint recipients_recipient_check check (recipient like '%_@_%' or recipient ~ '^#[CGD][A-Z0-9]{2,}$')
  `.execute(db);
  await sql`create index messages_ticket on messages (ticket_id) where ticket_id is not null`.execute(db);
  await sql`create index messages_cards on messages (channel_id, ts) where kind in ('ticket', 'ticket_mirror')`.execute(
    db,
  );
  await guardReplies(db);
}

/** No internal note reaches a customer: the database takes no reply that an agent has not made public. */
async function guardReplies(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function check_ticket_reply() returns trigger language plpgsql as $$
    begin
      if new.kind = 'ticket_reply' and not exists (
        select from ticket_messages said
        where said.id = new.ticket_message_id and said.ticket_id = new.ticket_id
          and said.is_public and said.origin = 'desk' and said.author_kind = 'agent'
      ) then
        raise exception 'only what an agent said in public is shown in the thread of a ticket'
          using errcode = 'check_violation';
      end if;
      return new;
    end $$
  `.execute(db);
  await sql`
    create trigger check_ticket_reply before insert or update of kind, ticket_id, ticket_message_id on messages
    for each row execute function check_ticket_reply()
  `.execute(db);
  // What was checked stays so.
  await sql`
    create function keep_ticket_message() returns trigger language plpgsql as $$
    begin
      raise exception 'who said something about a ticket, and to whom, does not change' using errcode = 'check_violation';
    end $$
  `.execute(db);
  await sql`
    create trigger keep_ticket_message before update on ticket_messages for each row
    when ((old.ticket_id, old.origin, old.is_public, old.author_kind)
      is distinct from (new.ticket_id, new.origin, new.is_public, new.author_kind))
    execute function keep_ticket_message()
  `.execute(db);
}
