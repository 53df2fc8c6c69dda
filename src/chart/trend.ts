import { createHash } from 'node:crypto';
import { addDays, daysBetween } from '../days.ts';
import { formatShortDay } from '../format.ts';
import type { Band } from '../health/types.ts';

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

const width = 640;
const height = 280;
const plot = { left: 40, right: 506, top: 18, bottom: 236 };
const ink = '#1d2a3a';
const faint = '#5b6673';
const zones: Record<Band, { fill: string; text: string }> = {
  healthy: { fill: '#e3f4e8', text: '#1b6e3c' },
  concerning: { fill: '#fff3d1', text: '#80590a' },
  poor: { fill: '#fbe4e1', text: '#a3271b' },
};

/** The picture as SVG, 640 x 280; it holds no customer text, so no font lacks its letters. */
export function trendSvg(trend: Trend): string {
  const days = Math.max(1, daysBetween(trend.from, trend.to));
  const x = (day: string) => plot.left + (daysBetween(trend.from, day) / days) * (plot.right - plot.left);
  const y = (score: number) => plot.bottom - (score / 10) * (plot.bottom - plot.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter" font-size="15">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...bandZones(trend.bands, y),
    ...dayAxis(trend, days, x),
    ...modelSwitches(trend.points, x),
    ...line(trend.points, x, y),
    ...lastPoint(trend, x, y),
    '</svg>',
  ].join('\n');
}

/** Tells one drawing from another: what looks the same need not be uploaded again. */
export function fingerprintOf(svg: string): string {
  return createHash('sha256').update(svg).digest('hex');
}

function bandZones(bands: Trend['bands'], y: (score: number) => number): string[] {
  const zone = (band: Band, name: string, low: number, high: number) => {
    const middle = (y(low) + y(high)) / 2 + 5;
    const { fill, text } = zones[band];
    return [
      `<rect x="${plot.left}" y="${round(y(high))}" width="${width - 12 - plot.left}" height="${round(y(low) - y(high))}" fill="${fill}"/>`,
      // A zone too narrow for its name goes without.
      y(low) - y(high) < 18
        ? ''
        : `<text x="${width - 22}" y="${round(middle)}" text-anchor="end" fill="${text}" font-weight="600" font-size="14">${name}</text>`,
    ];
  };
  const tick = (score: number) =>
    `<text x="${plot.left - 9}" y="${round(y(score) + 5)}" text-anchor="end" fill="${faint}">${Number(score.toFixed(1))}</text>`;
  const { concerning, healthy } = bands;
  return [
    ...zone('healthy', 'Healthy', healthy, 10),
    ...zone('concerning', 'Concerning', concerning, healthy),
    ...zone('poor', 'Poor', 0, concerning),
    ...[0, concerning, healthy, 10]
      .filter((score, index, all) => index === 0 || score - (all[index - 1] ?? 0) >= 0.7)
      .map(tick),
  ];
}

function dayAxis(trend: Trend, days: number, x: (day: string) => number): string[] {
  const marks = [0, 1 / 3, 2 / 3, 1].map((share) => addDays(trend.from, Math.round(days * share)));
  return marks.flatMap((day, index) => {
    const anchor = index === 0 ? 'start' : 'middle';
    return [
      `<line x1="${round(x(day))}" y1="${plot.bottom}" x2="${round(x(day))}" y2="${plot.bottom + 6}" stroke="${faint}" stroke-width="1.5"/>`,
      `<text x="${round(index === 0 ? x(day) - 6 : x(day))}" y="${plot.bottom + 26}" text-anchor="${anchor}" fill="${faint}">${formatShortDay(day)}</text>`,
    ];
  });
}

function modelSwitches(points: readonly TrendPoint[], x: (day: string) => number): string[] {
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

/** One path a run of days with scores; a run of one day is a dot. */
function line(points: readonly TrendPoint[], x: (day: string) => number, y: (score: number) => number): string[] {
  const runs: { day: string; score: number }[][] = [];
  let last: string | null = null;
  for (const { day, score } of points) {
    if (score === null) continue;
    if (last === null || daysBetween(last, day) > 1) runs.push([]);
    runs.at(-1)?.push({ day, score });
    last = day;
  }
  return runs.map((run) => {
    const places = run.map(({ day, score }) => `${round(x(day))} ${round(y(score))}`);
    if (run.length > 1)
      return `<path d="M${places.join('L')}" fill="none" stroke="${ink}" stroke-width="3" stroke-linejoin="round" stroke-linecap="round"/>`;
    const [cx, cy] = places.join().split(' ');
    return `<circle cx="${cx}" cy="${cy}" r="2.5" fill="${ink}"/>`;
  });
}

function lastPoint(trend: Trend, x: (day: string) => number, y: (score: number) => number): string[] {
  const last = trend.points.findLast((point) => point.score !== null);
  if (!last || last.score === null) return [];
  const at = { x: round(x(last.day)), y: round(y(last.score)) };
  // Above the point, unless that runs into the picture's upper edge.
  const labelY = at.y - 16 < plot.top + 14 ? at.y + 30 : at.y - 14;
  return [
    `<circle cx="${at.x}" cy="${at.y}" r="7" fill="${zones[trend.now.band].text}" stroke="#ffffff" stroke-width="3"/>`,
    `<text x="${at.x}" y="${labelY}" text-anchor="middle" fill="${ink}" stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke" font-size="20" font-weight="600">${trend.now.label}</text>`,
  ];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
