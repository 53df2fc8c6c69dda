import { sql } from 'kysely';
import type { Band } from '../health/types.ts';
import type { Day, Db } from './types.ts';

/** An account as its CSM's list shows it. */
export type MyAccount = {
  id: string;
  name: string;
  arr: number | null;
  currency: string;
  renewalDate: Day | null;
  /** The newest score's; all `null` when there is none. */
  model: string | null;
  score: number | null;
  band: Band | null;
  /** The score 7 days before the newest. */
  weekBefore: number | null;
};

/** One page of a CSM's accounts, the lowest score first and those without one last; `total` counts all pages. */
export async function findMyAccounts(
  db: Db,
  csmEmail: string,
  page: { today: Day; limit: number; offset: number },
): Promise<{ accounts: MyAccount[]; total: number }> {
  const [counted, listed] = await Promise.all([
    db
      .selectFrom('accounts')
      .select((is) => is.fn.countAll<number>().as('total'))
      .where('csm_email', '=', csmEmail)
      .executeTakeFirstOrThrow(),
    sql<MyAccount>`
      select
        a.id, a.name, a.arr, a.currency, a.renewal_date as "renewalDate", s.model, s.score, s.band,
        before.score as "weekBefore"
      from accounts a
      left join lateral (
        select day, model, score, band from scores
        where account_id = a.id and day <= ${page.today}::date order by day desc limit 1
      ) s on true
      left join scores before on before.account_id = a.id and before.day = s.day - 7
      where a.csm_email = ${csmEmail}
      order by s.score nulls last, a.name, a.id
      limit ${page.limit} offset ${page.offset}
    `.execute(db),
  ]);
  return { accounts: listed.rows, total: counted.total };
}
