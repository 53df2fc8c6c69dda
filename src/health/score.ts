import { BANDS } from './bounds.ts';
import {
  type CompiledDimension,
  type CompiledMeasure,
  type CompiledModel,
  type CompiledModels,
  segmentKey,
} from './compile.ts';
import { bandCode, NO_BAND, type Scale } from './scale.ts';
import type {
  AccountFacts,
  Band,
  BandLimits,
  DimensionScore,
  HealthScore,
  MeasureScore,
  MetricValue,
} from './types.ts';
import { addScore, coverageOf, meanOf, startTally, type Tally, withoutNoise } from './weigh.ts';

/** What a band is worth; shared, as millions of values are judged in a run. */
type Verdict = { readonly band: Band | null; readonly points: number | null };

const NO_VERDICT: Verdict = { band: null, points: null };
/** By a band's place in BANDS. */
const VERDICTS: readonly Verdict[] = BANDS.map((band, place) => ({ band, points: place * 5 }));

/** Picks the account's model and scores it, with the whole breakdown. `now` decides the account's age. */
export function scoreAccount(models: CompiledModels, facts: AccountFacts, now: Date): HealthScore {
  const { model, reason } = pickModel(models, facts, now);
  const whole = startTally();
  const dimensions = model.dimensions.map((dimension) => scoreDimension(dimension, facts.metrics, whole));
  const mean = meanOf(whole);
  const score = mean === null ? null : withoutNoise(mean);
  return {
    account: facts.id,
    model: model.id,
    reason,
    score,
    band: score === null ? null : overallBand(score, model.limits),
    coverage: coverageOf(whole),
    dimensions,
  };
}

/** The band of an account's or a dimension's score, by the model's limits. */
export function overallBand(score: number, limits: BandLimits): Band {
  if (score >= limits.healthy) return 'healthy';
  return score >= limits.concerning ? 'concerning' : 'poor';
}

/** One value judged by a measure's bands; both `null` without data. */
export function judge(scale: Scale, value: MetricValue): Verdict {
  const code = bandCode(scale, value);
  return code === NO_BAND ? NO_VERDICT : VERDICTS[code]!;
}

/** The model that scores the account, and why: the first whose condition holds, else the default. */
function pickModel(models: CompiledModels, facts: AccountFacts, now: Date): { model: CompiledModel; reason: string } {
  const { choices } = models;
  if (choices.length === 0) return { model: models.fallback, reason: models.fallbackReasons.known };
  const segments = facts.segments.map(segmentKey);
  const age = facts.createdAt === null ? Number.NaN : now.getTime() - facts.createdAt.getTime();
  const applies = choices.filter(
    ({ segment, maxAge }) => (segment === null || segments.includes(segment)) && (maxAge === null || age <= maxAge),
  );
  const [first, ...others] = applies;
  if (!first) {
    const { known, creationUnknown } = models.fallbackReasons;
    return { model: models.fallback, reason: Number.isNaN(age) ? creationUnknown : known };
  }
  const passedOver = others.flatMap(({ segment }) => (segment === null ? [] : [segment]));
  const order = passedOver.length > 0 ? `, which goes before ${passedOver.join(' and ')}` : '';
  return { model: first.model, reason: first.reason + order };
}

/** Scores a dimension and adds it to the account's tally. */
function scoreDimension(dimension: CompiledDimension, values: AccountFacts['metrics'], whole: Tally): DimensionScore {
  const { id, name, category, weight } = dimension;
  const own = startTally();
  // Hundreds of thousands of these are made in a run: an array of the right size, filled and weighed in one go.
  const measures: MeasureScore[] = new Array(dimension.measures.length);
  for (let place = 0; place < measures.length; place++) {
    const measure = scoreMeasure(dimension.measures[place]!, values);
    measures[place] = measure;
    addScore(own, measure.weight, measure.points, 1);
  }
  const score = meanOf(own);
  addScore(whole, weight, score, coverageOf(own));
  return { id, name, category, weight, score, measures };
}

function scoreMeasure({ metric, weight, scale }: CompiledMeasure, values: AccountFacts['metrics']): MeasureScore {
  const value = values[metric] ?? null;
  const { band, points } = judge(scale, value);
  return { metric, weight, value: band === null ? dataOf(value) : value, band, points };
}

/** A metric may be called `constructor`, and a division may have gone wrong: neither is data. */
function dataOf(value: unknown): MetricValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}
