import type { Insertable } from 'kysely';
import type { HealthView } from '../src/db/health-view.ts';
import { upsertScores } from '../src/db/scores.ts';
import type { Database, Db } from '../src/db/types.ts';
import { scoreAccount } from '../src/health/score.ts';
import type { AccountFacts, DimensionScore, StoredScore } from '../src/health/types.ts';
import type { Playbook } from '../src/playbook/types.ts';

/** Stores an account; its name is its id unless given. Returns the id. */
export async function insertAccount(
  db: Db,
  account: Partial<Insertable<Database['accounts']>> & { id: string; aliases?: readonly string[] },
): Promise<string> {
  const { aliases = [], ...row } = account;
  await db
    .insertInto('accounts')
    .values({ name: row.id, ...row })
    .execute();
  if (aliases.length > 0)
    await db
      .insertInto('account_aliases')
      .values(aliases.map((alias) => ({ alias, account_id: row.id })))
      .execute();
  return row.id;
}

/** Scores an account as of noon of `day` by the playbook, and stores that; metrics that are not given have no data. */
export async function insertScore(
  db: Db,
  playbook: Playbook,
  given: { account: string; day: string } & Partial<Pick<AccountFacts, 'metrics' | 'createdAt' | 'segments'>>,
): Promise<StoredScore> {
  const score = scoreOn(playbook, given);
  const at = new Date(`${given.day}T12:00:00Z`);
  await upsertScores(db, given.day, [{ ...score, dataAt: score.score === null ? null : at }], at);
  return score;
}

/** The score that the playbook gives for these facts at noon of `day`, as it would be stored. */
export function scoreOn(
  playbook: Playbook,
  { account, day, ...facts }: { account: string; day: string } & Partial<AccountFacts>,
): StoredScore {
  const known = { id: account, name: account, segments: [], createdAt: null, metrics: {}, ...facts };
  const score = scoreAccount(playbook.scoring, known, new Date(`${day}T12:00:00Z`));
  return { ...score, modelHash: playbook.hashes.get(score.model) ?? '' };
}

/** What a card is built from; without dimensions there is no score. */
export function healthView(overrides: {
  account?: Partial<HealthView['account']>;
  latest?: Partial<NonNullable<HealthView['latest']>> & { dimensions: DimensionScore[] };
}): HealthView {
  const day = '2026-11-21';
  const at = new Date(`${day}T12:00:00Z`);
  return {
    account: {
      id: 'acme',
      name: 'Acme',
      csmEmail: null,
      arr: null,
      currency: 'USD',
      renewalDate: null,
      ...overrides.account,
    },
    latest: overrides.latest
      ? {
          account: 'acme',
          day,
          model: 'simple',
          modelHash: 'a'.repeat(64),
          reason: 'the only model of this playbook',
          score: 5,
          band: 'concerning',
          coverage: 1,
          dataAt: at,
          computedAt: at,
          ...overrides.latest,
        }
      : null,
    weekBefore: null,
    monthBefore: null,
  };
}
