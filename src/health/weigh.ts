/** The highest score there is. */
export const BEST = 10;

/** A weighted mean in the making, and how much of the weight has data. */
export type Tally = { total: number; covered: number; weight: number; sum: number };

/** A mean of nothing yet. */
export function startTally(): Tally {
  return { total: 0, covered: 0, weight: 0, sum: 0 };
}

/** Adds a score with its weight; one of `null` adds to the whole weight only. `coverage` is the share of it that has data. */
export function addScore(tally: Tally, weight: number, score: number | null, coverage: number): void {
  tally.total += weight;
  if (score === null) return;
  tally.covered += weight * coverage;
  tally.weight += weight;
  tally.sum += weight * score;
}

/** The weighted mean of the scores that were not `null`, 0 to 10; `null` when none had weight. */
export function meanOf({ weight, sum }: Tally): number | null {
  return weight > 0 ? Math.min(BEST, sum / weight) : null;
}

/** The share of the whole weight that had data, 0 to 1. */
export function coverageOf({ total, covered }: Tally): number {
  return total > 0 ? Math.min(1, covered / total) : 0;
}

/** A mean that is 7 on paper comes out as 6.999999999999999 now and then, which would be another band. */
export function withoutNoise(score: number): number {
  return Math.round(score * 1e12) / 1e12;
}
