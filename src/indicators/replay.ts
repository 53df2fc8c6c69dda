import { accountsAtOnce } from '../account-days.ts';
import { addDays, daysBetween, daysFrom, localDay } from '../days.ts';
import { findReplayAccounts, findScoresBetween, type ReplayAccount } from '../db/indicator-replay.ts';
import { findFirstDays } from '../db/metric-values.ts';
import type { Db } from '../db/types.ts';
import { computeMetricsForDays } from '../metrics/compute.ts';
import type { AccountMetrics } from '../metrics/types.ts';
import { figuresOfRule, readRule, type Values } from './evaluate.ts';
import { isFor } from './find-changes.ts';
import type { RuleToTry } from './rule-to-try.ts';
import { type DayScore, scoreMetrics, scoreValues } from './score-metrics.ts';
import { nextState, type Standing } from './transition.ts';
import type { Figure, Indicator, Rule } from './types.ts';

/** A time that a rule would have fired for an account. */
export type Firing = {
  account: { id: string; name: string; currency: string };
  subject: string;
  from: string;
  /** The day on which it would have ended; `null` is not by the last day. */
  to: string | null;
  /** It was so already on the first day. */
  already: boolean;
  figures: readonly Figure[];
};

/** What became of the accounts that were looked at. */
export type Replay = {
  /** Looked at, and of these with data on any day. */
  accounts: number;
  withData: number;
  times: number;
  already: number;
  open: number;
  /** Days of the median one that ended. */
  medianDays: number | null;
  firedFor: ReadonlySet<string>;
  /** Accounts that have churned, and of these those it fired for before; `undated` have no day on which they did. */
  churned: number;
  churnedAfter: number;
  undated: number;
  /** Days from the first time to the churn, at the median; of those with a day. */
  medianNotice: number | null;
  /** The newest, at most `mostFirings`. */
  firings: readonly Firing[];
  interrupted: boolean;
};

/** What to replay; days are in `timeZone`. */
export type ReplayRequest = {
  accountIds: readonly string[];
  from: string;
  to: string;
  now: Date;
  timeZone: string;
  mostFirings: number;
  signal: AbortSignal;
  onProgress(done: number): void;
};

/** Scores of so many days before a day say what was lost on it. */
const scoreDays = 7;

type Tally = Omit<Replay, 'firedFor' | 'firings' | 'medianDays' | 'medianNotice'> & {
  firedFor: Set<string>;
  firings: Firing[];
  lengths: number[];
  notices: number[];
};

/**
 * Reads a rule on each of the days, from what the accounts were and did by then, and tells when it would have fired. Each
 * day is one evaluation, at its end. Segments are those of now. Nothing is stored.
 */
export async function replayRule(db: Db, rule: RuleToTry, request: ReplayRequest): Promise<Replay> {
  const { accountIds, from, to, now, timeZone, signal } = request;
  // Always at the same hour, so that a cool-down of some days is over on the day that so many days are.
  const days = daysFrom(from, to).map((day) => ({ day, at: new Date(`${day}T12:00:00Z`) }));
  // What rules read of a metric's past is computed along, as it may not be stored.
  const lookBack = Math.max(0, ...rule.computed.flatMap(({ past }) => past.map(({ daysAgo }) => daysAgo)));
  const computedDays = daysFrom(addDays(from, -lookBack), to);
  const readsScores = rule.indicator.rules.some(({ when, clears, volume }) =>
    [when, clears, volume].some((part) => part?.dependsOn.some((id) => scoreMetrics.has(id))),
  );
  const tally = newTally();
  const size = accountsAtOnce(computedDays.length);
  for (let start = 0; start < accountIds.length; start += size) {
    tally.interrupted = signal.aborted;
    if (signal.aborted) break;
    const ids = accountIds.slice(start, start + size);
    const asked = { accountIds: ids, days: computedDays, now, timeZone };
    const metrics = await computeMetricsForDays(db, rule.computed, asked);
    const scores = readsScores ? await findScoresBetween(db, ids, { from: addDays(from, -scoreDays), to }) : null;
    const firstDays = new Map((await findFirstDays(db, ids, timeZone)).map(({ account, day }) => [account, day]));
    for (const account of await findReplayAccounts(db, ids)) {
      const firstDay = beginningOf(account, firstDays.get(account.id), timeZone) ?? from;
      const past = { account, metrics, scores: scores && (scores.get(account.id) ?? []) };
      replayAccount(rule, { ...past, days: days.filter(({ day }) => day >= firstDay) }, { from, to }, tally);
    }
    cut(tally.firings, 2 * request.mostFirings, request.mostFirings);
    request.onProgress(Math.min(start + size, accountIds.length));
  }
  cut(tally.firings, request.mostFirings, request.mostFirings);
  const { lengths, notices, ...replay } = tally;
  return { ...replay, medianDays: median(lengths), medianNotice: median(notices) };
}

