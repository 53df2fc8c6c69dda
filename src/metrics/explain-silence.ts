import type { AccountThen } from '../db/metric-explain.ts';
import type { MetricValue } from '../health/types.ts';
import { isEventLeaf } from './evaluate.ts';
import type { CompiledMetric, EquationPart, EventLeaf, Leaf, UserLeaf } from './types.ts';

/** What is known of a part of an equation. */
export type PartFacts = {
  part: EquationPart;
  leaf: Leaf | null;
  value: MetricValue;
  /** The values of the parts inside of it. */
  children: readonly MetricValue[];
  was: AccountThen;
  events?: { count: number };
  /** Which of the events' names were ever sent; `null` when any event will do. */
  known?: ReadonlySet<string> | null;
};

/** Why a part has no data; `null` when it has. */
export function whyPartHasNone(facts: PartFacts): string | null {
  const { part, leaf, value, children } = facts;
  if (value !== null) return null;
  if (leaf) return isEventLeaf(leaf) ? whyNoEvents(leaf, facts) : whyNoUsers(leaf, facts.was);
  if (part.call === null) return 'the account has none';
  if (part.call.startsWith('trait')) return `the account has no such trait, or it is not ${what(part)}`;
  if (part.call === 'metric') return 'the metric has no value on that day';
  if (part.call.startsWith('percent_') || part.call === 'change') {
    return 'the metric has no value on one of the two days, or there is no percentage of what it was';
  }
  if (children.includes(null)) return 'a part has no data';
  if (part.call === 'percent') return 'there is no percentage of nothing';
  return part.call === 'decrease' ? 'from nothing to nothing there is no decrease' : 'the result is no number';
}

function whyNoEvents({ property, events }: EventLeaf, { was, events: found, known }: PartFacts): string {
  if (!was.firstEvent) return 'the account had not sent any event by then';
  if (known?.size === 0) {
    const names = [...new Set(events.map(({ name }) => `"${name}"`))].join(', ');
    return `no account had sent ${names} by then: is its source connected, and is this its name?`;
  }
  if (!found || found.count === 0) return 'there is no such event';
  return property === null ? 'none of these events counts' : `none of these events has a value to use in "${property}"`;
}

function whyNoUsers(leaf: UserLeaf, { users }: AccountThen): string {
  if (users === 0 || leaf.measure === 'count') return 'the account has no users';
  return `none of its ${users} users has a value to use in "${leaf.trait}"`;
}

function what({ type }: EquationPart): string {
  return { number: 'a number', text: 'a text', boolean: 'true or false', date: 'a date' }[type];
}

/** A part's place, value and what there is to say of it. */
type Told = { text: string; start: number; end: number; value: MetricValue; note: string | null };

/** Why a metric has no data. */
export function whyNoData(
  { equation }: CompiledMetric,
  parts: readonly Told[],
  { imported, was, end, day }: { imported: { day: string } | null; was: AccountThen; end: Date; day: string },
): string {
  if (was.createdAt && was.createdAt >= end) {
    return `the account was created on ${was.createdAt.toISOString().slice(0, 10)}, after this day`;
  }
  if (imported) return `the value imported for ${imported.day} is not of the metric's type`;
  if (equation === null) {
    return `the metric lives from imported values, and none was imported for the 35 days to ${day}`;
  }
  const causes = parts.filter((part) => part.value === null && isCause(part, parts));
  if (causes.length === 0) return 'the result is no number: something is divided by 0, or a condition has no data';
  return causes
    .map(({ text, note }) => `${text.replace(/\s+/g, ' ')} has no data${note ? `: ${note}` : ''}`)
    .join('; ');
}

/** Not for want of data inside of it, nor made up for by what it is in. */
function isCause(part: Told, parts: readonly Told[]): boolean {
  const isIn = (inner: Told, outer: Told) => inner !== outer && outer.start <= inner.start && inner.end <= outer.end;
  return parts.every((other) => {
    if (isIn(other, part)) return other.value !== null;
    return !isIn(part, other) || other.value === null;
  });
}
