import { sql } from 'kysely';
import { addMonths, localDay } from '../days.ts';
import { coerce } from '../metrics/coerce.ts';
import { mostFirstMonths } from '../renewals/first-months.ts';
import { earlyEnd } from '../renewals/plan.ts';
import type { RenewalSettings } from '../renewals/types.ts';
import { readRenewalAccounts } from './renewal-accounts.ts';
import type { Day, Db } from './types.ts';

/** For when, and under which names credit is told. */
export type CreditContext = { today: Day; timeZone: string; settings: RenewalSettings };

/** The last renewal date or end of credit that may be reminded of on `today`. */
export function lastReminded({ today, settings }: Pick<CreditContext, 'today' | 'settings'>): Day {
  // A reminder that falls on a weekend is due up to two days before, and months that end sooner add up to three.
  return addMonths(today, mostFirstMonths(settings) + 1);
}

/** By account, those given or all, the day on which its credit ends; only of those with a renewal date to come. */
export async function findCreditEnds(
  db: Db,
  { today, timeZone, settings }: CreditContext,
  accountIds: readonly string[] | null = null,
): Promise<Map<string, Day>> {
  const names = settings.creditEndTraits;
  const { rows } = await sql<{ id: string; said: unknown[] }>`
    select a.id, json_build_array(${sql.join(names.map((name) => sql`a.traits -> ${name}::text`))}) as said
    from accounts a
    where a.renewal_date >= ${today}::date and a.traits ?| ${names}::text[]
      and (${accountIds}::text[] is null or a.id = any(${accountIds}::text[]))
  `.execute(db);
  return new Map(
    rows.flatMap(({ id, said }): [string, Day][] => {
      // As equations read it, so that the message says the same.
      const instant = said.map((value) => coerce(value, 'date', timeZone)).find((value) => value !== null);
      return typeof instant === 'number' ? [[id, localDay(new Date(instant), timeZone)]] : [];
    }),
  );
}

/** By account, those given or all, the day on which its credit ends where that makes its renewal an early one. */
export async function findEarlyEnds(
  db: Db,
  context: CreditContext,
  accountIds: readonly string[] | null = null,
): Promise<Map<string, Day>> {
  const ends = await findCreditEnds(db, context, accountIds);
  if (ends.size === 0) return ends;
  const accounts = await readRenewalAccounts(db, sql`a.id = any(${[...ends.keys()]}::text[])`);
  return new Map(
    [...accounts].flatMap(([id, account]): [string, Day][] => {
      const end = earlyEnd(account, ends.get(id) ?? null, context.today);
      return end === null ? [] : [[id, end]];
    }),
  );
}
