import { localDay } from '../days.ts';
import { measureBurn, spreadUse } from './credit-burn.ts';
import { drawDown, drawFrom, horizon, type Pot, sumOf } from './draw-down.ts';
import type { CreditGrant, CreditUse, Day } from './types.ts';

/** What is known of a customer's credit, or of those of all customers of an account. Money in `currency`. */
export type CreditInput = {
  grants: readonly CreditGrant[];
  uses: readonly CreditUse[];
  /** The customer's balance; below zero is in their favour. */
  balance: number;
  /** Grants and uses in another are left out. */
  currency: string;
  today: Day;
  timeZone: string;
  /** The contract's end; one that is past is none. */
  renewalDate: Day | null;
  /** The running billing period, and what was used in it that credit will pay for; `null` is not known, and estimated. */
  running: { from: Day; used: number } | null;
};

/** How long credit lasts. */
export type CreditProjection = {
  left: number;
  /** A day; `null`: too little is known, and then nothing of what follows is. */
  burn: number | null;
  /** The day in which the last of it is used; `null`: it never is, or expires before. */
  endsOn: Day | null;
  /** What would not be used by the contract's end or its own, and the first day on which some is lost; `null`: less than one. */
  expiring: { amount: number; on: Day } | null;
};

/** Less than this of a currency is not worth a word. */
const LEAST_MONEY = 1;
/** Stripe's, of a grant that was given none. */
const USUAL_PRIORITY = 50;

/** How long credit lasts if it is used on as in the newest 30 days that are known of; `null` where there is no credit in force. */
export function projectCredit(input: CreditInput): CreditProjection | null {
  const { today, timeZone, running } = input;
  const dayOf = (instant: Date) => localDay(instant, timeZone);
  const uses = input.uses.filter(({ currency }) => currency === input.currency);
  const grants = input.grants.filter((grant) => grant.currency === input.currency && isInForce(grant, today, dayOf));
  if (grants.length === 0 && input.balance >= 0) return null;
  const spread = uses.map((use) => spreadUse(use, timeZone));
  if (running && running.from < today) spread.push({ amount: running.used, from: running.from, before: today });
  const burn = measureBurn(spread, earliestStart(grants, dayOf), today);
  const unbilled = running ? running.used : (burn?.unbilled ?? 0);
  const pots = drawFrom(potsOf(grants, uses, input.balance, dayOf), Math.max(0, unbilled));
  const left = sumOf(pots);
  if (!burn) return { left, burn: null, endsOn: null, expiring: null };
  return {
    left,
    burn: burn.perDay,
    endsOn: drawDown(pots, burn.perDay, today, horizon(today)).endsOn,
    expiring: expiringOf(pots, burn.perDay, today, input.renewalDate),
  };
}

function isInForce(grant: CreditGrant, today: Day, dayOf: (instant: Date) => Day): boolean {
  if (grant.voidedAt !== null) return false;
  if (grant.effectiveAt !== null && dayOf(grant.effectiveAt) > today) return false;
  return grant.expiresAt === null || dayOf(grant.expiresAt) > today;
}

/** In the order in which Stripe uses them; what the customer has as a balance comes last, and does not expire. */
function potsOf(
  grants: readonly CreditGrant[],
  uses: readonly CreditUse[],
  balance: number,
  dayOf: (instant: Date) => Day,
): Pot[] {
  const pots = grants.toSorted(byStripesOrder).map((grant) => ({
    left: Math.max(0, grant.remaining ?? Math.min(grant.amount, grant.amount - usedOf(grant, uses))),
    expiresOn: grant.expiresAt === null ? null : dayOf(grant.expiresAt),
  }));
  return [...pots, { left: Math.max(0, -balance), expiresOn: null }];
}

// By priority, then what expires soonest, what was given before what was bought, what is in force longest:
// https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits#multiple-credit-grants
function byStripesOrder(a: CreditGrant, b: CreditGrant): number {
  const time = (instant: Date | null, none: number) => instant?.getTime() ?? none;
  return (
    (a.priority ?? USUAL_PRIORITY) - (b.priority ?? USUAL_PRIORITY) ||
    compare(time(a.expiresAt, Infinity), time(b.expiresAt, Infinity)) ||
    Number(a.category === 'paid') - Number(b.category === 'paid') ||
    compare(time(a.effectiveAt, 0), time(b.effectiveAt, 0)) ||
    compare(a.id, b.id)
  );
}

function usedOf({ id }: CreditGrant, uses: readonly CreditUse[]): number {
  return uses.filter(({ grantId }) => grantId === id).reduce((total, { amount }) => total + amount, 0);
}

/** The day from which credit could be used; `null` where a grant does not say. */
function earliestStart(grants: readonly CreditGrant[], dayOf: (instant: Date) => Day): Day | null {
  const days = grants.map(({ effectiveAt }) => (effectiveAt === null ? null : dayOf(effectiveAt)));
  return days.includes(null) ? null : (days.toSorted()[0] ?? null);
}

function expiringOf(
  pots: readonly Pot[],
  burn: number,
  today: Day,
  renewalDate: Day | null,
): CreditProjection['expiring'] {
  const end = renewalDate !== null && renewalDate > today ? renewalDate : null;
  const { expired, left } = drawDown(pots, burn, today, end ?? horizon(today));
  const lost = end === null ? expired : [...expired, { amount: left, on: end }];
  let amount = 0;
  let on: Day | null = null;
  for (const loss of lost.toSorted((a, b) => compare(a.on, b.on))) {
    amount += loss.amount;
    if (on === null && amount >= LEAST_MONEY) on = loss.on;
  }
  return on === null ? null : { amount, on };
}

function compare<Value extends string | number>(a: Value, b: Value): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
