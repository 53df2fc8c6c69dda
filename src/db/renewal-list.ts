import { sql } from 'kysely';
import { addMonths } from '../days.ts';
import type { Band } from '../health/types.ts';
import { sameContractDays } from '../renewals/plan.ts';
import type { RenewalState } from '../renewals/types.ts';
import { isChurned } from './churned.ts';
import type { Day, Db } from './types.ts';

/** A contract that comes to its end, as a list shows it. */
export type ListedRenewal = {
  accountId: string;
  name: string;
  csmEmail: string | null;
  arr: number | null;
  currency: string;
  date: Day;
  /** The day on which its credit ends, where that makes it an early renewal. */
  earlyOn: Day | null;
  /** `null`: nobody was told of it yet. */
  state: RenewalState | null;
  /** The newest score's. */
  model: string | null;
  score: number | null;
  band: Band | null;
  task: { assigneeEmail: string | null; isDone: boolean } | null;
};

/** Some of them; `total` and `arr`, by currency, are of all. */
export type ListedRenewals = {
  renewals: ListedRenewal[];
  total: number;
  arr: { currency: string; sum: number }[];
  /** Of how many no ARR is known. */
  withoutArr: number;
};

/**
 * One page of the contracts of a CSM, or (`email` null) of all, that end in the next `months`, or whose credit does before
 * them, and those that have ended and of which nobody said what became of them; the first to end first. Churned accounts are left
 * out. `earlyEnds` are those of `findEarlyEnds`.
 */
export async function findListedRenewals(
  db: Db,
  {
    email,
    today,
    months,
    earlyEnds,
    limit,
    offset,
  }: {
    email: string | null;
    today: Day;
    months: number;
    earlyEnds: ReadonlyMap<string, Day>;
    limit: number;
    offset: number;
  },
): Promise<ListedRenewals> {
  const last = addMonths(today, months);
  const early = JSON.stringify([...earlyEnds].map(([id, day]) => ({ id, day })));
  const wanted = sql`
    from accounts a
    left join jsonb_to_recordset(${early}::jsonb) as early(id text, day date) on early.id = a.id
    left join lateral (
      select r.state, r.task_id from renewals r
      where r.account_id = a.id and abs(r.armed_for - a.renewal_date) < ${sameContractDays}::int
      order by abs(r.armed_for - a.renewal_date), r.id desc limit 1
    ) r on true
    where (${email}::text is null or a.csm_email = ${email})
      and (
        a.renewal_date between ${today}::date and ${last}::date or early.day <= ${last}::date or r.state = 'past'
      )
      and coalesce(r.state, 'open') not in ('renewed', 'lost') and not ${isChurned(sql`a`)}
  `;
  const [counted, { rows: renewals }] = await Promise.all([
    sql<{ currency: string; total: number; sum: number | null; without: number }>`
      select a.currency, count(*) as total, sum(a.arr)::float8 as sum, count(*) filter (where a.arr is null) as without
      ${wanted} group by a.currency order by sum(a.arr) desc nulls last, a.currency
    `.execute(db),
    sql<ListedRenewal>`
      select a.id as "accountId", a.name, a.csm_email as "csmEmail", a.arr, a.currency, a.renewal_date as date,
        early.day as "earlyOn", r.state,
        (select model from scores where account_id = a.id and day <= ${today}::date order by day desc limit 1) as model,
        (select score from scores where account_id = a.id and day <= ${today}::date order by day desc limit 1) as score,
        (select band from scores where account_id = a.id and day <= ${today}::date order by day desc limit 1) as band,
        (
          select json_build_object('assigneeEmail', assignee_email, 'isDone', done_at is not null)
          from tasks where id = r.task_id
        ) as task
      ${wanted} order by least(a.renewal_date, early.day), a.name, a.id limit ${limit} offset ${offset}
    `.execute(db),
  ]);
  return {
    renewals,
    total: counted.rows.reduce((total, row) => total + row.total, 0),
    arr: counted.rows.flatMap(({ currency, sum }) => (sum === null ? [] : [{ currency, sum }])),
    withoutArr: counted.rows.reduce((total, row) => total + row.without, 0),
  };
}
