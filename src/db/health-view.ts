import { type Selectable, sql } from 'kysely';
import type { Band, DimensionScore, StoredScore } from '../health/types.ts';
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
};

/** How many accounts the best matching key names, and the view when that is one. */
export type HealthLookup = { matches: number; view: HealthView | null };

type Row = {
  matches: number;
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
};

/** Finds an account by its keys and reads its view as of `today`, in one prepared statement. */
export async function findHealthView(db: Db, keys: AccountKeys, today: Day): Promise<HealthLookup> {
  const { rows } = await sql<Row>`-- prepare: health-view
    with found as (
      select id, 1 as rank from accounts where id = ${keys.id}
      union all select id, 2 from accounts where slack_channel_id = ${keys.channel}
      union all select id, 3 from accounts where domain = ${keys.domain}
      union all select account_id, 4 from account_aliases where alias = ${keys.alias}
      union all select id, 5 from accounts where lower(name) = lower(${keys.name}::text)
    ), best as (
      select id, count(*) over (partition by rank) as matches from found order by rank limit 1
    )
    select
      best.matches, a.id, a.name, a.csm_email, a.arr, a.currency, a.renewal_date,
      s.day, s.model, s.model_hash, s.reason, s.score, s.band, s.coverage, s.breakdown, s.data_at, s.computed_at,
      week.score as week_score, week.model as week_model, month.score as month_score, month.model as month_model
    from best
    join accounts a on a.id = best.id
    left join lateral (
      select * from scores where account_id = a.id and day <= ${today}::date order by day desc limit 1
    ) s on true
    left join scores week on week.account_id = a.id and week.day = s.day - 7
    left join scores month on month.account_id = a.id and month.day = s.day - 30
  `.execute(db);
  const row = rows[0];
  if (!row) return { matches: 0, view: null };
  return { matches: row.matches, view: row.matches === 1 ? toView(row) : null };
}

/** The view of the account with this id; `null` when there is none. */
export async function findHealthViewById(db: Db, id: string, today: Day): Promise<HealthView | null> {
  const { view } = await findHealthView(db, { id, channel: null, domain: null, alias: null, name: null }, today);
  return view;
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
  };
}
