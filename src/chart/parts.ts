import { createHash } from 'node:crypto';
import { addDays, daysBetween } from '../days.ts';
import { formatDay, formatShortDay } from '../format.ts';
import type { Band } from '../health/types.ts';

/** A day's place across the picture, and a value's place down it. */
export type Across = (day: string) => number;
/** As Across, for values. */
export type Down = (value: number) => number;

/** A day that has a value. */
export type Dot = { day: string; value: number };

export const width = 640;
const height = 280;
export const ink = '#1d2a3a';
export const faint = '#5b6673';
/** How each band is painted: its zone, letters and points on it, and its name. */
export const zones: Record<Band, { fill: string; text: string; name: string }> = {
  healthy: { fill: '#e3f4e8', text: '#1b6e3c', name: 'Healthy' },
  concerning: { fill: '#fff3d1', text: '#80590a', name: 'Concerning' },
  poor: { fill: '#fbe4e1', text: '#a3271b', name: 'Poor' },
};

/** Of the last value's label, at its size. */
const HALF_LETTER = 5.8;

/** Where the days and values of a picture lie. */
export type Plot = { left: number; right: number; top: number; bottom: number };

/** A whole picture, 640 x 280, on white. */
export function picture(parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter" font-size="15">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
  ].join('\n');
}

/** Tells one drawing from another: what looks the same need not be uploaded again. */
export function fingerprintOf(svg: string): string {
  return createHash('sha256').update(svg).digest('hex');
}

/** Days spread over the plot; one day alone is at its left. */
export function acrossOf({ from, to }: { from: string; to: string }, plot: Plot): Across {
  const days = Math.max(1, daysBetween(from, to));
  return (day) => plot.left + (daysBetween(from, day) / days) * (plot.right - plot.left);
}

/** A band's zone from `low` to `high`. */
export function bandZone(band: Band, [low, high]: readonly [number, number], y: Down, plot: Plot): string {
  return `<rect x="${plot.left}" y="${round(y(high))}" width="${width - 12 - plot.left}" height="${round(y(low) - y(high))}" fill="${zones[band].fill}"/>`;
}

/** The band's name at the right edge of its zone, none if that is too narrow for it; over the lines that cross the zone. */
export function bandName(band: Band, [low, high]: readonly [number, number], y: Down): string {
  if (y(low) - y(high) < 18) return '';
  const { fill, text, name } = zones[band];
  const middle = (y(low) + y(high)) / 2 + 5;
  return `<text x="${width - 22}" y="${round(middle)}" text-anchor="end" fill="${text}" stroke="${fill}" stroke-width="5" stroke-linejoin="round" paint-order="stroke" font-weight="600" font-size="14">${name}</text>`;
}

/** Four days below the plot; with their years where one is in it twice. */
export function dayAxis({ from, to }: { from: string; to: string }, x: Across, plot: Plot): string[] {
  const days = Math.max(1, daysBetween(from, to));
  const format = days > 300 ? formatDay : formatShortDay;
  const marks = [0, 1 / 3, 2 / 3, 1].map((share) => addDays(from, Math.round(days * share)));
  return [...new Set(marks)].flatMap((day, index) => {
    const anchor = index === 0 ? 'start' : 'middle';
    return [
      `<line x1="${round(x(day))}" y1="${plot.bottom}" x2="${round(x(day))}" y2="${plot.bottom + 6}" stroke="${faint}" stroke-width="1.5"/>`,
      `<text x="${round(index === 0 ? x(day) - 6 : x(day))}" y="${plot.bottom + 26}" text-anchor="${anchor}" fill="${faint}">${format(day)}</text>`,
    ];
  });
}

/** A number or word beside a height of the value axis. */
export function valueTick(at: number, text: string, plot: Plot): string {
  return `<text x="${plot.left - 9}" y="${round(at + 5)}" text-anchor="end" fill="${faint}">${text}</text>`;
}

/** One path a run of neighbouring days; a run of one day is a dot. */
export function line(dots: readonly Dot[], x: Across, y: Down): string[] {
  const runs: Dot[][] = [];
  let last: string | null = null;
  for (const dot of dots) {
    if (last === null || daysBetween(last, dot.day) > 1) runs.push([]);
    runs.at(-1)?.push(dot);
    last = dot.day;
  }
  return runs.map((run) => {
    const places = run.map(({ day, value }) => `${round(x(day))} ${round(y(value))}`);
    if (run.length > 1)
      return `<path d="M${places.join('L')}" fill="none" stroke="${ink}" stroke-width="3" stroke-linejoin="round" stroke-linecap="round"/>`;
    const [cx, cy] = places.join().split(' ');
    return `<circle cx="${cx}" cy="${cy}" r="2.5" fill="${ink}"/>`;
  });
}

/** The last value, with its label above it unless that runs into the picture's upper edge. */
export function lastPoint(
  { day, value }: Dot,
  label: { text: string; colour: string },
  x: Across,
  y: Down,
  plot: Plot,
): string[] {
  const at = { x: round(x(day)), y: round(y(value)) };
  // Neither into the names of the bands nor into the axis.
  const half = label.text.length * HALF_LETTER;
  const labelX = round(Math.max(plot.left + half, Math.min(at.x, plot.right + 18 - half)));
  const labelY = at.y - 16 < plot.top + 14 ? at.y + 30 : at.y - 14;
  return [
    `<circle cx="${at.x}" cy="${at.y}" r="7" fill="${label.colour}" stroke="#ffffff" stroke-width="3"/>`,
    `<text x="${labelX}" y="${labelY}" text-anchor="middle" fill="${ink}" stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke" font-size="20" font-weight="600">${label.text}</text>`,
  ];
}

/** To a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
