import { type RawBuilder, sql } from 'kysely';

/**
 * Whether an account has churned: it is in the segment `churned`, or its trait `churned_at` is a date that has passed.
 * `account` is how the query calls the table of accounts.
 */
export function isChurned(account: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(
    exists (select from account_segments c where c.account_id = ${account}.id and c.segment = 'churned')
    or case when ${account}.traits ->> 'churned_at' ~ '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])'
      then left(${account}.traits ->> 'churned_at', 10) <= to_char(now(), 'YYYY-MM-DD') else false end
  )`;
}
