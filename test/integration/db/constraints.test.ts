import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureEventMonths } from '../../../src/db/event-months.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';

const hash = 'a'.repeat(64);
const accounts = (values: string) =>
  `insert into accounts (id, name, ${values.replace(': ', ") values ('new', 'New', ")})`;
const into = (table: string, columns: string, values: string) => `insert into ${table} (${columns}) values (${values})`;
const user = (values: string) => into('users', 'account_id, id, traits, created_at', values);
const named = (values: string) => into('users', 'account_id, id, email, name', values);
const event = (values: string) =>
  into('events', 'account_id, id, user_id, name, occurred_at, properties, key, batch', values);
const by = (values: string) =>
  into('events', 'user_id, anonymous_id, account_id, id, name, occurred_at, key, batch', values);
const imported = (values: string) => into('imported_metric_values', 'account_id, metric, day, value', values);
const computed = (values: string) => into('metric_values', 'account_id, metric, day, value, computed_at', values);
const score = (values: string) =>
  into('scores', 'account_id, day, model, model_hash, reason, score, band, coverage, breakdown, computed_at', values);
const picture = (values: string) => into('trend_pictures', 'account_id, slack_user_id, fingerprint, file_id', values);
const thread = (values: string) => into('picture_threads', 'slack_user_id, channel_id, thread_ts', values);
const wait = (values: string) =>
  into('waiting_events', 'key, id, account, user_id, anonymous_id, name, occurred_at, properties', values);
const said = (values: string) => into('waiting_users', 'actor, is_user, account, at, traits', values);
const definition = (values: string) => into('metric_definitions', 'metric, hash, computed_at', values);
const corrected = (values: string) =>
  into('metric_values', 'account_id, metric, day, computed_at, corrected_at', values);
const shown = (values: string) =>
  into('trend_pictures', 'account_id, slack_user_id, shows, fingerprint, file_id', values);
const count = (values: string) => into('ingest_counts', 'day, door, outcome, reason, count, last_at', values);
const refusal = (values: string) => into('ingest_refusals', 'at, door, reason, sample', values);
const series = (values: string) => into('series', 'hash, definition, time_zone, created_at, wanted_at', values);
const month = (values: string) => into('series_months', 'series_id, account_id, month, cells, presence', values);
const changed = (values: string) => into('changed_users', 'account_id, user_id, old_traits', values);
const history = (values: string) => into('account_history', 'account_id, changed_at, created_at, traits', values);
const reading = (values: string) =>
  into(
    'indicator_readings',
    'account_id, indicator, subject, met, once_unmet, streak, value, day, previous, read_at',
    values,
  );
const alert = (values: string) =>
  into(
    'alerts',
    'account_id, indicator, subject, kind, severity, state, snoozed_until, resolution, opened_at, changed_at, evidence, latest',
    values,
  );
const transition = (values: string) =>
  into('alert_transitions', 'alert_id, from_state, to_state, at, evidence', values);
const hold = (values: string) =>
  into('alert_holds', 'at, changed, accounts, indicators, floods, ended_at, outcome', values);
const message = (values: string) =>
  into(
    'messages',
    'key, kind, recipient, severity, notice, status, channel_id, ts, posted_at, due_at, created_at',
    values,
  );
const wish = (values: string) =>
  into('alert_preferences', 'email, quiet_from, quiet_to, quiet_weekend, digest_at, updated_at', values);
const task = (values: string) => into('tasks', 'key, account_id, title, assignee_email, due, created_at', values);
const slackEvent = (values: string) =>
  into('slack_events', 'event_id, type, channel_id, body, received_at, due_at, attempts', values);
const ticket = (columns: string, values: string) =>
  into(
    'tickets',
    `team_id, channel_id, thread_ts, source_ts, reported_by, desk, created_at${columns && `, ${columns}`}`,
    `'T1', 'C0ACME', '3.1', '3.1', 'U123', 'Zendesk', now()${values && `, ${values}`}`,
  );
const ticketIn = (values: string) =>
  into('tickets', 'team_id, channel_id, thread_ts, source_ts, reported_by, desk, created_at', values);
const ticketMessage = (values: string) =>
  into(
    'ticket_messages',
    'ticket_id, key, origin, is_public, author_kind, author_name, text, channel_id, ts, comment_id, said_at, state',
    values,
  );
const group = (values: string) => into('desk_groups', 'desk, id, name, place, found_at', values);
const builtIn = (values: string) =>
  into(
    'built_in_tickets',
    'external_id, subject, status, severity, requester_id, requester_name, fields, created_at, updated_at',
    values,
  );
const builtInComment = (values: string) =>
  into('built_in_comments', 'ticket_id, key, is_public, author_name, role, body, created_at', values);
const unlinked = (values: string) => into('unlinked_channels', 'channel_id, said_by, said_at', values);
const post = (values: string) =>
  into(
    'messages',
    'key, kind, ticket_id, ticket_message_id, renewal_id, recipient, thread_ts, severity, due_at, created_at',
    `'m2', ${values}, 'medium', now(), now()`,
  );
const renewal = (values: string) =>
  into(
    'renewals',
    'account_id, armed_for, renewal_date, state, task_id, opened_at, changed_at, note, next_date',
    values,
  );
const renewalChange = (values: string) =>
  into('renewal_changes', 'renewal_id, state, renewal_date, next_date, at, note', values);
const step = (values: string) => into('renewal_steps', 'renewal_id, step, outcome, at', values);
const stripeEvent = (values: string) =>
  into('stripe_events', 'id, type, attempts, created_at, received_at, due_at', values);
const customer = (values: string) => into('stripe_customers', 'id, account_id, matched_by, currency, read_at', values);
const subscription = (values: string) =>
  into('subscriptions', 'id, customer_id, status, is_paused, currency, items, period_end', values);
const invoice = (columns: string, values: string) =>
  into(
    'invoices',
    `id, customer_id, label, status, currency, total, total_before_tax, due, remaining, is_failed, needs_action, attempts, lines, created_at, read_at${columns && `, ${columns}`}`,
    values,
  );
const invoiceOf = (given: { status?: string; currency?: string; attempts?: string; lines?: string; label?: string }) =>
  invoice(
    '',
    `'in_2', 'cus_1', '${given.label ?? 'A-2'}', '${given.status ?? 'open'}', '${given.currency ?? 'USD'}', 1, 1, 1, 1, false, false, ${given.attempts ?? '0'}, '${given.lines ?? '[]'}', now(), now()`,
  );
const risky = (values: string) =>
  invoice(
    'risk, risk_note, risk_by, risk_at',
    `'in_2', 'cus_1', 'A-2', 'open', 'USD', 1, 1, 1, 1, false, false, 0, '[]', now(), now(), ${values}`,
  );
const grant = (values: string) => into('credit_grants', 'id, customer_id, category, currency, amount', values);
const creditUse = (values: string) => into('credit_uses', 'id, customer_id, currency, amount, from_at, to_at', values);
const claim = (values: string) =>
  into('account_claims', 'account_id, field, source, value, said_at, seen_at, as_owner', values);
const crmRecord = (values: string) =>
  into('account_records', 'source, account_id, record_id, name, said_segments, given_segments, seen_at', values);
