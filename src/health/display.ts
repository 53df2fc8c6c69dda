import { compileScale } from './scale.ts';
import { judge, overallBand } from './score.ts';
import type { BandLimits, Measure } from './types.ts';

/** Beyond it a double has no digits to show. */
const MOST_DECIMALS = 12;

/** A score as people read it, with one decimal, or as many as keep it in its band: 6.96 is not shown as 7.0. */
export function displayScore(score: number, limits: BandLimits): string {
  return displayNumber(score, 1, 1, (shown) => overallBand(shown, limits) === overallBand(score, limits));
}

/** A measure's number with at most `decimals`, or as many as keep it in its band: 4.96 beside `< 5` is not shown as 5. */
export function displayValue(value: number, bands: Measure['bands'], decimals: number): string {
  const scale = compileScale(bands);
  const { band } = judge(scale, value);
  return displayNumber(value, 0, decimals, (shown) => judge(scale, shown).band === band);
}

function displayNumber(value: number, least: number, decimals: number, agrees: (shown: number) => boolean): string {
  for (let digits = decimals; digits <= MOST_DECIMALS; digits++) {
    const unit = 10 ** digits;
    const nearest = Math.round(value * unit);
    // 5.004 as 6 would be too far off; as 5.1 it is not.
    const candidates = digits === 0 ? [nearest] : [nearest, Math.floor(value * unit), Math.ceil(value * unit)];
    const shown = candidates.map((whole) => whole / unit).find(agrees);
    if (shown !== undefined) return withDecimals(shown, least, digits);
  }
  return String(value);
}

function withDecimals(value: number, least: number, most: number): string {
  const text = value.toFixed(most);
  if (!text.includes('.')) return text;
  const [whole, fraction = ''] = text.split('.');
  const kept = fraction.replace(/0+$/, '').padEnd(least, '0');
  return kept === '' ? whole! : `${whole}.${kept}`;
}
