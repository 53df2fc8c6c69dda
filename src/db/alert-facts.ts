import { type RawBuilder, sql } from 'kysely';
import { localDay } from '../days.ts';
import type { MetricValue } from '../health/types.ts';
import type { EventNameMatch, Evidence, FactTemplate, Indicator } from '../indicators/types.ts';
import { findInvoiceFact, type LinesFact, type UsualFact } from './invoice-facts.ts';
import { all, meets } from './json-conditions.ts';
import type { Day, Db } from './types.ts';

/** Something that helps to understand an alert, read from what is stored now and kept nowhere. */
export type AlertFact =
  /** A metric's newest value, and that of 7 days before it. */
  | {
      kind: 'metric';
      metric: string;
      /** The value is so many days to a date, which is to be shown. */
      as?: 'date';
      day: Day | null;
      value: MetricValue;
      weekBefore: MetricValue;
    }
  | UsualFact
  | LinesFact
  /** `total` events of `days` days, as many of them as were counted; `label` null is an event without user or value. */
  | { kind: 'top'; title: string; days: number; total: number; top: { label: string | null; count: number }[] }
  /** `event` null: there was none in `days` days. `who` null: nobody known. */
  | { kind: 'latest'; title: string; days: number; event: LatestEvent | null };

type LatestEvent = { at: Date; day: Day; who: string | null; properties: { key: string; value: string }[] };

/** The longest window of days that is looked through, whatever a pack says. */
const MOST_DAYS = 90;
/** Of an account that does the event all the time, the newest so many are counted. */
const MOST_EVENTS = 50_000;
const TOP = 3;

/** Whom an alert is about: an account, and an invoice of it or `null`. */
type About = { accountId: string; invoiceId: string | null };

/** Looks up the facts that an indicator asks for about an account or an invoice of it; none of an invoice that is gone. */
export async function findAlertFacts(
  db: Db,
  { accountId, invoiceId }: About,
  templates: readonly FactTemplate[],
  context: { today: Day; now: Date; timeZone?: string },
): Promise<AlertFact[]> {
  const facts = await Promise.all(
    templates.map((template) => findFact(db, { accountId, invoiceId }, template, context)),
  );
  return facts.filter((fact) => fact !== null);
}

async function findFact(
  db: Db,
  { accountId, invoiceId }: About,
  template: FactTemplate,
  context: { today: Day; now: Date; timeZone?: string },
): Promise<AlertFact | null> {
  switch (template.kind) {
    case 'metric':
      return findMetricFact(db, accountId, template, context.today);
    case 'invoice':
      return invoiceId === null ? null : findInvoiceFact(db, invoiceId, template.what, context.timeZone ?? 'UTC');
    case 'top':
      return findTopFact(db, accountId, template, context.now);
    case 'latest':
      return findLatestFact(db, accountId, template, context);
  }
}

/** Alerts whose sentences are to be told. */
type Spoken = { accountId: string; indicator: string; evidence: Evidence };

/** The newest values that each alert's sentence names and its evidence has not, by metric; in the order of `alerts`. */
export async function findSaidValues(
  db: Db,
  alerts: readonly Spoken[],
  { today, indicators }: { today: Day; indicators: readonly Indicator[] },
): Promise<Record<string, MetricValue>[]> {
  const wanted = alerts.map(({ indicator, evidence }) => {
    const found = indicators.find(({ id }) => id === indicator);
    const says = (evidence.invoice ? null : found?.rules.find((rule) => rule.says !== null)?.says) ?? found?.says ?? '';
    const names = [...says.matchAll(/\{([a-z][a-z0-9_]*)\}/g)].map(([, name = '']) => name);
    const known = ['value', 'threshold', 'previous', 'subject', ...evidence.figures.map(({ metric }) => metric)];
    const kept = evidence.said ?? {};
    return names.filter((name) => !known.includes(name) && !Object.hasOwn(kept, name));
  });
  const pairs = alerts.flatMap(({ accountId }, index) =>
    (wanted[index] ?? []).map((metric) => ({ accountId, metric })),
  );
  if (pairs.length === 0) return alerts.map(() => ({}));
  const { rows } = await sql<{ account_id: string; metric: string; value: MetricValue }>`
    select wanted.account_id, wanted.metric, newest.value
    from unnest(${pairs.map(({ accountId }) => accountId)}::text[], ${pairs.map(({ metric }) => metric)}::text[])
      as wanted (account_id, metric)
    cross join lateral (
      select value from metric_values m
      where m.account_id = wanted.account_id and m.metric = wanted.metric and day <= ${today}::date
      order by day desc limit 1
    ) newest
  `.execute(db);
  return alerts.map(({ accountId }, index) => {
    const own = rows.filter((row) => row.account_id === accountId && wanted[index]?.includes(row.metric));
    return Object.fromEntries(own.map(({ metric, value }) => [metric, value]));
  });
}

