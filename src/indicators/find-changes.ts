import type { EndedAlert, OpenedAlert } from '../db/alerts.ts';
import type { IndicatorAccount, ReadingRow, StoredStanding } from '../db/indicator-standings.ts';
import { segmentKey } from '../health/compile.ts';
import type { MetricValue } from '../health/types.ts';
import type { EquationInput } from '../metrics/types.ts';
import { placeholdersOf } from './compile.ts';
import { figuresOfRule, inputOf, mainValueOf, readRule, type Values } from './evaluate.ts';
import { nextState, type Standing } from './transition.ts';
import type { Evidence, Indicator, Rule } from './types.ts';

/** All that the indicators are read from, of one account. */
export type AccountToRead = {
  account: IndicatorAccount;
  /** Metrics, what rules read of the score, and the rules' parts. */
  values: Values;
  dataAt: Date | null;
  standing(indicator: string, subject: string): StoredStanding | undefined;
};

/** What an evaluation found; `account` and `indicator` of ended ones are for counting. */
export type Changes = {
  readings: ReadingRow[];
  opened: OpenedAlert[];
  ended: (EndedAlert & { account: string; indicator: string })[];
};

/** Reads every indicator of an account: what to keep of it, which alerts begin and which end. `day` is the local day of `now`. */
export function findChanges(
  indicators: readonly Indicator[],
  read: AccountToRead,
  { now, day }: { now: Date; day: string },
): Changes {
  const changes: Changes = { readings: [], opened: [], ended: [] };
  const input = inputOf(read.values);
  for (const indicator of indicators) {
    const applies = isFor(indicator, read.account);
    for (const rule of indicator.rules) {
      const stored = read.standing(indicator.id, rule.subject);
      if (applies) readOne(indicator, rule, { ...read, input, stored, now, day }, changes);
      else if (stored?.alert) {
        const { id, latest } = stored.alert;
        changes.ended.push({ ...names(read, indicator), id, resolution: 'excluded', evidence: latest });
      }
    }
  }
  return changes;
}

/** Whether an indicator looks at an account at all. */
export function isFor(
  { segments, exceptSegments, churned }: Pick<Indicator, 'segments' | 'exceptSegments' | 'churned'>,
  account: Pick<IndicatorAccount, 'segments' | 'churned'>,
): boolean {
  if (account.churned && !churned) return false;
  if (segments.length + exceptSegments.length === 0) return true;
  const own = new Set(account.segments.map(segmentKey));
  const isIn = (list: readonly string[]) => list.some((segment) => own.has(segmentKey(segment)));
  return (segments.length === 0 || isIn(segments)) && !isIn(exceptSegments);
}

type Known = AccountToRead & { input: EquationInput; stored: StoredStanding | undefined; now: Date; day: string };

function readOne(indicator: Indicator, rule: Rule, known: Known, changes: Changes): void {
  const reading = readRule(rule, known.values, known.input);
  if (reading.met === null) return;
  const { stored, now, day } = known;
  const standing = standingOf(stored);
  const next = nextState(standing, reading, indicator, now);
  const before = stored?.reading ?? null;
  const value = mainValueOf(rule, known.values);
  const previous = before && before.day < day ? before.value : (before?.previous ?? null);
  const isSame = before && before.met === reading.met && before.day === day && before.value === value;
  if (!isSame || next.change !== null || next.streak !== standing.streak) {
    const { met } = reading;
    changes.readings.push({
      ...names(known, indicator),
      subject: rule.subject,
      met,
      onceUnmet: !met || (before?.onceUnmet ?? false),
      streak: next.streak,
      value,
      previous,
    });
  }
  if (next.change === null) return;
  const first = !(before?.onceUnmet ?? false) && next.change === 'opened';
  const evidence = evidenceOf(indicator, rule, known, { previous, first });
  if (next.change === 'ended' && stored?.alert) {
    changes.ended.push({ ...names(known, indicator), id: stored.alert.id, resolution: 'cleared', evidence });
  } else if (next.change === 'opened') {
    const { kind, severity, task } = indicator;
    changes.opened.push({ ...names(known, indicator), subject: rule.subject, kind, severity, evidence, task });
  }
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
  { values, dataAt }: Known,
  { previous, first }: { previous: MetricValue; first: boolean },
): Evidence {
  const figures = figuresOfRule(rule, values);
  return {
    figures,
    previous: figures[0]?.text === rule.terms[0]?.text ? previous : null,
    windowDays: rule.windowDays,
    dataAt: dataAt?.toISOString() ?? null,
    first,
    said: Object.fromEntries(placeholdersOf(says).flatMap((id) => (id in values ? [[id, values[id] ?? null]] : []))),
  };
}
