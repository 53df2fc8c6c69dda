import { sql } from 'kysely';
import type { Band, StoredScore } from '../health/types.ts';
import type { Day, Db } from './types.ts';

/** A score as stored, with the newest data that it rests on; `null` when there was none. */
export type ScoreRow = StoredScore & { dataAt: Date | null };

/** Stores the scores of `day`, one row for each account; a later run of the day replaces them. */
export async function upsertScores(db: Db, day: Day, scores: readonly ScoreRow[], computedAt: Date): Promise<void> {
  await sql`
    insert into scores
      (account_id, day, model, model_hash, reason, score, band, coverage, breakdown, data_at, computed_at)
    select account, ${day}::date, model, "modelHash", reason, score, band, coverage, dimensions, "dataAt", ${computedAt}
    from jsonb_to_recordset(${JSON.stringify(scores)}::jsonb) as given (
      account text, model text, "modelHash" text, reason text, score double precision, band text,
      coverage double precision, dimensions jsonb, "dataAt" timestamptz
    )
    -- In one order, so that two runs at once wait for each other instead of deadlocking.
    order by account
    on conflict (account_id, day) do update set
      model = excluded.model, model_hash = excluded.model_hash, reason = excluded.reason, score = excluded.score,
      band = excluded.band, coverage = excluded.coverage, breakdown = excluded.breakdown, data_at = excluded.data_at,
      computed_at = excluded.computed_at
  `.execute(db);
}

/** A day's outcome, for trends. */
export type DayScore = { day: Day; model: string; score: number | null; band: Band | null };

/** An account's scores from `from` to `to`, both included, oldest first; days without one are absent. */
export async function findDayScores(db: Db, accountId: string, from: Day, to: Day): Promise<DayScore[]> {
  return db
    .selectFrom('scores')
    .select(['day', 'model', 'score', 'band'])
    .where('account_id', '=', accountId)
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('day')
    .execute();
}
