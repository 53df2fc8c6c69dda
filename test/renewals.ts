import { daysBetween } from '../src/days.ts';
import { dueDay } from '../src/renewals/calendar.ts';
import {
  contractOf,
  planRenewal,
  type RenewalAccount,
  type RenewalPlan,
  type StoredRenewal,
} from '../src/renewals/plan.ts';
import type { RenewalSettings } from '../src/renewals/types.ts';
import { createTestPlaybook } from './playbook.ts';

type Writable<Object> = { -readonly [Key in keyof Object]: Object[Key] };

/** An account in memory, whether it is quiet, and what is known of its credit. */
export type Account = Writable<Omit<RenewalAccount, 'renewals'>> & {
  isQuiet: boolean;
  hasExpiringCredit: boolean;
  creditEndsOn: string | null;
  renewals: Writable<StoredRenewal>[];
};

/** A reminder that was sent; a contract is called by the date that it was first reminded of. */
export type Ping = { day: string; step: string; contract: string };

/** An account of Maya's of which nobody was reminded yet. */
export function makeAccount(overrides: Partial<Account> = {}): Account {
  return {
    date: null,
    csmEmail: 'maya@bellwether.example',
    isChurned: false,
    isQuiet: false,
    hasExpiringCredit: false,
    creditEndsOn: null,
    renewals: [],
    ...overrides,
  };
}

/** The usual settings, with these in their place. */
export function settingsWith(overrides: Partial<RenewalSettings>): RenewalSettings {
  return { ...createTestPlaybook().renewals, ...overrides };
}

/** What is planned for an account in memory on a day. */
export function planDay(account: Account, today: string, settings: RenewalSettings): RenewalPlan {
  const { isQuiet, hasExpiringCredit, creditEndsOn } = account;
  const firstMonths = Math.max(
    settings.firstMonths,
    isQuiet ? settings.firstMonthsQuiet : 0,
    hasExpiringCredit ? settings.firstMonthsCredit : 0,
  );
  return planRenewal(account, { today, firstMonths, creditEndsOn, settings });
}

/** Does for an account in memory what is planned for a day, as the database does, and returns what was sent. */
export function runDay(account: Account, today: string, settings: RenewalSettings): Ping[] {
  const plan = planDay(account, today, settings);
  for (const { id } of plan.moved) {
    const renewal = account.renewals.find((each) => each.id === id);
    if (renewal) Object.assign(renewal, { state: 'moved', isTaskOpen: false, isInSegment: false });
  }
  const { contract } = plan;
  if (!contract) return [];
  if (contract.kind === 'new') {
    account.renewals.push({
      id: account.renewals.length + 1,
      armedFor: contract.date,
      date: contract.date,
      state: 'open',
      steps: [],
      isTaskOpen: true,
      ownerEmail: account.csmEmail,
      isInSegment: true,
    });
  }
  const renewal = contractOf(contract.date, account.renewals);
  if (!renewal) throw new Error('the contract that was planned for is not there');
  if (contract.kind === 'stored') {
    const wasRunning = ['open', 'past'].includes(renewal.state);
    const isRunning = ['open', 'past'].includes(contract.state);
    renewal.isTaskOpen = isRunning && (renewal.isTaskOpen || !wasRunning);
    renewal.state = contract.state;
    renewal.date = contract.date;
    renewal.isInSegment = contract.state === 'open';
  }
  if (plan.send !== null || plan.handOver) renewal.ownerEmail = account.csmEmail;
  renewal.steps = [...renewal.steps, ...plan.skip, ...(plan.send === null ? [] : [plan.send])];
  return plan.send === null ? [] : [{ day: today, step: plan.send, contract: renewal.armedFor }];
}

/**
 * What is to be sent for one contract on the days of the runs, told as the docs tell it, and not as the plan does: while credit
 * ends first, how far it is on the way to that day; else what has come before the date, unless it was sent or passed over.
 */
export function expectedPings({
  date,
  runs,
  firstMonths = 2,
}: {
  date: string;
  /** Each with the day on which credit ends, as far as is known then. */
  runs: readonly { day: string; creditEndsOn: string | null }[];
  firstMonths?: number;
}): Ping[] {
  const names = ['first', '1 month', '2 weeks', '1 week'];
  const leads = [firstMonths, 1]
    .map((months) => ({ months, days: 0 }))
    .concat([14, 7].map((days) => ({ months: 0, days })));
  const come = (end: string, day: string) => leads.flatMap((lead, place) => (dueDay(end, lead) <= day ? [place] : []));
  const gone = new Set<number>();
  return runs
    .filter(({ day }) => day <= date)
    .flatMap(({ day, creditEndsOn }) => {
      // What ended half a year ago is forgotten.
      const end = creditEndsOn !== null && daysBetween(creditEndsOn, day) >= 180 ? null : creditEndsOn;
      const open = come(date, day).filter((place) => !gone.has(place));
      let place = open.at(-1);
      if (end !== null && end < date && day <= end) {
        const reached = come(end, day).at(-1);
        place = reached !== undefined && reached > Math.max(-1, ...gone) ? reached : undefined;
      } else if (end !== null && end < date && gone.size === 0) place ??= 0;
      for (const each of open) gone.add(each);
      if (place === undefined) return [];
      gone.add(place);
      return [{ day, step: names[place] ?? '', contract: date }];
    });
}