const run = (values: string) => into('job_runs', 'name, local_day, started_at, finished_at, error, result', values);

const good = [
  stripeEvent(`'evt_2', 'invoice.paid', 0, now(), now(), now()`),
  customer(`'cus_2', 'acme', 'metadata', 'JPY', now()`),
  customer(`'cus_2', null, null, null, now()`),
  subscription(`'sub_2', 'cus_1', 'active', false, 'USD', '[]', now()`),
  invoiceOf({}),
  risky(`'at_risk', 'has gone quiet', 'U123', now()`),
  grant(`'credgr_2', 'cus_1', 'paid', 'USD', 100`),
  creditUse(`'u2', 'cus_1', 'USD', -5, now(), now()`),
  claim(`'acme', 'renewal_date', 'vitally', '"2027-01-31"', now(), now(), false`),
  claim(`'acme', 'traits.plan', 'salesforce', 'true', now() - interval '1 day', now(), true`),
  crmRecord(`'vitally', 'acme', '7f', '', '{Pilot,EMEA}', '{Pilot}', now()`),
  accounts("arr, currency, domain: 10.5, 'EUR', 'new.example'"),
  user(`'acme', 'bo', '{"role": "admin"}', now()`),
  event(`'acme', 'e2', null, 'login', '2026-11-30T23:59:59Z', '{}', md5('e2')::uuid, 1`),
  by(`null, 'anon-1', 'acme', 'e2', 'login', '2026-11-01', md5('e2')::uuid, 1`),
  into('event_keys', 'key, occurred_at', `md5('e2')::uuid, now()`),
  into('uncounted_batches', 'id', '2'),
  into('event_retention', 'kept_from', `'2026-11-01'`),
  into('user_accounts', 'user_id, account_id, since', `'bo', 'acme', now()`),
  into('user_aliases', 'alias, user_id', `'anon-2', 'al'`),
  wait(`md5('w2')::uuid, 'w2', 'ghost', null, null, 'login', now(), '{}'`),
  wait(`md5('w2')::uuid, 'w2', null, null, 'anon-1', 'login', now(), '{}'`),
  said(`'al', true, null, now(), '{}'`),
  said(`'al', true, 'ghost2', now(), '{}'`),
  definition(`'seats', '${hash}', now()`),
  corrected(`'acme', 'seats', '2026-11-02', now(), now()`),
  shown(`'acme', 'U123', 'seats 90d', 'x', 'F123'`),
  count(`'2026-11-02', 'segment', 'stored', '', 5, now()`),
  count(`'2026-11-02', 'segment', 'refused', 'is too old', 1, now()`),
  refusal(`now(), 'segment', 'is too old', '{}'`),
  series(`'${'b'.repeat(64)}', '{}', 'UTC', now(), now()`),
  month(`1, 'acme', '2026-10-01', '[1, 5]', null`),
  month(`1, 'acme', '2026-10-01', null, '\\x000102030405060708090a0b'`),
  into('event_names', 'name, first_at', `'logout', now()`),
  into('stale_days', 'account_id, day', `'acme', '2026-11-02'`),
  into('stale_accounts', 'account_id, from_day', `'acme', '2026-11-02'`),
  changed(`'acme', 'al', '{"role": "admin"}'`),
  history(`'acme', now(), null, '{}'`),
  imported(`'acme', 'seats', '2026-11-02', '5'`),
  computed(`'acme', 'seats', '2026-11-02', null, now()`),
  score(`'acme', '2026-11-02', 'standard', '${hash}', 'all others', null, null, 0, '[]', now()`),
  picture(`'acme', 'U123', 'x', 'F123'`),
  thread(`'U123', 'D123', '1700000000.000100'`),
  run(`'compute-health', current_date, now(), now(), null, '{}'`),
  reading(`'acme', 'level_high', 'Replay', true, false, 0, '5', '2026-11-02', null, now()`),
  alert(`'acme', 'level_high', 'Replay', 'risk', 'low', 'snoozed', null, null, now(), now(), '{}', '{}'`),
  alert(`'acme', 'level_high', '', 'risk', 'low', 'resolved', null, 'cleared', now(), now(), '{}', '{}'`),
  transition(`1, 'inactive', 'active', now(), '{}'`),
  hold(`now(), 5, 5, '{}', '[]', now(), 'released'`),
  message(`'m2', 'alert', 'maya@example.com', 'low', null, 'sent', 'D1', '1.1', now(), now(), now()`),
  message(`'m2', 'notice', '#C123', 'low', 'Much changed', 'waiting', null, null, null, now(), now()`),
  into('alert_messages', 'alert_id, message_id', '1, 2'),
  into('alert_votes', 'alert_id, slack_user_id, useful, at', `1, 'U124', false, now()`),
  into('recipients', 'recipient', `'#C123'`),
  wish(`'tom@example.com', '19:00', '08:00', true, null, now()`),
  task(`null, 'acme', 'Call', null, null, now()`),
  slackEvent(`'Ev2', 'message', 'C0ACME', '{}', now(), now(), 0`),
  slackEvent(`'Ev2', 'channel_rename', null, '{}', now(), now(), 3`),
  ticket('', ''),
  ticket('account_id, creating_at, desk_ticket_id, status', `'acme', now(), '7', 'open'`),
  ticket('generation, previous_ticket_id', `2, '7'`),
  ticket('form, form_at, form_by, severity', `'filled', now(), 'U123', 'urgent'`),
  ticket('form, form_at', `'defaulted', now()`),
  ticket('escalated_at, escalated_by, escalation', `now(), 'U123', '{}'`),
  ticket('lease, leased_until, due_at', `'l', now(), now()`),
  ticketMessage(
    `1, 'slack:C0ACME:1.3', 'thread', true, 'customer', 'Bo', 'Help', 'C0ACME', '1.3', null, now(), 'waiting'`,
  ),
  ticketMessage(`1, 'desk:5', 'desk', true, 'agent', 'Ada', 'Done', null, null, '5', now(), 'done'`),
  // Of another ticket the same message is another.
  ticketMessage(`2, 'desk:1', 'desk', true, 'agent', 'Ada', 'Done', null, null, '1', now(), 'done'`),
  `update ticket_messages set text = '', state = 'skipped', comment_id = '9' where id = 1`,
  group(`'Zendesk', '2', 'Billing', 1, now()`),
  group(`'Bellwether', '1', 'Support', 0, now()`),
  builtIn(`'b2', '', 'new', null, 'slack:T1:U123', 'Bo', '{}', now(), now()`),
  builtInComment(`1, 'agent:1', false, 'Ada', 'agent', '', now()`),
  unlinked(`'G0OTHER', 'W123', now()`),
  post(`'ticket', 1, null, null, '#C0ACME', '1.1'`),
  post(`'ticket_reply', 1, 1, null, '#C0ACME', '1.1'`),
  post(`'ticket_mirror', 1, null, null, '#D0SUPPORT', null`),
  post(`'ticket_reminder', 1, null, null, 'maya@example.com', null`),
  post(`'renewal', null, null, 1, null, null`),
  renewal(`'acme', '2027-01-31', '2027-02-28', 'open', 1, now(), now(), null, null`),
  renewal(`'acme', '2027-01-31', '2027-01-31', 'renewed', null, now(), now(), 'Two years', '2029-01-31'`),
  renewalChange(`1, 'moved', '2026-12-31', '2027-01-31', now(), null`),
  step(`1, '1 month', 'skipped', now()`),
];

