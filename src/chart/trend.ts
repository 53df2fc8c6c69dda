import type { Band } from '../health/types.ts';
import {
  type Across,
  acrossOf,
  bandName,
  bandZone,
  type Dot,
  type Down,
  dayAxis,
  ink,
  lastPoint,
  line,
  type Plot,
  picture,
  round,
  valueTick,
  zones,
} from './parts.ts';

/** A day's score, unrounded; a day without a row counts as no score. `model` marks where an account changed models. */
type TrendPoint = { day: string; score: number | null; model: string };

/** What the picture shows: `from` and `to` included; `points` by day, rising; where the bands begin, 0 to 10. */
export type Trend = {
  from: string;
  to: string;
  points: readonly TrendPoint[];
  bands: { concerning: number; healthy: number };
  /** The last of the scores as people read it, with its band. */
  now: { label: string; band: Band };
};

const plot: Plot = { left: 40, right: 506, top: 18, bottom: 236 };

/** The picture as SVG, 640 x 280; it holds no customer text, so no font lacks its letters. */
export function trendSvg(trend: Trend): string {
  const x = acrossOf(trend, plot);
  const y = (score: number) => plot.bottom - (score / 10) * (plot.bottom - plot.top);
  const dots = trend.points.flatMap(({ day, score }): Dot[] => (score === null ? [] : [{ day, value: score }]));
  const last = dots.at(-1);
  const label = { text: trend.now.label, colour: zones[trend.now.band].text };
  return picture([
    ...bandZones(trend.bands, y),
    ...dayAxis(trend, x, plot),
    ...modelSwitches(trend.points, x),
    ...line(dots, x, y),
    ...(last ? lastPoint(last, label, x, y, plot) : []),
  ]);
}

function bandZones({ concerning, healthy }: Trend['bands'], y: Down): string[] {
  const bands = [
    ['healthy', [healthy, 10]],
    ['concerning', [concerning, healthy]],
    ['poor', [0, concerning]],
  ] as const;
  return [
    ...bands.flatMap(([band, range]) => [bandZone(band, range, y, plot), bandName(band, range, y)]),
    ...[0, concerning, healthy, 10]
      .filter((score, index, all) => index === 0 || score - (all[index - 1] ?? 0) >= 0.7)
      .map((score) => valueTick(y(score), String(Number(score.toFixed(1))), plot)),
  ];
}

function modelSwitches(points: readonly TrendPoint[], x: Across): string[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    if (!before || before.model === point.model) return [];
    const at = round((x(before.day) + x(point.day)) / 2);
    const left = at > (plot.left + plot.right) / 2;
    return [
      `<line x1="${at}" y1="${plot.top}" x2="${at}" y2="${plot.bottom}" stroke="${ink}" stroke-width="1.5" stroke-dasharray="4 4" opacity="0.7"/>`,
      `<text x="${left ? at - 6 : at + 6}" y="${plot.bottom - 8}" text-anchor="${left ? 'end' : 'start'}" fill="${ink}" font-size="13">other model</text>`,
    ];
  });
}
