import { sql } from 'kysely';
import type { AlertState, Evidence, IndicatorKind, Severity } from '../indicators/types.ts';
import type { Db } from './types.ts';

/** An alert that begins. */
export type OpenedAlert = {
  account: string;
  indicator: string;
  subject: string;
  kind: IndicatorKind;
  severity: Severity;
  evidence: Evidence;
  /** Title of a task to open with it. */
  task: string | null;
};

/** An alert that ends. */
export type EndedAlert = { id: number; resolution: 'cleared' | 'excluded' | 'retired'; evidence: Evidence };

/** An alert that goes on, and what is known of it now. */
export type EditedAlert = { id: number; evidence: Evidence };

/**
 * Opens alerts, each with its transition, its message to the account's CSM and, where it has one, its task. One that is
 * open already is left alone, as is one of an invoice that was read again since: whoever did evaluates it. `holdId` keeps the messages back. Returns how many were opened.
 */
export async function openAlerts(
  transaction: Db,
  alerts: readonly OpenedAlert[],
  { now, holdId, taskDue }: { now: Date; holdId: number | null; taskDue: string },
): Promise<number> {
  if (alerts.length === 0) return 0;
  const { rows } = await sql<{ id: number; severity: Severity; csmEmail: string | null; key: string }>`
    with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(alerts)}::jsonb) as g (
        account text, indicator text, subject text, kind text, severity text, evidence jsonb, task text
      )
    ),
    opened as (
      insert into alerts
        (account_id, indicator, subject, kind, severity, state, opened_at, changed_at, evidence, latest, task)
      select account, indicator, subject, kind, severity, 'active', ${now}, ${now}, evidence, evidence,
        -- With a message that is held back, the task is, too.
        case when ${holdId}::bigint is not null then task end
      from given join accounts a on a.id = account
      where not exists (
        select from invoices i
        where i.id = evidence #>> '{invoice,id}' and i.read_at > (evidence #>> '{invoice,at}')::timestamptz
      )
      order by account, indicator, subject
      on conflict (account_id, indicator, subject) where state <> 'resolved' do nothing
      returning id, account_id, indicator, subject, severity, evidence
    ),
    told as (
      insert into alert_transitions (alert_id, from_state, to_state, at, evidence)
      select id, 'inactive', 'active', ${now}, evidence from opened
    ),
    tasks as (
      insert into tasks (key, account_id, alert_id, title, assignee_email, due, created_at)
      select 'alert:' || o.id, o.account_id, o.id, g.task, a.csm_email, ${taskDue}::date, ${now}
      from opened o join accounts a on a.id = o.account_id
      join given g on (g.account, g.indicator, g.subject) = (o.account_id, o.indicator, o.subject)
      where g.task is not null and ${holdId}::bigint is null
      on conflict (key) do nothing
    )
    select o.id, o.severity, a.csm_email as "csmEmail", 'alert:' || o.id as key
    from opened o join accounts a on a.id = o.account_id order by o.id
  `.execute(transaction);
  await insertAlertMessages(
    transaction,
    rows.map(({ id, ...row }) => ({ alertId: id, ...row })),
    { now, holdId },
  );
  return rows.length;
}

/** Open alerts of rules that the pack no longer has; `rules` are those it has, `subject` null is every invoice. */
export async function findRetiredAlerts(
  db: Db,
  rules: readonly { indicator: string; subject: string | null }[],
): Promise<{ id: number; account: string; indicator: string; evidence: Evidence }[]> {
  const { rows } = await sql<{ id: number; account: string; indicator: string; evidence: Evidence }>`
    select id, account_id as account, indicator, latest as evidence from alerts
    where state <> 'resolved' and not exists (
      select from jsonb_to_recordset(${JSON.stringify(rules)}::jsonb) as r (indicator text, subject text)
      where r.indicator = alerts.indicator
        and case when latest ? 'invoice' then r.subject is null else r.subject = alerts.subject end
    )
  `.execute(db);
  return rows;
}

