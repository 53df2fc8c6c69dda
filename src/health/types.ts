/** How a measure, a dimension or an account does. */
export type Band = 'poor' | 'concerning' | 'healthy';

/** A metric's value; `null` is "no data", which is neither 0 nor false. */
export type MetricValue = number | string | boolean | null;

/** All that scoring knows of an account. */
export type AccountFacts = {
  id: string;
  name: string;
  segments: readonly string[];
  /** `null` when nobody told us. */
  createdAt: Date | null;
  metrics: Readonly<Record<string, MetricValue>>;
};

/** One metric's share in a score. `band` and `points` (0, 5, 10) are `null` without data. */
export type MeasureScore = {
  metric: string;
  /** Relative to the other measures of the dimension. */
  weight: number;
  value: MetricValue;
  band: Band | null;
  points: number | null;
};

/** A dimension's score, 0 to 10; `null` when none of its measures has data. */
export type DimensionScore = {
  id: string;
  name: string;
  /** Groups dimensions for display; it has no weight of its own. */
  category?: string | null;
  /** As the model says it, relative to the other dimensions. */
  weight: number;
  score: number | null;
  measures: MeasureScore[];
};

/** An account's score with its whole breakdown, as stored and shown. */
export type HealthScore = {
  account: string;
  model: string;
  /** Why this model was picked, a sentence's end: "created in the last 90 days". */
  reason: string;
  /** 0 to 10, unrounded; `null` is "no score". */
  score: number | null;
  band: Band | null;
  /** Share of the total weight that had data, 0 to 1. */
  coverage: number;
  dimensions: DimensionScore[];
};

/** What a band asks of a value, as written: `> 20`, `<= 5`, `3+`, `5 - 20`, `0`, `true`, `poor`. */
export type Bound =
  | { kind: 'above' | 'below'; value: number; inclusive: boolean }
  /** Both ends belong to it. */
  | { kind: 'range'; from: number; to: number }
  | { kind: 'exactly'; value: number | boolean | string };

/** A band that is absent is never given by this measure. */
export type BandBounds = Readonly<Partial<Record<Band, Bound>>>;

/** A metric, what it weighs in its dimension, and which values are poor, concerning and healthy. */
export type Measure = { metric: string; weight: number; bands: BandBounds };

/** Measures that are read together. `category` groups dimensions for display only. */
export type Dimension = {
  id: string;
  name: string;
  category: string | null;
  weight: number;
  measures: readonly Measure[];
};

/** Where the overall bands begin: poor is below `concerning`, healthy at or above `healthy`. */
export type BandLimits = { concerning: number; healthy: number };

/** All that is not null must hold; days are elapsed days of 24 hours, the last one included. */
export type ModelCondition = { segment: string | null; createdWithinDays: number | null };

/** One way to score an account, as a playbook writes it. `when: null` is the default model. */
export type HealthModel = {
  id: string;
  name: string;
  when: ModelCondition | null;
  limits: BandLimits;
  dimensions: readonly Dimension[];
};

/** A score as it was stored, with the hash of the model that gave it. */
export type StoredScore = HealthScore & { modelHash: string };
