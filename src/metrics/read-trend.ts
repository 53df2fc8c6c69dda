import { addDays } from '../days.ts';
import { findMetricDays } from '../db/metric-trend.ts';
import type { Db } from '../db/types.ts';
import { COMPARED_DAYS, type Figures, figuresOf, type MetricDay, type Stretch, stretchesOf } from './figures.ts';
import type { CompiledMetric } from './types.ts';

/** An account's metric over some days: as kept, in figures and, unless it is a number, in stretches of one value. */
export type KeptTrend = { stored: MetricDay[]; figures: Figures; stretches: Stretch[] | null };

/** Reads the `days` days up to the newest that is kept, at most `today`; `null` when nothing is kept. */
export async function readMetricTrend(
  db: Db,
  { accountId, metric, days, today }: { accountId: string; metric: CompiledMetric; days: number; today: string },
): Promise<KeptTrend | null> {
  const kept = await findMetricDays(db, { accountId, metric: metric.id, today }, { days, also: COMPARED_DAYS });
  if (!kept) return null;
  const period = { from: addDays(kept.to, 1 - days), to: kept.to };
  return {
    stored: kept.stored,
    figures: figuresOf(kept.stored, period),
    stretches: metric.type === 'number' ? null : stretchesOf(kept.stored, period),
  };
}