/** Forgets alerts that ended before `before`, and the messages that held no others. Returns how many alerts. */
export async function deleteEndedAlerts(db: Db, before: Date): Promise<number> {
  return inTransaction(db, async (transaction) => {
    const { numDeletedRows } = await transaction
      .deleteFrom('alerts')
      .where('state', '=', 'resolved')
      .where('changed_at', '<', before)
      .executeTakeFirst();
    await sql`
      delete from messages m where created_at < ${before} and status <> 'waiting' and ticket_id is null and renewal_id is null
        and not exists (select from alert_messages where message_id = m.id)
        and not exists (select from alerts where message_id = m.id)
    `.execute(transaction);
    return Number(numDeletedRows);
  });
}

/** A message that an alert is to stand in from now on. */
type NewMessage = { alertId: number; key: string; severity: Severity; csmEmail: string | null };

async function insertAlertMessages(
  transaction: Db,
  messages: readonly NewMessage[],
  { now, holdId }: { now: Date; holdId: number | null },
): Promise<void> {
  if (messages.length === 0) return;
  await sql`
    with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(messages)}::jsonb) as g (
        "alertId" bigint, key text, severity text, "csmEmail" text
      )
    ),
    written as (
      insert into messages (key, kind, owner_email, severity, hold_id, due_at, created_at)
      select key, 'alert', "csmEmail", severity, ${holdId}::bigint, ${now}, ${now} from given order by "alertId"
      returning id, key
    ),
    linked as (
      insert into alert_messages (alert_id, message_id)
      select g."alertId", w.id from written w join given g on g.key = w.key
    )
    update alerts set message_id = w.id from written w join given g on g.key = w.key where alerts.id = g."alertId"
  `.execute(transaction);
}

/** Ends alerts, each with its transition, and has their messages say so. Returns how many were still open. */
export async function endAlerts(transaction: Db, alerts: readonly EndedAlert[], now: Date): Promise<number> {
  if (alerts.length === 0) return 0;
  const { rows } = await sql<{ id: number }>`
    with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(alerts)}::jsonb) as g (id bigint, resolution text, evidence jsonb)
    ),
    -- In one order, as whoever presses a button waits for the row, too.
    locked as (
      select a.id, a.state from alerts a join given g on g.id = a.id
      where a.state <> 'resolved' order by a.id for update of a
    ),
    ended as (
      update alerts a set state = 'resolved', changed_at = ${now}, changed_by = null, snoozed_until = null,
        resolution = g.resolution, latest = g.evidence
      from given g join locked l on l.id = g.id where a.id = g.id
      returning a.id, l.state as was, g.evidence
    ),
    told as (
      insert into alert_transitions (alert_id, from_state, to_state, at, evidence)
      select id, was, 'resolved', ${now}, evidence from ended
    )
    select id from ended
  `.execute(transaction);
  const ids = rows.map(({ id }) => id);
  await touchAlertMessages(transaction, ids);
  return ids.length;
}

/**
 * Keeps what is known now of alerts of invoices that go on, and has their messages say it, unless what was read later is kept.
 * Returns how many had something new.
 */
export async function editAlerts(transaction: Db, alerts: readonly EditedAlert[]): Promise<number> {
  if (alerts.length === 0) return 0;
  const { rows } = await sql<{ id: number }>`
    with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(alerts)}::jsonb) as g (id bigint, evidence jsonb)
    ),
    -- In one order, as whoever presses a button waits for the row, too.
    locked as (
      select a.id from alerts a join given g on g.id = a.id where a.state <> 'resolved' order by a.id for update of a
    )
    update alerts a set latest = g.evidence
    from given g join locked l on l.id = g.id
    where a.id = g.id and a.latest #>> '{invoice,shown}' is distinct from g.evidence #>> '{invoice,shown}'
      and coalesce(a.latest #>> '{invoice,at}', '') <= coalesce(g.evidence #>> '{invoice,at}', '')
    returning a.id
  `.execute(transaction);
  const ids = rows.map(({ id }) => id);
  await touchAlertMessages(transaction, ids);
  return ids.length;
}