const bad: Record<string, string[]> = {
  indicator_readings: [
    reading(`'ghost', 'level_high', '', true, true, 1, '5', '2026-11-02', null, now()`),
    reading(`'acme', 'Level', '', true, true, 1, '5', '2026-11-02', null, now()`),
    reading(`'acme', 'level_high', '', true, true, -1, '5', '2026-11-02', null, now()`),
    reading(`'acme', 'level_high', '', true, true, 1, '[]', '2026-11-02', null, now()`),
    reading(`'acme', 'level_high', '', true, true, 1, '5', 'infinity', null, now()`),
    reading(`'acme', 'level_high', '', true, true, 1, '5', '2026-11-02', '{}', now()`),
  ],
  alerts: [
    // A second open one of the same.
    alert(`'acme', 'level_high', '', 'risk', 'low', 'active', null, null, now(), now(), '{}', '{}'`),
    alert(`'ghost', 'level_high', '', 'risk', 'low', 'active', null, null, now(), now(), '{}', '{}'`),
    alert(`'acme', 'other_high', '', 'danger', 'low', 'active', null, null, now(), now(), '{}', '{}'`),
    alert(`'acme', 'other_high', '', 'risk', 'grave', 'active', null, null, now(), now(), '{}', '{}'`),
    alert(`'acme', 'other_high', '', 'risk', 'low', 'inactive', null, null, now(), now(), '{}', '{}'`),
    alert(`'acme', 'other_high', '', 'risk', 'low', 'active', now(), null, now(), now(), '{}', '{}'`),
    alert(`'acme', 'other_high', '', 'risk', 'low', 'resolved', null, null, now(), now(), '{}', '{}'`),
    alert(`'acme', 'other_high', '', 'risk', 'low', 'active', null, 'cleared', now(), now(), '{}', '{}'`),
    alert(`'acme', 'other_high', '', 'risk', 'low', 'active', null, null, now(), now(), '[]', '{}'`),
  ],
  alert_transitions: [
    transition(`9, 'inactive', 'active', now(), '{}'`),
    transition(`1, 'resolved', 'active', now(), '{}'`),
    transition(`1, 'active', 'inactive', now(), '{}'`),
  ],
  alert_messages: [
    into('alert_messages', 'alert_id, message_id', '1, 1'),
    into('alert_messages', 'alert_id, message_id', '1, 9'),
    into('alert_messages', 'alert_id, message_id', '9, 1'),
  ],
  alert_votes: [
    into('alert_votes', 'alert_id, slack_user_id, useful, at', `1, 'U123', false, now()`),
    into('alert_votes', 'alert_id, slack_user_id, useful, at', `1, 'maya', false, now()`),
    into('alert_votes', 'alert_id, slack_user_id, useful, at', `9, 'U124', false, now()`),
  ],
  alert_holds: [
    hold(`now(), 0, 5, '{}', '[]', null, null`),
    hold(`now(), 6, 5, '{}', '[]', null, null`),
    hold(`now(), 5, 5, '[]', '[]', null, null`),
    hold(`now(), 5, 5, '{}', '{}', null, null`),
    hold(`now(), 5, 5, '{}', '[]', now(), null`),
    hold(`now(), 5, 5, '{}', '[]', now(), 'forgotten'`),
  ],
  messages: [
    message(`'m1', 'alert', null, 'low', null, 'waiting', null, null, null, now(), now()`),
    message(`'m2', 'letter', null, 'low', null, 'waiting', null, null, null, now(), now()`),
    message(`'m2', 'alert', 'maya', 'low', null, 'waiting', null, null, null, now(), now()`),
    message(`'m2', 'alert', null, 'grave', null, 'waiting', null, null, null, now(), now()`),
    message(`'m2', 'alert', null, 'low', 'A notice', 'waiting', null, null, null, now(), now()`),
    message(`'m2', 'notice', null, 'low', null, 'waiting', null, null, null, now(), now()`),
    message(`'m2', 'alert', null, 'low', null, 'sent', 'D1', null, null, now(), now()`),
    message(`'m2', 'alert', null, 'low', null, 'sent', null, '1.1', now(), now(), now()`),
    message(`'m2', 'alert', null, 'low', null, 'sent', 'D1', '1.1', null, now(), now()`),
    // Only of tickets, and only in a thread.
    post(`'ticket', null, null, null, '#C0ACME', '1.1'`),
    post(`'ticket', 9, null, null, '#C0ACME', '1.1'`),
    post(`'alert', 1, null, null, 'maya@example.com', null`),
    post(`'ticket', 1, null, null, '#C0ACME', null`),
    post(`'ticket', 1, null, null, '#C0ACME', 'now'`),
    post(`'ticket', 1, null, null, '#X0ACME', '1.1'`),
    post(`'ticket_reminder', 1, null, null, 'maya@example.com', '1.1'`),
    post(`'ticket_closed', 1, null, null, '#C0ACME', null`),
    // Of replies: nothing, not in a thread, what is not one, what is not public, what another ticket's is, what is not an agent's.
    post(`'ticket_reply', 1, null, null, '#C0ACME', '1.1'`),
    post(`'ticket_reply', 1, 1, null, '#C0ACME', null`),
    post(`'ticket', 1, 1, null, '#C0ACME', '1.1'`),
    post(`'ticket_reply', 1, 2, null, '#C0ACME', '1.1'`),
    post(`'ticket_reply', 2, 1, null, '#C0ACME', '1.1'`),
    post(`'ticket_reply', 1, 3, null, '#C0ACME', '1.1'`),
    post(`'ticket_reply', 1, 4, null, '#C0ACME', '1.1'`),
    post(`'ticket_reply', 1, 5, null, '#C0ACME', '1.1'`),
    post(`'ticket_reply', 1, 99, null, '#C0ACME', '1.1'`),
    // Nor by turning one into such a one.
    `update messages set ticket_message_id = 2 where kind = 'ticket_reply'`,
    `update messages set ticket_id = 2 where kind = 'ticket_reply'`,
    `update messages set kind = 'ticket_reply', ticket_message_id = 2 where kind = 'ticket'`,
    post(`'renewal', null, null, null, null, null`),
    post(`'renewal', null, null, 9, null, null`),
    post(`'alert', null, null, 1, null, null`),
    post(`'ticket_mirror', 1, null, 1, null, null`),
  ],
  slack_events: [
    slackEvent(`'Ev1', 'message', 'C0ACME', '{}', now(), now(), 0`),
    slackEvent(`'', 'message', 'C0ACME', '{}', now(), now(), 0`),
    slackEvent(`'Ev2', '', 'C0ACME', '{}', now(), now(), 0`),
    slackEvent(`'Ev2', 'message', 'general', '{}', now(), now(), 0`),
    slackEvent(`'Ev2', 'message', 'C0ACME', '[]', now(), now(), 0`),
    slackEvent(`'Ev2', 'message', 'C0ACME', '{}', now(), 'infinity', 0`),
    slackEvent(`'Ev2', 'message', 'C0ACME', '{}', now(), now(), -1`),
  ],
  tickets: [
    ticketIn(`'T1', 'C0ACME', '1.1', '1.2', 'U123', 'Zendesk', now()`),
    ticketIn(`'', 'C0ACME', '3.1', '3.1', 'U123', 'Zendesk', now()`),
    ticketIn(`'T1', '#acme', '3.1', '3.1', 'U123', 'Zendesk', now()`),
    ticketIn(`'T1', 'C0ACME', 'now', '3.1', 'U123', 'Zendesk', now()`),
    ticketIn(`'T1', 'C0ACME', '3.1', '3', 'U123', 'Zendesk', now()`),
    ticketIn(`'T1', 'C0ACME', '3.1', '3.1', 'maya', 'Zendesk', now()`),
    ticketIn(`'T1', 'C0ACME', '3.1', '3.1', 'U123', '', now()`),
    ticketIn(`'T1', 'C0ACME', '3.1', '3.1', 'U123', 'Zendesk', 'infinity'`),
    ticket('account_id', `'ghost'`),
    ticket('counted_for', `'ghost'`),
    ticket('status', `'done'`),
    ticket('severity', `'medium'`),
    ticket('desk_ticket_id', `'7'`),
    ticket('creating_at, desk_ticket_id', `now(), ''`),
    ticket('generation, previous_ticket_id', `0, '7'`),
    ticket('generation', '2'),
    ticket('previous_ticket_id', `'7'`),
    ticket('form', `'filled'`),
    ticket('form, form_at', `'lost', now()`),
    ticket('form_at', 'now()'),
    ticket('form, form_at, form_by', `'defaulted', now(), 'U123'`),
    ticket('escalated_at, escalated_by', `now(), 'U123'`),
    ticket('escalated_at, escalation', `now(), '{}'`),
    ticket('escalated_at, escalated_by, escalation', `now(), 'U123', '[]'`),
    ticket('request', `'[]'`),
    ticket('wanted', `'"solved"'`),
    ticket('lease', `'l'`),
    ticket('leased_until', 'now()'),
    ticket('attempts', '-1'),
  ],
  ticket_messages: [
    ticketMessage(`1, 'desk:1', 'desk', true, 'agent', 'Ada', 'Done', null, null, '1', now(), 'done'`),
    ticketMessage(`9, 'desk:5', 'desk', true, 'agent', 'Ada', 'Done', null, null, '5', now(), 'done'`),
    ticketMessage(`1, '', 'desk', true, 'agent', 'Ada', 'Done', null, null, '5', now(), 'done'`),
    ticketMessage(`1, 'desk:5', 'mail', true, 'agent', 'Ada', 'Done', null, null, '5', now(), 'done'`),
    ticketMessage(`1, 'desk:5', 'desk', true, 'friend', 'Ada', 'Done', null, null, '5', now(), 'done'`),
    ticketMessage(`1, 'desk:5', 'desk', null, 'agent', 'Ada', 'Done', null, null, '5', now(), 'done'`),
    ticketMessage(`1, 'desk:5', 'desk', true, 'agent', 'Ada', 'Done', null, null, '5', now(), 'lost'`),
    ticketMessage(`1, 'desk:5', 'desk', true, 'agent', 'Ada', 'Done', null, null, '5', now(), 'waiting'`),
    ticketMessage(`1, 'desk:5', 'desk', true, 'agent', 'Ada', 'Done', null, null, null, now(), 'done'`),
    ticketMessage(`1, 'x', 'thread', true, 'customer', 'Bo', 'Help', 'C0ACME', null, null, now(), 'waiting'`),
    ticketMessage(`1, 'x', 'thread', true, 'customer', 'Bo', 'Help', 'C0ACME', 'now', null, now(), 'waiting'`),
    ticketMessage(`1, 'x', 'thread', true, 'customer', 'Bo', 'Help', '#acme', '1.3', null, now(), 'waiting'`),
    ticketMessage(`1, 'x', 'thread', true, 'customer', 'Bo', 'Help', 'C0ACME', '1.3', null, 'infinity', 'waiting'`),
    `update ticket_messages set files = '{}' where id = 1`,
    `update ticket_messages set comment_key = '' where id = 1`,
    `update ticket_messages set attempts = -1 where id = 1`,
    // What a note is, and who said it, stays.
    'update ticket_messages set is_public = true where id = 2',
    'update ticket_messages set ticket_id = 2 where id = 1',
    `update ticket_messages set origin = 'desk', comment_id = '5', state = 'done' where id = 4`,
    `update ticket_messages set author_kind = 'agent' where id = 3`,
  ],
  desk_groups: [
    group(`'Zendesk', '1', 'Billing', 1, now()`),
    group(`'', '2', 'Billing', 1, now()`),
    group(`'Zendesk', '', 'Billing', 1, now()`),
    group(`'Zendesk', '${'2'.repeat(76)}', 'Billing', 1, now()`),
    group(`'Zendesk', '2', ' ', 1, now()`),
    group(`'Zendesk', '2', 'Billing', -1, now()`),
  ],
  built_in_tickets: [
    builtIn(`'b1', '', 'new', null, 'slack:T1:U123', 'Bo', '{}', now(), now()`),
    builtIn(`'', '', 'new', null, 'slack:T1:U123', 'Bo', '{}', now(), now()`),
    builtIn(`'b2', '', 'done', null, 'slack:T1:U123', 'Bo', '{}', now(), now()`),
    builtIn(`'b2', '', 'new', 'medium', 'slack:T1:U123', 'Bo', '{}', now(), now()`),
    builtIn(`'b2', '', 'new', null, '', 'Bo', '{}', now(), now()`),
    builtIn(`'b2', '', 'new', null, 'slack:T1:U123', 'Bo', '[]', now(), now()`),
    'update built_in_tickets set follow_up_of = 9 where id = 1',
  ],
  built_in_comments: [
    // A second body, and a second one by the same key.
    builtInComment(`1, null, true, 'Bo', 'us', 'Help', now()`),
    builtInComment(`1, 'k1', true, 'Bo', 'us', 'Help', now()`),
    builtInComment(`9, 'k2', true, 'Bo', 'us', 'Help', now()`),
    builtInComment(`1, '', true, 'Bo', 'us', 'Help', now()`),
    builtInComment(`1, 'k2', null, 'Bo', 'us', 'Help', now()`),
    builtInComment(`1, 'k2', true, 'Bo', 'staff', 'Help', now()`),
  ],
  unlinked_channels: [
    unlinked(`'C0NOBODY', 'U123', now()`),
    unlinked(`'D0OTHER', 'U123', now()`),
    unlinked(`'general', 'U123', now()`),
    unlinked(`'G0OTHER', 'maya', now()`),
    unlinked(`'G0OTHER', 'U123', 'infinity'`),
  ],
  account_claims: [
    claim(`'acme', 'renewal_date', 'salesforce', '"2027-01-31"', now(), now(), false`),
    claim(`'ghost', 'arr', 'salesforce', '1', now(), now(), false`),
    claim(`'acme', 'name', 'salesforce', '"Acme"', now(), now(), false`),
    claim(`'acme', 'traits.', 'salesforce', '1', now(), now(), false`),
    claim(`'acme', 'traits.${'x'.repeat(256)}', 'salesforce', '1', now(), now(), false`),
    claim(`'acme', 'arr', 'hubspot', '1', now(), now(), false`),
    claim(`'acme', 'arr', 'salesforce', 'null', now(), now(), false`),
    claim(`'acme', 'arr', 'salesforce', '{}', now(), now(), false`),
    claim(`'acme', 'arr', 'salesforce', '1', now(), now() - interval '1 day', false`),
    claim(`'acme', 'arr', 'salesforce', '1', now(), 'infinity', false`),
  ],
  account_records: [
    crmRecord(`'salesforce', 'acme', '001A', 'Acme', '{}', '{}', now()`),
    crmRecord(`'stripe', 'acme', 'cus_1', 'Acme', '{}', '{}', now()`),
    crmRecord(`'vitally', 'ghost', '7f', 'Acme', '{}', '{}', now()`),
    crmRecord(`'vitally', 'acme', ' ', 'Acme', '{}', '{}', now()`),
    crmRecord(`'vitally', 'acme', '7f', 'Acme', '{}', '{Pilot}', now()`),
    crmRecord(`'vitally', 'acme', '7f', 'Acme', '{}', '{}', 'infinity'`),
  ],
  renewals: [
    renewal(`'acme', '2026-12-31', '2026-12-31', 'open', null, now(), now(), null, null`),
    renewal(`'ghost', '2027-01-31', '2027-01-31', 'open', null, now(), now(), null, null`),
    renewal(`'acme', 'infinity', '2027-01-31', 'open', null, now(), now(), null, null`),
    renewal(`'acme', '2027-01-31', '2027-01-31', 'won', null, now(), now(), null, null`),
    renewal(`'acme', '2027-01-31', '2027-01-31', 'open', 9, now(), now(), null, null`),
    renewal(`'acme', '2027-01-31', '2027-01-31', 'lost', null, now(), now(), '${'x'.repeat(1001)}', null`),
    renewal(`'acme', '2027-01-31', '2027-01-31', 'lost', null, now(), now(), null, '2028-01-31'`),
  ],
  renewal_changes: [
    renewalChange(`9, 'moved', '2026-12-31', '2027-01-31', now(), null`),
    renewalChange(`1, 'won', '2026-12-31', null, now(), null`),
    renewalChange(`1, 'open', '2026-12-31', '2027-01-31', now(), null`),
    renewalChange(`1, 'moved', '2026-12-31', 'infinity', now(), null`),
    renewalChange(`1, 'moved', '2026-12-31', '2027-01-31', now(), '${'x'.repeat(1001)}'`),
  ],
  renewal_steps: [
    step(`1, 'first', 'skipped', now()`),
    step(`9, '1 month', 'sent', now()`),
    step(`1, '', 'sent', now()`),
    step(`1, '1 month', 'lost', now()`),
    step(`1, '1 month', 'sent', 'infinity'`),
  ],
  recipients: [
    into('recipients', 'recipient', `'maya@example.com'`),
    into('recipients', 'recipient', `'maya'`),
    into('recipients', 'recipient', `'#general'`),
    into('recipients', 'recipient, slack_user_id', `'#C123', 'maya'`),
  ],
  alert_preferences: [
    wish(`'maya@example.com', null, null, true, null, now()`),
    wish(`'Tom@example.com', null, null, true, null, now()`),
    wish(`'tom@example.com', '19:00', null, true, null, now()`),
    wish(`'tom@example.com', '19:00', '24:00', true, null, now()`),
    wish(`'tom@example.com', null, null, true, '9:00', now()`),
  ],
  tasks: [
    task(`'alert:1', 'acme', 'Call', null, null, now()`),
    task(`null, 'ghost', 'Call', null, null, now()`),
    task(`null, 'acme', ' ', null, null, now()`),
    task(`null, 'acme', 'Call', 'maya', null, now()`),
    task(`null, 'acme', 'Call', null, 'infinity', now()`),
  ],
  accounts: [
    into('accounts', 'id, name', "'', 'Empty id'"),
    into('accounts', 'id, name', `'${'x'.repeat(256)}', 'Long id'`),
    into('accounts', 'id, name', "'acme', 'Twice'"),
    into('accounts', 'id, name', "' ', 'Blank id'"),
    into('accounts', 'id, name', "'new', ''"),
    into('accounts', 'id, name', "'new', ' '"),
    into('accounts', 'id, name', "'new', null"),
    accounts('arr: -1'),
    accounts("arr: 'NaN'"),
    accounts("arr: 'Infinity'"),
    accounts("mrr: 'NaN'"),
    accounts("currency: 'usd'"),
    accounts("currency: 'EURO'"),
    accounts("domain: 'Acme.example'"),
    accounts("domain: ''"),
    accounts("domain: 'https://new.example'"),
    accounts("domain: 'new example'"),
    accounts("csm_email: 'nobody'"),
    accounts("csm_email: 'Ana@x.example'"),
    accounts("created_at: 'infinity'"),
    accounts("renewal_date: '-infinity'"),
    accounts("stripe_customer_id: 'cus_acme'"),
    accounts("stripe_customer_id: ''"),
    accounts("slack_channel_id: '#general'"),
    accounts("slack_channel_id: 'C0ACME'"),
    accounts("traits: '[]'"),
    accounts("traits: 'null'"),
  ],
  account_aliases: [
    into('account_aliases', 'alias, account_id', "'Acme', 'acme'"),
    into('account_aliases', 'alias, account_id', "'', 'acme'"),
    into('account_aliases', 'alias, account_id', "' ', 'acme'"),
    into('account_aliases', 'alias, account_id', "'acme inc', 'other'"),
    into('account_aliases', 'alias, account_id', "'ghost', 'nobody'"),
  ],
  account_segments: [
    into('account_segments', 'account_id, segment', "'acme', ''"),
    into('account_segments', 'account_id, segment', "'acme', ' '"),
    into('account_segments', 'account_id, segment', "'acme', 'startup'"),
    into('account_segments', 'account_id, segment', "'nobody', 'startup'"),
  ],
  users: [
    user(`'acme', '', '{}', null`),
    user(`'acme', ' ', '{}', null`),
    user(`'acme', 'al', '{}', null`),
    named(`'acme', 'bo', 'Bo@x.example', null`),
    named(`'acme', 'bo', 'nobody', null`),
    named(`'acme', 'bo', null, ' '`),
    user(`'nobody', 'bo', '{}', null`),
    user(`'acme', 'bo', '"text"', null`),
    user(`'acme', 'bo', '{}', 'infinity'`),
  ],
  events: [
    event(`'acme', '', null, 'login', '2026-11-02', '{}', md5('e2')::uuid, 1`),
    event(`null, 'e2', null, 'login', '2026-11-02', '{}', md5('e2')::uuid, 1`),
    event(`'acme', 'e2', null, '', '2026-11-02', '{}', md5('e2')::uuid, 1`),
    event(`'acme', 'e2', '', 'login', '2026-11-02', '{}', md5('e2')::uuid, 1`),
    event(`'acme', 'e2', null, 'login', null, '{}', md5('e2')::uuid, 1`),
    event(`'acme', 'e2', null, 'login', 'infinity', '{}', md5('e2')::uuid, 1`),
    event(`'acme', 'e2', null, 'login', '2026-12-01', '{}', md5('e2')::uuid, 1`),
    event(`'acme', 'e2', null, 'login', '2026-11-02', '3', md5('e2')::uuid, 1`),
    event(`'acme', 'e2', null, 'login', '2026-11-02', '{}', null, 1`),
    event(`'acme', 'e2', null, 'login', '2026-11-02', '{}', md5('e2')::uuid, null`),
    by(`'al', 'anon-1', 'acme', 'e2', 'login', '2026-11-02', md5('e2')::uuid, 1`),
    by(`null, '', 'acme', 'e2', 'login', '2026-11-02', md5('e2')::uuid, 1`),
  ],
  event_keys: [
    into('event_keys', 'key, occurred_at', `md5('e1')::uuid, now()`),
    into('event_keys', 'key, occurred_at', `md5('e2')::uuid, null`),
  ],
  uncounted_batches: [into('uncounted_batches', 'id', '1'), into('uncounted_batches', 'id', 'null')],
  event_retention: [
    into('event_retention', 'one, kept_from', `false, '2026-11-01'`),
    into('event_retention', 'kept_from', `'infinity'`),
    into('event_retention', 'kept_from', `'2026-11-01'), ('2026-10-01'`),
  ],
  user_accounts: [
    into('user_accounts', 'user_id, account_id, since', `'', 'acme', now()`),
    into('user_accounts', 'user_id, account_id, since', `'al', 'other', now()`),
    into('user_accounts', 'user_id, account_id, since', `'bo', 'nobody', now()`),
    into('user_accounts', 'user_id, account_id, since', `'bo', 'acme', 'infinity'`),
  ],
  user_aliases: [
    into('user_aliases', 'alias, user_id', `'', 'al'`),
    into('user_aliases', 'alias, user_id', `'anon-2', ''`),
    into('user_aliases', 'alias, user_id', `'al', 'al'`),
    into('user_aliases', 'alias, user_id', `'anon-1', 'bo'`),
  ],
  waiting_events: [
    wait(`md5('w2')::uuid, 'w2', null, null, null, 'login', now(), '{}'`),
    wait(`md5('w1')::uuid, 'w1', 'ghost', null, null, 'login', now(), '{}'`),
    wait(`md5('w2')::uuid, '', 'ghost', null, null, 'login', now(), '{}'`),
    wait(`md5('w2')::uuid, 'w2', '', null, null, 'login', now(), '{}'`),
    wait(`md5('w2')::uuid, 'w2', 'ghost', '', null, 'login', now(), '{}'`),
    wait(`md5('w2')::uuid, 'w2', 'ghost', null, '', 'login', now(), '{}'`),
    wait(`md5('w2')::uuid, 'w2', 'ghost', null, null, '', now(), '{}'`),
    wait(`md5('w2')::uuid, 'w2', 'ghost', null, null, 'login', 'infinity', '{}'`),
    wait(`md5('w2')::uuid, 'w2', 'ghost', null, null, 'login', now(), '[]'`),
  ],
  waiting_users: [
    said(`'', true, null, now(), '{}'`),
    said(`' ', true, null, now(), '{}'`),
    said(`'al', null, null, now(), '{}'`),
    said(`'al', true, '', now(), '{}'`),
    said(`'al', true, 'ghost', now(), '{}'`),
    said(`'bo', true, null, now(), '{}'`),
    said(`'al', true, null, 'infinity', '{}'`),
    said(`'al', true, null, now(), '[]'`),
  ],
  metric_definitions: [
    definition(`'Seats', '${hash}', now()`),
    definition(`'nps', '${hash}', now()`),
    definition(`'seats', 'short', now()`),
    definition(`'seats', '${hash}', 'infinity'`),
  ],
  ingest_counts: [
    count(`'infinity', 'segment', 'stored', '', 5, now()`),
    count(`'2026-11-02', '', 'stored', '', 5, now()`),
    count(`'2026-11-02', 'segment', 'lost', '', 5, now()`),
    count(`'2026-11-02', 'segment', 'stored', 'for no reason', 5, now()`),
    count(`'2026-11-02', 'segment', 'refused', '', 5, now()`),
    count(`'2026-11-02', 'segment', 'stored', '', 0, now()`),
    count(`'2026-11-02', 'segment', 'stored', '', 5, 'infinity'`),
    count(`'2026-11-01', 'segment', 'stored', '', 5, now()`),
  ],
  ingest_refusals: [
    refusal(`'infinity', 'segment', 'is too old', '{}'`),
    refusal(`now(), '', 'is too old', '{}'`),
    refusal(`now(), 'segment', '', '{}'`),
    refusal(`now(), 'segment', 'is too old', '${'x'.repeat(1001)}'`),
  ],
  series: [
    series(`'${hash}', '{}', 'UTC', now(), now()`),
    series(`'short', '{}', 'UTC', now(), now()`),
    series(`'${'b'.repeat(64)}', '[]', 'UTC', now(), now()`),
    series(`'${'b'.repeat(64)}', '{}', '', now(), now()`),
    series(`'${'b'.repeat(64)}', '{}', 'UTC', 'infinity', now()`),
    series(`'${'b'.repeat(64)}', '{}', 'UTC', now(), 'infinity'`),
  ],
  series_months: [
    month(`2, 'acme', '2026-10-01', '[1, 5]', null`),
    month(`1, 'nobody', '2026-10-01', '[1, 5]', null`),
    month(`1, 'acme', '2026-11-01', '[1, 5]', null`),
    month(`1, 'acme', '2026-10-02', '[1, 5]', null`),
    month(`1, 'acme', '2026-10-01', null, null`),
    month(`1, 'acme', '2026-10-01', '[1, 5]', '\\x000102030405060708090a0b'`),
    month(`1, 'acme', '2026-10-01', null, '\\x00'`),
  ],
  event_names: [
    into('event_names', 'name, first_at', `'', now()`),
    into('event_names', 'name, first_at', `'login', now()`),
    into('event_names', 'name, first_at', `'logout', 'infinity'`),
  ],
  stale_days: [
    into('stale_days', 'account_id, day', `'nobody', '2026-11-02'`),
    into('stale_days', 'account_id, day', `'acme', 'infinity'`),
  ],
  stale_accounts: [
    into('stale_accounts', 'account_id, from_day', `'nobody', '2026-11-02'`),
    into('stale_accounts', 'account_id, from_day', `'acme', '-infinity'`),
  ],
  changed_users: [changed(`'nobody', 'al', '{}'`), changed(`'acme', null, '{}'`), changed(`'acme', 'al', null`)],
  account_history: [
    history(`'nobody', now(), null, '{}'`),
    history(`'acme', 'infinity', null, '{}'`),
    history(`'acme', now(), null, null`),
  ],
  imported_metric_values: [
    imported(`'acme', 'Seats', '2026-11-02', '5'`),
    imported(`'acme', 'seats', '2026-11-01', '5'`),
    imported(`'acme', 'seats', 'infinity', '5'`),
    imported(`'acme', 'seats', '2026-11-02', 'null'`),
    imported(`'acme', 'seats', '2026-11-02', '{}'`),
    imported(`'nobody', 'seats', '2026-11-02', '5'`),
  ],
  metric_values: [
    computed(`'acme', '', '2026-11-02', '5', now()`),
    computed(`'acme', 'seats', '2026-11-02', 'null', now()`),
    computed(`'acme', 'seats', '2026-11-02', '[1]', now()`),
    computed(`'acme', 'seats', null, '5', now()`),
    computed(`'acme', 'seats', '2026-11-02', '5', '2026-11-01T09:59Z'`),
    computed(`'acme', 'seats', '2026-11-02', '5', 'infinity'`),
    computed(`'nobody', 'seats', '2026-11-02', '5', now()`),
    corrected(`'acme', 'seats', '2026-11-02', now(), 'infinity'`),
  ],
  scores: [
    score(`'acme', '2026-11-01', 'standard', '${hash}', 'twice', 5, 'healthy', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'above', 10.1, 'healthy', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'below', -0.1, 'poor', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'NaN', 'NaN', 'poor', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'no band', 5, null, 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'no score', null, 'poor', 0, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'no such band', 5, 'good', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'coverage', 5, 'poor', 1.5, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'coverage', 5, 'poor', 'NaN', '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'of nothing', 5, 'poor', 0, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'in spite of data', null, null, 0.5, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'the day before', 5, 'poor', 1, '[]', '2026-11-01T09:59Z'`),
    score(`'acme', '2026-11-02', 'standard', 'short', 'hash', 5, 'poor', 1, '[]', now()`),
    score(`'acme', '2026-11-02', '', '${hash}', 'model', 5, 'poor', 1, '[]', now()`),
    score(`'acme', '2026-11-02', 'standard', '${hash}', 'breakdown', 5, 'poor', 1, '{}', now()`),
    score(`'nobody', '2026-11-02', 'standard', '${hash}', 'account', 5, 'poor', 1, '[]', now()`),
  ],
  stripe_events: [
    stripeEvent(`'evt_1', 'invoice.paid', 0, now(), now(), now()`),
    stripeEvent(`'', 'invoice.paid', 0, now(), now(), now()`),
    stripeEvent(`'evt_2', '', 0, now(), now(), now()`),
    stripeEvent(`'evt_2', 'invoice.paid', -1, now(), now(), now()`),
    stripeEvent(`'evt_2', 'invoice.paid', 0, 'infinity', now(), now()`),
  ],
  stripe_customers: [
    customer(`'cus_1', null, null, 'USD', now()`),
    customer(`'', null, null, 'USD', now()`),
    customer(`'cus_2', 'acme', null, 'USD', now()`),
    customer(`'cus_2', null, 'id', 'USD', now()`),
    customer(`'cus_2', 'acme', 'guess', 'USD', now()`),
    customer(`'cus_2', 'nobody', 'id', 'USD', now()`),
    customer(`'cus_2', null, null, 'usd', now()`),
    customer(`'cus_2', null, null, 'USD', 'infinity'`),
  ],
  subscriptions: [
    subscription(`'sub_1', 'cus_1', 'active', false, 'USD', '[]', now()`),
    subscription(`'sub_2', 'nobody', 'active', false, 'USD', '[]', now()`),
    subscription(`'sub_2', 'cus_1', '', false, 'USD', '[]', now()`),
    subscription(`'sub_2', 'cus_1', 'active', false, 'usd', '[]', now()`),
    subscription(`'sub_2', 'cus_1', 'active', false, 'USD', '{}', now()`),
    subscription(`'sub_2', 'cus_1', 'active', false, 'USD', '[]', 'infinity'`),
  ],
  invoices: [
    invoiceOf({ status: 'late' }),
    invoiceOf({ currency: 'usd' }),
    invoiceOf({ attempts: '-1' }),
    invoiceOf({ lines: '{}' }),
    invoiceOf({ label: ' ' }),
    risky(`'maybe', null, 'U123', now()`),
    risky(`'likely', null, null, now()`),
    risky(`'likely', null, 'U123', null`),
    risky(`null, 'a note alone', null, null`),
  ],
  credit_grants: [
    grant(`'credgr_1', 'cus_1', 'paid', 'USD', 100`),
    grant(`'credgr_2', 'nobody', 'paid', 'USD', 100`),
    grant(`'credgr_2', 'cus_1', 'gift', 'USD', 100`),
    grant(`'credgr_2', 'cus_1', 'paid', 'usd', 100`),
    grant(`'credgr_2', 'cus_1', 'paid', 'USD', -1`),
  ],
  credit_uses: [
    creditUse(`'u1', 'cus_1', 'USD', 5, now(), now()`),
    creditUse(`'u2', 'nobody', 'USD', 5, now(), now()`),
    creditUse(`'u2', 'cus_1', 'usd', 5, now(), now()`),
    creditUse(`'u2', 'cus_1', 'USD', 5, now(), now() - interval '1 day'`),
  ],
  trend_pictures: [
    picture(`'acme', 'ana', 'x', 'F123'`),
    picture(`'acme', 'U123', '', 'F123'`),
    picture(`'acme', 'U123', 'x', 'file'`),
    picture(`'nobody', 'U123', 'x', 'F123'`),
    shown(`'acme', 'U123', '', 'x', 'F123'`),
  ],
  picture_threads: [
    thread(`'ana', 'D123', '1700000000.000100'`),
    thread(`'U123', 'C123', '1700000000.000100'`),
    thread(`'U123', 'D123', 'now'`),
  ],
  job_runs: [
    run(`'', current_date, now(), null, null, null`),
    run(`'compute-health', current_date, now(), now() - interval '1 s', null, null`),
    run(`'compute-health', current_date, now(), null, 'it failed before its end', null`),
    run(`'compute-health', current_date, now(), null, null, '{}'`),
    run(`'compute-health', current_date, now(), now(), 'it failed', '{}'`),
    run(`'compute-health', current_date - 2, now(), null, null, null`),
    run(`'compute-health', current_date, 'infinity', null, null, null`),
  ],
};

