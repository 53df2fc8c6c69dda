import type { CompiledMetric, EventLeaf } from '../metrics/types.ts';
import { hashOfSeries, newestEvent, seriesOfLeaf } from './of-leaf.ts';
import type { SeriesKind } from './types.ts';

/** A leaf of events, and the slot that its values have. */
export type PlannedLeaf = { slot: number; leaf: EventLeaf };

/** What is read of a series, for a day that is computed. */
export type PlannedSeries = {
  /** See hashOfSeries. */
  hash: string;
  kind: SeriesKind;
  leaves: readonly PlannedLeaf[];
  /** How many days back from the day it is read; null is all time. */
  back: number | null;
  /** Also the last month before that, and the first of all: enough to know the last and the first event. */
  before: boolean;
  oldest: boolean;
};

/** All leaves of events of some metrics, and the series they are read from. */
export type SeriesPlan = {
  leaves: readonly PlannedLeaf[];
  /** Of the leaf that is the account's newest event. */
  newestSlot: number;
  series: readonly PlannedSeries[];
};

/** What is read from series for `metrics`, whose days are those of `timeZone`. */
export function planSeries(metrics: readonly CompiledMetric[], timeZone: string): SeriesPlan {
  const all = metrics.flatMap((metric) => metric.leaves);
  const newestSlot = all.reduce((most, { slot }) => Math.max(most, slot), -1) + 1;
  const leaves = new Map<number, PlannedLeaf>([[newestSlot, { slot: newestSlot, leaf: newestEvent }]]);
  for (const { slot, leaf } of all) if (leaf.kind === 'event') leaves.set(slot, { slot, leaf });
  const bySeries = new Map<string, { kind: SeriesKind; leaves: PlannedLeaf[] }>();
  for (const planned of leaves.values()) {
    for (const series of seriesOfLeaf(planned.leaf)) {
      const hash = hashOfSeries(series, timeZone);
      const known = bySeries.get(hash);
      if (known) known.leaves.push(planned);
      else bySeries.set(hash, { kind: series.kind, leaves: [planned] });
    }
  }
  return {
    leaves: [...leaves.values()],
    newestSlot,
    series: [...bySeries].map(([hash, { kind, leaves: own }]) => ({ hash, kind, leaves: own, ...reach(own) })),
  };
}

/** How far back the leaves of a series look. */
function reach(leaves: readonly PlannedLeaf[]): Pick<PlannedSeries, 'back' | 'before' | 'oldest'> {
  let back: number | null = 0;
  let [before, oldest] = [false, false];
  for (const { leaf } of leaves) {
    const { days, daysAgo } = leaf.window;
    if (days !== null) {
      if (back !== null) back = Math.max(back, days + daysAgo - 1);
    } else if (leaf.measure === 'first_seen' && daysAgo === 0) {
      oldest = true;
    } else if (leaf.measure === 'last_seen' && daysAgo === 0) {
      before = true;
    } else {
      back = null;
    }
  }
  return { back, before, oldest };
}
