import type { Kysely } from 'kysely';
import type { Owners } from '../crm/types.ts';
import { addDays, daysFrom, localDay } from '../days.ts';
import { findBillingFacts, writeBillingTraits } from '../db/billing-facts.ts';
import { writeClaims } from '../db/claims.ts';
import { storeCustomerState } from '../db/customer-state.ts';
import { lockAccounts } from '../db/lock-accounts.ts';
import { findAccountsOfCustomers, matchCustomers } from '../db/stripe-customers.ts';
import type { Database, Db } from '../db/types.ts';
import { computeMetricsForDays } from '../metrics/compute.ts';
import { type RenewalSettings, renewalMetrics } from '../renewals/types.ts';
import { subscriptionMrr } from './mrr.ts';
import { type AccountBilling, settleAccount, traitsOf } from './settle.ts';
import type { BillingSource } from './source.ts';
import type { Day } from './types.ts';

/** So far back daily use is read for forecasts: as far as invoices are. */
const USAGE_DAYS = 400;
/** Accounts whose use is read at once. */
const accountsAtOnce = 100;

/** Reads a customer and stores what is so, unless what was read later is stored already. False: Stripe knows no such customer. */
export async function syncCustomer(
  { db, billing }: { db: Kysely<Database>; billing: BillingSource },
  id: string,
  invoices: readonly string[] = [],
): Promise<boolean> {
  const state = await billing.findCustomer(id, { invoices });
  if (!state) return false;
  const subscriptions = state.subscriptions.map((each) => {
    const own = state.invoices.filter(({ subscriptionId }) => subscriptionId === each.id);
    return { ...each, mrr: subscriptionMrr(each, own) };
  });
  await storeCustomerState(db, { ...state, subscriptions });
  return true;
}

/** What accounts are settled with. */
export type SettleWork = {
  db: Kysely<Database>;
  now: Date;
  timeZone: string;
  settings: Pick<RenewalSettings, 'computed'>;
  /** Who has the say on which field of an account. */
  owners: Owners;
};

/**
 * Finds whose customers are, and works out what is to be known of their accounts as a whole, and of `others`. Returns all
 * these accounts; those that the customers were of before are among them.
 */
export async function settleCustomers(
  work: SettleWork,
  customerIds: readonly string[],
  others: readonly string[],
): Promise<string[]> {
  const { db } = work;
  const changed = await matchCustomers(db, customerIds);
  const accountIds = [...new Set([...others, ...changed, ...(await findAccountsOfCustomers(db, customerIds))])];
  await settleAccounts(work, accountIds);
  return accountIds;
}

/** Works out anew what is to be known of accounts as a whole. Returns those that changed. */
export async function settleAccounts(work: SettleWork, accountIds: readonly string[]): Promise<string[]> {
  const changed: string[] = [];
  for (let start = 0; start < accountIds.length; start += accountsAtOnce) {
    changed.push(...(await settleSome(work, accountIds.slice(start, start + accountsAtOnce))));
  }
  return changed;
}

/** The MRR is what Stripe says of it, which others may say otherwise; the traits are Stripe's alone. */
async function settleSome(work: SettleWork, accountIds: readonly string[]): Promise<string[]> {
  const { db, owners, now } = work;
  // What takes long is read before the accounts are locked.
  const context = await readContext(work, accountIds);
  return db.transaction().execute(async (transaction) => {
    // Whoever settles one of them at the same time waits, so that what was read earlier is not written later.
    await lockAccounts(transaction, accountIds);
    const billing = await settleWith(transaction, context, accountIds);
    const settled = billing.map((each) => ({ ...each, traits: traitsOf(each) }));
    const changed = await writeBillingTraits(transaction, settled);
    const claims = billing.map(({ accountId, mrr }) => ({
      accountId,
      field: 'mrr' as const,
      value: mrr,
    }));
    const { written } = await writeClaims(transaction, 'stripe', claims, { owners, now });
    return [...new Set([...changed, ...written.map(({ accountId }) => accountId)])];
  });
}

/** What is to be known of a few accounts as a whole. */
export async function readBilling(
  work: Omit<SettleWork, 'owners'>,
  accountIds: readonly string[],
): Promise<AccountBilling[]> {
  return settleWith(work.db, await readContext(work, accountIds), accountIds);
}

type Context = { today: Day; timeZone: string; usage: ReadonlyMap<string, ReadonlyMap<Day, number>> };

async function readContext(work: Omit<SettleWork, 'owners'>, accountIds: readonly string[]): Promise<Context> {
  const { now, timeZone } = work;
  const today = localDay(now, timeZone);
  return { today, timeZone, usage: await readUsage(work, accountIds, today) };
}

async function settleWith(
  db: Db,
  { today, timeZone, usage }: Context,
  accountIds: readonly string[],
): Promise<AccountBilling[]> {
  const facts = await findBillingFacts(db, accountIds);
  return facts.map((each) => settleAccount(each, { today, timeZone, usage: usage.get(each.accountId) ?? new Map() }));
}

async function readUsage(
  { db, now, timeZone, settings }: Omit<SettleWork, 'owners'>,
  accountIds: readonly string[],
  today: Day,
): Promise<Map<string, Map<Day, number>>> {
  const days = daysFrom(addDays(today, -USAGE_DAYS), addDays(today, -1));
  const computed = await computeMetricsForDays(db, settings.computed, { accountIds, days, now, timeZone });
  const usage = new Map(accountIds.map((id) => [id, new Map<Day, number>()]));
  for (const [day, accounts] of computed) {
    for (const [id, { values }] of accounts) {
      const value = values[renewalMetrics.usage];
      if (typeof value === 'number') usage.get(id)?.set(day, value);
    }
  }
  return usage;
}