describe('a row that cannot be true is refused by the database', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await ensureEventMonths(database.db, [new Date('2026-11-01')]);
    await sql`
      insert into accounts (id, name, stripe_customer_id, slack_channel_id)
        values ('acme', 'Acme', 'cus_acme', 'C0ACME'), ('other', 'Other', null, null);
      insert into account_aliases (alias, account_id) values ('acme inc', 'acme');
      insert into account_segments (account_id, segment) values ('acme', 'startup');
      insert into users (account_id, id) values ('acme', 'al');
      insert into event_keys (key, occurred_at) values (md5('e1')::uuid, now());
      insert into uncounted_batches (id) values (1);
      insert into user_accounts (user_id, account_id, since) values ('al', 'acme', now());
      insert into user_aliases (alias, user_id) values ('anon-1', 'al');
      insert into waiting_events (key, id, account, name, occurred_at)
        values (md5('w1')::uuid, 'w1', 'ghost', 'login', now());
      insert into waiting_users (actor, is_user, account, at, traits)
        values ('al', true, 'ghost', now(), '{}'), ('bo', true, null, now(), '{}');
      insert into metric_definitions (metric, hash, computed_at) values ('nps', ${sql.lit(hash)}, now());
      insert into ingest_counts (day, door, outcome, count, last_at)
        values ('2026-11-01', 'segment', 'stored', 1, now());
      insert into series (hash, definition, time_zone, created_at, wanted_at)
        values (${sql.lit(hash)}, '{}', 'UTC', now(), now());
      insert into series_months (series_id, account_id, month, cells) values (1, 'acme', '2026-11-01', '[1, 1]');
      insert into event_names (name, first_at) values ('login', now());
      insert into imported_metric_values (account_id, metric, day, value) values ('acme', 'seats', '2026-11-01', '5');
      insert into indicator_readings (account_id, indicator, subject, met, once_unmet, streak, day, read_at)
        values ('acme', 'level_high', '', true, true, 1, '2026-11-01', now());
      insert into messages (key, kind, severity, due_at, created_at)
        values ('m1', 'alert', 'low', now(), now()), ('m3', 'alert', 'low', now(), now());
      insert into alerts
        (account_id, indicator, subject, kind, severity, state, opened_at, changed_at, evidence, latest, message_id)
        values ('acme', 'level_high', '', 'risk', 'low', 'active', now(), now(), '{}', '{}', 1);
      insert into alert_messages (alert_id, message_id) values (1, 1);
      insert into alert_votes (alert_id, slack_user_id, useful, at) values (1, 'U123', true, now());
      insert into recipients (recipient) values ('maya@example.com');
      insert into alert_preferences (email, quiet_weekend, updated_at) values ('maya@example.com', true, now());
      insert into tasks (key, account_id, title, created_at) values ('alert:1', 'acme', 'Call', now());
      insert into scores (account_id, day, model, model_hash, reason, score, band, coverage, breakdown, computed_at)
        values ('acme', '2026-11-01', 'standard', ${sql.lit(hash)}, 'all others', 5, 'poor', 1, '[]', now());
      insert into slack_events (event_id, type, body, received_at, due_at)
        values ('Ev1', 'message', '{}', now(), now());
      insert into tickets (team_id, channel_id, thread_ts, source_ts, reported_by, desk, created_at) values
        ('T1', 'C0ACME', '1.1', '1.2', 'U123', 'Zendesk', now()),
        ('T1', 'C0ACME', '2.1', '2.1', 'U123', 'Zendesk', now());
      insert into ticket_messages
        (ticket_id, key, origin, is_public, author_kind, author_name, text, comment_id, said_at, state) values
        (1, 'desk:1', 'desk', true, 'agent', 'Ada', 'Done', '1', now(), 'done'),
        (1, 'desk:2', 'desk', false, 'agent', 'Ada', '', '2', now(), 'skipped'),
        (1, 'desk:3', 'desk', true, 'customer', 'Bo', '', '3', now(), 'skipped'),
        (1, 'x1', 'thread', true, 'agent', 'Ada', 'Done', null, now(), 'waiting'),
        (1, 'mirror:1.4', 'mirror', true, 'agent', 'Ada', 'Done', null, now(), 'waiting');
      insert into messages (key, kind, ticket_id, ticket_message_id, recipient, thread_ts, severity, due_at, created_at)
        values ('t1', 'ticket', 1, null, '#C0ACME', '1.1', 'medium', now(), now()),
          ('t2', 'ticket_reply', 1, 1, '#C0ACME', '1.1', 'medium', now(), now());
      insert into desk_groups (desk, id, name, place, found_at) values ('Zendesk', '1', 'Support', 0, now());
      insert into built_in_tickets (external_id, subject, status, requester_id, requester_name, created_at, updated_at)
        values ('b1', 'Help', 'new', 'slack:T1:U123', 'Bo', now(), now());
      insert into built_in_comments (ticket_id, key, is_public, author_name, role, body, created_at)
        values (1, null, true, 'Bo', 'us', 'Help', now()), (1, 'k1', true, 'Bo', 'us', 'Help', now());
      insert into unlinked_channels (channel_id, said_by, said_at) values ('C0NOBODY', 'U123', now());
      insert into renewals (account_id, armed_for, renewal_date, state, opened_at, changed_at)
        values ('acme', '2026-12-31', '2026-12-31', 'open', now(), now());
      insert into renewal_steps (renewal_id, step, outcome, at) values (1, 'first', 'sent', now());
      insert into stripe_events (id, type, created_at, received_at, due_at)
        values ('evt_1', 'invoice.paid', now(), now(), now());
      insert into stripe_customers (id, read_at) values ('cus_1', now());
      insert into subscriptions (id, customer_id, status, is_paused, currency, items)
        values ('sub_1', 'cus_1', 'active', false, 'USD', '[]');
      insert into credit_grants (id, customer_id, category, currency, amount)
        values ('credgr_1', 'cus_1', 'paid', 'USD', 100);
      insert into credit_uses (id, customer_id, currency, amount, from_at, to_at)
        values ('u1', 'cus_1', 'USD', 5, now(), now());
      insert into account_claims (account_id, field, source, value, said_at, seen_at, as_owner)
        values ('acme', 'renewal_date', 'salesforce', '"2027-02-28"', now(), now(), true);
      insert into account_records (source, account_id, record_id, name, seen_at)
        values ('salesforce', 'acme', '001A', 'Acme', now());
    `.execute(database.db);
  });
  afterAll(() => database.drop());

  /** Tries a statement and takes it back. */
  const attempt = (statement: string) =>
    database.db.transaction().execute(async (transaction) => {
      await sql.raw(statement).execute(transaction);
      throw new Error('accepted');
    });

  test.each(good)('while a good one is accepted: %s', async (statement) => {
    await expect(attempt(statement)).rejects.toThrow('accepted');
  });

  for (const [table, statements] of Object.entries(bad)) {
    test.each(statements)(`${table}: %s`, async (statement) => {
      await expect(attempt(statement)).rejects.toThrow(
        /violates|overflow|no partition|only what an agent said in public|does not change/,
      );
    });
  }

  test('no table is left out', async () => {
    const tables = await database.db.introspection.getTables();
    const names = tables.map(({ name }) => name).filter((name) => !/^events_\d/.test(name));
    expect(Object.keys(bad).sort()).toEqual(names.sort());
  });
});

test('days come as text, whole and decimal numbers as numbers', async () => {
  const { db, drop } = await createTestDatabase();
  const { rows } = await sql`select date '2026-03-29' as day, 12.5::numeric as money, count(*) as n`.execute(db);
  expect(rows).toEqual([{ day: '2026-03-29', money: 12.5, n: 1 }]);
  await expect(sql`select 9007199254740993::bigint as n`.execute(db)).rejects.toThrow(/beyond the whole numbers/);
  await drop();
});
