import { compileScale, NO_BAND } from './scale.ts';
import type { BandBounds } from './types.ts';

/** Whether more of a number is better or worse; `null` when its bands do not tell, or disagree. */
export function directionOf(measures: readonly BandBounds[]): 'higher' | 'lower' | null {
  let votes = 0;
  for (const bands of measures) {
    const codes = [...compileScale(bands).steps].filter((code) => code !== NO_BAND);
    votes += Math.sign((codes.at(-1) ?? 0) - (codes[0] ?? 0));
  }
  if (votes === 0) return null;
  return votes > 0 ? 'higher' : 'lower';
}
