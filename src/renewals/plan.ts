import { daysBetween } from '../days.ts';
import { dueDay } from './calendar.ts';
import type { Day, RenewalSettings, RenewalState } from './types.ts';

/** A contract as it is stored. */
export type StoredRenewal = {
  id: number;
  /** The date that its reminders were first sent for. */
  armedFor: Day;
  date: Day;
  state: RenewalState;
  /** Those that were sent or skipped. */
  steps: readonly string[];
  isTaskOpen: boolean;
  /** Whom the newest message was meant for. */
  ownerEmail: string | null;
  isInSegment: boolean;
};

/** An account as its reminders see it. */
export type RenewalAccount = {
  date: Day | null;
  csmEmail: string | null;
  isChurned: boolean;
  /** All that are stored. */
  renewals: readonly StoredRenewal[];
};

/** What is to be done. */
export type RenewalPlan = {
  /** Contracts whose account has another date now. */
  moved: readonly StoredRenewal[];
  /** The contract that the account's date belongs to: a new one, or one that is stored and what it becomes. */
  contract:
    | null
    | { kind: 'new'; date: Day }
    | { kind: 'stored'; renewal: StoredRenewal; state: RenewalState; date: Day };
  /** When it is to be talked about: the renewal date, or the day on which the credit ends. */
  target: Day | null;
  /** The reminder to send, and those that are noted as not sent. */
  send: string | null;
  skip: readonly string[];
  /** Another CSM has the account than the one whom it was told. */
  handOver: boolean;
};

/** Dates nearer than this are of the same contract, so that what was sent for one is not sent for the other. */
export const sameContractDays = 7;

/** A contract that ended so many days before another was not the same, only corrected. */
const leastTermDays = 180;

const decided: readonly RenewalState[] = ['renewed', 'lost'];
const running: readonly RenewalState[] = ['open', 'past'];

/** Whether somebody said what became of it. */
export function isDecided(state: RenewalState): boolean {
  return decided.includes(state);
}

/** Whether it is open, or past and nobody said what became of it. */
export function isRunning(state: RenewalState): boolean {
  return running.includes(state);
}

/** The stored contract that a date belongs to: the nearest less than a week away. */
export function contractOf<Renewal extends Pick<StoredRenewal, 'id' | 'armedFor'>>(
  date: Day | null,
  renewals: readonly Renewal[],
): Renewal | null {
  if (date === null) return null;
  const distance = ({ armedFor }: Renewal) => Math.abs(daysBetween(armedFor, date));
  const near = renewals.filter((each) => distance(each) < sameContractDays);
  return near.toSorted((a, b) => distance(a) - distance(b) || b.id - a.id)[0] ?? null;
}

/**
 * The day on which the account's credit ends, where that is before its renewal date; else `null`. What ends before a contract
 * that was decided, or that ended a term ago, was a matter of that one: who has just renewed is not asked again. Nor does it make
 * an early one when it has ended that long before `today`.
 */
export function earlyEnd(
  { date, renewals }: Pick<RenewalAccount, 'date' | 'renewals'>,
  creditEndsOn: Day | null,
  today: Day,
): Day | null {
  if (date === null || creditEndsOn === null || creditEndsOn >= date) return null;
  if (daysBetween(creditEndsOn, today) >= leastTermDays) return null;
  const match = contractOf(date, renewals);
  const isBefore = (other: StoredRenewal) =>
    other !== match && other.date < date && (isDecided(other.state) || daysBetween(other.date, date) >= leastTermDays);
  return renewals.some((other) => isBefore(other) && creditEndsOn <= other.date) ? null : creditEndsOn;
}

/** What a plan depends on besides what is stored of the contracts. */
export type PlanInput = {
  today: Day;
  /** As `firstMonthsOf` says. */
  firstMonths: number;
  /** `null`: not known, or it does not end before it expires. */
  creditEndsOn: Day | null;
  settings: RenewalSettings;
};