/** Has the messages that hold or held these alerts say what is so now. */
export async function touchAlertMessages(db: Db, alertIds: readonly number[]): Promise<void> {
  if (alertIds.length === 0) return;
  await sql`
    update messages set version = version + 1 where id in (
      select id from messages
      where id in (select message_id from alert_messages where alert_id = any(${alertIds}::bigint[]))
      order by id for update
    )
  `.execute(db);
}

/** The same for the open alerts of an account, which show its renewal date. */
export async function touchAlertsOfAccount(db: Db, accountId: string): Promise<void> {
  const open = await db
    .selectFrom('alerts')
    .select('id')
    .where('account_id', '=', accountId)
    .where('state', '<>', 'resolved')
    .execute();
  await touchAlertMessages(
    db,
    open.map(({ id }) => id),
  );
}

/** What a person wants of an alert. `snoozedUntil` null is until it changes. */
export type AlertChange = {
  alertId: number;
  to: 'acknowledged' | 'snoozed' | 'active';
  snoozedUntil?: Date | null;
  /** Slack id. */
  by: string;
  now: Date;
};

/** `already`: it was so, by `changedBy`; `ended`: the rule ended it; `gone`: there is none. */
export type ChangedAlert = {
  outcome: 'changed' | 'already' | 'ended' | 'gone';
  alert: {
    id: number;
    accountId: string;
    indicator: string;
    state: AlertState;
    changedBy: string | null;
    snoozedUntil: Date | null;
  } | null;
};

/** Changes an alert's state for a person, once, however many ask for it at the same time. */
export async function changeAlert(db: Db, change: AlertChange): Promise<ChangedAlert> {
  const { alertId, to, by, now } = change;
  const until = to === 'snoozed' ? (change.snoozedUntil ?? null) : null;
  return inTransaction(db, async (transaction) => {
    const found = await transaction
      .selectFrom('alerts')
      .select(['id', 'account_id', 'indicator', 'state', 'changed_by', 'snoozed_until', 'latest'])
      .where('id', '=', alertId)
      .forUpdate()
      .executeTakeFirst();
    if (!found) return { outcome: 'gone', alert: null };
    const told = (state: AlertState, changedBy: string | null, snoozedUntil: Date | null): ChangedAlert['alert'] => {
      return { id: found.id, accountId: found.account_id, indicator: found.indicator, state, changedBy, snoozedUntil };
    };
    const asItIs = told(found.state, found.changed_by, found.snoozed_until);
    if (found.state === 'resolved') return { outcome: 'ended', alert: asItIs };
    const isSame = found.state === to && (to !== 'snoozed' || found.snoozed_until?.getTime() === until?.getTime());
    if (isSame) return { outcome: 'already', alert: asItIs };
    await transaction
      .updateTable('alerts')
      .set({ state: to, changed_by: by, changed_at: now, snoozed_until: until })
      .where('id', '=', alertId)
      .execute();
    await transaction
      .insertInto('alert_transitions')
      .values({
        alert_id: alertId,
        from_state: found.state,
        to_state: to,
        at: now,
        by_user: by,
        evidence: JSON.stringify(found.latest),
      })
      .execute();
    await touchAlertMessages(transaction, [alertId]);
    return { outcome: 'changed', alert: told(to, by, until) };
  });
}

/** Whether the alert was useful to somebody; their last word counts. False: there is no such alert. */
export async function voteAlert(
  db: Db,
  { alertId, by, useful, now }: { alertId: number; by: string; useful: boolean; now: Date },
): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await sql<{ changed: boolean }>`
      with found as (select id from alerts where id = ${alertId} for update),
      voted as (
        insert into alert_votes (alert_id, slack_user_id, useful, at) select id, ${by}, ${useful}, ${now} from found
        on conflict (alert_id, slack_user_id) do update set useful = excluded.useful, at = excluded.at
          where alert_votes.useful <> excluded.useful
        returning 1
      )
      select exists (select from voted) as changed from found
    `.execute(transaction);
    if (rows[0]?.changed) await touchAlertMessages(transaction, [alertId]);
    return rows.length > 0;
  });
}

