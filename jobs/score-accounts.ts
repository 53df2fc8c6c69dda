import { z } from 'zod';
import { daysFrom, endOfDay } from '../src/days.ts';
import { upsertMetricValues } from '../src/db/metric-values.ts';
import { findAccountsToScore, type ScoreRow, upsertScores } from '../src/db/scores.ts';
import type { Db } from '../src/db/types.ts';
import { scoreAccount } from '../src/health/score.ts';
import type { AccountFacts } from '../src/health/types.ts';
import { computeMetricsForDays } from '../src/metrics/compute.ts';
import type { AccountMetrics } from '../src/metrics/types.ts';
import type { Playbook } from '../src/playbook/types.ts';
import type { JobDefinition } from '../src/queue/types.ts';

const payload = z.strictObject({
  from: z.iso.date(),
  to: z.iso.date(),
  accountIds: z.array(z.string()).max(500),
});

/** Computes and stores metric values and scores of some accounts, for each of the days. */
export const scoreAccounts: JobDefinition<z.infer<typeof payload>> = {
  name: 'score-accounts',
  description: 'compute metrics and scores of some accounts; compute-health enqueues it',
  payload,
  async run({ from, to, accountIds }, { db, playbook, config: { timeZone }, now }) {
    const at = now();
    const accounts = await findAccountsToScore(db, accountIds);
    const metrics = await computeMetricsForDays(db, playbook.metrics, {
      accountIds,
      days: daysFrom(from, to),
      now: at,
      timeZone,
    });
    const days = [...metrics].map(([day, byAccount]) => {
      const lastInstant = endOfDay(day, timeZone).getTime() - 1;
      return scoreDay(playbook, accounts, { day, byAccount, asOf: new Date(Math.min(lastInstant, at.getTime())) });
    });
    await storeDays(db, days, at);
    return { from, to, accounts: accounts.length, scores: days.reduce((sum, { scores }) => sum + scores.length, 0) };
  },
};

type Account = Omit<AccountFacts, 'metrics'>;
type DayMetrics = { day: string; byAccount: ReadonlyMap<string, AccountMetrics>; asOf: Date };
type DayResult = { day: string; scores: ScoreRow[]; values: { account: string; metrics: AccountFacts['metrics'] }[] };

/** Accounts that did not exist yet on the day have no score then. */
function scoreDay(playbook: Playbook, accounts: readonly Account[], { day, byAccount, asOf }: DayMetrics): DayResult {
  const result: DayResult = { day, scores: [], values: [] };
  for (const account of accounts) {
    const computed = byAccount.get(account.id);
    if (!computed || (account.createdAt && account.createdAt > asOf)) continue;
    const score = scoreAccount(playbook.scoring, { ...account, metrics: computed.values }, asOf);
    result.values.push({ account: account.id, metrics: computed.values });
    result.scores.push({ ...score, modelHash: hashOf(playbook, score.model), dataAt: computed.dataAt });
  }
  return result;
}

function hashOf({ hashes }: Playbook, model: string): string {
  const hash = hashes.get(model);
  if (hash === undefined) throw new Error(`The model ${model} has no hash.`);
  return hash;
}

async function storeDays(db: Db, days: readonly DayResult[], computedAt: Date): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const { day, values, scores } of days) {
      await upsertMetricValues(transaction, day, values, computedAt);
      await upsertScores(transaction, day, scores, computedAt);
    }
  });
}
