import { sql } from 'kysely';
import {
  countUpsert,
  dropRepeats,
  type ImportTarget,
  insertNamedAccounts,
  rejectUnknownAccounts,
} from './import-stage.ts';
import type { Day } from './types.ts';

/** A metric's value as staged; `value` is JSON. */
export type StagedMetric = { account: string; metric: string; day: Day; value: string };

/** Imported metric values by account, metric and day. */
export const metricTarget: ImportTarget<StagedMetric> = {
  columns: 'account_id text, metric text, day date, value jsonb',
  toCopy: ({ account, metric, day, value }) => [account, metric, day, value],
  async settle(db, { knownAccountsOnly }) {
    if (knownAccountsOnly) await rejectUnknownAccounts(db);
    return dropRepeats(db, ['account_id', 'metric', 'day']);
  },
  async merge(db, range) {
    const createdAccounts = await insertNamedAccounts(db, range);
    const counts = await countUpsert(
      db,
      sql`
        part as materialized (
          select * from import_stage where row > ${range.after} and row <= ${range.last}
        ),
        fresh as (
          select p.* from part p left join imported_metric_values v
            on v.account_id = p.account_id and v.metric = p.metric and v.day = p.day
          where v.value is distinct from p.value
        ),
        written as (
          insert into imported_metric_values (account_id, metric, day, value)
          select account_id, metric, day, value from fresh order by account_id, metric, day
          on conflict (account_id, metric, day) do update set value = excluded.value, imported_at = now()
          returning xmax = 0 as inserted
        )
      `,
    );
    return { ...counts, createdAccounts, createdUsers: 0 };
  },
  rowsPerTransaction: 50_000,
  dayOf: () => sql`day`,
};
