import { BANDS } from '../health/bounds.ts';
import type { Band, MetricValue } from '../health/types.ts';
import { withoutNoise } from '../health/weigh.ts';
import type { MetricType } from '../metrics/types.ts';

/** What rules can read of an account's health score, as if these were metrics. */
export const scoreMetrics = new Map<string, MetricType>([
  ['health_score', 'number'],
  ['health_points_lost_7d', 'number'],
  ['health_bands_lost_7d', 'number'],
]);

/** A score of a day, with the model and its configuration that gave it. */
export type DayScore = { score: number | null; band: Band | null; model: string; modelHash: string };

/**
 * The values of `scoreMetrics`. `before` are the days of the week before, the oldest first: the first that has a score of
 * the very model of today, with none of another in between, is compared with, so a change of model alone changes nothing.
 */
export function scoreValues(today: DayScore | null, before: readonly DayScore[]): Record<string, MetricValue> {
  const none = { health_score: today?.score ?? null, health_points_lost_7d: null, health_bands_lost_7d: null };
  if (!today || today.score === null) return none;
  const switched = before.findLastIndex(({ model, modelHash }) => !isSame(today, { model, modelHash }));
  const then = before.slice(switched + 1).find(({ score }) => score !== null);
  if (!then || then.score === null) return none;
  return {
    ...none,
    health_points_lost_7d: withoutNoise(then.score - today.score),
    health_bands_lost_7d: rank(then.band) - rank(today.band),
  };
}

function isSame(one: DayScore, other: Pick<DayScore, 'model' | 'modelHash'>): boolean {
  return one.model === other.model && one.modelHash === other.modelHash;
}

function rank(band: Band | null): number {
  return band === null ? 0 : BANDS.indexOf(band);
}
