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
