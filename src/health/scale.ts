import { BANDS, contains, interval, word } from './bounds.ts';
import type { BandBounds, MetricValue } from './types.ts';

/** The code of "no band". */
export const NO_BAND = -1;

/**
 * A measure's bands with every overlap and gap decided, as steps over the number line: below the first cut, exactly
 * the first cut, between it and the second, and so on up to above the last. Codes are places in BANDS.
 */
export type Scale = {
  cuts: Float64Array;
  /** Twice as many as cuts, and one more. */
  steps: Int8Array;
  /** Which steps no band was written for, before they took their neighbours' worse one. */
  uncovered: readonly boolean[];
  words: ReadonlyMap<string | boolean, number>;
};

/** Decides every number, word and boolean once, by the rules in docs/health-models.md. */
export function compileScale(bands: BandBounds): Scale {
  const cuts = cutsOf(bands);
  const codes = Array.from({ length: cuts.length * 2 + 1 }, (_, step) => codeOf(bands, sample(cuts, step)));
  return {
    cuts: Float64Array.from(cuts),
    steps: Int8Array.from(fillGaps(codes)),
    uncovered: codes.map((code) => code === NO_BAND),
    words: wordsOf(bands),
  };
}

/** The code of the value's band; NO_BAND without data, and for a value of a kind that the bands do not speak of. */
export function bandCode({ cuts, steps, words }: Scale, value: MetricValue): number {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return NO_BAND;
    let step = 0;
    // Counting rather than branching: which band a value has cannot be predicted, and a run judges millions.
    for (let place = 0; place < cuts.length; place++) {
      step += Number(value >= cuts[place]!) + Number(value > cuts[place]!);
    }
    return steps[step]!;
  }
  if (typeof value === 'string') return words.get(value) ?? words.get(word(value)) ?? NO_BAND;
  return typeof value === 'boolean' ? (words.get(value) ?? NO_BAND) : NO_BAND;
}

function cutsOf(bands: BandBounds): number[] {
  const ends = BANDS.flatMap((band) => {
    const range = bands[band] ? interval(bands[band]) : null;
    return range ? [range.from, range.to] : [];
  });
  return [...new Set(ends.filter(Number.isFinite).map((end) => end + 0))].sort((a, b) => a - b);
}

/** A number of that step. */
function sample(cuts: readonly number[], step: number): number {
  const [left, right] = [cuts[step / 2 - 1], cuts[step / 2]];
  if (step % 2 === 1) return cuts[(step - 1) / 2]!;
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
