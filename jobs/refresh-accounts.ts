import { z } from 'zod';
import { groupByDays } from '../src/account-days.ts';
import { localDay } from '../src/days.ts';
import { deleteStaleRows, findStaleAccounts, hasStaleAccounts } from '../src/db/stale-accounts.ts';
import type { EnqueueOptions, JobDefinition } from '../src/queue/types.ts';
import { scoreAccounts } from './score-accounts.ts';

const payload = z.strictObject({});
const name = 'refresh-accounts';

/** A run that takes longer leaves the rest to the next, so that nobody's new events wait for somebody's long past. */
const budgetMs = 30_000;
const leastPauseMs = 5_000;

/** How the job is asked for: several events make one run, and while one is planned no other is. */
export const refreshSoon: EnqueueOptions = { key: name, delayMs: 1_000 };

/** Computes anew what events have changed, so that `/health` shows them within seconds. */
export const refreshAccounts: JobDefinition<z.infer<typeof payload>> = {
  name,
  description: 'compute metrics and scores of accounts with new events; count-events enqueues it',
  payload,
  record: 'latest',
  isDue: ({ db }) => hasStaleAccounts(db),
  async run(_payload, deps) {
    const started = performance.now();
    const today = localDay(deps.now(), deps.config.timeZone);
    const stale = await findStaleAccounts(deps.db, today);
    let accounts = 0;
    for (const { from, items } of groupByDays(stale, today)) {
      const accountIds = items.map(({ account }) => account);
      await scoreAccounts.run({ from, to: today, accountIds, late: true }, deps);
      if (deps.playbook.indicators.list.length > 0) await deps.queue.enqueue('evaluate-indicators', { accountIds });
      // What comes in meanwhile has rows of its own.
      await deleteStaleRows(
        deps.db,
        items.flatMap(({ rows }) => rows),
      );
      accounts += items.length;
      if (performance.now() - started > budgetMs) break;
    }
    // At work for a third of the time at most: the next run is planned here, and those asked for meanwhile fall to it.
    const pauseMs = Math.max(leastPauseMs, Math.round(2 * (performance.now() - started)));
    if (accounts > 0) await deps.queue.enqueue(name, {}, { key: name, delayMs: pauseMs });
    return { accounts, left: stale.length - accounts };
  },
};
