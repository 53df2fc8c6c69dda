import { type Insertable, sql } from 'kysely';
import { importedKey, startBatch } from '../src/db/event-batches.ts';
import { ensureEventMonths } from '../src/db/event-months.ts';
import type { HealthView } from '../src/db/health-view.ts';
import { upsertScores } from '../src/db/scores.ts';
import type { Database, Db } from '../src/db/types.ts';
import { scoreAccount } from '../src/health/score.ts';
import type { AccountFacts, DimensionScore, MetricValue, StoredScore } from '../src/health/types.ts';
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

/** Keeps values of metrics for days, as computed at the noon of each. */
export async function insertMetricValues(
  db: Db,
  values: readonly { account: string; metric: string; day: string; value: MetricValue }[],
): Promise<void> {
  const rows = values.map(({ account, metric, day, value }) => ({
    account_id: account,
    metric,
    day,
    value: value === null ? null : JSON.stringify(value),
    computed_at: `${day}T12:00:00Z`,
  }));
  await db.insertInto('metric_values').values(rows).execute();
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
  alerts?: HealthView['alerts'];
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
    alerts: overrides.alerts ?? [],
  };
}

/** An event to store; without an account's user it is nobody's. */
export type EventRow = {
  account_id: string;
  id: string;
  name: string;
  /** ISO. */
  occurred_at: string;
  user_id?: string | null;
  properties?: Record<string, unknown>;
};

/** Stores events as an import does: not in the series yet. Neither accounts nor users appear by it. */
export async function insertEvents(db: Db, events: readonly EventRow[]): Promise<void> {
  await ensureEventMonths(
    db,
    events.map(({ occurred_at }) => new Date(occurred_at)),
  );
  await db.transaction().execute(async (transaction) => {
    const batch = await startBatch(transaction);
    const key = importedKey(sql`account_id`, sql`id`);
    await sql`
      with given as (
        select * from jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as given (
          account_id text, id text, name text, occurred_at timestamptz, user_id text, properties jsonb
        )
      ), keys as (insert into event_keys select ${key}, occurred_at from given)
      insert into events (account_id, id, key, user_id, name, occurred_at, properties, batch)
      select account_id, id, ${key}, user_id, name, occurred_at, coalesce(properties, '{}'), ${batch} from given
    `.execute(transaction);
  });
}
