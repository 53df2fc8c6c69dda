import type { ColumnType, Generated, Kysely, Transaction } from 'kysely';
import type {
  CreditGrant,
  CustomerMatch,
  InvoiceLine,
  InvoiceStatus,
  PaymentRisk,
  SubscriptionItem,
} from '../billing/types.ts';
import type { ClaimSource, ClaimValue, CrmName } from '../crm/types.ts';
import type { Band, DimensionScore, MetricValue } from '../health/types.ts';
import type { NewTicket, Severity as TicketSeverity, TicketStatus } from '../helpdesk/types.ts';
import type { AlertState, Evidence, IndicatorKind, Severity } from '../indicators/types.ts';
import type { RenewalState } from '../renewals/types.ts';
import type { Series } from '../series/types.ts';

/** A JSON object as accounts, users and events carry it. */
type Properties = Record<string, unknown>;

type Timestamp = ColumnType<Date, Date | string, Date | string>;
type NullableTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** `YYYY-MM-DD`; the client is told not to make Dates of these. */
export type Day = string;
/** Money, read as a number. */
type Money = ColumnType<number | null, number | string | null | undefined, number | string | null>;
type Amount = ColumnType<number, number | string, number | string>;
type Json<T> = ColumnType<T, string, string>;

type AccountsTable = {
  id: string;
  name: string;
  domain: string | null;
  csm_email: string | null;
  arr: Money;
  mrr: Money;
  currency: Generated<string>;
  created_at: NullableTimestamp;
  renewal_date: Day | null;
  stripe_customer_id: string | null;
  slack_channel_id: string | null;
  traits: ColumnType<Properties, string | undefined, string>;
  updated_at: Generated<Timestamp>;
};

type UsersTable = {
  account_id: string;
  id: string;
  email: string | null;
  name: string | null;
  created_at: NullableTimestamp;
  traits: ColumnType<Properties, string | undefined, string>;
  updated_at: Generated<Timestamp>;
};

type EventsTable = {
  account_id: string;
  id: string;
  key: string;
  user_id: string | null;
  anonymous_id: string | null;
  name: string;
  occurred_at: Timestamp;
  properties: ColumnType<Properties, string | undefined, string>;
  batch: number;
};

/** One row an account and day. */
export type ScoresTable = {
  account_id: string;
  day: Day;
  model: string;
  model_hash: string;
  reason: string;
  score: number | null;
  band: Band | null;
  coverage: number;
  breakdown: Json<DimensionScore[]>;
  data_at: NullableTimestamp;
  computed_at: Timestamp;
};