function inTransaction<Result>(db: Db, work: (transaction: Db) => Promise<Result>): Promise<Result> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

/** Asks again about alerts whose snooze is over, each in a new message. Returns how many. */
export async function wakeAlerts(transaction: Db, now: Date): Promise<number> {
  const { rows } = await sql<NewMessage>`
    with due as (
      select id, latest from alerts where state = 'snoozed' and snoozed_until <= ${now} order by id for update
    ),
    woken as (
      update alerts a set state = 'active', changed_at = ${now}, changed_by = null, snoozed_until = null
      from due where a.id = due.id returning a.id, a.account_id, a.severity
    ),
    told as (
      insert into alert_transitions (alert_id, from_state, to_state, at, evidence)
      select id, 'snoozed', 'active', ${now}, latest from due returning id, alert_id
    )
    select w.id as "alertId", 'alert:' || w.id || ':again:' || t.id as key, w.severity, a.csm_email as "csmEmail"
    from woken w join told t on t.alert_id = w.id join accounts a on a.id = w.account_id order by w.id
  `.execute(transaction);
  await moveToNewMessages(transaction, rows, now);
  return rows.length;
}

/**
 * Moves open alerts of accounts that have another CSM than the one whom their message went to, with what that one was to do
 * about them. Returns how many.
 */
export async function moveAlertsToOwners(transaction: Db, now: Date): Promise<number> {
  const { rows } = await sql<NewMessage & { isWaiting: boolean; messageId: number; before: string | null }>`
    select al.id as "alertId", al.severity, a.csm_email as "csmEmail", m.id as "messageId", m.owner_email as before,
      m.status = 'waiting' and m.kind = 'alert' as "isWaiting",
      'alert:' || al.id || ':' || coalesce(a.csm_email, 'nobody') || ':' || m.id as key
    from alerts al join accounts a on a.id = al.account_id join messages m on m.id = al.message_id
    where al.state <> 'resolved' and m.owner_email is distinct from a.csm_email
      -- A post that may be under way is waited for.
      and (m.status = 'sent' or (m.status = 'waiting' and m.posting_at is null))
    order by al.id for update of al, m
  `.execute(transaction);
  // What nobody has seen yet goes to the other one instead.
  const unseen = rows.filter(({ isWaiting }) => isWaiting);
  for (const { messageId, csmEmail } of unseen) {
    await sql`
      update messages set owner_email = ${csmEmail}, recipient = null, detour = null, due_at = ${now}
      where id = ${messageId} and posting_at is null
    `.execute(transaction);
  }
  const seen = rows.filter(({ isWaiting }) => !isWaiting);
  await moveTasks(transaction, rows);
  await moveToNewMessages(transaction, seen, now);
  return rows.length;
}

/** What was given to somebody else than the CSM, or is done, stays. */
async function moveTasks(
  transaction: Db,
  moved: readonly { alertId: number; before: string | null; csmEmail: string | null }[],
): Promise<void> {
  if (moved.length === 0) return;
  await sql`
    update tasks t set assignee_email = g."csmEmail"
    from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as g ("alertId" bigint, before text, "csmEmail" text)
    where t.alert_id = g."alertId" and t.done_at is null and t.assignee_email is not distinct from g.before
  `.execute(transaction);
}

async function moveToNewMessages(transaction: Db, messages: readonly NewMessage[], now: Date): Promise<void> {
  await insertAlertMessages(transaction, messages, { now, holdId: null });
  await touchAlertMessages(
    transaction,
    messages.map(({ alertId }) => alertId),
  );
}
