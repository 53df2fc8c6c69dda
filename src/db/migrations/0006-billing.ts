import { type Kysely, sql } from 'kysely';

/** What Stripe knows of accounts: customers, invoices, subscriptions and prepaid credit; and what it told us of, to be looked up. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createEvents(db);
  await createCustomers(db);
  await createInvoices(db);
  await createCredit(db);
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table stripe_events (
      id text primary key check (id <> '' and length(id) <= 255),
      type text not null check (type <> ''),
      -- What it is about; null where that has no id, as a coming invoice.
      object_id text,
      customer_id text,
      subscription_id text,
      created_at timestamptz not null check (isfinite(created_at)),
      received_at timestamptz not null check (isfinite(received_at)),
      handled_at timestamptz check (isfinite(handled_at)),
      attempts int not null default 0 check (attempts >= 0),
      due_at timestamptz not null check (isfinite(due_at)),
      last_error text
    )
  `.execute(db);
  await sql`create index stripe_events_due on stripe_events (due_at) where handled_at is null`.execute(db);
  await sql`create index stripe_events_handled on stripe_events (handled_at) where handled_at is not null`.execute(db);
}

async function createCustomers(db: Kysely<unknown>): Promise<void> {
  // What is read of a customer is read as a whole. read_at is when that began; what was read earlier never replaces it.
  // fingerprint: of what lists tell, so that a change that nobody told of is found in them.
  await sql`
    create table stripe_customers (
      id text primary key check (id <> '' and length(id) <= 255),
      account_id text references accounts on delete cascade,
      -- How the account was found: a person linked it, the customer's metadata names it, the account names the customer, by domain.
      matched_by text check (matched_by in ('person', 'metadata', 'id', 'domain')),
      -- What the customer's metadata names, whether there is such an account or not.
      named_account text,
      name text,
      email text,
      currency text check (currency ~ '^[A-Z]{3}$'),
      -- Below zero is in the customer's favour.
      balance numeric(20, 3) not null default 0,
      -- Whether something is on file that can be charged without asking; null is not known.
      has_card boolean,
      is_deleted boolean not null default false,
      fingerprint text not null default '',
      read_at timestamptz not null check (isfinite(read_at)),
      check ((account_id is null) = (matched_by is null))
    )
  `.execute(db);
  await sql`create index stripe_customers_account on stripe_customers (account_id)`.execute(db);
  await sql`
    create table subscriptions (
      id text primary key check (id <> '' and length(id) <= 255),
      customer_id text not null references stripe_customers on delete cascade,
      status text not null check (status <> ''),
      is_paused boolean not null,
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      -- What each item costs a month; null is what only the invoices tell.
      items jsonb not null check (jsonb_typeof(items) = 'array'),
      -- What it brings in a month, before taxes; null is not known.
      mrr numeric(20, 3),
      period_start timestamptz check (isfinite(period_start)),
      period_end timestamptz check (isfinite(period_end)),
      cancel_at timestamptz check (isfinite(cancel_at)),
      ended_at timestamptz check (isfinite(ended_at)),
      fingerprint text not null default ''
    )
  `.execute(db);
  await sql`create index subscriptions_customer on subscriptions (customer_id)`.execute(db);
}

async function createInvoices(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table invoices (
      -- Stripe's, or upcoming:SUBSCRIPTION:DAY of one that is coming.
      id text primary key check (id <> '' and length(id) <= 300),
      customer_id text not null references stripe_customers on delete cascade,
      subscription_id text,
      -- What people call it: its number, or for when it is coming.
      label text not null check (btrim(label) <> '' and length(label) <= 100),
      status text not null check (status in ('upcoming', 'draft', 'open', 'paid', 'void', 'uncollectible')),
      -- Why it was made, in Stripe's words: subscription_cycle, manual.
      reason text,
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      -- With taxes, without them, what was to be paid after the customer's balance, and what is still.
      total numeric(20, 3) not null,
      total_before_tax numeric(20, 3) not null,
      due numeric(20, 3) not null,
      remaining numeric(20, 3) not null,
      -- A payment was tried and did not succeed, and the invoice stands open.
      is_failed boolean not null,
      -- The customer has to confirm the payment.
      needs_action boolean not null,
      attempts int not null check (attempts >= 0),
      next_attempt_at timestamptz check (isfinite(next_attempt_at)),
      -- Why it could not be paid, or not be made.
      fault text,
      is_disputed boolean not null default false,
      due_at timestamptz check (isfinite(due_at)),
      period_start timestamptz check (isfinite(period_start)),
      period_end timestamptz check (isfinite(period_end)),
      created_at timestamptz not null check (isfinite(created_at)),
      paid_at timestamptz check (isfinite(paid_at)),
      -- Its page at Stripe.
      url text,
      -- The largest first: [{ what, amount, quantity, item }].
      lines jsonb not null check (jsonb_typeof(lines) = 'array'),
      fingerprint text not null default '',
      read_at timestamptz not null check (isfinite(read_at)),
      -- What the CSM expects of it, by Slack id.
      risk text check (risk in ('likely', 'at_risk', 'unlikely')),
      risk_note text check (length(risk_note) <= 1000),
      risk_by text,
      risk_at timestamptz check (isfinite(risk_at)),
      check ((risk is null) = (risk_by is null)),
      check ((risk is null) = (risk_at is null)),
      check (risk is not null or risk_note is null)
    )
  `.execute(db);
  await sql`create index invoices_customer on invoices (customer_id, created_at)`.execute(db);
  await sql`create index invoices_subscription on invoices (subscription_id, created_at)`.execute(db);
}

async function createCredit(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table credit_grants (
      id text primary key check (id <> '' and length(id) <= 255),
      customer_id text not null references stripe_customers on delete cascade,
      name text,
      category text not null check (category in ('paid', 'promotional')),
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      amount numeric(20, 3) not null check (amount >= 0),
      -- What is not used of it; null is not known.
      remaining numeric(20, 3),
      effective_at timestamptz check (isfinite(effective_at)),
      expires_at timestamptz check (isfinite(expires_at)),
      voided_at timestamptz check (isfinite(voided_at)),
      -- The lower, the sooner it is used.
      priority int,
      fingerprint text not null default ''
    )
  `.execute(db);
  await sql`create index credit_grants_customer on credit_grants (customer_id)`.execute(db);
  await sql`
    create table credit_uses (
      id text primary key check (id <> '' and length(id) <= 255),
      customer_id text not null references stripe_customers on delete cascade,
      grant_id text,
      invoice_id text,
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      -- Below zero was given back.
      amount numeric(20, 3) not null,
      -- The time in which it was used, which an invoice tells later.
      from_at timestamptz not null check (isfinite(from_at)),
      to_at timestamptz not null check (isfinite(to_at)),
      check (to_at >= from_at)
    )
  `.execute(db);
  await sql`create index credit_uses_customer on credit_uses (customer_id, to_at)`.execute(db);
}