/** Every table, as the migrations make them. */
export type Database = {
  accounts: AccountsTable;
  account_aliases: { alias: string; account_id: string };
  account_segments: { account_id: string; segment: string };
  users: UsersTable;
  events: EventsTable;
  imported_metric_values: {
    account_id: string;
    metric: string;
    day: Day;
    value: Json<Exclude<MetricValue, null>>;
    imported_at: Generated<Timestamp>;
  };
  metric_values: {
    account_id: string;
    metric: string;
    day: Day;
    value: ColumnType<MetricValue, string | null, string | null>;
    computed_at: Timestamp;
    corrected_at: NullableTimestamp;
  };
  /** SHA-256 of the definition that a metric's past was computed by. */
  metric_definitions: { metric: string; hash: string; computed_at: Timestamp };
  scores: ScoresTable;
  trend_pictures: {
    account_id: string;
    slack_user_id: string;
    /** `health`, or a metric and how many days of it: `nps_score 90d`. */
    shows: string;
    fingerprint: string;
    file_id: string;
    created_at: Generated<Timestamp>;
  };
  /** The one thread in a person's DM that keeps their trend pictures. */
  picture_threads: { slack_user_id: string; channel_id: string; thread_ts: string };
  job_runs: {
    id: Generated<number>;
    name: string;
    local_day: Day;
    started_at: Timestamp;
    finished_at: NullableTimestamp;
    error: string | null;
    result: ColumnType<unknown, string | null | undefined, string | null>;
  };
  event_keys: { key: string; occurred_at: Timestamp };
  uncounted_batches: { id: number; created_at: Generated<Timestamp> };
  event_retention: { one: Generated<boolean>; kept_from: Timestamp };
  user_accounts: { user_id: string; account_id: string; since: Timestamp };
  user_aliases: { alias: string; user_id: string };
  waiting_events: {
    key: string;
    id: string;
    /** As the event named it. */
    account: string | null;
    user_id: string | null;
    anonymous_id: string | null;
    name: string;
    occurred_at: Timestamp;
    properties: ColumnType<Properties, string | undefined, string>;
    received_at: Generated<Timestamp>;
  };
  waiting_users: {
    /** A user's id, or else an anonymous one. */
    actor: string;
    is_user: boolean;
    /** As the call named it; null is whichever account the user is in. */
    account: string | null;
    at: Timestamp;
    traits: Json<Properties>;
  };
  ingest_counts: {
    day: Day;
    door: string;
    outcome: IngestOutcome;
    /** Empty unless refused. */
    reason: string;
    count: number;
    last_at: Timestamp;
  };
  ingest_refusals: { id: Generated<number>; at: Timestamp; door: string; reason: string; sample: string };
  series: {
    id: Generated<number>;
    hash: string;
    definition: Json<Series>;
    time_zone: string;
    created_at: Timestamp;
    wanted_at: Timestamp;
  };
  series_months: {
    series_id: number;
    account_id: string;
    month: Day;
    cells: ColumnType<number[] | (number | string | null)[] | null, string | null, string | null>;
    presence: Buffer | null;
  };
  event_names: { name: string; first_at: Timestamp };
  stale_days: { id: Generated<number>; account_id: string; day: Day };
  changed_users: { id: Generated<number>; account_id: string; user_id: string; old_traits: Json<Properties> };
  stale_accounts: { id: Generated<number>; account_id: string; from_day: Day };
  account_history: {
    id: Generated<number>;
    account_id: string;
    changed_at: Timestamp;
    arr: Money;
    mrr: Money;
    created_at: NullableTimestamp;
    renewal_date: Day | null;
    traits: ColumnType<Properties, string | undefined, string>;
  };
  /** What a rule last said of an account; see the migration for each column. */
  indicator_readings: {
    account_id: string;
    indicator: string;
    /** Empty where the indicator watches one thing. */
    subject: string;
    met: boolean;
    /** It was ever found not to be so. */
    once_unmet: boolean;
    streak: number;
    value: ColumnType<MetricValue, string | null, string | null>;
    day: Day;
    previous: ColumnType<MetricValue, string | null, string | null>;
    read_at: Timestamp;
  };
  alerts: AlertsTable;
  alert_messages: { alert_id: number; message_id: number };
  alert_transitions: {
    id: Generated<number>;
    alert_id: number;
    from_state: 'inactive' | AlertState;
    to_state: AlertState;
    at: Timestamp;
    by_user: string | null;
    evidence: Json<Evidence>;
  };
  alert_votes: { alert_id: number; slack_user_id: string; useful: boolean; at: Timestamp };
  alert_holds: {
    id: Generated<number>;
    at: Timestamp;
    changed: number;
    accounts: number;
    indicators: Json<Record<string, number>>;
    /** Those that the flood is made of. */
    floods: Json<string[]>;
    ended_at: NullableTimestamp;
    outcome: 'released' | 'discarded' | null;
  };
  messages: MessagesTable;
  recipients: {
    recipient: string;
    lease: string | null;
    leased_until: NullableTimestamp;
    next_at: NullableTimestamp;
    slack_user_id: string | null;
    channel_id: string | null;
    found_at: NullableTimestamp;
  };
  alert_preferences: {
    email: string;
    /** Local times are `HH:MM`; null is none. */
    quiet_from: string | null;
    quiet_to: string | null;
    quiet_weekend: boolean;
    digest_at: string | null;
    updated_at: Timestamp;
  };
  slack_events: {
    event_id: string;
    type: string;
    channel_id: string | null;
    body: Json<Properties>;
    received_at: Timestamp;
    handled_at: NullableTimestamp;
    attempts: Generated<number>;
    due_at: Timestamp;
    last_error: string | null;
  };
  tickets: TicketsTable;
  ticket_messages: {
    id: Generated<number>;
    ticket_id: number;
    /** `slack:CHANNEL:TS`, `edit:CHANNEL:TS:EDITED`, `delete:CHANNEL:TS`, `mirror:TS`, `desk:COMMENT`. */
    key: string;
    origin: 'thread' | 'mirror' | 'desk';
    is_public: boolean;
    author_kind: 'customer' | 'staff' | 'bot' | 'agent' | 'us';
    author_slack_id: string | null;
    author_name: string;
    text: string;
    files: ColumnType<unknown[], string | undefined, string>;
    channel_id: string | null;
    ts: string | null;
    edited_ts: string | null;
    comment_id: string | null;
    /** Of what is taken to the help desk, the key of the comment that it is in, alone or with others. */
    comment_key: string | null;
    said_at: Timestamp;
    state: TicketMessageState;
    begun_at: NullableTimestamp;
    attempts: Generated<number>;
    error: string | null;
  };
  desk_groups: { desk: string; id: string; name: string; place: number; found_at: Timestamp };
  /** Channels that are no account's, as somebody said. */
  unlinked_channels: { channel_id: string; said_by: string; said_at: Timestamp };
  built_in_tickets: {
    id: Generated<number>;
    external_id: string;
    subject: string;
    status: TicketStatus;
    severity: TicketSeverity | null;
    group_id: string | null;
    assignee_name: string | null;
    assignee_email: string | null;
    requester_id: string;
    requester_name: string;
    requester_email: string | null;
    fields: ColumnType<Properties, string | undefined, string>;
    tags: ColumnType<string[], string[] | undefined, string[]>;
    follow_up_of: number | null;
    created_at: Timestamp;
    updated_at: Timestamp;
  };
  built_in_comments: {
    id: Generated<number>;
    ticket_id: number;
    key: string | null;
    is_public: boolean;
    author_name: string;
    role: 'agent' | 'customer' | 'us';
    body: string;
    files: ColumnType<unknown[], string | undefined, string>;
    created_at: Timestamp;
  };
  tasks: {
    id: Generated<number>;
    key: string | null;
    account_id: string;
    alert_id: number | null;
    title: string;
    assignee_email: string | null;
    due: Day | null;
    created_at: Timestamp;
    created_by: string | null;
    done_at: NullableTimestamp;
    done_by: string | null;
  };
  /** One row a contract; see the migration for each column. */
  renewals: {
    id: Generated<number>;
    account_id: string;
    armed_for: Day;
    renewal_date: Day;
    state: RenewalState;
    task_id: number | null;
    opened_at: Timestamp;
    changed_at: Timestamp;
    /** A Slack id; null is the job. */
    changed_by: string | null;
    note: string | null;
    next_date: Day | null;
  };
  renewal_changes: {
    id: Generated<number>;
    renewal_id: number;
    state: RenewalState;
    renewal_date: Day;
    next_date: Day | null;
    at: Timestamp;
    by_user: string | null;
    note: string | null;
  };
  renewal_steps: { renewal_id: number; step: string; outcome: 'sent' | 'skipped'; at: Timestamp };
  account_claims: {
    account_id: string;
    /** A column of the account, or `traits.NAME`. */
    field: string;
    source: ClaimSource;
    value: Json<ClaimValue>;
    said_at: Timestamp;
    seen_at: Timestamp;
    as_owner: boolean;
  };
  account_records: {
    source: CrmName;
    account_id: string;
    record_id: string;
    name: string;
    said_segments: Generated<string[]>;
    given_segments: Generated<string[]>;
    seen_at: Timestamp;
  };
  stripe_events: {
    id: string;
    type: string;
    object_id: string | null;
    customer_id: string | null;
    subscription_id: string | null;
    created_at: Timestamp;
    received_at: Timestamp;
    handled_at: NullableTimestamp;
    attempts: Generated<number>;
    due_at: Timestamp;
    last_error: string | null;
  };
  stripe_customers: {
    id: string;
    account_id: string | null;
    matched_by: CustomerMatch | null;
    named_account: string | null;
    name: string | null;
    email: string | null;
    currency: string | null;
    balance: Amount;
    has_card: boolean | null;
    is_deleted: boolean;
    fingerprint: Generated<string>;
    read_at: Timestamp;
  };
  subscriptions: {
    id: string;
    customer_id: string;
    status: string;
    is_paused: boolean;
    currency: string;
    items: Json<SubscriptionItem[]>;
    mrr: Money;
    period_start: NullableTimestamp;
    period_end: NullableTimestamp;
    cancel_at: NullableTimestamp;
    ended_at: NullableTimestamp;
    fingerprint: Generated<string>;
  };
  invoices: InvoicesTable;
  credit_grants: {
    id: string;
    customer_id: string;
    name: string | null;
    category: CreditGrant['category'];
    currency: string;
    amount: Amount;
    remaining: Money;
    effective_at: NullableTimestamp;
    expires_at: NullableTimestamp;
    voided_at: NullableTimestamp;
    priority: number | null;
    fingerprint: Generated<string>;
  };
  credit_uses: {
    id: string;
    customer_id: string;
    grant_id: string | null;
    invoice_id: string | null;
    currency: string;
    amount: Amount;
    from_at: Timestamp;
    to_at: Timestamp;
  };
};

