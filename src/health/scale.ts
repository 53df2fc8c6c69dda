import { BANDS, contains, interval, word } from './bounds.ts';
import type { BandBounds, MetricValue } from './types.ts';

/** The code of "no band". */
export const NO_BAND = -1;

/**
 * A measure's bands with every overlap and gap decided, as steps over the number line: `at[i]` is the band of
 * exactly `cuts[i]`, `open[i]` that of the numbers below `cuts[i]` and above the cut before. Codes are places in BANDS.
 */
export type Scale = {
  cuts: Float64Array;
  at: Int8Array;
  open: Int8Array;
  /** Which steps no band was written for, before they took their neighbours' worse one. */
  uncovered: Steps;
  words: ReadonlyMap<string | boolean, number>;
};

/** Which places of `at` and `open` something is true of. */
type Steps = { at: readonly boolean[]; open: readonly boolean[] };

/** Decides every number, word and boolean once, by the rules in docs/health-models.md. */
export function compileScale(bands: BandBounds): Scale {
  const cuts = cutsOf(bands);
  const at = cuts.map((cut) => codeOf(bands, cut));
  const open = Array.from({ length: cuts.length + 1 }, (_, index) => codeOf(bands, between(cuts, index)));
  const uncovered = { at: at.map((code) => code === NO_BAND), open: open.map((code) => code === NO_BAND) };
  const steps = fillGaps(open.flatMap((code, index) => (index < at.length ? [code, at[index]!] : [code])));
  return {
    cuts: Float64Array.from(cuts),
    at: Int8Array.from(steps.filter((_, index) => index % 2 === 1)),
    open: Int8Array.from(steps.filter((_, index) => index % 2 === 0)),
    uncovered,
    words: wordsOf(bands),
  };
}

/** The code of the value's band; NO_BAND without data, and for a value of a kind that the bands do not speak of. */
export function bandCode(scale: Scale, value: MetricValue): number {
  if (typeof value === 'number') {
    const { cuts, at, open } = scale;
    // Most measures have two cuts, and most of the time goes into this.
    if (cuts.length === 2) return codeBesideTwo(scale, value);
    let place = 0;
    while (place < cuts.length && value > cuts[place]!) place++;
    if (value === cuts[place]) return at[place]!;
    return Number.isFinite(value) ? open[place]! : NO_BAND;
  }
  if (typeof value === 'string') return scale.words.get(value) ?? scale.words.get(word(value)) ?? NO_BAND;
  return typeof value === 'boolean' ? (scale.words.get(value) ?? NO_BAND) : NO_BAND;
}

function codeBesideTwo({ cuts, at, open }: Scale, value: number): number {
  const low = cuts[0]!;
  const high = cuts[1]!;
  if (value < low) return value === Number.NEGATIVE_INFINITY ? NO_BAND : open[0]!;
  if (value > high) return value === Number.POSITIVE_INFINITY ? NO_BAND : open[2]!;
  if (value > low) return value < high ? open[1]! : at[1]!;
  return value === low ? at[0]! : NO_BAND;
}

function cutsOf(bands: BandBounds): number[] {
  const ends = BANDS.flatMap((band) => {
    const range = bands[band] ? interval(bands[band]) : null;
    return range ? [range.from, range.to] : [];
  });
  return [...new Set(ends.filter(Number.isFinite).map((end) => end + 0))].sort((a, b) => a - b);
}

/** A number of the open stretch before the cut of that place. */
function between(cuts: readonly number[], index: number): number {
  const [left, right] = [cuts[index - 1], cuts[index]];
  if (left === undefined) return right === undefined ? 0 : right - 1 - Math.abs(right);
  return right === undefined ? left + 1 + Math.abs(left) : left + (right - left) / 2;
}

/** Operators and single values beat ranges; of two of a kind the worse band wins. */
function codeOf(bands: BandBounds, value: number): number {
  let byRange = NO_BAND;
  for (const [code, band] of BANDS.entries()) {
    const bound = bands[band];
    const range = bound ? interval(bound) : null;
    if (!bound || !range || !contains(range, value)) continue;
    if (bound.kind !== 'range') return code;
    if (byRange === NO_BAND) byRange = code;
  }
  return byRange;
}

/** A step in no band takes the worse of the bands to its left and right, or the only one there is. */
function fillGaps(steps: readonly number[]): number[] {
  return steps.map((code, index) => {
    if (code !== NO_BAND) return code;
    const left = steps.slice(0, index).findLast((other) => other !== NO_BAND);
    const right = steps.slice(index + 1).find((other) => other !== NO_BAND);
    return Math.min(left ?? right ?? NO_BAND, right ?? left ?? NO_BAND);
  });
}

function wordsOf(bands: BandBounds): Map<string | boolean, number> {
  const words = new Map<string | boolean, number>();
  for (const [code, band] of BANDS.entries()) {
    const bound = bands[band];
    if (bound?.kind !== 'exactly' || typeof bound.value === 'number' || words.has(bound.value)) continue;
    words.set(bound.value, code);
  }
  return words;
}
