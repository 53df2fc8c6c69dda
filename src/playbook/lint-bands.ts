import { BANDS, describeBound, type Interval, interval } from '../health/bounds.ts';
import { bandCode, compileScale, type Scale } from '../health/scale.ts';
import type { Band, BandBounds, Bound } from '../health/types.ts';
import type { Unit } from '../metrics/types.ts';
import type { Severity } from './types.ts';

/** A finding about one measure; `band` is the one to look at, `null` for all of them. */
export type BandFinding = { severity: Severity; code: string; message: string; band: Band | null };

/** What is wrong or odd with a measure's bands. `unit` is that of its metric, `null` when it is not known. */
export function lintBands(bands: BandBounds, unit: Unit | null): BandFinding[] {
  const written = BANDS.filter((band) => bands[band]);
  if (written.length === 0) {
    return [error('no-bands', 'There is no band: write at least one of "poor", "concerning" and "healthy".', null)];
  }
  const kinds = written.flatMap((band) => lintKind(bands, band, unit));
  if (kinds.length > 0) return kinds;
  const scale = compileScale(bands);
  return [...lintOverlaps(bands, written), ...lintUnreachable(bands, written, scale, unit), ...lintGaps(bands, scale)];
}

/** Numbers, words and true/false do not mix, and each goes with its units. */
function lintKind(bands: BandBounds, band: Band, unit: Unit | null): BandFinding[] {
  const kind = kindOf(bands[band]!);
  const wanted = unit === null ? kindOf(bands[BANDS.find((other) => bands[other])!]!) : kindOfUnit(unit);
  if (kind === wanted) return [];
  const why = unit === null ? 'the other bands hold' : `a metric of unit "${unit}" holds`;
  const message = `${quote(bands, band)} asks for ${kind}, but ${why} ${wanted}: mend the band or the metric's unit.`;
  return [error('wrong-kind', message, band)];
}

function kindOf(bound: Bound): string {
  if (bound.kind !== 'exactly' || typeof bound.value === 'number') return 'numbers';
  return typeof bound.value === 'boolean' ? 'true or false' : 'words';
}

function kindOfUnit(unit: Unit): string {
  if (unit === 'text') return 'words';
  return unit === 'boolean' ? 'true or false' : 'numbers';
}

/** Two bands that both claim a value, but for a range whose end is also an operator's or single value: that is how people write. */
function lintOverlaps(bands: BandBounds, written: readonly Band[]): BandFinding[] {
  return written.flatMap((worse, index) =>
    written.slice(index + 1).flatMap((better): BandFinding[] => {
      const shared = overlap(bands[worse]!, bands[better]!);
      if (shared === null) return [];
      const mixed = (bands[worse]!.kind === 'range') !== (bands[better]!.kind === 'range');
      const loser = mixed && bands[worse]!.kind === 'range' ? worse : better;
      const winner = loser === worse ? better : worse;
      const why = mixed ? 'as a range gives way' : 'as the worse of the two';
      const message = `${quote(bands, worse)} and ${quote(bands, better)} overlap ${shared}: ${winner} wins there, ${why}. Narrow one of them.`;
      return [warning('overlap', message, loser)];
    }),
  );
}

function overlap(one: Bound, other: Bound): string | null {
  const [a, b] = [interval(one), interval(other)];
  if (!a || !b) {
    return one.kind === 'exactly' && other.kind === 'exactly' && one.value === other.value ? `at "${one.value}"` : null;
  }
  const shared = intersection(a, b);
  if (shared.from > shared.to) return null;
  if (shared.from < shared.to) return describeInterval(shared);
  if (!shared.fromIncluded || !shared.toIncluded) return null;
  const touches = (range: Bound, point: number) =>
    range.kind === 'range' && (range.from === point || range.to === point);
  const atAnEnd = touches(one, shared.from) !== touches(other, shared.from);
  return atAnEnd ? null : `at ${shared.from}`;
}

function intersection(a: Interval, b: Interval): Interval {
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  return {
    from,
    fromIncluded: (a.from < from || a.fromIncluded) && (b.from < from || b.fromIncluded),
    to,
    toIncluded: (a.to > to || a.toIncluded) && (b.to > to || b.toIncluded),
  };
}