/** One row an invoice; see the migration for each column. */
type InvoicesTable = {
  id: string;
  customer_id: string;
  subscription_id: string | null;
  label: string;
  status: InvoiceStatus;
  reason: string | null;
  currency: string;
  total: Amount;
  total_before_tax: Amount;
  due: Amount;
  remaining: Amount;
  is_failed: boolean;
  needs_action: boolean;
  attempts: number;
  next_attempt_at: NullableTimestamp;
  fault: string | null;
  is_disputed: Generated<boolean>;
  due_at: NullableTimestamp;
  period_start: NullableTimestamp;
  period_end: NullableTimestamp;
  created_at: Timestamp;
  paid_at: NullableTimestamp;
  url: string | null;
  lines: Json<InvoiceLine[]>;
  fingerprint: Generated<string>;
  read_at: Timestamp;
  risk: PaymentRisk | null;
  risk_note: string | null;
  risk_by: string | null;
  risk_at: NullableTimestamp;
};

/** What a person's or bot's message is to the other side of a ticket. */
type TicketMessageState = 'waiting' | 'done' | 'skipped' | 'failed';

/** One row a thread that became a ticket; see the migration for each column. */
type TicketsTable = {
  id: Generated<number>;
  team_id: string;
  channel_id: string;
  thread_ts: string;
  source_ts: string;
  reported_by: string;
  account_id: string | null;
  requester_slack_id: string | null;
  requester_name: string | null;
  subject: Generated<string>;
  desk: string;
  desk_ticket_id: string | null;
  desk_requester_id: string | null;
  generation: Generated<number>;
  previous_ticket_id: string | null;
  request: ColumnType<NewTicket | null, string | null | undefined, string | null>;
  creating_at: NullableTimestamp;
  status: Generated<TicketStatus>;
  severity: TicketSeverity | null;
  group_id: string | null;
  group_name: string | null;
  assignee_name: string | null;
  assignee_email: string | null;
  form: Generated<'open' | 'filled' | 'defaulted'>;
  form_by: string | null;
  form_at: NullableTimestamp;
  reminded_at: NullableTimestamp;
  escalated_at: NullableTimestamp;
  escalated_by: string | null;
  escalation: ColumnType<Escalation | null, string | null | undefined, string | null>;
  wanted: ColumnType<TicketWish | null, string | null | undefined, string | null>;
  last_comment_id: string | null;
  thread_read_at: NullableTimestamp;
  asked_at: NullableTimestamp;
  fault: string | null;
  created_at: Timestamp;
  solved_at: NullableTimestamp;
  counted_for: string | null;
  lease: string | null;
  leased_until: NullableTimestamp;
  due_at: NullableTimestamp;
  attempts: Generated<number>;
};