/** Decides what is to be done for an account on a day; nothing when it has been done. */
export function planRenewal(account: RenewalAccount, input: PlanInput): RenewalPlan {
  const { date, isChurned, renewals } = account;
  const { today } = input;
  const match = contractOf(date, renewals);
  const moved = renewals.filter((each) => each !== match && isRunning(each.state));
  const nothing: RenewalPlan = { moved, contract: null, target: date, send: null, skip: [], handOver: false };
  if (date === null || (match && isDecided(match.state))) return nothing;
  const becomes = (state: RenewalState): RenewalPlan =>
    match && (match.state !== state || match.date !== date)
      ? { ...nothing, contract: { kind: 'stored', renewal: match, state, date } }
      : nothing;
  if (isChurned) return match && isRunning(match.state) ? becomes('churned') : nothing;
  if (date < today) return match && isRunning(match.state) ? becomes('past') : nothing;
  const early = earlyEnd(account, input.creditEndsOn, today);
  const { newest, isOver } = dueReminders({ date, early, noted: match?.steps ?? [] }, input);
  const target = early !== null && early >= today ? early : date;
  if (!match) {
    if (newest === null) return nothing;
    return { ...nothing, contract: { kind: 'new', date }, target, send: newest, skip: without(isOver, newest) };
  }
  const isReopened = match.state !== 'open';
  // What was only noted, before its first reminder, begins with that.
  if (!isRunning(match.state) && match.steps.length === 0 && newest === null) return nothing;
  const send = match.isTaskOpen || isReopened ? newest : null;
  // What falls due while the task is done is not sent later.
  const skip = [...without(isOver, newest), ...(newest === null || send !== null ? [] : [newest])];
  // What had ended gets its task back.
  const hasTask = match.isTaskOpen || !isRunning(match.state);
  const handOver = send === null && hasTask && match.ownerEmail !== account.csmEmail && match.steps.length > 0;
  // Imports may have set the account's segments otherwise.
  const isWhole = match.isInSegment && !isReopened && match.date === date;
  if (isWhole && send === null && skip.length === 0 && !handOver) return nothing;
  return { moved, contract: { kind: 'stored', renewal: match, state: 'open', date }, target, send, skip, handOver };
}

/** Whether there is nothing to be done. */
export function isIdle({ moved, contract }: RenewalPlan): boolean {
  return moved.length === 0 && contract === null;
}

/**
 * Of the reminders that were not noted yet: the `newest` that is due, and those whose day before the renewal date is over
 * (`isOver`), the newest among them or not. What was missed is not sent one after the other: only the newest says what is so.
 *
 * While the credit ends first (`early` is to come), reminders are due counted from that day, none after a later one; those
 * that are passed over for it are kept for the renewal date, by which they go again once the credit has ended or does no
 * longer end. Credit that has ended already has only the first one due.
 */
function dueReminders(
  { date, early, noted }: { date: Day; early: Day | null; noted: readonly string[] },
  { today, firstMonths, settings }: PlanInput,
): { newest: string | null; isOver: string[] } {
  const steps = [{ id: 'first', lead: { months: firstMonths, days: 0 } }, ...settings.steps];
  const isAhead = early !== null && early >= today;
  const lastNoted = steps.findLastIndex(({ id }) => noted.includes(id));
  const open = steps
    .map(({ id, lead }, place) => {
      const byDate = dueDay(date, lead);
      const byCredit = early !== null && (isAhead || id === 'first') && place > lastNoted ? dueDay(early, lead) : null;
      return { step: id, byDate, due: byCredit ?? (isAhead ? null : byDate) };
    })
    .filter(({ step }) => !noted.includes(step));
  const newest = open.reduce<{ step: string; due: Day } | null>(
    (found, { step, due }) => (due === null || due > today || (found && found.due > due) ? found : { step, due }),
    null,
  );
  return {
    newest: newest?.step ?? null,
    isOver: open.filter(({ byDate }) => byDate <= today).map(({ step }) => step),
  };
}

function without(steps: readonly string[], step: string | null): string[] {
  return steps.filter((each) => each !== step);
}
