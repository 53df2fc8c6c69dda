import { sql } from 'kysely';
import type { DayScore } from '../indicators/score-metrics.ts';
import { isChurned } from './churned.ts';
import type { Day, Db } from './types.ts';

/** An account as a replay asks about it. */
export type ReplayAccount = {
  id: string;
  name: string;
  currency: string;
  segments: string[];
  createdAt: Date | null;
  /** When Bellwether was first told of it. */
  toldAt: Date | null;
  churned: boolean;
  /** Null where the day is not told. */
  churnedOn: Day | null;
};

/** Accounts of these ids, in the order of their ids. */
export async function findReplayAccounts(db: Db, accountIds: readonly string[]): Promise<ReplayAccount[]> {
  const { rows } = await sql<ReplayAccount>`
    select a.id, a.name, a.currency, a.created_at as "createdAt",
      (select min(changed_at) from account_history h where h.account_id = a.id) as "toldAt", ${isChurned(sql`a`)} as churned,
      substring(a.traits ->> 'churned_at' from '^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])') as "churnedOn",
      array(select segment from account_segments where account_id = a.id order by segment) as segments
    from accounts a where a.id = any(${accountIds}::text[]) order by a.id
  `.execute(db);
  return rows;
}

/** The scores of the days from `from` to `to`, by account, the oldest first. */
export async function findScoresBetween(
  db: Db,
  accountIds: readonly string[],
  { from, to }: { from: Day; to: Day },
): Promise<Map<string, (DayScore & { day: Day })[]>> {
  const { rows } = await sql<DayScore & { day: Day; account: string }>`
    select account_id as account, day, score, band, model, model_hash as "modelHash" from scores
    where account_id = any(${accountIds}::text[]) and day between ${from}::date and ${to}::date
    order by account_id, day
  `.execute(db);
  return Map.groupBy(rows, ({ account }) => account);
}

/** An alert that there really was; `sent` when its message went out. */
export type RealAlert = { account: string; sent: boolean };

/** The alerts of an indicator that began at `since` or later. */
export async function findRealAlerts(
  db: Db,
  { indicator, since, accountIds }: { indicator: string; since: Date; accountIds: readonly string[] },
): Promise<RealAlert[]> {
  const { rows } = await sql<RealAlert>`
    select account_id as account, exists (
      select from alert_messages held join messages m on m.id = held.message_id
      where held.alert_id = a.id and m.posted_at is not null
    ) as sent
    from alerts a
    where indicator = ${indicator} and opened_at >= ${since} and account_id = any(${accountIds}::text[])
    order by id
  `.execute(db);
  return rows;
}