/**
 * What people asked for here and the help desk has not been told yet; what is not there was not asked for. `escalatedBy` is
 * the name of who escalated it, with what `escalation` holds.
 */
export type TicketWish = {
  groupId?: string;
  severity?: TicketSeverity;
  assignee?: { email: string; name: string };
  status?: TicketStatus;
  escalatedBy?: string;
};

/** Why a ticket goes to engineering, what was tried, and how to see it. */
export type Escalation = { why: string; tried: string; reproduction: string };

/** One row a time that an indicator was on for an account. */
type AlertsTable = {
  id: Generated<number>;
  account_id: string;
  indicator: string;
  subject: string;
  kind: IndicatorKind;
  severity: Severity;
  state: AlertState;
  opened_at: Timestamp;
  changed_at: Timestamp;
  /** Of a snoozed one; null is until it changes. */
  snoozed_until: NullableTimestamp;
  /** A Slack id; null is the rule. */
  changed_by: string | null;
  resolution: 'cleared' | 'excluded' | 'retired' | null;
  evidence: Json<Evidence>;
  latest: Json<Evidence>;
  /** Title of a task that is still to be opened with its message. */
  task: string | null;
  /** The message that it now stands in. */
  message_id: number | null;
};

/** The outbox: each message is posted once, and edited whenever `version` is ahead of `shown_version`. */
type MessagesTable = {
  id: Generated<number>;
  key: string;
  kind: MessageKind;
  /** Whom it is meant for; null is nobody. */
  owner_email: string | null;
  /** An email, or `#` and a channel's id; null until decided. */
  recipient: string | null;
  /** Why it goes to a channel instead of to its owner. */
  detour: string | null;
  severity: Severity;
  notice: string | null;
  hold_id: number | null;
  status: Generated<'waiting' | 'sent' | 'merged' | 'cancelled'>;
  due_at: Timestamp;
  version: Generated<number>;
  shown_version: Generated<number>;
  channel_id: string | null;
  posting_at: NullableTimestamp;
  ts: string | null;
  attempts: Generated<number>;
  last_error: string | null;
  /** An edit that failed is not tried again before. */
  edit_after: NullableTimestamp;
  created_at: Timestamp;
  posted_at: NullableTimestamp;
  /** Of a kind that begins with `ticket`. */
  ticket_id: number | null;
  /** The comment that a `ticket_reply` shows. */
  ticket_message_id: number | null;
  /** The thread that it is posted in. */
  thread_ts: string | null;
  /** Of kind `renewal`. */
  renewal_id: number | null;
};

/**
 * What a message is: alerts, one, several or a day's; a word from us; in the thread of a ticket its card with the form, or an
 * agent's reply; a ticket's card in the support channel; a reminder of its form; a contract that
 * is to be renewed.
 */
export type MessageKind =
  | 'alert'
  | 'group'
  | 'digest'
  | 'notice'
  | 'ticket'
  | 'ticket_reply'
  | 'ticket_mirror'
  | 'ticket_reminder'
  | 'renewal';

/** What became of a call: an event stored, one seen before, one whose account is unknown; a change applied; refused. */
export type IngestOutcome = 'stored' | 'duplicate' | 'waiting' | 'applied' | 'refused';

/** The database or an open transaction on it; every query function takes one first. */
export type Db = Kysely<Database> | Transaction<Database>;
