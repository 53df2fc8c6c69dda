import { z } from 'zod';
import { accountsAtOnce } from '../src/account-days.ts';
import { addDays, daysFrom, localDay } from '../src/days.ts';
import { countEvents } from '../src/db/count-events.ts';
import { findUncoveredDays, hasCovered } from '../src/db/job-runs.ts';
import { findDefinitionHashes, replaceDefinitionHashes } from '../src/db/metric-definitions.ts';
import { findFirstDays } from '../src/db/metric-values.ts';
import { findAccountIds, hasScoresOfOtherModels } from '../src/db/scores.ts';
import type { Deps } from '../src/deps.ts';
import { UserError } from '../src/errors.ts';
import { hashDefinitions } from '../src/metrics/dependencies.ts';
import { equationsOf } from '../src/playbook/equations.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { evaluateAllSoon } from './evaluate-indicators.ts';

const name = 'compute-health';

/** Days are computed again after they were missed, or before they were over, as far back as this. */
const caughtUpDays = 35;
/** As far back a new metric gets its values by itself; `bellwether metrics backfill` reaches further. */
const filledDays = 90;
const mostDays = 1100;

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
    if ((await findChanges(deps)).metrics.length > 0) return true;
    return hasScoresOfOtherModels(deps.db, day, [...deps.playbook.hashes.values()]);
  },
  async run(given, deps) {
    const { from, to } = await wantedDays(given, deps);
    const { db, config, log, now, playbook } = deps;
    await countEvents(db, { metrics: equationsOf(playbook), timeZone: config.timeZone, now: now(), log });
    const isUsual = given.day === undefined && given.from === undefined;
    const changes = isUsual ? await findChanges(deps) : null;
    const accounts = await findAccountIds(deps.db);
    const fill = changes && changes.metrics.length > 0 ? changes : null;
    const firstDays = fill ? await findFirstDays(deps.db, accounts, deps.config.timeZone) : [];
    const firstDay = new Map(firstDays.map(({ account, day }) => [account, day]));
    const earliest = fill ? addDays(to, 1 - filledDays) : from;
    const size = accountsAtOnce(daysFrom(earliest < from ? earliest : from, to).length);
    for (let start = 0; start < accounts.length; start += size) {
      const accountIds = accounts.slice(start, start + size);
      const first = accountIds.reduce((least, id) => min(least, firstDay.get(id) ?? from), from);
      await deps.queue.enqueue('score-accounts', {
        from,
        to,
        accountIds,
        ...(fill && first < from ? { fill: { from: first < earliest ? earliest : first, ...fill } } : {}),
      });
    }
    if (playbook.indicators.list.length > 0 && to === today(deps)) {
      await deps.queue.enqueue('evaluate-indicators', {}, evaluateAllSoon);
    }
    if (changes)
      await replaceDefinitionHashes(deps.db, hashDefinitions(deps.playbook.metrics, deps.config.timeZone), deps.now());
    // The days that are covered are read from here, see findUncoveredDays.
    return { from, to, accounts: accounts.length, ...(fill ? { filled: fill.metrics } : {}) };
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

/**
 * Metrics that are new in the pack, or have another equation or other days than before; `redefined` are the latter. In the first run of all nothing
 * is new: the past is left to imports, late events and `bellwether metrics backfill`.
 */
async function findChanges({ db, playbook, config }: Deps): Promise<{ metrics: string[]; redefined: string[] }> {
  const known = await findDefinitionHashes(db);
  if (known.size === 0) return { metrics: [], redefined: [] };
  const changed = [...hashDefinitions(playbook.metrics, config.timeZone)].filter(
    ([id, hash]) => known.get(id) !== hash,
  );
  const metrics = changed.map(([id]) => id);
  return { metrics, redefined: metrics.filter((id) => known.has(id)) };
}

function min(left: string, right: string): string {
  return left < right ? left : right;
}

function today({ config, now }: Deps): string {
  return localDay(now(), config.timeZone);
}
