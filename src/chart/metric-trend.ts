import { addDays, daysBetween } from '../days.ts';
import type { Band } from '../health/types.ts';
import type { Unit } from '../metrics/types.ts';
import {
  type Across,
  acrossOf,
  bandName,
  bandZone,
  type Down,
  dayAxis,
  faint,
  ink,
  lastPoint,
  line,
  type Plot,
  picture,
  round,
  valueTick,
  width,
  zones,
} from './parts.ts';
import { valueAxis } from './value-axis.ts';

/** A stretch of values that one band is given for; open ends are infinite. */
export type Zone = { band: Band; from: number; to: number };

type Point = { day: string; value: number; corrected: boolean };

/** What the picture of a metric shows: `from` and `to` included; the days that have a value, rising; at least one. */
export type MetricChart = {
  from: string;
  to: string;
  points: readonly Point[];
  /** Rising; none where no model judges the metric. */
  zones: readonly Zone[];
  unit: Unit;
  currency: string;
  /** The last of the values as people read it. */
  now: { label: string; band: Band | null };
};

const plot: Plot = { left: 68, right: 510, top: 20, bottom: 236 };
const grid = '#dfe4ea';

/** The picture as SVG, 640 x 280; like that of the score it holds no customer text. */
export function metricTrendSvg(chart: MetricChart): string {
  const values = chart.points.map(({ value }) => value);
  const marks = chart.zones.flatMap(({ from, to }) => [from, to]).filter(Number.isFinite);
  const percent = { least: 0, most: 100 };
  const axis = valueAxis(values, marks, chart.unit === 'percent' ? percent : undefined);
  const x = acrossOf(chart, plot);
  const y = (value: number) => plot.bottom - ((value - axis.low) / (axis.high - axis.low)) * (plot.bottom - plot.top);
  const last = chart.points.at(-1);
  const colour = chart.now.band ? zones[chart.now.band].text : ink;
  const shown = chart.zones
    .map(({ band, from, to }) => ({ band, low: Math.max(from, axis.low), high: Math.min(to, axis.high) }))
    .filter(({ low, high }) => low < high);
  return picture([
    ...shown.map(({ band, low, high }) => bandZone(band, [low, high], y, plot)),
    ...valueLines(axis.ticks, chart, y),
    ...shown.map(({ band, low, high }) => bandName(band, [low, high], y)),
    ...dayAxis(chart, x, plot),
    ...gaps(chart, x),
    ...line(chart.points, x, y),
    ...corrections(chart, x, y),
    ...(last ? lastPoint(last, { text: chart.now.label, colour }, x, y, plot) : []),
  ]);
}

function valueLines(ticks: readonly number[], { unit, currency, zones: bands }: MetricChart, y: Down): string[] {
  const right = bands.length > 0 ? width - 12 : plot.right;
  return ticks.flatMap((tick) => [
    `<line x1="${plot.left}" y1="${round(y(tick))}" x2="${right}" y2="${round(y(tick))}" stroke="${bands.length > 0 ? '#ffffff' : grid}" stroke-width="1"/>`,
    valueTick(y(tick), tickLabel(tick, unit, currency), plot),
  ]);
}

/** Short enough for the axis: `1.5K`, `$2M`, `40%`. */
function tickLabel(value: number, unit: Unit, currency: string): string {
  const short = { notation: 'compact', maximumSignificantDigits: 4 } as const;
  if (unit === 'money') {
    // A code such as CHF would not fit beside the number.
    const symbol = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const;
    return new Intl.NumberFormat('en-US', { ...short, ...symbol }).format(value);
  }
  const number = new Intl.NumberFormat('en-US', short).format(value).replace('-', '−');
  if (unit === 'percent') return `${number}%`;
  return unit === 'days' ? `${number} d` : number;
}

/** Longer stretches without data are named, so that they are not taken for a fault of the picture. */
function gaps({ from, to, points }: MetricChart, x: Across): string[] {
  const known = [addDays(from, -1), ...points.map(({ day }) => day), addDays(to, 1)];
  return known.slice(1).flatMap((day, index) => {
    const before = known[index] ?? day;
    if (daysBetween(before, day) < 2) return [];
    const [left, right] = [Math.max(plot.left, x(before)), Math.min(plot.right, x(day))];
    if (right - left < 64) return [];
    return `<text x="${round((left + right) / 2)}" y="${plot.bottom - 10}" text-anchor="middle" fill="${faint}" font-size="13">no data</text>`;
  });
}

/** A ring on each day that late data corrected, and what it means. */
function corrections({ points }: MetricChart, x: Across, y: Down): string[] {
  const corrected = points.filter((point) => point.corrected);
  if (corrected.length === 0) return [];
  const radius = points.length > 200 ? 2.5 : 4;
  const ring = (cx: number, cy: number, r: number) =>
    `<circle cx="${round(cx)}" cy="${round(cy)}" r="${r}" fill="#ffffff" stroke="${ink}" stroke-width="1.5" class="corrected"/>`;
  return [
    ...corrected.map(({ day, value }) => ring(x(day), y(value), radius)),
    ring(plot.left + 8, 11, 4),
    `<text x="${plot.left + 18}" y="15" fill="${faint}" font-size="13">corrected later</text>`,
  ];
}
