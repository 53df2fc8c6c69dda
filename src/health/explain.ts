import { compileScale } from './scale.ts';
import { judge } from './score.ts';
import type { Band, DimensionScore, HealthModel, MeasureScore, MetricValue, StoredScore } from './types.ts';
import { addScore, meanOf, startTally } from './weigh.ts';

/** What a measure said at one time. */
export type Reading = { value: MetricValue; band: Band | null };

/** A measure's share in a change; `effect` is in points of the score, `null` when a side had no score. */
export type MeasureChange = {
  kind: 'band-crossed' | 'data-appeared' | 'data-vanished';
  /** Ids, as the newer score's breakdown has them. */
  dimension: string;
  metric: string;
  from: Reading;
  to: Reading;
  effect: number | null;
};

/** One reason why a score changed. */
export type ChangePart =
  | MeasureChange
  /** Other weights, bands and measures because another model was picked, for `reason`. */
  | { kind: 'model-switched'; from: string; to: string; reason: string; effect: number | null }
  /** The same model, edited since. */
  | { kind: 'configuration-changed'; model: string; effect: number | null };

/** A change of score taken apart: the parts' effects add up to `change`. */
export type ScoreChange = {
  from: number | null;
  to: number | null;
  /** `null` when either side had no score. */
  change: number | null;
  /** The model's or configuration's part first, then the measures, the largest effect first. */
  parts: ChangePart[];
};

/** Points by dimension and measure, in the newer score's order. */
type Points = (number | null)[][];

/** One measure whose points differ, and where it stands. */
type Step = { dimension: number; measure: number; to: number | null; part: Omit<MeasureChange, 'effect'> };

/** Less than this is the noise of adding decimals. */
const NOISE = 1e-9;

/**
 * Takes the change between two stored scores apart, exactly; docs/decisions/explaining-a-change.md says how. `model` is
 * the one that gave `after`, `null` when it is not at hand: a changed configuration is then told by what is stored.
 */
export function explainChange(before: StoredScore, after: StoredScore, model: HealthModel | null): ScoreChange {
  const carried = carryOver(before, after, model);
  const steps = stepsBetween(carried, after.dimensions);
  if (before.score === null || after.score === null) {
    const measures = steps.map(({ part }) => ({ ...part, effect: null }));
    const parts: ChangePart[] = sameModel(before, after) ? measures : [structurePart(before, after, null), ...measures];
    return { from: before.score, to: after.score, change: null, parts };
  }
  const carriedScore = steps.length === 0 ? after.score : (scoreOf(carried, pointsOf(carried)) ?? before.score);
  const structural = !sameModel(before, after) || Math.abs(carriedScore - before.score) > NOISE;
  const start = structural ? carriedScore : before.score;
  const effects = attribute(carried, steps, start, after.score);
  const measures = steps.map(({ part }, index) => ({ ...part, effect: effects[index]! }));
  measures.sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
  const parts = structural ? [structurePart(before, after, start - before.score), ...measures] : measures;
  return { from: before.score, to: after.score, change: after.score - before.score, parts };
}

function sameModel(before: StoredScore, after: StoredScore): boolean {
  return before.model === after.model && before.modelHash === after.modelHash;
}

function structurePart(before: StoredScore, after: StoredScore, effect: number | null): ChangePart {
  return before.model === after.model
    ? { kind: 'configuration-changed', model: after.model, effect }
    : { kind: 'model-switched', from: before.model, to: after.model, reason: after.reason, effect };
}

/** The newer breakdown's weights and bands with the older values; what the older one did not measure is as now. */
function carryOver(before: StoredScore, after: StoredScore, model: HealthModel | null): DimensionScore[] {
  return after.dimensions.map((dimension) => ({
    ...dimension,
    measures: dimension.measures.map((now) => {
      const old = findMeasure(before.dimensions, dimension.id, now.metric);
      if (!old) return now;
      const judged = sameModel(before, after) ? old : judgeAgain(old, now, dimension.id, model);
      return { ...now, value: old.value, band: judged.band, points: judged.points };
    }),
  }));
}

function findMeasure(dimensions: readonly DimensionScore[], id: string, metric: string): MeasureScore | undefined {
  const home = dimensions.find((dimension) => dimension.id === id);
  const others = dimensions.filter((dimension) => dimension !== home);
  return [...(home ? [home] : []), ...others]
    .flatMap((dimension) => dimension.measures)
    .find((measure) => measure.metric === metric);
}

/** The older value by the newer bands; without these, an unchanged value has the newer band, any other keeps its own. */
function judgeAgain(
  old: MeasureScore,
  now: MeasureScore,
  dimension: string,
  model: HealthModel | null,
): Pick<MeasureScore, 'band' | 'points'> {
  const measure = model?.dimensions
    .find(({ id }) => id === dimension)
    ?.measures.find(({ metric }) => metric === old.metric);
  if (measure) return judge(compileScale(measure.bands), old.value);
  return old.value === now.value ? now : old;
}

function stepsBetween(carried: readonly DimensionScore[], after: readonly DimensionScore[]): Step[] {
  return after.flatMap((dimension, place) =>
    dimension.measures.flatMap((now, index): Step[] => {
      const old = carried[place]!.measures[index]!;
      if (old.points === now.points) return [];
      const part = {
        kind: kindOf(old, now),
        dimension: dimension.id,
        metric: now.metric,
        from: { value: old.value, band: old.band },
        to: { value: now.value, band: now.band },
      };
      return [{ dimension: place, measure: index, to: now.points, part }];
    }),
  );
}

function kindOf(old: MeasureScore, now: MeasureScore): MeasureChange['kind'] {
  if (old.points === null) return 'data-appeared';
  return now.points === null ? 'data-vanished' : 'band-crossed';
}

/** Each step's effect: the mean of what it adds when the steps are taken one by one first to last, and last to first. */
function attribute(carried: readonly DimensionScore[], steps: readonly Step[], start: number, end: number): number[] {
  const forward = walk(carried, steps, start, end);
  const backward = walk(carried, steps.toReversed(), start, end).toReversed();
  return forward.map((effect, index) => (effect + backward[index]!) / 2);
}

/** What each step adds in this order. */
function walk(carried: readonly DimensionScore[], steps: readonly Step[], start: number, end: number): number[] {
  const points = pointsOf(carried);
  const between = steps.slice(0, -1).map((step) => {
    points[step.dimension]![step.measure] = step.to;
    return scoreOf(carried, points);
  });
  const scores = bridge([start, ...between, end]);
  return steps.map((_, index) => scores[index + 1]! - scores[index]!);
}

/** A moment without any data has no score: the way from the one before to the one after is shared evenly. */
function bridge(scores: readonly (number | null)[]): number[] {
  return scores.map((score, place) => {
    if (score !== null) return score;
    const from = scores.findLastIndex((other, index) => index < place && other !== null);
    const to = scores.findIndex((other, index) => index > place && other !== null);
    const [first, last] = [scores[from]!, scores[to]!];
    return first + ((last - first) * (place - from)) / (to - from);
  });
}

function pointsOf(dimensions: readonly DimensionScore[]): Points {
  return dimensions.map(({ measures }) => measures.map((measure) => measure.points));
}

/** The score of these dimensions, had their measures those points. */
function scoreOf(dimensions: readonly DimensionScore[], points: Points): number | null {
  const whole = startTally();
  for (const [place, { weight, measures }] of dimensions.entries()) {
    const own = startTally();
    for (const [index, measure] of measures.entries()) addScore(own, measure.weight, points[place]![index]!, 1);
    addScore(whole, weight, meanOf(own), 1);
  }
  return meanOf(whole);
}
