import { addDays, endOfDay } from '../days.ts';
import {
  type AccountThen,
  findAccountThen,
  findEventsThatMeet,
  findImportedValue,
  findKnownNames,
  findStoredValue,
  type ListedEvent,
  type StoredValue,
} from '../db/metric-explain.ts';
import { findKeptFrom } from '../db/retention.ts';
import type { Db } from '../db/types.ts';
import type { MetricValue } from '../health/types.ts';
import { coerce } from './coerce.ts';
import { computeMetricsForDays } from './compute.ts';
import { withDependencies } from './dependencies.ts';
import { isEventLeaf } from './evaluate.ts';
import { type PartFacts, whyNoData, whyPartHasNone } from './explain-silence.ts';
import type { CompiledMetric, EquationPart, EventLeaf, Unit, Value } from './types.ts';

/** For how many days an imported value stands. */
const importLastsDays = 35;

/** A part of an equation with its figure; `depth` says in how many others it is. */
export type ExplainedPart = {
  text: string;
  start: number;
  end: number;
  depth: number;
  /** Dates are ISO. */
  value: MetricValue;
  /** Days that its events may be of; `from` null is ever. */
  window: { from: string | null; to: string } | null;
  /** Of its events how many there are, and the newest. */
  events: { count: number; newest: ListedEvent[] } | null;
  /** Why it has no data, or what to know about the figure. */
  note: string | null;
};

/** How the value of a metric, account and day comes about. */
export type Explanation = {
  metric: { id: string; name: string; unit: Unit; description: string; equation: string | null };
  day: string;
  /** As computed now. */
  value: MetricValue;
  /** What gave the value: a value imported for the day, the equation, an earlier imported value, or nothing. */
  source: 'imported' | 'equation' | 'imported earlier' | 'none';
  imported: { value: MetricValue; day: string } | null;
  stored: StoredValue | null;
  parts: ExplainedPart[];
  /** Other metrics that it reads, and its own past. */
  metrics: { metric: string; day: string; value: MetricValue }[];
  /** Those of them that are of the same day, explained; each once, with what they read in turn. */
  reads: Explanation[];
  /** The account's traits that it reads, as they were. */
  traits: { trait: string; value: unknown }[];
  /** Why there is no data; `null` when there is. */
  note: string | null;
};

/** What to explain; events are listed up to `events`. */
export type ExplainRequest = { account: string; day: string; events: number; now: Date; timeZone: string };

/**
 * Explains a metric of an account on a day, down to the events; metrics that it reads as well, unless they are among
 * `explained`. `null` when there is no such account.
 */
export async function explainMetric(
  db: Db,
  metrics: readonly CompiledMetric[],
  metric: CompiledMetric,
  request: ExplainRequest,
  explained: Set<string> = new Set(),
): Promise<Explanation | null> {
  const { account, day, now, timeZone } = request;
  explained.add(metric.id);
  const end = new Date(Math.min(endOfDay(day, timeZone).getTime(), now.getTime() + 1));
  const was = await findAccountThen(db, account, end);
  if (!was) return null;
  const values = await computeParts(db, metrics, metric, request);
  const imported = await findImportedValue(db, account, metric.id, { since: addDays(day, -importLastsDays), day });
  const stored = await findStoredValue(db, account, metric.id, day);
  const parts = await explainParts(db, metric, values, { ...request, end, was });
  const value = values[metric.id] ?? null;
  const importedValue = imported && coerce(imported.value, metric.type, timeZone);
  const reads: Explanation[] = [];
  for (const other of metrics.filter(({ id }) => metric.dependsOn.includes(id))) {
    const explanation = explained.has(other.id) ? null : await explainMetric(db, metrics, other, request, explained);
    if (explanation) reads.push(explanation);
  }
  const source = sourceOf(value, importedValue, imported?.day === day, values[wholeId] ?? null);
  return {
    metric: {
      id: metric.id,
      name: metric.name,
      unit: metric.unit,
      description: metric.description,
      equation: metric.equation,
    },
    day,
    value,
    source,
    imported,
    stored,
    parts,
    metrics: await readMetrics(db, metric, values, account, day),
    reads,
    traits: metric.traits.map((trait) => ({ trait, value: was.traits[trait] ?? null })),
    note: value === null ? whyNoData(metric, parts, { imported, was, end, day }) : null,
  };
}

function sourceOf(value: MetricValue, imported: Value, ofThisDay: boolean, equation: Value): Explanation['source'] {
  if (value === null) return 'none';
  if (imported !== null && ofThisDay) return 'imported';
  return equation === null ? 'imported earlier' : 'equation';
}

