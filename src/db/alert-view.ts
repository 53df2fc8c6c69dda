import { type RawBuilder, sql } from 'kysely';
import { localDay } from '../days.ts';
import type { Band, MetricValue } from '../health/types.ts';
import type { AlertState, Evidence, Indicator, IndicatorKind, Severity } from '../indicators/types.ts';
import { type AlertFact, findSaidValues } from './alert-facts.ts';
import { findInvoicesNow, type InvoiceView } from './invoice-view.ts';
import type { Day, Db } from './types.ts';

/** An alert as messages and lists show it. */
export type AlertView = {
  id: number;
  indicator: string;
  /** Empty where the indicator watches one thing. */
  subject: string;
  kind: IndicatorKind;
  severity: Severity;
  state: AlertState;
  openedAt: Date;
  /** The local day on which it began. */
  openedDay: Day;
  changedAt: Date;
  /** Of a snoozed one; `null` is until it changes. */
  snoozedUntil: Date | null;
  /** A Slack id; `null` is the rule. */
  changedBy: string | null;
  resolution: 'cleared' | 'excluded' | 'retired' | null;
  evidence: Evidence;
  latest: Evidence;
  account: {
    id: string;
    name: string;
    domain: string | null;
    csmEmail: string | null;
    arr: number | null;
    currency: string;
    renewalDate: Day | null;
  };
  /** The newest score up to today, and the one 7 days before it; `null` where nothing was computed. */
  health: { day: Day; model: string; score: number | null; band: Band | null; weekBefore: number | null } | null;
  votes: { useful: number; notUseful: number };
  /** The newest task that was made of it. */
  task: { id: number; title: string; assigneeEmail: string | null; due: Day | null; done: boolean } | null;
  /** Where it stands by now, if no longer in this message. */
  movedTo: { ownerEmail: string | null } | null;
  facts: readonly AlertFact[];
  /** By metric: what its sentence names beside the rule's figures. */
  said: Readonly<Record<string, MetricValue>>;
  /** What is known now of its invoice, or what one that was coming was made as; both `null`: it is gone, or the alert has none. */
  invoice: InvoiceView | null;
  madeAs: InvoiceView | null;
};

/** What alerts are read for; `indicators` are the pack's. */
export type ViewContext = { today: Day; now: Date; timeZone?: string; indicators: readonly Indicator[] };

/** A row of `alertColumns`. */
export type AlertRow = {
  alert_id: number;
  indicator: string;
  subject: string;
  alert_kind: IndicatorKind;
  severity: Severity;
  state: AlertState;
  opened_at: Date;
  changed_at: Date;
  snoozed_until: Date | null;
  changed_by: string | null;
  resolution: AlertView['resolution'];
  evidence: Evidence;
  latest: Evidence;
  account_id: string;
  name: string;
  domain: string | null;
  csm_email: string | null;
  arr: number | null;
  currency: string;
  renewal_date: Day | null;
  day: Day | null;
  model: string;
  score: number | null;
  band: Band | null;
  week_before: number | null;
  useful: number;
  not_useful: number;
  task_id: number | null;
  title: string;
  assignee_email: string | null;
  due: Day | null;
  done_at: Date | null;
};

/** What is read of an alert `a`, beside `alertJoins`. */
export const alertColumns = sql`
  a.id as alert_id, a.indicator, a.subject, a.kind as alert_kind, a.severity, a.state, a.opened_at, a.changed_at,
  a.snoozed_until, a.changed_by, a.resolution, a.evidence, a.latest,
  c.id as account_id, c.name, c.domain, c.csm_email, c.arr, c.currency, c.renewal_date,
  s.day, s.model, s.score, s.band, week.score as week_before,
  votes.useful, votes.not_useful,
  t.id as task_id, t.title, t.assignee_email, t.due, t.done_at
`;

