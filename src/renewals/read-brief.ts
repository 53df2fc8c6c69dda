import { daysFrom } from '../days.ts';
import { findRenewalFacts, type RenewalFacts } from '../db/renewal-view.ts';
import { hasSeenUsers } from '../db/renewals.ts';
import type { Db } from '../db/types.ts';
import { computeMetricsForDays } from '../metrics/compute.ts';
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
  /** `null` once the contract has ended, when it is not shown. */
  use: Use | null;
};

/** For when, and what the pack says. */
export type BriefContext = { today: Day; now: Date; timeZone: string; settings: RenewalSettings };

/** Reads what a message about a contract is to show now; `null` when there is nothing to say, or no more. */
export async function readBrief(db: Db, messageId: number, context: BriefContext): Promise<RenewalBrief | null> {
  const facts = await findRenewalFacts(db, messageId, context.today);
  if (!facts) return null;
  const { message, renewal, account } = facts;
  const isShown = isRunning(renewal.state) && message.newer === null;
  if (!isShown) return message.isPosted ? { ...facts, isQuiet: false, hasChampion: null, use: null } : null;
  const { values, use } = await readAccount(db, account.id, renewal.date, context);
  const champion = values[renewalMetrics.champion];
  return {
    ...facts,
    isQuiet: isQuiet(values, context.settings, await hasSeenUsers(db)),
    hasChampion: typeof champion === 'boolean' ? champion : null,
    use,
  };
}

/** An account's use of the twelve months that are over. */
export async function readUse(db: Db, accountId: string, date: Day, context: BriefContext): Promise<Use> {
  return (await readAccount(db, accountId, date, context)).use;
}

/** Accounts of which nobody was seen and with which nobody talked for long. */
export async function findQuietAccounts(
  db: Db,
  accountIds: readonly string[],
  { today, now, timeZone, settings }: BriefContext,
): Promise<Set<string>> {
  if (accountIds.length === 0) return new Set();
  const request = { accountIds, days: [today], now, timeZone };
  const computed = (await computeMetricsForDays(db, settings.computed, request)).get(today);
  const hasSeen = await hasSeenUsers(db);
  return new Set(accountIds.filter((id) => isQuiet(computed?.get(id)?.values ?? {}, settings, hasSeen)));
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