// No metric can be called so.
const wholeId = 'the equation';
const partId = (index: number) => `part ${index}`;

/** The metric, those that it reads, its equation alone and each part of it, by id. */
async function computeParts(
  db: Db,
  metrics: readonly CompiledMetric[],
  metric: CompiledMetric,
  { account, day, now, timeZone }: ExplainRequest,
): Promise<Record<string, MetricValue>> {
  const whole: CompiledMetric = { ...metric, id: wholeId };
  const parts = metric.parts.map(({ evaluate }, index): CompiledMetric => ({ ...metric, id: partId(index), evaluate }));
  const all = [...withDependencies(metrics, [metric.id]), whole, ...parts];
  const results = await computeMetricsForDays(db, all, { accountIds: [account], days: [day], now, timeZone });
  return results.get(day)?.get(account)?.values ?? {};
}

type Context = ExplainRequest & { end: Date; was: AccountThen };

async function explainParts(
  db: Db,
  metric: CompiledMetric,
  values: Readonly<Record<string, MetricValue>>,
  context: Context,
): Promise<ExplainedPart[]> {
  const keptFrom = await findKeptFrom(db);
  const explained: ExplainedPart[] = [];
  for (const [index, part] of metric.parts.entries()) {
    const leaf = metric.leaves.find(({ slot }) => slot === part.slot)?.leaf ?? null;
    const value = shown(part, values[partId(index)] ?? null);
    const facts: PartFacts = {
      part,
      leaf,
      value,
      children: childrenOf(metric.parts, part, values),
      was: context.was,
    };
    const text = (metric.equation ?? '').slice(part.start, part.end);
    const depth = metric.parts.filter((other) => other !== part && isIn(part, other)).length;
    const place = { text, start: part.start, end: part.end, depth, value };
    if (!leaf || !isEventLeaf(leaf)) {
      explained.push({ ...place, window: null, events: null, note: whyPartHasNone(facts) });
      continue;
    }
    const window = windowOf(leaf, context.day);
    const span = spanOf(window, context);
    const events = await findEventsThatMeet(db, leaf, { account: context.account, ...span }, context.events);
    const names = leaf.events.flatMap(({ name }) => name ?? []);
    const known = names.length < leaf.events.length ? null : await findKnownNames(db, names, context.end);
    const isGone = keptFrom !== null && (span.from ?? context.was.firstEvent ?? keptFrom) < keptFrom;
    const gone = isGone ? `events before ${keptFrom.toISOString().slice(0, 10)} are no longer kept one by one` : null;
    explained.push({ ...place, window, events, note: whyPartHasNone({ ...facts, events, known }) ?? gone });
  }
  // As the equation is read: from the outside to the inside, from left to right.
  return explained.sort((a, b) => a.start - b.start || a.depth - b.depth);
}

/** Dates are numbers inside of an equation. */
function shown({ type }: EquationPart, value: MetricValue): MetricValue {
  return type === 'date' && typeof value === 'number' ? new Date(value).toISOString() : value;
}

function isIn(inner: EquationPart, outer: EquationPart): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function childrenOf(
  parts: readonly EquationPart[],
  part: EquationPart,
  values: Readonly<Record<string, MetricValue>>,
): MetricValue[] {
  return parts.flatMap((other, index) => (other !== part && isIn(other, part) ? [values[partId(index)] ?? null] : []));
}

function windowOf({ window: { days, daysAgo } }: EventLeaf, day: string): { from: string | null; to: string } {
  const to = addDays(day, -daysAgo);
  return { from: days === null ? null : addDays(to, 1 - days), to };
}

function spanOf(
  window: { from: string | null; to: string },
  { timeZone, end }: Context,
): { from: Date | null; to: Date } {
  const to = endOfDay(window.to, timeZone);
  return { from: window.from === null ? null : endOfDay(addDays(window.from, -1), timeZone), to: to < end ? to : end };
}

/** Today's values of the metrics that the equation reads, and the kept ones of earlier days. */
async function readMetrics(
  db: Db,
  metric: CompiledMetric,
  values: Readonly<Record<string, MetricValue>>,
  account: string,
  day: string,
): Promise<Explanation['metrics']> {
  const read = metric.dependsOn.map((id) => ({ metric: id, day, value: values[id] ?? null }));
  for (const { metric: id, daysAgo } of metric.past) {
    const past = addDays(day, -daysAgo);
    if (read.some((other) => other.metric === id && other.day === past)) continue;
    const stored = await findStoredValue(db, account, id, past);
    read.push({ metric: id, day: past, value: stored?.value ?? null });
  }
  return read;
}
