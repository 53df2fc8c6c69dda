import { compileScale, type Scale } from './scale.ts';
import type { BandLimits, Dimension, HealthModel, Measure, ModelCondition } from './types.ts';

const MILLISECONDS_A_DAY = 86_400_000;

/** A playbook's models, made ready once to score many accounts. */
export type CompiledModels = {
  /** In the order they are tried. */
  choices: readonly CompiledChoice[];
  /** For the accounts that no other model claims. */
  fallback: CompiledModel;
  fallbackReasons: { known: string; creationUnknown: string };
};

/** A model that claims the accounts its condition holds for. */
type CompiledChoice = { model: CompiledModel; segment: string | null; maxAge: number | null; reason: string };

/** One model, with its bands decided for every value. */
export type CompiledModel = {
  id: string;
  limits: BandLimits;
  dimensions: readonly CompiledDimension[];
};

/** One dimension, its measures ready. */
export type CompiledDimension = Omit<Dimension, 'measures'> & { measures: readonly CompiledMeasure[] };

/** A measure whose bands are steps of a scale. */
export type CompiledMeasure = { metric: string; weight: number; scale: Scale };

/** Makes models ready for scoreAccount, in the order they are tried. Throws a RangeError without exactly one default. */
export function compileModels(models: readonly HealthModel[]): CompiledModels {
  const defaults = models.filter((model) => model.when === null);
  const fallback = defaults[0];
  if (!fallback || defaults.length > 1) throw new RangeError('Exactly one model must be the default.');
  return {
    choices: models.flatMap((model) => (model.when ? [compileChoice(model, model.when)] : [])),
    fallback: compileModel(fallback),
    fallbackReasons: {
      known: fallbackReason(models, (days) => `created more than ${days} days ago`),
      creationUnknown: fallbackReason(models, () => 'its creation date is unknown'),
    },
  };
}

/** Segments are compared without regard to case and outer spaces. */
export function segmentKey(segment: string): string {
  return segment.trim().toLowerCase();
}

function compileChoice(model: HealthModel, when: ModelCondition): CompiledChoice {
  const reasons: string[] = [];
  if (when.segment !== null) reasons.push(`in the segment ${when.segment}`);
  if (when.createdWithinDays !== null) reasons.push(`created in the last ${when.createdWithinDays} days`);
  return {
    model: compileModel(model),
    segment: when.segment === null ? null : segmentKey(when.segment),
    maxAge: when.createdWithinDays === null ? null : when.createdWithinDays * MILLISECONDS_A_DAY,
    reason: reasons.join(' and '),
  };
}

function compileModel(model: HealthModel): CompiledModel {
  return {
    id: model.id,
    limits: model.limits,
    dimensions: model.dimensions.map((dimension) => ({
      ...dimension,
      measures: dimension.measures.map(compileMeasure),
    })),
  };
}

function compileMeasure(measure: Measure): CompiledMeasure {
  return { metric: measure.metric, weight: measure.weight, scale: compileScale(measure.bands) };
}

/** Why none of the other models claimed the account; `age` says it of a condition on the creation date. */
function fallbackReason(models: readonly HealthModel[], age: (days: number) => string): string {
  const conditions = models.flatMap((model) => (model.when ? [model.when] : []));
  if (conditions.length === 0) return 'the only model of this playbook';
  if (conditions.some((when) => when.segment !== null && when.createdWithinDays !== null)) {
    return 'no other model applies';
  }
  const segments = conditions.flatMap((when) => when.segment ?? []);
  const ages = conditions.flatMap((when) => when.createdWithinDays ?? []);
  const reasons = ages.length > 0 ? [age(Math.max(...ages))] : [];
  if (segments.length === 1) reasons.push(`not in the segment ${segments[0]}`);
  if (segments.length > 1) {
    reasons.push(`in none of the segments ${segments.slice(0, -1).join(', ')} or ${segments.at(-1)}`);
  }
  return reasons.join(' and ');
}
