import { endOfDay, localDay } from '../days.ts';
import { type Period, readEventFacts } from '../db/metric-events.ts';
import {
  type AccountVersion,
  importLastsDays,
  type MetricInputs,
  readAccountHistory,
  readFirstDays,
  readMetricInputs,
  readUserFacts,
} from '../db/metric-inputs.ts';
import type { Db } from '../db/types.ts';
import type { MetricValue } from '../health/types.ts';
import { evaluateMetrics, type Imported, isKnown } from './evaluate.ts';
import { type Facts, factsFromSeries, newFacts, put } from './facts.ts';
import { type MetricPlan, planMetrics } from './plan.ts';
import type { AccountMetrics, AccountRow, CompiledMetric, Value } from './types.ts';

/** For whom and when; days are `YYYY-MM-DD` in `timeZone`, and events after `now` do not count yet. */
type Request = { accountIds: readonly string[]; now: Date; timeZone: string };
type Results = Map<string, Map<string, AccountMetrics>>;

const dayMs = 86_400_000;
/** Accounts times days that are read at once. */
const chunkSize = 30_000;
const mostAccounts = 500;
/** Fewer accounts are read at once where more than this comes, in bytes. */
const mostPresence = 8_000_000;

/**
 * The metrics of each account on each of `days`, by day and account id; many days cost little more than one. Events are
 * read from series where these are there, else one by one. A metric that reads another's past takes it from the days
 * computed along, else from the stored values.
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
  const plan = planMetrics(metrics, timeZone);
  const today = localDay(now, timeZone);
  const ends = sorted.map((day) => (day < today ? endOfDay(day, timeZone) : null));
  const largest = Math.max(1, Math.min(mostAccounts, Math.floor(chunkSize / Math.max(1, sorted.length))));
  let size = largest;
  for (let start = 0; start < accountIds.length && sorted.length > 0; ) {
    const period = { accountIds: accountIds.slice(start, start + size), days: numbers, now: until, timeZone };
    const chunk = await readChunk(db, plan, period, ends);
    evaluateChunk(plan, chunk, { days: sorted, numbers, now, timeZone }, results);
    start += size;
    size = chunk.presence > mostPresence ? Math.ceil(size / 2) : Math.min(largest, size * 2);
  }
  return results;
}

/** Everything known of some accounts on some days. */
type Chunk = {
  accounts: readonly AccountRow[];
  /** What accounts were at the end of days that are over. */
  asOf(account: AccountRow, day: number): AccountRow;
  facts: Facts;
  firstDays: ReadonlyMap<string, number>;
  imported: ReadonlyMap<string, readonly ImportedOf[]>;
  stored: ReadonlyMap<string, MetricValue>;
  /** How many bytes of series were read. */
  presence: number;
};

type ImportedOf = { metric: string; day: number; value: MetricValue };

/** One query after the other: the caller may be in a transaction, which has a single connection. */
async function readChunk(db: Db, plan: MetricPlan, period: Period, ends: readonly (Date | null)[]): Promise<Chunk> {
  const { metrics, past, names, series, userLeaves } = plan;
  const inputs = await readMetricInputs(db, { ...period, metrics: metrics.map(({ id }) => id), past, names, series });
  const facts = newFacts(plan, period);
  const left = await factsFromSeries(db, facts, plan, inputs, period);
  for (const { leaves, accountIds } of left) put(facts, await readEventFacts(db, leaves, { ...period, accountIds }));
  put(facts, await readUserFacts(db, userLeaves, period));
  const firstDays = left.length > 0 ? await readFirstDays(db, names, period) : new Map<string, number>();
  for (const [name, day] of inputs.firstDays) firstDays.set(name, Math.min(day, firstDays.get(name) ?? day));
  return {
    accounts: inputs.accounts,
    asOf: await readVersions(db, period.accountIds, ends),
    facts,
    firstDays,
    imported: importedByAccount(inputs.imported),
    stored: new Map(inputs.past.map(([account, metric, day, value]) => [at(account, metric, day), value])),
    presence: inputs.months.presence?.length ?? 0,
  };
}

