import type { HealthScore, MeasureScore } from './types.ts';
import { BEST } from './weigh.ts';

/** A measure that costs the score `lost` points: with this measure at its best, it would be that much higher. */
export type Drag = MeasureScore & { dimension: string; lost: number };

/** The measures that pull the score down most, at most `count`, the worst first. All that are lost add up to 10 less the score. */
export function dragging({ dimensions }: Pick<HealthScore, 'dimensions'>, count: number): Drag[] {
  const counted = dimensions.filter((dimension) => dimension.score !== null && dimension.weight > 0);
  const total = sum(counted.map((dimension) => dimension.weight));
  return counted
    .flatMap(({ id, weight, measures }) => {
      const weightWithData = sum(measures.map((measure) => (measure.points === null ? 0 : measure.weight)));
      return measures.map((measure) => {
        const share = (weight / total) * (measure.weight / weightWithData);
        return { ...measure, dimension: id, lost: share * (BEST - (measure.points ?? BEST)) };
      });
    })
    .filter((drag) => drag.lost > 0)
    .sort((a, b) => b.lost - a.lost)
    .slice(0, count);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
