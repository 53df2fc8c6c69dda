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
  /** The reminder to send, and those that are noted as not sent. */
  send: string | null;
  skip: readonly string[];
  /** Another CSM has the account than the one whom it was told. */
  handOver: boolean;
};

/** Dates nearer than this are of the same contract, so that what was sent for one is not sent for the other. */
export const sameContractDays = 7;

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

/** The days on which reminders for a renewal date are due, by step; the order is that of the settings. */
function remindersFor(date: Day, isQuiet: boolean, settings: RenewalSettings): { step: string; due: Day }[] {
  const months = isQuiet ? settings.firstMonthsQuiet : settings.firstMonths;
  const steps = [{ id: 'first', lead: { months, days: 0 } }, ...settings.steps];
  return steps.map(({ id, lead }) => ({ step: id, due: dueDay(date, lead) }));
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

/** Decides what is to be done for an account on a day; nothing when it has been done. */
export function planRenewal(
  account: RenewalAccount,
  { today, isQuiet, settings }: { today: Day; isQuiet: boolean; settings: RenewalSettings },
): RenewalPlan {
  const { date, isChurned, renewals } = account;
  const match = contractOf(date, renewals);
  const moved = renewals.filter((each) => each !== match && isRunning(each.state));
  const nothing: RenewalPlan = { moved, contract: null, send: null, skip: [], handOver: false };
  if (date === null || (match && isDecided(match.state))) return nothing;
  const becomes = (state: RenewalState): RenewalPlan =>
    match && (match.state !== state || match.date !== date)
      ? { ...nothing, contract: { kind: 'stored', renewal: match, state, date } }
      : nothing;
  if (isChurned) return match && isRunning(match.state) ? becomes('churned') : nothing;
  if (date < today) return match && isRunning(match.state) ? becomes('past') : nothing;
  const due = remindersFor(date, isQuiet, settings).filter(
    (each) => each.due <= today && !match?.steps.includes(each.step),
  );
  if (!match) {
    if (due.length === 0) return nothing;
    return { ...nothing, contract: { kind: 'new', date }, ...newestOf(due, true) };
  }
  const isReopened = match.state !== 'open';
  // What was only noted, before its first reminder, begins with that.
  if (!isRunning(match.state) && match.steps.length === 0 && due.length === 0) return nothing;
  const { send, skip } = newestOf(due, match.isTaskOpen || isReopened);
  // What had ended gets its task back.
  const hasTask = match.isTaskOpen || !isRunning(match.state);
  const handOver = send === null && hasTask && match.ownerEmail !== account.csmEmail && match.steps.length > 0;
  // Imports may have set the account's segments otherwise.
  const isWhole = match.isInSegment && !isReopened && match.date === date;
  if (isWhole && send === null && skip.length === 0 && !handOver) return nothing;
  return { moved, contract: { kind: 'stored', renewal: match, state: 'open', date }, send, skip, handOver };
}

/** Whether there is nothing to be done. */
export function isIdle({ moved, contract }: RenewalPlan): boolean {
  return moved.length === 0 && contract === null;
}

/** What was missed is not sent one after the other: only the newest says what is so. */
function newestOf(due: readonly { step: string; due: Day }[], isWanted: boolean): Pick<RenewalPlan, 'send' | 'skip'> {
  const newest = due.reduce((found, each) => (found && found.due > each.due ? found : each), due[0]);
  const send = isWanted ? (newest?.step ?? null) : null;
  return { send, skip: due.map(({ step }) => step).filter((step) => step !== send) };
}
