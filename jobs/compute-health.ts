import { z } from 'zod';
import { addDays, daysFrom, localDay } from '../src/days.ts';
import { findUncoveredDays, hasCovered } from '../src/db/job-runs.ts';
import { findAccountIds, hasScoresOfOtherModels } from '../src/db/scores.ts';
import type { Deps } from '../src/deps.ts';
import { UserError } from '../src/errors.ts';
import type { JobDefinition } from '../src/queue/types.ts';

const name = 'compute-health';

/** Days are computed again after they were missed, or before they were over, as far back as this. */
const caughtUpDays = 35;
const mostDays = 1100;
const mostAccounts = 500;
/** Accounts times days in one job: four at a time must fit into the memory of a small machine. */
const mostScores = 2500;

const payload = z
  .strictObject({ day: z.iso.date().optional(), from: z.iso.date().optional(), to: z.iso.date().optional() })
  .refine(({ day, from, to }) => day === undefined || (from === undefined && to === undefined), {
    error: 'give day, or from and to, not both',
  })
  .refine(({ from, to }) => from !== undefined || to === undefined, { error: 'to needs from' })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    error: 'from must not be after to',
  });

type Payload = z.infer<typeof payload>;

export const computeHealth: JobDefinition<Payload> = {
  name,
  description: 'compute metrics and scores of all accounts, for today and for days that were missed',
  payload,
  schedule: '7 * * * *',
  async isDue(deps) {
    const day = today(deps);
    if (!(await hasCovered(deps.db, name, day))) return true;
    return hasScoresOfOtherModels(deps.db, day, [...deps.playbook.hashes.values()]);
  },
  async run(given, deps) {
    const { from, to } = await wantedDays(given, deps);
    const accounts = await findAccountIds(deps.db);
    const size = Math.max(1, Math.min(mostAccounts, Math.floor(mostScores / daysFrom(from, to).length)));
    for (let start = 0; start < accounts.length; start += size) {
      await deps.queue.enqueue('score-accounts', { from, to, accountIds: accounts.slice(start, start + size) });
    }
    // The days that are covered are read from here, see findUncoveredDays.
    return { from, to, accounts: accounts.length };
  },
};

async function wantedDays({ day, from, to }: Payload, deps: Deps): Promise<{ from: string; to: string }> {
  const last = today(deps);
  if (day === undefined && from === undefined) {
    const [oldest = last] = await findUncoveredDays(deps.db, name, addDays(last, 1 - caughtUpDays), last);
    return { from: oldest, to: last };
  }
  const wanted = { from: day ?? from ?? last, to: day ?? to ?? last };
  if (wanted.to > last || wanted.from > last) {
    throw new UserError(`compute-health cannot look into the future: ${last} is the last day it can compute.`);
  }
  if (addDays(wanted.from, mostDays) <= wanted.to) {
    throw new UserError(`compute-health computes at most ${mostDays} days at once; ask for less.`);
  }
  return wanted;
}

function today({ config, now }: Deps): string {
  return localDay(now(), config.timeZone);
}
