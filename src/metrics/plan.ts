import { planSeries, type SeriesPlan } from '../series/read-plan.ts';
import type { CompiledMetric, PastMetric, UserLeaf } from './types.ts';

/** What has to be read to compute some metrics; `leaves` are those of events, with that of the newest event. */
export type MetricPlan = SeriesPlan & {
  metrics: readonly CompiledMetric[];
  /** Those of `leaves` that an equation reads. */
  eventLeaves: SeriesPlan['leaves'];
  userLeaves: readonly { slot: number; leaf: UserLeaf }[];
  /** Names of the events that equations name. */
  names: readonly string[];
  past: readonly PastMetric[];
};

/** Made once for a playbook: the hashes of its series would else be half of computing a single account. */
const plans = new WeakMap<readonly CompiledMetric[], Map<string, MetricPlan>>();

/** What `metrics` read, by the days of `timeZone`; remembered as long as `metrics` lives. */
export function planMetrics(metrics: readonly CompiledMetric[], timeZone: string): MetricPlan {
  const known = plans.get(metrics) ?? new Map<string, MetricPlan>();
  plans.set(metrics, known);
  const plan = known.get(timeZone) ?? makePlan(metrics, timeZone);
  known.set(timeZone, plan);
  return plan;
}

function makePlan(metrics: readonly CompiledMetric[], timeZone: string): MetricPlan {
  const series = planSeries(metrics, timeZone);
  const eventLeaves = series.leaves.filter(({ slot }) => slot !== series.newestSlot);
  const userLeaves = new Map(
    metrics.flatMap(({ leaves }) =>
      leaves.flatMap(({ slot, leaf }) => (leaf.kind === 'user' ? [[slot, { slot, leaf }] as const] : [])),
    ),
  );
  return {
    ...series,
    metrics,
    eventLeaves,
    userLeaves: [...userLeaves.values()],
    names: [...new Set(eventLeaves.flatMap(({ leaf }) => leaf.events.flatMap(({ name }) => name ?? [])))],
    past: metrics.flatMap((metric) => metric.past),
  };
}