function lintUnreachable(bands: BandBounds, written: readonly Band[], scale: Scale, unit: Unit | null): BandFinding[] {
  return written.flatMap((band): BandFinding[] => {
    if (!isReached(bands, band, scale)) {
      const message = `${quote(bands, band)} can never be reached: other bands win for all of its values. Mend or remove it.`;
      return [warning('unreachable-band', message, band)];
    }
    if (unit !== 'percent' && startsAtZero(bands) && isNegative(bands[band]!)) {
      const message = `${quote(bands, band)} can never be reached unless the metric falls below 0, where another band starts. Mend or remove it.`;
      return [warning('unreachable-band', message, band)];
    }
    return [];
  });
}

/** Whether any value that the band itself claims is given to it. */
function isReached(bands: BandBounds, band: Band, scale: Scale): boolean {
  const bound = bands[band]!;
  const code = BANDS.indexOf(band);
  const range = interval(bound);
  if (!range) return bound.kind === 'exactly' && bandCode(scale, bound.value) === code;
  return scale.steps.some((other, step) => other === code && !scale.uncovered[step]);
}

function startsAtZero(bands: BandBounds): boolean {
  return BANDS.some((band) => {
    const range = bands[band] ? interval(bands[band]) : null;
    return range?.from === 0 && range.fromIncluded;
  });
}

function isNegative(bound: Bound): boolean {
  const range = interval(bound);
  return range !== null && (range.to < 0 || (range.to === 0 && !range.toIncluded));
}

/** The stretches in no band, in one finding; below a band that starts at 0 there is nothing to miss. */
function lintGaps(bands: BandBounds, scale: Scale): BandFinding[] {
  const numbers = numberGaps(scale);
  const gaps = numbers.map(({ range, code }) => `${describeInterval(range)} (taken as ${BANDS[code]})`);
  const booleans = [...scale.words.keys()].filter((value) => typeof value === 'boolean');
  if (booleans.length === 1) gaps.push(`for ${!booleans[0]} (taken as no data)`);
  if (gaps.length === 0) return [];
  const list = BANDS.flatMap((band) => (bands[band] ? [quote(bands, band)] : [])).join(', ');
  const harmless = numbers.length > 0 && numbers.every(({ range }) => isBetweenNeighbours(range));
  const widen = numbers.length > 0 ? 'Widen a band.' : 'Add a band.';
  const advice = harmless ? 'No harm if the metric is always a whole number; else widen a band.' : widen;
  const message = `${list} leave a gap ${gaps.join(', ')}. ${advice}`;
  return [warning('gap', message, null)];
}

/** Whether no whole number lies in between. */
function isBetweenNeighbours({ from, to }: Interval): boolean {
  return Number.isInteger(from) && to === from + 1;
}

type Gap = { range: Interval; code: number };

/** Neighbouring steps without a band are one gap. */
function numberGaps({ cuts, steps, uncovered }: Scale): Gap[] {
  if (cuts.length === 0) return [];
  const gaps: Gap[] = [];
  const first = uncovered[0] && cuts[0] === 0 && !uncovered[1] ? 1 : 0;
  for (let step = first; step < steps.length; step++) {
    if (!uncovered[step]) continue;
    const last = gaps.at(-1);
    const range = rangeOf(cuts, step);
    if (last && uncovered[step - 1]) last.range = { ...last.range, to: range.to, toIncluded: range.toIncluded };
    else gaps.push({ range, code: steps[step]! });
  }
  return gaps;
}

/** A step of a scale as an interval. */
function rangeOf(cuts: Float64Array, step: number): Interval {
  const isCut = step % 2 === 1;
  const from = isCut ? cuts[(step - 1) / 2]! : (cuts[step / 2 - 1] ?? Number.NEGATIVE_INFINITY);
  const to = isCut ? from : (cuts[step / 2] ?? Number.POSITIVE_INFINITY);
  return { from, fromIncluded: isCut, to, toIncluded: isCut };
}

function describeInterval({ from, to }: Interval): string {
  if (from === to) return `at ${from}`;
  if (from === Number.NEGATIVE_INFINITY) return to === Number.POSITIVE_INFINITY ? 'everywhere' : `below ${to}`;
  return to === Number.POSITIVE_INFINITY ? `above ${from}` : `between ${from} and ${to}`;
}

function quote(bands: BandBounds, band: Band): string {
  const bound = bands[band]!;
  return `${band} "${bound.kind === 'exactly' ? bound.value : describeBound(bound)}"`;
}

function error(code: string, message: string, band: Band | null): BandFinding {
  return { severity: 'error', code, message, band };
}

function warning(code: string, message: string, band: Band | null): BandFinding {
  return { severity: 'warning', code, message, band };
}
