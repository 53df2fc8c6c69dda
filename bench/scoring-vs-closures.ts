import { randomNumbers } from '../simulator/demo/random.ts';
import { compileModels } from '../src/health/compile.ts';
import { scoreAccount } from '../src/health/score.ts';
import type { AccountFacts, HealthModel } from '../src/health/types.ts';
import { compare, round } from './measure.ts';
import type { Benchmark } from './types.ts';

const ACCOUNTS = 100_000;
const DIMENSIONS = 5;
const MEASURES = 4;
/** One value in twenty is missing. */
const MISSING = 0.05;

type Closure = (account: number) => number;

/** Scoring with its breakdown, against the least that scoring can be: closures composed once, over typed arrays. */
export const scoringVsClosures: Benchmark = {
  name: 'scoring_vs_closures',
  goal: { atMost: 3 },
  async run() {
    const columns = makeColumns();
    const facts = factsOf(columns);
    const models = compileModels([model]);
    const now = new Date('2026-11-21T12:00:00Z');
    const reference = accountClosure(columns);
    const scores = new Float64Array(ACCOUNTS);
    const expected = new Float64Array(ACCOUNTS);
    const times = await compare(
      7,
      () => {
        for (let index = 0; index < ACCOUNTS; index += 1) {
          scores[index] = scoreAccount(models, facts[index] as AccountFacts, now).score ?? Number.NaN;
        }
      },
      () => {
        for (let index = 0; index < ACCOUNTS; index += 1) expected[index] = reference(index);
      },
    );
    const wrong = scores.findIndex((score, index) => !(Math.abs(score - (expected[index] as number)) < 1e-9));
    if (wrong !== -1) throw new Error(`The two disagree on account ${wrong}: ${scores[wrong]} and ${expected[wrong]}`);
    return {
      ratio: times.ours / times.reference,
      detail: {
        oursMs: round(times.ours),
        closuresMs: round(times.reference),
        accounts: ACCOUNTS,
        measures: DIMENSIONS * MEASURES,
      },
    };
  },
};

const metricId = (dimension: number, measure: number) => `metric_${dimension}_${measure}`;

const model: HealthModel = {
  id: 'bench',
  name: 'Bench',
  when: null,
  limits: { concerning: 4, healthy: 7 },
  dimensions: Array.from({ length: DIMENSIONS }, (_, dimension) => ({
    id: `dimension_${dimension}`,
    name: `Dimension ${dimension}`,
    category: null,
    weight: 10 + dimension,
    measures: Array.from({ length: MEASURES }, (_, measure) => ({
      metric: metricId(dimension, measure),
      weight: 1,
      bands: {
        poor: { kind: 'above', value: 20, inclusive: false },
        concerning: { kind: 'range', from: 5, to: 20 },
        healthy: { kind: 'below', value: 5, inclusive: true },
      },
    })),
  })),
};

/** One array of values a metric, in the order of the model; NaN is no data. */
function makeColumns(): Float64Array[] {
  const random = randomNumbers(20261121);
  return Array.from({ length: DIMENSIONS * MEASURES }, () =>
    Float64Array.from({ length: ACCOUNTS }, () => (random() < MISSING ? Number.NaN : random() * 40)),
  );
}

/** Facts as they come out of JSON: objects of one shape. */
function factsOf(columns: Float64Array[]): AccountFacts[] {
  return Array.from({ length: ACCOUNTS }, (_, account) => {
    // JSON has no NaN: it becomes null.
    const values = columns.map((column, index) => [
      metricId(Math.floor(index / MEASURES), index % MEASURES),
      column[account],
    ]);
    return {
      id: `account-${account}`,
      name: `Account ${account}`,
      segments: [],
      createdAt: null,
      metrics: JSON.parse(JSON.stringify(Object.fromEntries(values))),
    };
  });
}

function accountClosure(columns: Float64Array[]): Closure {
  const dimensions = model.dimensions.map(({ weight }, dimension) => ({
    weight,
    score: dimensionClosure(columns.slice(dimension * MEASURES, (dimension + 1) * MEASURES).map(measureClosure)),
  }));
  return (account) => {
    let [sum, weights] = [0, 0];
    for (const { weight, score } of dimensions) {
      const value = score(account);
      if (Number.isNaN(value)) continue;
      sum += weight * value;
      weights += weight;
    }
    return weights > 0 ? sum / weights : Number.NaN;
  };
}

function dimensionClosure(measures: Closure[]): Closure {
  return (account) => {
    let [sum, count] = [0, 0];
    for (const measure of measures) {
      const points = measure(account);
      if (Number.isNaN(points)) continue;
      sum += points;
      count += 1;
    }
    return count > 0 ? sum / count : Number.NaN;
  };
}

function measureClosure(column: Float64Array): Closure {
  return (account) => {
    const value = column[account] as number;
    if (Number.isNaN(value)) return value;
    if (value > 20) return 0;
    return value <= 5 ? 10 : 5;
  };
}