/** Where nobody says since when an account is there, it has no past before anything was known of it. */
function beginningOf(
  { createdAt, toldAt }: ReplayAccount,
  firstDay: string | undefined,
  timeZone: string,
): string | null {
  if (createdAt) return localDay(createdAt, timeZone);
  const told = toldAt ? [localDay(toldAt, timeZone)] : [];
  return [...told, ...(firstDay === undefined ? [] : [firstDay])].sort()[0] ?? null;
}

function newTally(): Tally {
  const none = { accounts: 0, withData: 0, times: 0, already: 0, open: 0, churned: 0, churnedAfter: 0, undated: 0 };
  return { ...none, firedFor: new Set(), firings: [], lengths: [], notices: [], interrupted: false };
}

type Past = {
  account: ReplayAccount;
  days: readonly { day: string; at: Date }[];
  metrics: ReadonlyMap<string, ReadonlyMap<string, AccountMetrics>>;
  /** `null`: the rule does not ask for them. */
  scores: readonly (DayScore & { day: string })[] | null;
};

function replayAccount(rule: RuleToTry, past: Past, range: { from: string; to: string }, tally: Tally): void {
  const { account } = past;
  const { indicator } = rule;
  const churnedOn = account.churned ? account.churnedOn : null;
  const left = churnedOn !== null && !indicator.churned ? past.days.filter(({ day }) => day < churnedOn) : past.days;
  // Since when an account without a date has been gone nobody knows, so the rule looks at all of its days.
  if (!isFor(indicator, { ...account, churned: false }) || left.length === 0) return;
  const values = left.map(({ day }) => valuesOn(past, day));
  const found = indicator.rules.map((each) => replayOne(each, indicator, { values, days: left, ...range, account }));
  const firings = found.flatMap((each) => each.firings);
  tally.accounts += 1;
  if (found.some(({ hasData }) => hasData)) tally.withData += 1;
  tally.times += firings.length;
  tally.already += firings.filter(({ already }) => already).length;
  tally.open += firings.filter(({ to }) => to === null).length;
  tally.firings.push(...firings);
  for (const { from, to } of firings) if (to !== null) tally.lengths.push(daysBetween(from, to));
  const first = firings.map(({ from }) => from).sort()[0];
  if (first !== undefined) tally.firedFor.add(account.id);
  if (!account.churned) return;
  tally.churned += 1;
  if (churnedOn === null) tally.undated += 1;
  if (first === undefined || (churnedOn !== null && first >= churnedOn)) return;
  tally.churnedAfter += 1;
  if (churnedOn !== null) tally.notices.push(daysBetween(first, churnedOn));
}

function valuesOn({ account, metrics, scores }: Past, day: string): Values {
  const computed = metrics.get(day)?.get(account.id)?.values ?? {};
  if (scores === null) return computed;
  const week = scores.filter((each) => each.day >= addDays(day, -scoreDays) && each.day < day);
  return { ...computed, ...scoreValues(scores.find((each) => each.day === day) ?? null, week) };
}

type Lived = {
  values: readonly Values[];
  days: readonly { day: string; at: Date }[];
  from: string;
  to: string;
  account: ReplayAccount;
};

function replayOne(rule: Rule, indicator: Indicator, { values, days, from, to, account }: Lived) {
  const firings: Firing[] = [];
  let standing: Standing = { state: 'inactive', endedAt: null, streak: 0, readAt: null };
  let hasData = false;
  for (const [place, { day, at }] of days.entries()) {
    const known = values[place] ?? {};
    const reading = readRule(rule, known);
    if (reading.met === null) continue;
    hasData = true;
    const { state, streak, change } = nextState(standing, reading, indicator, at);
    standing = { state, streak, readAt: at, endedAt: change === 'ended' ? at : standing.endedAt };
    if (change === 'opened') {
      const { id, name, currency } = account;
      const opened = { account: { id, name, currency }, subject: rule.subject, from: day, to: null };
      firings.push({ ...opened, already: day === from, figures: figuresOfRule(rule, known) });
    }
    const last = firings.at(-1);
    if (change === 'ended' && last) last.to = day;
  }
  // With the account's own end everything about it ends.
  const [last, end] = [firings.at(-1), days.at(-1)?.day];
  if (last?.to === null && end !== undefined && end < to) last.to = addDays(end, 1);
  return { firings, hasData };
}

/** Leaves the newest `keep` of a list that is longer than `most`. */
function cut(firings: Firing[], most: number, keep: number): void {
  firings.sort((a, b) => b.from.localeCompare(a.from) || a.account.id.localeCompare(b.account.id));
  if (firings.length > most) firings.length = keep;
}

function median(list: number[]): number | null {
  list.sort((a, b) => a - b);
  const middle = Math.floor(list.length / 2);
  return list.length % 2 === 1 ? (list[middle] ?? null) : average(list[middle - 1], list[middle]);
}

function average(a: number | undefined, b: number | undefined): number | null {
  return a === undefined || b === undefined ? null : (a + b) / 2;
}
