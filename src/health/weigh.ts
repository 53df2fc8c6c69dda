/** The highest score there is. */
export const BEST = 10;

/** A measure as weighing sees it; `points` are `null` without data. */
export type Weighed = { readonly weight: number; readonly points: number | null };

/** A dimension as weighing sees it. */
export type WeighedDimension = {
  readonly weight: number;
  readonly score: number | null;
  readonly measures: readonly Weighed[];
};

/** The weighted mean of the measures that have data, 0 to 10; `null` when none has. */
export function weighMeasures(measures: readonly Weighed[]): number | null {
  let weight = 0;
  let sum = 0;
  for (const measure of measures) {
    if (measure.points === null) continue;
    weight += measure.weight;
    sum += measure.weight * measure.points;
  }
  return weight > 0 ? sum / weight : null;
}

/** The weighted mean of the dimensions that have a score, and the share of the whole weight that had data. */
export function weighDimensions(dimensions: readonly WeighedDimension[]): { score: number | null; coverage: number } {
  let total = 0;
  let covered = 0;
  let weight = 0;
  let sum = 0;
  for (const dimension of dimensions) {
    total += dimension.weight;
    if (dimension.score === null) continue;
    weight += dimension.weight;
    sum += dimension.weight * dimension.score;
    covered += dimension.weight * shareWithData(dimension.measures);
  }
  return {
    score: weight > 0 ? Math.min(BEST, withoutNoise(sum / weight)) : null,
    coverage: total > 0 ? Math.min(1, covered / total) : 0,
  };
}

function shareWithData(measures: readonly Weighed[]): number {
  let weight = 0;
  let withData = 0;
  for (const measure of measures) {
    weight += measure.weight;
    if (measure.points !== null) withData += measure.weight;
  }
  return weight > 0 ? withData / weight : 0;
}

/** A mean that is 7 on paper comes out as 6.999999999999999 now and then, which would be another band. */
function withoutNoise(score: number): number {
  return Math.round(score * 1e12) / 1e12;
}
