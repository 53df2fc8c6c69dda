import { CompiledQuery, type Selectable, sql } from 'kysely';
import type { Band, DimensionScore, StoredScore } from '../health/types.ts';
import type { IndicatorKind } from '../indicators/types.ts';
import type { Day, Db, ScoresTable } from './types.ts';

/** Ways to name an account exactly; `null` where the words cannot be one. They are tried in this order. */
export type AccountKeys = {
  id: string | null;
  channel: string | null;
  /** In lower case, without `www.`. */
  domain: string | null;
  /** In lower case. */
  alias: string | null;
  name: string | null;
};

/** A stored score, and when it and its newest data are from. */
export type DatedScore = StoredScore & { day: Day; dataAt: Date | null; computedAt: Date };

/** What an account had scored on an earlier day. */
export type EarlierScore = { score: number | null; model: string };

/** All that `/health` shows of an account, from one query. */
export type HealthView = {
  account: {
    id: string;
    name: string;
    csmEmail: string | null;
    arr: number | null;
    currency: string;
    renewalDate: Day | null;
  };
  /** The newest score up to today; `null` when none was ever computed. Its own `score` may be `null`: no data. */
  latest: DatedScore | null;
  /** The days 7 and 30 before the newest score; `null` when nothing was stored for them. */
  weekBefore: EarlierScore | null;
  monthBefore: EarlierScore | null;
  /** Alerts that are open, the most severe first; the card has room for a few. */
  alerts: readonly { indicator: string; subject: string; kind: IndicatorKind }[];
};

type Row = {
  id: string;
  name: string;
  csm_email: string | null;
  arr: number | null;
  currency: string;
  renewal_date: Day | null;
  day: Day | null;
  model: string;
  model_hash: string;
  reason: string;
  score: number | null;
  band: Band | null;
  coverage: number;
  breakdown: DimensionScore[];
  data_at: Date | null;
  computed_at: Date;
  week_score: number | null;
  week_model: string | null;
  month_score: number | null;
  month_model: string | null;
  alerts: string[];
};

// Written out with its parameters' numbers: compiling it anew each time would take Kysely a tenth of the whole answer.
const healthViewSql = `-- prepare: health-view
  select
    a.id, a.name, a.csm_email, a.arr, a.currency, a.renewal_date,
    s.day, s.model, s.model_hash, s.reason, s.score, s.band, s.coverage, s.breakdown, s.data_at, s.computed_at,
    week.score as week_score, week.model as week_model, month.score as month_score, month.model as month_model,
    array(
      -- As one text each: no kind or indicator has a blank.
      select kind || ' ' || indicator || ' ' || subject from alerts where account_id = a.id and state <> 'resolved'
      order by array_position(array['high', 'medium', 'low'], severity), kind desc, id limit 5
    ) as alerts
  from (
    -- The first key that fits decides; the id '', which no account has, stands for "more than one".
    select coalesce(
      (select id from accounts where id = $1),
      (select id from accounts where slack_channel_id = $2),
      (select case count(*) when 1 then min(id) else '' end from accounts where domain = $3 having count(*) > 0),
      (select account_id from account_aliases where alias = $4),
      (
        select case count(*) when 1 then min(id) else '' end
        from accounts where lower(name) = lower($5::text) having count(*) > 0
      )
    ) as id
  ) found
  join accounts a on a.id = found.id
  left join lateral (
    select * from scores where account_id = a.id and day <= $6::date order by day desc limit 1
  ) s on true
  left join scores week on week.account_id = a.id and week.day = s.day - 7
  left join scores month on month.account_id = a.id and month.day = s.day - 30
`;

/** Reads the view, as of `today`, of the one account that the keys name; `null` when they name none or several. */
export async function findHealthView(db: Db, keys: AccountKeys, today: Day): Promise<HealthView | null> {
  const parameters = [keys.id, keys.channel, keys.domain, keys.alias, keys.name, today];
  const { rows } = await db.executeQuery<Row>(CompiledQuery.raw(healthViewSql, parameters));
  return rows[0] ? toView(rows[0]) : null;
}

/** The view of the account with this id; `null` when there is none. */
export function findHealthViewById(db: Db, id: string, today: Day): Promise<HealthView | null> {
  return findHealthView(db, { id, channel: null, domain: null, alias: null, name: null }, today);
}

/**
 * What an account's score before `newer` is compared with: the row of `day`, else the nearest earlier one, days without
 * a score only when there is none with; else the first there is. `null` when nothing is older than `newer`.
 */
export async function findEarlierScore(db: Db, accountId: string, day: Day, newer: Day): Promise<DatedScore | null> {
  const { rows } = await sql<Selectable<ScoresTable>>`
    select * from scores
    where account_id = ${accountId} and day < ${newer}::date
    order by day > ${day}::date, score is null, abs(day - ${day}::date)
    limit 1
  `.execute(db);
  return rows[0] ? toDatedScore(rows[0]) : null;
}

function toDatedScore(row: Selectable<ScoresTable>): DatedScore {
  return {
    account: row.account_id,
    day: row.day,
    model: row.model,
    modelHash: row.model_hash,
    reason: row.reason,
    score: row.score,
    band: row.band,
    coverage: row.coverage,
    dimensions: row.breakdown,
    dataAt: row.data_at,
    computedAt: row.computed_at,
  };
}

function toView(row: Row): HealthView {
  return {
    account: {
      id: row.id,
      name: row.name,
      csmEmail: row.csm_email,
      arr: row.arr,
      currency: row.currency,
      renewalDate: row.renewal_date,
    },
    latest: row.day === null ? null : toDatedScore({ ...row, account_id: row.id, day: row.day }),
    weekBefore: row.week_model === null ? null : { score: row.week_score, model: row.week_model },
    monthBefore: row.month_model === null ? null : { score: row.month_score, model: row.month_model },
    alerts: row.alerts.map(toOpenAlert),
  };
}

function toOpenAlert(text: string): HealthView['alerts'][number] {
  const [, kind, indicator = '', subject = ''] = /^(\S+) (\S+) (.*)$/s.exec(text) ?? [];
  return { kind: kind === 'opportunity' ? 'opportunity' : 'risk', indicator, subject };
}
