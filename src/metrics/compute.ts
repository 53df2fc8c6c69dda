import { endOfDay } from '../days.ts';
import { type Fact, type Period, readEventFacts } from '../db/metric-events.ts';
import {
  type ImportedValue,
  readAccountRows,
  readFirstDays,
  readImportedValues,
  readPastValues,
  readUserFacts,
} from '../db/metric-inputs.ts';
import type { Db } from '../db/types.ts';
import type { MetricValue } from '../health/types.ts';
import { emptyValue, evaluateMetrics, isEventLeaf, isKnown } from './evaluate.ts';
import type { AccountMetrics, AccountRow, CompiledMetric, EventLeaf, Leaf, Value } from './types.ts';

/** For whom and when; days are `YYYY-MM-DD` in `timeZone`, and events after `now` do not count yet. */
type Request = { accountIds: readonly string[]; now: Date; timeZone: string };
type Results = Map<string, Map<string, AccountMetrics>>;

const dayMs = 86_400_000;
/** Accounts times days that are read at once. */
const chunkSize = 30_000;
const mostAccounts = 500;

/**
 * The metrics of each account on each of `days`, by day and account id; many days cost little more than one. A metric
 * that reads another's past takes it from the days computed along, else from the stored values.
 */
export async function computeMetricsForDays(
  db: Db,
  metrics: readonly CompiledMetric[],
  { accountIds, days, now, timeZone }: Request & { days: readonly string[] },
): Promise<Map<string, Map<string, AccountMetrics>>> {
  const sorted = [...new Set(days)].sort();
  const results: Results = new Map(sorted.map((day) => [day, new Map()]));
  const numbers = sorted.map(dayNumber);
  // In every time zone the last day is over by then, so a day long ago does not read all that came after it.
  const until = new Date(Math.min(now.getTime(), ((numbers.at(-1) ?? 0) + 2) * dayMs));
  const size = Math.max(1, Math.min(mostAccounts, Math.floor(chunkSize / Math.max(1, sorted.length))));
  for (let start = 0; start < accountIds.length && sorted.length > 0; start += size) {
    const period = { accountIds: accountIds.slice(start, start + size), days: numbers, now: until, timeZone };
    evaluateChunk(metrics, await readChunk(db, metrics, period), sorted, { now, timeZone }, results);
  }
  return results;
}

/** Asked of every account: without an event, its silence means nothing. */
const newestEvent: EventLeaf = {
  kind: 'event',
  measure: 'last_seen',
  events: [{ name: null, properties: [], userTraits: [] }],
  property: null,
  byUser: false,
  window: { days: null, daysAgo: 0 },
};

/** Everything known of some accounts on some days, by `at(account, day)`. */
type Chunk = {
  accounts: readonly AccountRow[];
  leaves: ReadonlyMap<number, Leaf>;
  facts: ReadonlyMap<string, ReadonlyMap<number, number | null>>;
  /** Of the fact that is the account's newest event. */
  newestSlot: number;
  firstDays: ReadonlyMap<string, number>;
  imported: ReadonlyMap<string, ReadonlyMap<string, ImportedValue>>;
  stored: ReadonlyMap<string, ReadonlyMap<string, MetricValue>>;
};

