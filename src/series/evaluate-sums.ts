/** Whole numbers up to here are exact in a double. */
const exact = Number.MAX_SAFE_INTEGER;
const mostDecimals = 15;

/**
 * The sum of decimals, divided by `parts`: exact, then rounded to the nearest number once. Decimals of more than 15 digits
 * are given as text, without exponent.
 */
export function sumExactly(values: readonly (number | string)[], parts: number): number {
  return sumShort(values, parts) ?? sumLong(values, parts);
}

/** In whole units of the last decimal; null where these are too many for a double. */
function sumShort(values: readonly (number | string)[], parts: number): number | null {
  let [unit, sum, size] = [1, 0, 0];
  for (const given of values) {
    if (typeof given === 'string' && given.length > mostDecimals) return null;
    const value = Number(given);
    let units = Math.round(value * unit);
    while (units / unit !== value) {
      if (unit >= 10 ** mostDecimals) return null;
      unit *= 10;
      sum *= 10;
      size *= 10;
      units = Math.round(value * unit);
    }
    sum += units;
    size += Math.abs(units);
  }
  return size * 8 <= exact && unit * parts <= exact ? sum / (unit * parts) : null;
}

/** How many decimals more than the sum has a quotient is computed to, so that it is rounded as the whole would be. */
const guardDigits = 40;

function sumLong(values: readonly (number | string)[], parts: number): number {
  const texts = values.map(plainText);
  const scale = Math.max(...texts.map(decimals));
  let sum = 0n;
  for (const text of texts) sum += BigInt(text.replace('.', '') + '0'.repeat(scale - decimals(text)));
  if (parts === 1) return Number(`${sum}e-${scale}`);
  return Number(`${(sum * 10n ** BigInt(guardDigits)) / BigInt(parts)}e-${scale + guardDigits}`);
}

/** Without exponent. */
function plainText(value: number | string): string {
  const text = String(value);
  return text.includes('e')
    ? Number(value).toFixed(Math.min(100, Number(text.split('e-')[1] ?? 0) + mostDecimals))
    : text;
}

function decimals(text: string): number {
  const point = text.indexOf('.');
  return point === -1 ? 0 : text.length - point - 1;
}
