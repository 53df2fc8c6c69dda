import { sql } from 'kysely';
import type { AlertState, IndicatorKind } from '../indicators/types.ts';
import { isChurned } from './churned.ts';
import type { Day, Db } from './types.ts';

/** How an indicator did in some days. */
export type IndicatorFigures = {
  indicator: string;
  kind: IndicatorKind;
  /** Alerts that began, and for how many accounts. */
  fired: number;
  accounts: number;
  /** Of them: a person acknowledged it, made or did a task of it, or called it useful. */
  acted: number;
  /** A person called it not useful. */
  noise: number;
  open: number;
  /** A person did or said anything of it; and of these, acted on and not called noise by anybody. */
  judged: number;
  precise: number;
  /** Accounts that have churned since. */
  churned: number;
};

/** A time that an indicator fired, and what came of it. */
export type Firing = {
  alertId: number;
  accountName: string;
  day: Day;
  state: AlertState;
  openedAt: Date;
  /** When it ended; `null` while it is open. */
  endedAt: Date | null;
  acknowledged: boolean;
  task: boolean;
  useful: number;
  notUseful: number;
  churned: boolean;
};

/** What people did and said of the alerts `al`, to be joined. */
const judgements = sql`
  cross join lateral (
    select
      exists (
        select from alert_transitions t
        where t.alert_id = al.id and t.to_state = 'acknowledged' and t.by_user is not null
      ) as acknowledged,
      -- One that a rule has opened tells nothing before somebody has done it.
      exists (
        select from tasks t where t.alert_id = al.id and (t.created_by is not null or t.done_by is not null)
      ) as task
  ) done
  cross join lateral (
    select count(*) filter (where useful) as useful, count(*) filter (where not useful) as "notUseful"
    from alert_votes v where v.alert_id = al.id
  ) said
`;

/** Whether the account `a` of the alert `al` churned after it began. */
const churnedSince = sql`(${isChurned(sql`a`)} and coalesce(
  case when a.traits ->> 'churned_at' ~ '^\\d{4}-\\d{2}-\\d{2}' then
    left(a.traits ->> 'churned_at', 10) >= to_char(al.opened_at at time zone 'UTC', 'YYYY-MM-DD')
  end, true
))`;

/** Every indicator that fired in the `days` days to `now`. */
export async function findIndicatorFigures(
  db: Db,
  { now, days }: { now: Date; days: number },
): Promise<IndicatorFigures[]> {
  const { rows } = await sql<IndicatorFigures>`
    with judged as (
      select al.indicator, al.kind, al.account_id, al.id, al.state <> 'resolved' as open,
        done.acknowledged or done.task or said.useful > 0 as acted, said."notUseful" > 0 as noise,
        ${churnedSince} as churned
      from alerts al join accounts a on a.id = al.account_id ${judgements}
      where al.opened_at > ${now}::timestamptz - ${days}::int * interval '1 day' and al.opened_at <= ${now}
    )
    select indicator, (array_agg(kind order by id desc))[1] as kind, count(*) as fired,
      count(distinct account_id) as accounts,
      count(*) filter (where acted) as acted,
      count(*) filter (where noise) as noise,
      count(*) filter (where open) as open,
      count(*) filter (where acted or noise) as judged,
      count(*) filter (where acted and not noise) as precise,
      count(distinct account_id) filter (where churned) as churned
    from judged group by indicator order by indicator
  `.execute(db);
  return rows;
}

/** The last times that an indicator fired, the newest first. */
export async function findLastFirings(
  db: Db,
  indicator: string,
  { limit, timeZone }: { limit: number; timeZone: string },
): Promise<Firing[]> {
  const { rows } = await sql<Firing>`
    select al.id as "alertId", a.name as "accountName", (al.opened_at at time zone ${timeZone})::date as day, al.state,
      al.opened_at as "openedAt", case when al.state = 'resolved' then al.changed_at end as "endedAt",
      done.acknowledged, done.task, said.useful, said."notUseful", ${churnedSince} as churned
    from alerts al join accounts a on a.id = al.account_id ${judgements}
    where al.indicator = ${indicator}
    order by al.opened_at desc, al.id desc limit ${limit}
  `.execute(db);
  return rows;
}