/** What `alertColumns` are read from, as of `today`, to follow the alert `a`. */
export function alertJoins(today: Day): RawBuilder<unknown> {
  return sql`
    left join accounts c on c.id = a.account_id
    left join lateral (
      select day, model, score, band from scores
      where account_id = a.account_id and day <= ${today}::date order by day desc limit 1
    ) s on true
    left join scores week on week.account_id = a.account_id and week.day = s.day - 7
    left join lateral (
      select count(*) filter (where useful) as useful, count(*) filter (where not useful) as not_useful
      from alert_votes where alert_id = a.id
    ) votes on true
    left join lateral (
      select id, title, assignee_email, due, done_at from tasks where alert_id = a.id order by id desc limit 1
    ) t on true
  `;
}

/** The most severe first, risks before opportunities. */
export const alertOrder = sql`array_position(array['high', 'medium', 'low'], a.severity), a.kind desc, c.name, a.id`;

/** The alert with this id; `null` when there is none. */
export async function findAlertView(db: Db, id: number, context: ViewContext): Promise<AlertView | null> {
  const { rows } = await sql<AlertRow>`
    select ${alertColumns} from alerts a ${alertJoins(context.today)} where a.id = ${id}
  `.execute(db);
  const [alert] = await toAlerts(db, rows, context);
  return alert ?? null;
}

/** One page of the open alerts of a CSM's accounts, the most severe first; `total` counts all pages. */
export async function findOpenAlerts(
  db: Db,
  csmEmail: string,
  page: { limit: number; offset: number },
  context: ViewContext,
): Promise<{ alerts: AlertView[]; total: number }> {
  const [counted, { rows }] = await Promise.all([
    db
      .selectFrom('alerts as a')
      .innerJoin('accounts as c', 'c.id', 'a.account_id')
      .select((is) => is.fn.countAll<number>().as('total'))
      .where('c.csm_email', '=', csmEmail)
      .where('a.state', '<>', 'resolved')
      .executeTakeFirstOrThrow(),
    sql<AlertRow>`
      select ${alertColumns} from alerts a ${alertJoins(context.today)}
      where c.csm_email = ${csmEmail} and a.state <> 'resolved'
      order by ${alertOrder} limit ${page.limit} offset ${page.offset}
    `.execute(db),
  ]);
  return { alerts: await toAlerts(db, rows, context), total: counted.total };
}

/** Rows as alerts, with what their sentences name. */
export async function toAlerts(db: Db, rows: readonly AlertRow[], context: ViewContext): Promise<AlertView[]> {
  const spoken = rows.map(({ account_id, indicator, evidence }) => ({ accountId: account_id, indicator, evidence }));
  const invoiceIds = rows.flatMap(({ evidence }) => evidence.invoice?.id ?? []);
  const [said, invoices] = await Promise.all([
    findSaidValues(db, spoken, context),
    findInvoicesNow(db, [...new Set(invoiceIds)], context.timeZone ?? 'UTC'),
  ]);
  return rows.map((row, index) => ({
    ...toAlert(row, context),
    said: said[index] ?? {},
    ...invoices.get(row.evidence.invoice?.id ?? ''),
  }));
}

function toAlert(row: AlertRow, { timeZone = 'UTC' }: ViewContext): AlertView {
  return {
    id: row.alert_id,
    indicator: row.indicator,
    subject: row.subject,
    kind: row.alert_kind,
    severity: row.severity,
    state: row.state,
    openedAt: row.opened_at,
    openedDay: localDay(row.opened_at, timeZone),
    changedAt: row.changed_at,
    snoozedUntil: row.snoozed_until,
    changedBy: row.changed_by,
    resolution: row.resolution,
    evidence: row.evidence,
    latest: row.latest,
    account: {
      id: row.account_id,
      name: row.name,
      domain: row.domain,
      csmEmail: row.csm_email,
      arr: row.arr,
      currency: row.currency,
      renewalDate: row.renewal_date,
    },
    health:
      row.day === null
        ? null
        : { day: row.day, model: row.model, score: row.score, band: row.band, weekBefore: row.week_before },
    votes: { useful: row.useful, notUseful: row.not_useful },
    task:
      row.task_id === null
        ? null
        : {
            id: row.task_id,
            title: row.title,
            assigneeEmail: row.assignee_email,
            due: row.due,
            done: row.done_at !== null,
          },
    movedTo: null,
    facts: [],
    said: {},
    invoice: null,
    madeAs: null,
  };
}
