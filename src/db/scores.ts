import { sql } from 'kysely';
import type { AccountFacts, StoredScore } from '../health/types.ts';
import { keyOf } from './metric-values.ts';
import type { Day, Db } from './types.ts';

/** Ids of all accounts, in order. */
export async function findAccountIds(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('accounts').select('id').orderBy('id').execute();
  return rows.map(({ id }) => id);
}

/** What scoring asks of accounts besides their metrics, in the order of their ids; unknown ones are left out. */
export async function findAccountsToScore(
  db: Db,
  accountIds: readonly string[],
): Promise<Omit<AccountFacts, 'metrics'>[]> {
  const { rows } = await sql<Omit<AccountFacts, 'metrics'>>`
    select id, name, created_at as "createdAt", array(
      select segment from account_segments where account_id = id order by segment
    ) as segments
    from accounts where id = any(${accountIds}) order by id
  `.execute(db);
  return rows;
}

/** A score as stored, with the newest data that it rests on; `null` when there was none. */
export type ScoreRow = StoredScore & { dataAt: Date | null };

/**
 * Stores the scores of `day`, one row for each account, over those of an earlier run; `computedAt` is when
 * the run began.
 */
export async function upsertScores(db: Db, day: Day, scores: readonly ScoreRow[], computedAt: Date): Promise<void> {
  await sql`
    insert into scores
      (account_id, day, model, model_hash, reason, score, band, coverage, breakdown, data_at, computed_at)
    select account, ${day}::date, model, "modelHash", reason, score, band, coverage, dimensions, "dataAt", ${computedAt}
    from json_to_recordset(${JSON.stringify(scores)}::json) as given (
      account text, model text, "modelHash" text, reason text, score double precision, band text,
      coverage double precision, dimensions json, "dataAt" timestamptz
    )
    -- In one order, so that two runs at once wait for each other instead of deadlocking.
    order by account
    on conflict (account_id, day) do update set
      model = excluded.model, model_hash = excluded.model_hash, reason = excluded.reason, score = excluded.score,
      band = excluded.band, coverage = excluded.coverage, breakdown = excluded.breakdown, data_at = excluded.data_at,
      computed_at = excluded.computed_at
      -- A run that began earlier and ends later knows less.
      where scores.computed_at <= excluded.computed_at
  `.execute(db);
}

/** Whether a score of `day` comes from a model with none of these hashes: one that was edited since, or is gone. */
export async function hasScoresOfOtherModels(db: Db, day: Day, hashes: readonly string[]): Promise<boolean> {
  const { rows } = await sql`
    select from scores where day = ${day} and model_hash <> all(${hashes}) limit 1
  `.execute(db);
  return rows.length > 0;
}

/** Which of the accounts have a score on which of the days, as `keyOf` says it. */
export async function findScoredDays(
  db: Db,
  accountIds: readonly string[],
  { from, to }: { from: Day; to: Day },
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('scores')
    .select(['account_id', 'day'])
    .where('account_id', 'in', accountIds)
    .where('day', '>=', from)
    .where('day', '<=', to)
    .execute();
  return new Set(rows.map(({ account_id, day }) => keyOf(day, account_id)));
}
