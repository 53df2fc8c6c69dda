import { z } from 'zod';
import { reconcile } from '../src/billing/reconcile.ts';
import { settleAccounts, settleCustomers, syncCustomer } from '../src/billing/sync-customers.ts';
import { hasMissedRun } from '../src/db/job-runs.ts';
import { findBilledAccounts, matchCustomers } from '../src/db/stripe-customers.ts';
import type { Deps } from '../src/deps.ts';
import type { JobDefinition } from '../src/queue/types.ts';
import { refreshSoon } from './refresh-accounts.ts';

const payload = z.strictObject({});
const name = 'sync-stripe';
/** Longer than the four hours between two runs: then one was missed. */
const overdueMs = 5 * 3_600_000;
/** Accounts that are evaluated at once. */
const accountsAtOnce = 500;

/** Finds what webhooks missed, and works out anew what depends on the day. */
export const syncStripe: JobDefinition<z.infer<typeof payload>> = {
  name,
  description: "compare with Stripe's lists, read what changed, and work out MRR, credit and forecasts anew",
  payload,
  schedule: '41 */4 * * *',
  isDue: async ({ db, now, billing }) =>
    billing !== null && (await hasMissedRun(db, name, new Date(now().getTime() - overdueMs))),
  async run(_payload, deps) {
    const { db, billing, log, now } = deps;
    if (!billing) return { skipped: 'STRIPE_API_KEY is not set' };
    const read = (id: string) => syncCustomer({ db, billing }, id);
    const { read: customers, failed, ...counts } = await reconcile({ db, billing, log, now: now(), read });
    // Accounts come and go as well as customers.
    const rematched = await matchCustomers(db);
    const accounts = [...new Set([...rematched, ...(await findBilledAccounts(db))])];
    await settleAccounts(workOf(deps), accounts);
    await evaluate(deps, accounts);
    return { ...counts, read: customers.length, accounts: accounts.length, failed };
  },
};

/** What follows when customers were read: the figures, alerts and messages of their accounts, and of `others`. */
export async function followCustomers(
  deps: Deps,
  customerIds: readonly string[],
  others: readonly string[] = [],
): Promise<void> {
  const accounts = await settleCustomers(workOf(deps), customerIds, others);
  await evaluate(deps, accounts);
}

async function evaluate({ queue, playbook }: Deps, accounts: readonly string[]): Promise<void> {
  if (accounts.length === 0) return;
  if (playbook.indicators.list.length > 0) {
    for (let start = 0; start < accounts.length; start += accountsAtOnce)
      await queue.enqueue('evaluate-indicators', { accountIds: accounts.slice(start, start + accountsAtOnce) });
  }
  await queue.enqueue('refresh-accounts', {}, refreshSoon);
}

function workOf({ db, now, config, playbook }: Deps) {
  return { db, now: now(), timeZone: config.timeZone, settings: playbook.renewals, owners: playbook.sources.owners };
}
