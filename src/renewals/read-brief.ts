import { addDays, daysFrom } from '../days.ts';
import { findEarlyEnds } from '../db/credit-ends.ts';
import { findRenewalFacts, type RenewalFacts } from '../db/renewal-view.ts';
import { hasSeenUsers } from '../db/renewals.ts';
import type { Db } from '../db/types.ts';
import type { MetricValue } from '../health/types.ts';
import { computeMetricsForDays } from '../metrics/compute.ts';
import { firstMonthsOf } from './first-months.ts';
import { isRunning } from './plan.ts';
import { isQuiet } from './quiet.ts';
import { type Day, type RenewalSettings, renewalMetrics } from './types.ts';
import { monthlyUse, type Projection, projectUse, type UsageMonth, usageMonths } from './usage.ts';

/** An account's use, by month, and how it may go on. */
export type Use = { months: readonly UsageMonth[]; projection: Projection | null };

/** All that the message about a contract shows. */
export type RenewalBrief = RenewalFacts & {
  /** Nobody was seen and nobody talked with it for long. */
  isQuiet: boolean;
  /** Trait active_champion; `null` is no data. */
  hasChampion: boolean | null;
  /** `null` once the contract has ended, when it is not shown; as are the two after it. */
  use: Use | null;
  credit: Credit | null;
  /** The day on which the credit ends, where that makes it an early renewal. */
  earlyOn: Day | null;
};

/** Prepaid credit in the account's currency, `burn` a day; `null` is no data. */
type Credit = {
  left: number | null;
  burn: number | null;
  /** The day in which the last of it is used, before it expires; also one after the renewal date. */
  endsOn: Day | null;
  /** What would expire, and the first day on which. */
  expiring: number | null;
  expiresOn: Day | null;
  hasCard: boolean | null;
};

/** For when, and what the pack says. */
export type BriefContext = { today: Day; now: Date; timeZone: string; settings: RenewalSettings };

/** Reads what a message about a contract is to show now; `null` when there is nothing to say, or no more. */
export async function readBrief(db: Db, messageId: number, context: BriefContext): Promise<RenewalBrief | null> {
  const facts = await findRenewalFacts(db, messageId, context);
  if (!facts) return null;
  const { message, renewal, account } = facts;
  const isShown = isRunning(renewal.state) && message.newer === null;
  const ended = { isQuiet: false, hasChampion: null, use: null, credit: null, earlyOn: null };
  if (!isShown) return message.isPosted ? { ...facts, ...ended } : null;
  const { values, use } = await readAccount(db, account.id, renewal.date, context);
  return {
    ...facts,
    isQuiet: isQuiet(values, context.settings, await hasSeenUsers(db)),
    hasChampion: flagIn(values, renewalMetrics.champion),
    use,
    credit: creditIn(values, context.today),
    earlyOn: (await findEarlyEnds(db, context, [account.id])).get(account.id) ?? null,
  };
}

type Values = Readonly<Record<string, MetricValue>>;

function creditIn(values: Values, today: Day): Credit {
  const dayIn = (metric: string) => {
    const days = numberIn(values, metric);
    return days === null ? null : addDays(today, days);
  };
  return {
    left: numberIn(values, renewalMetrics.creditLeft),
    burn: numberIn(values, renewalMetrics.creditBurn),
    endsOn: dayIn(renewalMetrics.creditEnd),
    expiring: numberIn(values, renewalMetrics.creditExpiring),
    expiresOn: dayIn(renewalMetrics.creditExpiry),
    hasCard: flagIn(values, renewalMetrics.card),
  };
}

function numberIn(values: Values, metric: string): number | null {
  const value = values[metric];
  return typeof value === 'number' ? value : null;
}

function flagIn(values: Values, metric: string): boolean | null {
  const value = values[metric];
  return typeof value === 'boolean' ? value : null;
}

/** An account's use of the twelve months that are over. */
export async function readUse(db: Db, accountId: string, date: Day, context: BriefContext): Promise<Use> {
  return (await readAccount(db, accountId, date, context)).use;
}

/** By account, how many months before its date it is first reminded of. */
export async function findFirstMonths(
  db: Db,
  accountIds: readonly string[],
  { today, now, timeZone, settings }: BriefContext,
): Promise<Map<string, number>> {
  if (accountIds.length === 0) return new Map();
  const request = { accountIds, days: [today], now, timeZone };
  const computed = (await computeMetricsForDays(db, settings.computed, request)).get(today);
  const hasSeen = await hasSeenUsers(db);
  return new Map(accountIds.map((id) => [id, firstMonthsOf(computed?.get(id)?.values ?? {}, settings, hasSeen)]));
}

async function readAccount(db: Db, accountId: string, date: Day, { today, now, timeZone, settings }: BriefContext) {
  const months = usageMonths(today);
  const days = daysFrom(months[0]?.from ?? today, today);
  const request = { accountIds: [accountId], days, now, timeZone };
  const computed = await computeMetricsForDays(db, settings.computed, request);
  const used = new Map(
    days.flatMap((day): [Day, number][] => {
      const value = computed.get(day)?.get(accountId)?.values[renewalMetrics.usage];
      return typeof value === 'number' ? [[day, value]] : [];
    }),
  );
  const use = monthlyUse(used, months, settings.usage.month);
  return {
    values: computed.get(today)?.get(accountId)?.values ?? {},
    use: { months: use, projection: projectUse(use, date) },
  };
}
