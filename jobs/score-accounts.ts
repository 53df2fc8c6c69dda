import { z } from 'zod';
import { addDays, daysFrom, endOfDay, localDay } from '../src/days.ts';
import { withAccountsLocked } from '../src/db/account-locks.ts';
import { findStoredValues, keyOf, upsertMetricValues } from '../src/db/metric-values.ts';
import { findAccountsToScore, findScoredDays, type ScoreRow, upsertScores } from '../src/db/scores.ts';
import type { Db } from '../src/db/types.ts';
import type { Deps } from '../src/deps.ts';
import { scoreAccount } from '../src/health/score.ts';
import type { AccountFacts, MetricValue } from '../src/health/types.ts';
import { computeMetricsForDays } from '../src/metrics/compute.ts';
import { findEventMetrics } from '../src/metrics/dependencies.ts';
import { fillMetricValues } from '../src/metrics/fill.ts';
import type { AccountMetrics } from '../src/metrics/types.ts';
import type { Playbook } from '../src/playbook/types.ts';
import type { JobDefinition } from '../src/queue/types.ts';

const payload = z.strictObject({
  from: z.iso.date(),
  to: z.iso.date(),
  accountIds: z.array(z.string()).max(500),
  /** Events came late: of days that are over only what rests on events is stored, and scores only corrected. */
  late: z.boolean().optional(),
  /** Metrics that are new, or whose equation changed (`redefined`): values of the days before `from`, without scores. */
  fill: z.strictObject({ from: z.iso.date(), metrics: z.array(z.string()), redefined: z.array(z.string()) }).optional(),
});

/** Computes and stores metric values and scores of some accounts, for each of the days. */
export const scoreAccounts: JobDefinition<z.infer<typeof payload>> = {
  name: 'score-accounts',
  description: 'compute metrics and scores of some accounts; compute-health enqueues it',
  payload,
  async run({ fill, ...days }, deps) {
    const { db, playbook, config, now } = deps;
    if (fill && fill.from < days.from) {
      const past = {
        from: fill.from,
        to: addDays(days.from, -1),
        ids: fill.metrics,
        redefined: new Set(fill.redefined),
      };
      const { accountIds } = days;
      await fillMetricValues(db, playbook.metrics, { ...past, accountIds, now: now(), timeZone: config.timeZone });
    }
    return withAccountsLocked(db, days.accountIds, () => scoreDays(days, deps));
  },
};

async function scoreDays(
  { from, to, accountIds, late = false }: Omit<z.infer<typeof payload>, 'fill'>,
  { db, playbook, config: { timeZone }, now }: Deps,
) {
  const at = now();
  const accounts = await findAccountsToScore(db, accountIds);
  const metrics = await computeMetricsForDays(db, playbook.metrics, {
    accountIds,
    days: daysFrom(from, to),
    now: at,
    timeZone,
  });
  const kept = late
    ? await readPast(db, playbook, accountIds, { from, to: addDays(localDay(at, timeZone), -1) })
    : null;
  const days = [...metrics].map(([day, byAccount]) => {
    const dayEnd = endOfDay(day, timeZone);
    const asOf = new Date(Math.min(dayEnd.getTime() - 1, at.getTime()));
    return scoreDay(playbook, accounts, { day, byAccount, dayEnd, asOf, kept: kept && dayEnd <= at ? kept : null });
  });
  await storeDays(db, days, at);
  return { from, to, accounts: accounts.length, scores: days.reduce((sum, { scores }) => sum + scores.length, 0) };
}

type Account = Omit<AccountFacts, 'metrics'>;
type DayMetrics = {
  day: string;
  byAccount: ReadonlyMap<string, AccountMetrics>;
  dayEnd: Date;
  asOf: Date;
  /** The day is corrected rather than computed. */
  kept: Past | null;
};
type DayResult = {
  day: string;
  dayEnd: Date;
  scores: ScoreRow[];
  values: { account: string; metrics: Readonly<Record<string, MetricValue>> }[];
};

/** What is stored of days that are over. */
type Past = {
  values: ReadonlyMap<string, Readonly<Record<string, MetricValue>>>;
  scored: ReadonlySet<string>;
  eventMetrics: ReadonlySet<string>;
};

async function readPast(
  db: Db,
  { metrics }: Playbook,
  accountIds: readonly string[],
  days: { from: string; to: string },
): Promise<Past> {
  const values = await findStoredValues(db, accountIds, days);
  return { values, scored: await findScoredDays(db, accountIds, days), eventMetrics: findEventMetrics(metrics) };
}

/** Accounts that did not exist yet on the day have no score then. */
function scoreDay(playbook: Playbook, accounts: readonly Account[], given: DayMetrics): DayResult {
  const { day, byAccount, dayEnd, asOf, kept } = given;
  const result: DayResult = { day, dayEnd, scores: [], values: [] };
  for (const account of accounts) {
    const computed = byAccount.get(account.id);
    if (!computed || (account.createdAt && account.createdAt > asOf)) continue;
    const corrected = kept && correct(computed.values, kept, keyOf(day, account.id));
    if (corrected && Object.keys(corrected.changed).length === 0) continue;
    result.values.push({ account: account.id, metrics: corrected?.changed ?? computed.values });
    if (corrected && !corrected.isScored) continue;
    const score = scoreAccount(playbook.scoring, { ...account, metrics: corrected?.all ?? computed.values }, asOf);
    result.scores.push({ ...score, modelHash: hashOf(playbook, score.model), dataAt: computed.dataAt });
  }
  return result;
}

/**
 * Of a day that is over: the values that events have changed, and all values as they are now. What rests on no events
 * stays as it is stored, since it was computed from what the account was then.
 */
function correct(computed: Readonly<Record<string, MetricValue>>, { values, scored, eventMetrics }: Past, key: string) {
  const stored = values.get(key) ?? {};
  const all = { ...computed };
  const changed: Record<string, MetricValue> = {};
  for (const [id, value] of Object.entries(computed)) {
    const before = stored[id];
    if (!eventMetrics.has(id)) all[id] = before === undefined ? value : before;
    else if (value !== (before ?? null)) changed[id] = value;
  }
  return { all, changed, isScored: scored.has(key) };
}

function hashOf({ hashes }: Playbook, model: string): string {
  const hash = hashes.get(model);
  if (hash === undefined) throw new Error(`The model ${model} has no hash.`);
  return hash;
}

async function storeDays(db: Db, days: readonly DayResult[], computedAt: Date): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const { day, dayEnd, values, scores } of days) {
      if (values.length > 0) await upsertMetricValues(transaction, day, values, { computedAt, dayEnd });
      if (scores.length > 0) await upsertScores(transaction, day, scores, computedAt);
    }
  });
}
