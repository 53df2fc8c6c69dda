import type { Fact, Period } from '../db/metric-events.ts';
import { firstOfMonth, type MetricInputs } from '../db/metric-inputs.ts';
import { monthsOf, readOuterMonths } from '../db/series-read.ts';
import type { Db } from '../db/types.ts';
import { type AskedSeries, evaluateSeries } from '../series/evaluate.ts';
import type { PlannedLeaf, PlannedSeries } from '../series/read-plan.ts';
import { emptyValue } from './evaluate.ts';
import type { MetricPlan } from './plan.ts';

/** What each leaf is for each account and day, by slot: at `place * days.length + day`, NaN for no data. */
export type Facts = {
  places: ReadonlyMap<string, number>;
  days: ReadonlyMap<number, number>;
  values: ReadonlyMap<number, Float64Array>;
};

/** Facts of accounts without events and users. */
export function newFacts({ leaves, userLeaves }: MetricPlan, { accountIds, days }: Period): Facts {
  const size = accountIds.length * days.length;
  const values = new Map<number, Float64Array>();
  for (const { slot, leaf } of leaves) values.set(slot, filled(size, emptyValue(leaf) ?? Number.NaN));
  for (const { slot } of userLeaves) values.set(slot, filled(size, Number.NaN));
  return {
    places: new Map(accountIds.map((id, place) => [id, place])),
    days: new Map(days.map((day, place) => [day, place])),
    values,
  };
}

function filled(size: number, value: number): Float64Array {
  const array = new Float64Array(size);
  return value === 0 ? array : array.fill(value);
}

/** Puts facts to where they belong; the later of two wins. */
export function put({ places, days, values }: Facts, facts: readonly Fact[]): void {
  for (const { slot, accountId, day, value } of facts) {
    const index = (places.get(accountId) as number) * days.size + (days.get(day) as number);
    (values.get(slot) as Float64Array)[index] = value ?? Number.NaN;
  }
}

/** Leaves that are to be read from the events themselves, and for which accounts. */
export type Unread = { leaves: readonly PlannedLeaf[]; accountIds: readonly string[] };

/** Puts what the series say; answers what they cannot say. */
export async function factsFromSeries(
  db: Db,
  facts: Facts,
  plan: MetricPlan,
  { found, months }: Pick<MetricInputs, 'found' | 'months'>,
  { accountIds, days, now }: Period,
): Promise<Unread[]> {
  const missing = new Set(
    plan.series.flatMap(({ hash, leaves }) => (found.has(hash) ? [] : leaves.map(({ slot }) => slot))),
  );
  // Without the newest event nobody knows whether the series are ahead of `now`.
  if (missing.has(plan.newestSlot)) return [{ leaves: plan.leaves, accountIds }];
  const asked = ({ kind, leaves }: PlannedSeries): AskedSeries => ({
    kind,
    asked: leaves.flatMap(({ slot, leaf }) =>
      missing.has(slot) ? [] : [{ leaf, out: facts.values.get(slot) as Float64Array }],
    ),
  });
  const byId = (series: readonly PlannedSeries[]) =>
    new Map(series.flatMap((one) => (found.has(one.hash) ? [[found.get(one.hash) as number, asked(one)]] : [])));
  evaluateSeries(monthsOf(months, facts.places), byId(plan.series), days);
  const outer = plan.series.filter(({ before, oldest }) => before || oldest);
  const unknown = accountsToLookBack(facts, outer, accountIds);
  if (unknown.length > 0) {
    const month = firstOfMonth(days[0] as number);
    const more = await readOuterMonths(db, outer, { ids: found, accountIds: unknown, month });
    evaluateSeries(monthsOf(more, facts.places), byId(outer), days);
  }
  const ahead = accountsAhead(facts, plan, accountIds, now);
  for (const id of ahead) reset(facts, plan, id);
  const [left, rest] = [plan.leaves.filter(({ slot }) => missing.has(slot)), accountIds.filter((id) => !ahead.has(id))];
  return [
    { leaves: left, accountIds: rest },
    { leaves: plan.leaves, accountIds: [...ahead] },
  ].filter((unread) => unread.leaves.length > 0 && unread.accountIds.length > 0);
}

/** Accounts whose first event is asked for, or whose last is not in the months that were read. */
function accountsToLookBack(
  { places, days, values }: Facts,
  series: readonly PlannedSeries[],
  accountIds: readonly string[],
): readonly string[] {
  if (series.some(({ oldest }) => oldest)) return accountIds;
  const last = series.flatMap(({ leaves }) => leaves.map(({ slot }) => values.get(slot) as Float64Array));
  return accountIds.filter((id) => last.some((value) => Number.isNaN(value[(places.get(id) as number) * days.size])));
}

/** Accounts of which an event after `now` was counted on one of the days: they are read from events up to `now`. */
function accountsAhead(
  { places, days, values }: Facts,
  { newestSlot }: MetricPlan,
  accountIds: readonly string[],
  now: Date,
): Set<string> {
  const newest = values.get(newestSlot) as Float64Array;
  return new Set(
    accountIds.filter((id) => (newest[((places.get(id) as number) + 1) * days.size - 1] as number) > now.getTime()),
  );
}

function reset({ places, days, values }: Facts, { leaves }: MetricPlan, id: string): void {
  const from = (places.get(id) as number) * days.size;
  for (const { slot, leaf } of leaves) {
    values.get(slot)?.fill(emptyValue(leaf) ?? Number.NaN, from, from + days.size);
  }
}