async function readVersions(
  db: Db,
  accountIds: readonly string[],
  ends: readonly (Date | null)[],
): Promise<Chunk['asOf']> {
  const over = ends.flatMap((end) => end ?? []);
  const [first, last] = [over.at(0), over.at(-1)];
  if (!first || !last) return (account) => account;
  const versions = await readAccountHistory(db, accountIds, first, last);
  return (account, day) => {
    const end = ends[day]?.getTime();
    const known: readonly AccountVersion[] = versions.get(account.id) ?? [];
    if (end === undefined) return account;
    return known.findLast(({ changedAt }) => changedAt < end) ?? known[0] ?? account;
  };
}

type Evaluated = Pick<Request, 'now' | 'timeZone'> & { days: readonly string[]; numbers: readonly number[] };

function evaluateChunk(plan: MetricPlan, chunk: Chunk, evaluated: Evaluated, results: Results): void {
  const { days, numbers, now, timeZone } = evaluated;
  for (const [place, day] of days.entries()) {
    const number = numbers[place] as number;
    const known = knownLeaves(plan, number, chunk.firstDays);
    const ofDay = results.get(day) as Map<string, AccountMetrics>;
    for (const account of chunk.accounts) {
      const index = (chunk.facts.places.get(account.id) as number) * days.length + place;
      const fact = (slot: number): number | null => {
        const value = chunk.facts.values.get(slot)?.[index];
        return value === undefined || Number.isNaN(value) ? null : value;
      };
      const newest = fact(plan.newestSlot);
      const imported = importedOn(chunk.imported.get(account.id), number);
      const values = evaluateMetrics(plan.metrics, {
        day,
        timeZone,
        account: chunk.asOf(account, place),
        leaf: (slot): Value => (known.get(slot) === false || (newest === null && known.has(slot)) ? null : fact(slot)),
        imported: (metric) => imported?.get(metric),
        past: (metric, daysAgo) => {
          const computed = results.get(dayOf(number - daysAgo))?.get(account.id);
          if (computed) return computed.values[metric] ?? null;
          return chunk.stored.get(at(account.id, metric, number - daysAgo)) ?? null;
        },
      });
      ofDay.set(account.id, { values, dataAt: newestData(newest, imported, { now, timeZone }) });
    }
  }
}

/** Whether silence means "none", for each leaf of events. */
function knownLeaves(
  { eventLeaves }: MetricPlan,
  day: number,
  firstDays: ReadonlyMap<string, number>,
): ReadonlyMap<number, boolean> {
  return new Map(eventLeaves.map(({ slot, leaf }) => [slot, isKnown(leaf, day, firstDays)]));
}

type ImportedHere = Imported & { importedFor: number };

/** What stands for a day, by metric: its own, else the newest that is not too old. */
function importedOn(
  values: readonly ImportedOf[] | undefined,
  number: number,
): ReadonlyMap<string, ImportedHere> | undefined {
  if (!values) return undefined;
  const found = new Map<string, ImportedHere>();
  for (const { metric, day, value } of values) {
    if (day > number || day < number - importLastsDays) continue;
    if ((found.get(metric)?.importedFor ?? -Infinity) > day) continue;
    found.set(metric, { value, ofThisDay: day === number, importedFor: day });
  }
  return found;
}

function importedByAccount(rows: MetricInputs['imported']): Map<string, ImportedOf[]> {
  const values = new Map<string, ImportedOf[]>();
  for (const [account, metric, day, value] of rows) {
    const known = values.get(account);
    if (known) known.push({ metric, day, value });
    else values.set(account, [{ metric, day, value }]);
  }
  return values;
}

/** When the newest event was, or the end of the newest day that a value was imported for. */
function newestData(
  event: number | null,
  imported: ReadonlyMap<string, ImportedHere> | undefined,
  { now, timeZone }: Pick<Request, 'now' | 'timeZone'>,
): Date | null {
  const days = [...(imported?.values() ?? [])].map(({ importedFor }) => importedFor);
  const times = event === null ? [] : [event];
  if (days.length > 0) times.push(Math.min(now.getTime(), endOfDay(dayOf(Math.max(...days)), timeZone).getTime()));
  return times.length > 0 ? new Date(Math.max(...times)) : null;
}

function at(account: string, metric: string, day: number): string {
  return `${day} ${metric} ${account}`;
}

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / dayMs;
}

function dayOf(number: number): string {
  return new Date(number * dayMs).toISOString().slice(0, 10);
}