type Template<Kind> = Extract<FactTemplate, { kind: Kind }>;

async function findMetricFact(
  db: Db,
  accountId: string,
  { metric, as }: Template<'metric'>,
  today: Day,
): Promise<AlertFact> {
  const { rows } = await sql<{ day: Day; value: MetricValue; week_before: MetricValue }>`
    select newest.day, newest.value, earlier.value as week_before
    from (
      select day, value from metric_values
      where account_id = ${accountId} and metric = ${metric} and day <= ${today}::date
      order by day desc limit 1
    ) newest
    left join metric_values earlier
      on earlier.account_id = ${accountId} and earlier.metric = ${metric} and earlier.day = newest.day - 7
  `.execute(db);
  const [row] = rows;
  return {
    kind: 'metric',
    metric,
    ...(as && { as }),
    day: row?.day ?? null,
    value: row?.value ?? null,
    weekBefore: row?.week_before ?? null,
  };
}

async function findTopFact(db: Db, accountId: string, template: Template<'top'>, now: Date): Promise<AlertFact> {
  const { title, by } = template;
  const days = Math.min(template.days, MOST_DAYS);
  const what = by === null ? sql`e.user_id` : sql`nullif(btrim(e.properties ->> ${by}::text), '')`;
  const label = by === null ? nameOfUser(sql`g.what`) : sql`g.what`;
  const { rows } = await sql<{ label: string | null; count: number; total: number }>`
    select ${label} as label, g.count, g.total
    from (
      select what, count(*) as count, sum(count(*)) over () as total
      from (
        select ${what} as what from events e
        where ${isOneOf(template.events, { accountId, days, now })}
        order by e.occurred_at desc limit ${MOST_EVENTS}
      ) event
      group by what
      order by what is null, count(*) desc, what
      limit ${TOP}
    ) g
    left join users u on u.account_id = ${accountId} and u.id = g.what
    order by g.what is null, g.count desc, g.what
  `.execute(db);
  return {
    kind: 'top',
    title,
    days,
    total: rows[0]?.total ?? 0,
    top: rows.map(({ label: shown, count }) => ({ label: shown, count })),
  };
}

async function findLatestFact(
  db: Db,
  accountId: string,
  template: Template<'latest'>,
  { now, timeZone = 'UTC' }: { now: Date; timeZone?: string },
): Promise<AlertFact> {
  const { title, properties } = template;
  const days = Math.min(template.days, MOST_DAYS);
  const { rows } = await sql<{ occurred_at: Date; who: string | null; values: (string | null)[] }>`
    select e.occurred_at, ${nameOfUser(sql`e.user_id`)} as who,
      array(select e.properties ->> key from unnest(${properties}::text[]) with ordinality as wanted (key, place) order by place) as values
    from events e
    left join users u on u.account_id = e.account_id and u.id = e.user_id
    where ${isOneOf(template.events, { accountId, days, now })}
    order by e.occurred_at desc limit 1
  `.execute(db);
  const [row] = rows;
  const event = row && {
    at: row.occurred_at,
    day: localDay(row.occurred_at, timeZone),
    who: row.who,
    properties: properties.flatMap((key, index) => {
      const value = row.values[index];
      return value === null || value === undefined || value.trim() === '' ? [] : [{ key, value }];
    }),
  };
  return { kind: 'latest', title, days, event: event ?? null };
}

/** A user of the account by name, else by email, else by id. */
function nameOfUser(id: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`coalesce(u.name, u.email, ${id})`;
}

/** Whether the event `e` of the account in the last `days` days is one of those. */
function isOneOf(
  events: readonly EventNameMatch[],
  { accountId, days, now }: { accountId: string; days: number; now: Date },
): RawBuilder<boolean> {
  const matches = events.map(({ name, where }) =>
    all([...(name === null ? [] : [sql`e.name = ${name}`]), ...where.map((each) => meets(sql`e.properties`, each))]),
  );
  const any = matches.length === 0 ? sql`false` : sql`(${sql.join(matches, sql` or `)})`;
  return sql<boolean>`e.account_id = ${accountId} and e.occurred_at <= ${now}
    and e.occurred_at > ${now}::timestamptz - ${days}::int * interval '1 day' and ${any}`;
}