/** One query after the other: the caller may be in a transaction, which has a single connection. */
async function readChunk(db: Db, metrics: readonly CompiledMetric[], period: Period): Promise<Chunk> {
  const leaves = new Map(metrics.flatMap((metric) => metric.leaves.map(({ slot, leaf }) => [slot, leaf] as const)));
  const all = [...leaves].map(([slot, leaf]) => ({ slot, leaf }));
  const newestSlot = Math.max(-1, ...leaves.keys()) + 1;
  const eventLeaves = all.flatMap(({ slot, leaf }) => (isEventLeaf(leaf) ? [{ slot, leaf }] : []));
  const userLeaves = all.flatMap(({ slot, leaf }) => (isEventLeaf(leaf) ? [] : [{ slot, leaf }]));
  const names = new Set(eventLeaves.flatMap(({ leaf }) => leaf.events.flatMap(({ name }) => name ?? [])));
  const past = metrics.flatMap((metric) => metric.past);
  const ids = metrics.map(({ id }) => id);

  const accounts = await readAccountRows(db, period.accountIds);
  const facts = [
    ...(await readEventFacts(db, [...eventLeaves, { slot: newestSlot, leaf: newestEvent }], period)),
    ...(await readUserFacts(db, userLeaves, period)),
  ];
  const firstDays = await readFirstDays(db, [...names], period);
  const imported = await readImportedValues(db, ids, period);
  const stored = await readPastValues(db, past, period);
  return {
    accounts,
    leaves,
    facts: group(facts, (fact: Fact) => [fact.slot, fact.value]),
    newestSlot,
    firstDays,
    imported: group(imported, (value) => [value.metric, value]),
    stored: group(stored, ({ metric, value }) => [metric, value]),
  };
}

function evaluateChunk(
  metrics: readonly CompiledMetric[],
  chunk: Chunk,
  days: readonly string[],
  { now, timeZone }: Pick<Request, 'now' | 'timeZone'>,
  results: Results,
): void {
  for (const day of days) {
    const number = dayNumber(day);
    for (const account of chunk.accounts) {
      const here = at(account.id, number);
      const imported = chunk.imported.get(here);
      const values = evaluateMetrics(metrics, {
        day,
        timeZone,
        account,
        leaf: (slot) => leafValue(chunk, slot, here, number),
        imported: (metric) => {
          const found = imported?.get(metric);
          return found && { value: found.value, ofThisDay: found.importedFor === number };
        },
        past: (metric, daysAgo) => {
          const computed = results.get(dayOf(number - daysAgo))?.get(account.id);
          if (computed) return computed.values[metric] ?? null;
          return chunk.stored.get(at(account.id, number - daysAgo))?.get(metric) ?? null;
        },
      });
      results.get(day)?.set(account.id, { values, dataAt: newestData(chunk, here, { now, timeZone }) });
    }
  }
}

/** When the newest event was, or the end of the newest day that a value was imported for. */
function newestData(chunk: Chunk, here: string, { now, timeZone }: Pick<Request, 'now' | 'timeZone'>): Date | null {
  const event = chunk.facts.get(here)?.get(chunk.newestSlot);
  const days = [...(chunk.imported.get(here)?.values() ?? [])].map(({ importedFor }) => importedFor);
  const times = typeof event === 'number' ? [event] : [];
  if (days.length > 0) times.push(Math.min(now.getTime(), endOfDay(dayOf(Math.max(...days)), timeZone).getTime()));
  return times.length > 0 ? new Date(Math.max(...times)) : null;
}

function leafValue(chunk: Chunk, slot: number, here: string, day: number): Value {
  const value = chunk.facts.get(here)?.get(slot);
  const leaf = chunk.leaves.get(slot);
  if (!leaf || !isEventLeaf(leaf)) return value ?? null;
  const silent = typeof chunk.facts.get(here)?.get(chunk.newestSlot) !== 'number';
  if (silent || !isKnown(leaf, day, chunk.firstDays)) return null;
  return value === undefined ? emptyValue(leaf) : value;
}

/** Rows by account and day, and within these by what `entry` says; the later of two rows wins. */
function group<Row extends { accountId: string; day: number }, Key, Item>(
  rows: readonly Row[],
  entry: (row: Row) => [Key, Item],
): Map<string, Map<Key, Item>> {
  const groups = new Map<string, Map<Key, Item>>();
  for (const row of rows) {
    const key = at(row.accountId, row.day);
    const items = groups.get(key) ?? new Map<Key, Item>();
    groups.set(key, items);
    items.set(...entry(row));
  }
  return groups;
}

function at(accountId: string, day: number): string {
  return `${day} ${accountId}`;
}

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / dayMs;
}

function dayOf(number: number): string {
  return new Date(number * dayMs).toISOString().slice(0, 10);
}
