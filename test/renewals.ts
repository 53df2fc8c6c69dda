import { contractOf, planRenewal, type RenewalAccount, type StoredRenewal } from '../src/renewals/plan.ts';
import type { RenewalSettings } from '../src/renewals/types.ts';
import { createTestPlaybook } from './playbook.ts';

type Writable<Object> = { -readonly [Key in keyof Object]: Object[Key] };

/** An account in memory, and whether it is quiet. */
export type Account = Writable<Omit<RenewalAccount, 'renewals'>> & {
  isQuiet: boolean;
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
    renewals: [],
    ...overrides,
  };
}

/** The usual settings, with these in their place. */
export function settingsWith(overrides: Partial<RenewalSettings>): RenewalSettings {
  return { ...createTestPlaybook().renewals, ...overrides };
}

/** Does for an account in memory what is planned for a day, as the database does, and returns what was sent. */
export function runDay(account: Account, today: string, settings: RenewalSettings): Ping[] {
  const plan = planRenewal(account, { today, isQuiet: account.isQuiet, settings });
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
