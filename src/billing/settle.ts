import { localDay } from '../days.ts';
import type { BilledInvoice, BillingFacts, SettledAccount, StoredSubscription } from '../db/billing-facts.ts';
import { type CreditProjection, projectCredit } from './credit.ts';
import { type BilledPeriod, type Forecast, forecastPeriod } from './forecast.ts';
import { monthsIn } from './months.ts';
import { accountMrr } from './mrr.ts';
import type { CreditGrant, Day } from './types.ts';

/** What Stripe makes of an account as a whole, in the account's currency. */
export type AccountBilling = {
  accountId: string;
  currency: string;
  /** `null`: there is no subscription, or what one brings is not known yet. */
  mrr: number | null;
  /** Since when it is Stripe that tells it, or is not any more; `null`: it never was. */
  mrrSince: Day | null;
  /** Currencies of subscriptions that are not in it. */
  leftOut: readonly string[];
  credit: CreditProjection | null;
  /** `null`: nothing can be foretold. */
  forecast: AccountForecast | null;
  /** `null`: there is no customer. */
  hasCard: boolean | null;
};

/** What the running month will bring; `error` is by how much of it the methods would have been wrong, 0 to 1. */
type AccountForecast = {
  amount: number;
  error: number;
  parts: { subscriptionId: string; forecast: Forecast | null }[];
};

/** A customer's balance that came to so many months' bills was paid ahead. */
const PREPAID_MONTHS = 2;

/** On which day, where days begin, and the account's daily use. */
export type SettleContext = { today: Day; timeZone: string; usage: ReadonlyMap<Day, number> };

/** Works out what is to be known of an account as a whole from all that Stripe tells of it. */
export function settleAccount(facts: BillingFacts, context: SettleContext): AccountBilling {
  const { accountId, customers, subscriptions } = facts;
  const currency = currencyOf(facts);
  const { mrr, leftOut } = accountMrr(subscriptions, currency);
  return {
    accountId,
    currency,
    mrr: mrr === null ? null : round(mrr),
    mrrSince: mrrSinceOf(facts, context.today),
    leftOut,
    credit: creditOf(facts, { currency, mrr }, context),
    forecast: forecastOf(facts, currency, context),
    hasCard: customers.length > 0 ? customers.some((customer) => customer.hasCard) : null,
  };
}

/** As the traits that metrics read; `null` is none. */
export function traitsOf({ credit, forecast, hasCard, mrrSince }: AccountBilling): SettledAccount['traits'] {
  return {
    stripe_credit_left: credit && round(credit.left),
    stripe_credit_burn: credit?.burn == null ? null : round(credit.burn),
    stripe_credit_ends_on: credit?.endsOn ?? null,
    stripe_credit_expiring: credit && expiringOf(credit),
    stripe_credit_expires_on: credit?.expiring?.on ?? null,
    stripe_card_on_file: hasCard,
    stripe_mrr_since: mrrSince,
    stripe_forecasted_mrr: forecast && round(forecast.amount),
    stripe_forecast_error: forecast && round(forecast.error * 100),
  };
}

/** Another source of the MRR is no change of the MRR. */
function mrrSinceOf({ customers, hadCustomer, mrrSince }: BillingFacts, today: Day): Day | null {
  const hasCustomer = customers.length > 0;
  return hasCustomer === hadCustomer ? mrrSince : today;
}

/** `null` is not known; none is 0, by which what was told of it ends. */
function expiringOf({ left, burn, expiring }: CreditProjection): number | null {
  if (expiring) return round(expiring.amount);
  return burn === null && left > 0 ? null : 0;
}

/** The account's own, unless everything is billed in another and nobody said what the account is worth. */
function currencyOf({ currency, arr, subscriptions }: BillingFacts): string {
  const billed = new Set(subscriptions.map((each) => each.currency));
  const [only] = billed;
  return arr === null && billed.size === 1 && only !== undefined ? only : currency;
}

