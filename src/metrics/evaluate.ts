import type { MetricValue } from '../health/types.ts';
import { coerce } from './coerce.ts';
import type { AccountRow, CompiledMetric, EquationInput, EventLeaf, Leaf } from './types.ts';

/** A value that was imported for the metric: for this very day, or for an earlier one. */
export type Imported = { value: MetricValue; ofThisDay: boolean };

/** All that is known of one account on one day. */
export type AccountDay = {
  /** `YYYY-MM-DD`. */
  day: string;
  timeZone: string;
  account: AccountRow;
  leaf: EquationInput['leaf'];
  imported(metric: string): Imported | undefined;
  /** Another metric's value `daysAgo` days before, `null` when not known. */
  past(metric: string, daysAgo: number): MetricValue;
};

/**
 * The value of every metric, by id: what was imported for this day, else what the equation gives, else the newest
 * imported value, else no data. `metrics` come in the order of compileMetrics.
 */
export function evaluateMetrics(metrics: readonly CompiledMetric[], facts: AccountDay): Record<string, MetricValue> {
  const values: Record<string, MetricValue> = {};
  const input: EquationInput = {
    day: facts.day,
    timeZone: facts.timeZone,
    account: facts.account,
    leaf: facts.leaf,
    metric: (id, daysAgo) => (daysAgo === 0 ? (values[id] ?? null) : facts.past(id, daysAgo)),
  };
  for (const { id, type, evaluate } of metrics) {
    const imported = facts.imported(id);
    const importedValue = imported ? coerce(imported.value, type, facts.timeZone) : null;
    const told = imported?.ofThisDay ? importedValue : null;
    values[id] = told ?? evaluate?.(input) ?? importedValue;
  }
  return values;
}

const zeroWithoutEvents = new Set(['count', 'sum', 'distinct', 'users', 'user_days']);

/** What a leaf of events is where no event is in its window. */
export function emptyValue({ measure }: EventLeaf): 0 | null {
  return zeroWithoutEvents.has(measure) ? 0 : null;
}

/**
 * Whether silence means "none": once some account has sent an event of the name. A name that nobody ever sent is
 * missing data, of a source that is not connected or a name misspelt.
 */
export function isKnown({ events }: EventLeaf, day: number, firstDays: ReadonlyMap<string, number>): boolean {
  return events.some(({ name }) => name === null || (firstDays.get(name) ?? Number.POSITIVE_INFINITY) <= day);
}

/** Whether the leaf is read from events rather than users. */
export function isEventLeaf(leaf: Leaf): leaf is EventLeaf {
  return leaf.kind === 'event';
}
