import type { EditedAlert, EndedAlert, OpenedAlert } from '../db/alerts.ts';
import type { IndicatorAccount, ReadingKey, ReadingRow, StoredStanding } from '../db/indicator-standings.ts';
import type { InvoiceToRead } from '../db/invoices-to-read.ts';
import type { MetricValue } from '../health/types.ts';
import type { EquationInput } from '../metrics/types.ts';
import { placeholdersOf } from './compile.ts';
import { figuresOfRule, mainValueOf, readRule, type Values } from './evaluate.ts';
import { nextState, type Standing } from './transition.ts';
import type { Evidence, Indicator, InvoiceMark, Rule } from './types.ts';

/** All that the indicators are read from, of one account. */
export type AccountToRead = {
  account: IndicatorAccount;
  /** Metrics, what rules read of the score, and the rules' parts. */
  values: Values;
  dataAt: Date | null;
  standing(indicator: string, subject: string): StoredStanding | undefined;
  /** What is known of it from before of all rules. */
  standings?: readonly StoredStanding[];
  /** Its invoices that may be told of; `null`: it is no customer at Stripe; undefined: not known of that day. */
  invoices?: readonly InvoiceToRead[] | null | undefined;
};

/** What an evaluation found; `account` and `indicator` of ended ones are for counting. */
export type Changes = {
  readings: ReadingRow[];
  opened: OpenedAlert[];
  ended: (EndedAlert & { account: string; indicator: string })[];
  /** Alerts that go on, of which something else is to be shown. */
  edited: EditedAlert[];
  /** Readings of invoices of which nothing is to be told any more. */
  forgotten: ReadingKey[];
};

/** What is found of accounts, before anything is. */
export function noChanges(): Changes {
  return { readings: [], opened: [], ended: [], edited: [], forgotten: [] };
}

/** An account, and what its rule is read with. */
export type Known = AccountToRead & {
  input: EquationInput;
  stored: StoredStanding | undefined;
  now: Date;
  day: string;
  timeZone?: string;
  /** The invoice that is read, and what it is called in alerts. */
  invoice?: { subject: string; mark: InvoiceMark; looked: boolean };
};

/** Ends the alert that is open, if one is. */
export function end(
  indicator: Indicator,
  known: Known,
  stored: StoredStanding | undefined,
  resolution: EndedAlert['resolution'],
  changes: Changes,
): void {
  if (!stored?.alert) return;
  const { id, latest } = stored.alert;
  changes.ended.push({ ...names(known, indicator), id, resolution, evidence: latest });
}

/** Reads a rule, and notes what to keep, and which alert begins, ends, or shows something else. */
export function readOne(indicator: Indicator, rule: Rule, known: Known, changes: Changes): void {
  const change = noteReading(indicator, rule, known, changes);
  const alert = known.stored?.alert;
  if (!alert || change === 'ended' || alert.latest.invoice?.shown === known.invoice?.mark.shown) return;
  const told = { previous: alert.latest.previous, first: alert.latest.first };
  changes.edited.push({ id: alert.id, evidence: evidenceOf(indicator, rule, known, told) });
}

function noteReading(indicator: Indicator, rule: Rule, known: Known, changes: Changes): 'opened' | 'ended' | null {
  const reading = readRule(rule, known.values, known.input);
  if (reading.met === null) return null;
  const { stored, now, day, invoice } = known;
  const subject = invoice?.subject ?? rule.subject;
  const standing = standingOf(stored);
  const next = nextState(standing, reading, indicator, now);
  const before = stored?.reading ?? null;
  const value = mainValueOf(rule, known.values);
  const previous = before && before.day < day ? before.value : (before?.previous ?? null);
  const isSame = before && before.met === reading.met && before.day === day && before.value === value;
  // An invoice that nobody has seen before is new, where those of the account were looked at.
  const onceUnmet = before?.onceUnmet ?? invoice?.looked ?? false;
  if (!isSame || next.change !== null || next.streak !== standing.streak) {
    const { met } = reading;
    changes.readings.push({
      ...names(known, indicator),
      subject,
      met,
      onceUnmet: !met || onceUnmet,
      streak: next.streak,
      value,
      previous,
    });
  }
  if (next.change === null) return null;
  const evidence = evidenceOf(indicator, rule, known, { previous, first: !onceUnmet && next.change === 'opened' });
  if (next.change === 'ended' && stored?.alert) {
    changes.ended.push({ ...names(known, indicator), id: stored.alert.id, resolution: 'cleared', evidence });
  } else if (next.change === 'opened') {
    const { kind, severity, task } = indicator;
    changes.opened.push({ ...names(known, indicator), subject, kind, severity, evidence, task });
  }
  return next.change;
}

function names({ account }: Pick<AccountToRead, 'account'>, { id }: Indicator) {
  return { account: account.id, indicator: id };
}

function standingOf(stored: StoredStanding | undefined): Standing {
  return {
    state: stored?.alert?.state ?? 'inactive',
    endedAt: stored?.endedAt ?? null,
    streak: stored?.reading?.streak ?? 0,
    readAt: stored?.reading?.readAt ?? null,
  };
}

/** What was before is kept of a rule's first figure only. */
function evidenceOf(
  { says }: Indicator,
  rule: Rule,
  { values, dataAt, invoice }: Known,
  { previous, first }: { previous: MetricValue; first: boolean },
): Evidence {
  const figures = figuresOfRule(rule, values);
  return {
    figures,
    previous: figures[0]?.text === rule.terms[0]?.text ? previous : null,
    windowDays: rule.windowDays,
    dataAt: dataAt?.toISOString() ?? null,
    first,
    said: Object.fromEntries(
      placeholdersOf(rule.says ?? says).flatMap((id) => (id in values ? [[id, values[id] ?? null]] : [])),
    ),
    ...(invoice && { invoice: invoice.mark }),
  };
}