function creditOf(
  facts: BillingFacts,
  { currency, mrr }: { currency: string; mrr: number | null },
  { today, timeZone }: SettleContext,
): CreditProjection | null {
  const { customers, grants, renewalDate } = facts;
  const owed = customers.reduce((sum, each) => sum + (each.currency === currency ? each.balance : 0), 0);
  const isPrepaid = isPrepaidBalance(facts, { currency, mrr, owed });
  const uses = isPrepaid ? facts.uses : facts.uses.filter(({ grantId }) => grantId !== null);
  const balance = isPrepaid ? owed : 0;
  const found = projectCredit({ grants, uses, balance, currency, today, timeZone, renewalDate, running: null });
  // That it is over is known, too: else what was told of it would never end.
  const isOver = ({ expiresAt, voidedAt }: CreditGrant) =>
    voidedAt !== null || (expiresAt !== null && localDay(expiresAt, timeZone) <= today);
  const had =
    uses.some((each) => each.currency === currency) ||
    grants.some((each) => each.currency === currency && isOver(each));
  return found ?? (had ? { left: 0, burn: null, endsOn: null, expiring: null } : null);
}

/** A balance in the customer's favour was paid ahead where it came to two months' bills; less is a refund, or goodwill. */
function isPrepaidBalance(
  { uses }: BillingFacts,
  { currency, mrr, owed }: { currency: string; mrr: number | null; owed: number },
): boolean {
  const used = uses.filter((use) => use.grantId === null && use.currency === currency);
  const given = used.reduce((sum, { amount }) => sum + amount, -owed);
  return given >= PREPAID_MONTHS * (mrr ?? 0);
}

/** The forecasts of all subscriptions that go on, added up; what cannot be forecast counts as it is. */
function forecastOf(
  { subscriptions, invoices, coming }: BillingFacts,
  currency: string,
  context: SettleContext,
): AccountForecast | null {
  const running = subscriptions.filter(
    (each) => each.currency === currency && !each.isPaused && ['active', 'past_due'].includes(each.status),
  );
  // What is over brings nothing, which ends what was told of it.
  if (running.length === 0) return subscriptions.length === 0 ? null : { amount: 0, error: 0, parts: [] };
  let [amount, wrong] = [0, 0];
  const parts: AccountForecast['parts'] = [];
  for (const subscription of running) {
    const own = coming.find(({ subscriptionId }) => subscriptionId === subscription.id);
    const forecast = atLeast(forecastSubscription(subscription, invoices, context), own?.totalBeforeTax ?? 0);
    const value = forecast?.amount ?? subscription.mrr;
    if (value === null) return null;
    parts.push({ subscriptionId: subscription.id, forecast });
    amount += value;
    wrong += value * (forecast?.error ?? 0);
  }
  // Where nothing could be forecast, it would be the MRR under another name.
  if (parts.every(({ forecast }) => forecast === null)) return null;
  return { amount, error: amount === 0 ? 0 : wrong / amount, parts };
}

/** What was used already is billed, whatever a method says; it is wrong by that much then. */
function atLeast(forecast: Forecast | null, billed: number): Forecast | null {
  if (!forecast || forecast.amount >= billed) return forecast;
  return { ...forecast, amount: billed, error: Math.max(forecast.error, (billed - forecast.amount) / billed) };
}

/** By the month; of longer periods the price says as much. */
function forecastSubscription(
  { id, periodStart, periodEnd }: StoredSubscription,
  invoices: readonly BilledInvoice[],
  { today, timeZone, usage }: SettleContext,
): Forecast | null {
  const length = periodStart && periodEnd && monthsIn(periodStart, periodEnd);
  if (!length || !periodStart || !periodEnd || length > 1) return null;
  const current = { from: localDay(periodStart, timeZone), before: localDay(periodEnd, timeZone) };
  const own = invoices.filter(({ subscriptionId }) => subscriptionId === id);
  const months = own.flatMap((invoice) => periodOf(invoice, timeZone) ?? []);
  const known = new Map([...usage].filter(([day]) => day < today));
  const forecast = forecastPeriod({ usage: known, months, current, today });
  return forecast && { ...forecast, amount: forecast.amount / length };
}

/** What a period of a subscription brought; `null`: the invoice is of something else, or was taken back. */
function periodOf(invoice: BilledInvoice, timeZone: string): BilledPeriod | null {
  const { periodStart, periodEnd, reason, status } = invoice;
  if (reason !== 'subscription_cycle' || !['open', 'paid', 'uncollectible'].includes(status)) return null;
  if (!periodStart || !periodEnd || periodStart >= periodEnd) return null;
  const period = { from: localDay(periodStart, timeZone), before: localDay(periodEnd, timeZone) };
  return { ...period, amount: invoice.totalBeforeTax };
}

function round(amount: number): number {
  return Math.round(amount * 100) / 100;
}
