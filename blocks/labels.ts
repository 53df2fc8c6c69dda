import { bandWord, formatMoney, formatNumber } from '../src/format.ts';
import { describeBands } from '../src/health/bounds.ts';
import { displayScore, displayValue } from '../src/health/display.ts';
import { overallBand } from '../src/health/score.ts';
import type { Band, BandBounds, BandLimits, HealthModel, MetricValue, StoredScore } from '../src/health/types.ts';
import type { Unit } from '../src/metrics/types.ts';
import type { Playbook } from '../src/playbook/types.ts';
import { mrkdwn } from '../src/slack/escape.ts';

/** What a playbook says of the things on a card. */
export type Pack = Pick<Playbook, 'models' | 'metrics' | 'hashes'>;

/** Scores of a model that the playbook no longer has are still shown, with the usual limits. */
const usualLimits: BandLimits = { concerning: 4, healthy: 7 };
/** A playbook's bands never change, and every card tells dozens of them. */
const described = new WeakMap<BandBounds, string>();
const decimals: Record<Unit, number> = { number: 2, percent: 1, days: 1, ratio: 2, money: 2, text: 0, boolean: 0 };

/** The model as the playbook has it now; `null` when it is gone. */
export function modelOf(pack: Pack, id: string): HealthModel | null {
  return pack.models.find((model) => model.id === id) ?? null;
}

/** The model that gave a stored score; `null` when it has been edited since or is gone. */
export function unchangedModelOf(pack: Pack, { model, modelHash }: Pick<StoredScore, 'model' | 'modelHash'>) {
  return pack.hashes.get(model) === modelHash ? modelOf(pack, model) : null;
}

/** The model's name for people, safe in mrkdwn. */
export function modelName(pack: Pack, id: string): string {
  return mrkdwn(modelOf(pack, id)?.name ?? id, 80);
}

/** The metric's name for people, safe in mrkdwn. */
export function metricName(pack: Pack, id: string): string {
  return mrkdwn(metricOf(pack, id)?.name ?? id, 80);
}

/** A score as people read it, `7.4`, and its band by the model's limits. */
export function scoreLabel(pack: Pack, model: string, score: number): { label: string; band: Band } {
  const limits = limitsOf(pack, model);
  return { label: displayScore(score, limits), band: overallBand(score, limits) };
}

/** Where the model's bands begin. */
export function limitsOf(pack: Pack, model: string): BandLimits {
  return modelOf(pack, model)?.limits ?? usualLimits;
}

/** The bands of a measure; `null` when the model is not at hand. */
export function bandsOf(model: HealthModel | null, dimension: string, metric: string): BandBounds | null {
  const measures = model?.dimensions.find(({ id }) => id === dimension)?.measures;
  return measures?.find((measure) => measure.metric === metric)?.bands ?? null;
}

/** The bands by which a model judges a metric, wherever it measures it; `null` when it does not. */
export function measureBandsOf(model: HealthModel | null, metric: string): BandBounds | null {
  const measures = model?.dimensions.flatMap((dimension) => dimension.measures);
  return measures?.find((measure) => measure.metric === metric)?.bands ?? null;
}

/** A measure's thresholds in brackets, safe in mrkdwn; nothing when they are not at hand. */
export function thresholds(bands: BandBounds | null): string {
  if (!bands) return '';
  let said = described.get(bands);
  if (said === undefined) {
    said = ` (${mrkdwn(describeBands(bands).replaceAll('<=', '≤').replaceAll('>=', '≥'), 200)})`;
    described.set(bands, said);
  }
  return said;
}

/** A metric's value with its unit, `12.5%`, safe in mrkdwn; with `bands`, never rounded into another band. */
export function valueLabel(
  pack: Pack,
  metric: string,
  value: MetricValue,
  wording: { bands: BandBounds | null; currency: string },
): string {
  return unitLabel(metricOf(pack, metric)?.unit ?? 'number', value, wording);
}

/** A value with its unit, as valueLabel has it. */
export function unitLabel(
  unit: Unit,
  value: MetricValue,
  { bands, currency }: { bands: BandBounds | null; currency: string },
): string {
  if (value === null) return 'no data';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return mrkdwn(value, 60);
  if (unit === 'money') return formatMoney(value, currency);
  const number = numberLabel(value, decimals[unit], bands);
  if (unit === 'percent') return `${number}%`;
  if (unit === 'days') return `${number} ${value === 1 ? 'day' : 'days'}`;
  return number;
}

/** By how much a number changed, `▲ 5 points (+12.5%)`, safe in mrkdwn; `percent` is of the earlier value. */
export function changeLabel(
  pack: Pack,
  metric: string,
  { change, percent }: { change: number; percent: number | null },
  currency: string,
): string {
  if (change === 0) return 'unchanged';
  const unit = metricOf(pack, metric)?.unit ?? 'number';
  const size = valueLabel(pack, metric, Math.abs(change), { bands: null, currency });
  const [amount, points] = unit === 'percent' ? [size.slice(0, -1), size === '1%' ? ' point' : ' points'] : [size, ''];
  const sign = change > 0 ? '+' : '−';
  const share = Math.abs(percent ?? 0);
  const told = share < 0.1 ? '' : ` (${sign}${formatNumber(Number(share.toFixed(share < 100 ? 1 : 0)))}%)`;
  return `${change > 0 ? '▲' : '▼'} ${/^\D*0\D*$/.test(amount) ? 'a little' : `${amount}${points}`}${told}`;
}

/** A value's label and the word of its band, which is told once where the value is the word: `25%, Poor`, `Poor`. */
export function judged(value: string, band: Band | null): string {
  if (band === null) return value;
  return value.toLowerCase() === band ? bandWord(band) : `${value}, ${bandWord(band)}`;
}

function numberLabel(value: number, digits: number, bands: BandBounds | null): string {
  const rounded = Number(value.toFixed(digits));
  // Only across the end of a band can rounding change the band; to find out for sure takes much longer.
  const crosses = (end: number) => (value <= end && end <= rounded) || (rounded <= end && end <= value);
  if (rounded === value || !bands || !endsOf(bands).some(crosses)) return formatNumber(rounded);
  return displayValue(value, bands, digits).replace('-', '−');
}

/** The numbers at which a measure's bands begin or end. */
function endsOf(bands: BandBounds): number[] {
  return Object.values(bands).flatMap((bound) => {
    if (bound.kind === 'range') return [bound.from, bound.to];
    return typeof bound.value === 'number' ? [bound.value] : [];
  });
}

function metricOf(pack: Pack, id: string) {
  return pack.metrics.find((metric) => metric.id === id);
}
