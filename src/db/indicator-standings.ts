import { sql } from 'kysely';
import type { MetricValue } from '../health/types.ts';
import type { DayScore } from '../indicators/score-metrics.ts';
import type { AlertState, Evidence } from '../indicators/types.ts';
import { isChurned } from './churned.ts';
import type { Day, Db } from './types.ts';

/** An account as indicators ask about it. */
export type IndicatorAccount = { id: string; segments: string[]; churned: boolean };

/** Accounts of these ids, in their order. */
export async function findIndicatorAccounts(db: Db, accountIds: readonly string[]): Promise<IndicatorAccount[]> {
  const { rows } = await sql<IndicatorAccount>`
    select a.id, ${isChurned(sql`a`)} as churned, array(
      select segment from account_segments where account_id = a.id order by segment
    ) as segments
    from accounts a where a.id = any(${accountIds}::text[]) order by a.id
  `.execute(db);
  return rows;
}

/** What is known of a rule and an account from before: the last reading, the open alert, when the last one ended. */
export type StoredStanding = {
  account: string;
  indicator: string;
  subject: string;
  reading: {
    met: boolean;
    onceUnmet: boolean;
    streak: number;
    value: MetricValue;
    day: Day;
    previous: MetricValue;
    readAt: Date;
  } | null;
  alert: { id: number; state: AlertState; latest: Evidence } | null;
  endedAt: Date | null;
};

/** The key of a rule for an account. */
export function standingKey(account: string, indicator: string, subject: string): string {
  return JSON.stringify([account, indicator, subject]);
}

/** By `standingKey`, where anything is known. */
export async function findStandings(db: Db, accountIds: readonly string[]): Promise<Map<string, StoredStanding>> {
  const { rows } = await sql<StoredStanding & { readAt: string | null }>`
    with readings as (select * from indicator_readings where account_id = any(${accountIds}::text[])),
    newest as (
      select distinct on (account_id, indicator, subject) account_id, indicator, subject, id, state, latest, changed_at
      from alerts where account_id = any(${accountIds}::text[])
      order by account_id, indicator, subject, id desc
    )
    select account_id as account, indicator, subject,
      case when r.met is not null then json_build_object(
        'met', r.met, 'onceUnmet', r.once_unmet, 'streak', r.streak, 'value', r.value, 'day', r.day, 'previous', r.previous
      ) end as reading,
      r.read_at as "readAt",
      case when n.state <> 'resolved' then json_build_object('id', n.id, 'state', n.state, 'latest', n.latest) end as alert,
      case when n.state = 'resolved' then n.changed_at end as "endedAt"
    from readings r full join newest n using (account_id, indicator, subject)
  `.execute(db);
  return new Map(
    rows.map(({ readAt, ...row }) => [
      standingKey(row.account, row.indicator, row.subject),
      { ...row, reading: row.reading && { ...row.reading, readAt: new Date(readAt as string) } },
    ]),
  );
}

/** The scores of a day and of the seven before, by account, the oldest first. */
export async function findWeekOfScores(
  db: Db,
  accountIds: readonly string[],
  day: Day,
): Promise<Map<string, (DayScore & { day: Day })[]>> {
  const { rows } = await sql<DayScore & { day: Day; account: string }>`
    select account_id as account, day, score, band, model, model_hash as "modelHash" from scores
    where account_id = any(${accountIds}::text[]) and day between ${day}::date - 7 and ${day}::date
    order by account_id, day
  `.execute(db);
  return Map.groupBy(rows, ({ account }) => account);
}

/** What a reading is of. */
export type ReadingKey = { account: string; indicator: string; subject: string };

/** A reading as it is kept. */
export type ReadingRow = ReadingKey & {
  met: boolean;
  onceUnmet: boolean;
  streak: number;
  value: MetricValue;
  previous: MetricValue;
};

/** Keeps readings of an evaluation that began at `readAt`, unless one that began later was kept. */
export async function upsertReadings(
  db: Db,
  readings: readonly ReadingRow[],
  { day, readAt }: { day: Day; readAt: Date },
): Promise<void> {
  if (readings.length === 0) return;
  await sql`
    insert into indicator_readings (account_id, indicator, subject, met, once_unmet, streak, value, day, previous, read_at)
    select account, indicator, subject, met, "onceUnmet", streak, nullif(value, 'null'), ${day}::date, nullif(previous, 'null'), ${readAt}
    from jsonb_to_recordset(${JSON.stringify(readings)}::jsonb) as given (
      account text, indicator text, subject text, met boolean, "onceUnmet" boolean, streak int, value jsonb, previous jsonb
    )
    join accounts on accounts.id = account
    -- In one order, so that two runs at once wait for each other instead of deadlocking.
    order by account, indicator, subject
    on conflict (account_id, indicator, subject) do update set
      met = excluded.met, once_unmet = indicator_readings.once_unmet or excluded.once_unmet, streak = excluded.streak, value = excluded.value, day = excluded.day,
      previous = excluded.previous, read_at = excluded.read_at
      where indicator_readings.read_at <= excluded.read_at
  `.execute(db);
}

/** Forgets readings, unless an evaluation that began after `before` kept them. */
export async function deleteReadings(db: Db, keys: readonly ReadingKey[], before: Date): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    with locked as (
      select r.account_id, r.indicator, r.subject
      from indicator_readings r
      join jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as given (account text, indicator text, subject text)
        on (r.account_id, r.indicator, r.subject) = (given.account, given.indicator, given.subject)
      where r.read_at <= ${before}
      -- In the order in which they are kept, so that two runs at once wait for each other.
      order by r.account_id, r.indicator, r.subject for update of r
    )
    delete from indicator_readings r using locked l
    where (r.account_id, r.indicator, r.subject) = (l.account_id, l.indicator, l.subject)
  `.execute(db);
}
