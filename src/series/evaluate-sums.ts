/** Whole numbers up to here, times whole numbers, are exact in a double. */
const exact = Number.MAX_SAFE_INTEGER;

/** The sum of decimal texts, divided by `parts`: exact, then rounded to the nearest number once. */
export function sumExactly(texts: readonly string[], parts: number): number {
  let scale = 0;
  for (const text of texts) scale = Math.max(scale, decimals(text));
  const unit = 10 ** scale;
  if (unit * parts <= exact) {
    let [sum, size] = [0, 0];
    for (const text of texts) {
      // A short text is read to the nearest number, so what it says in units is the nearest whole number.
      const value = text.length > 15 ? Infinity : Math.round(Number(text) * unit);
      sum += value;
      size += Math.abs(value);
    }
    if (size * 8 <= exact) return sum / (unit * parts);
  }
  return sumLong(texts, scale, parts);
}

/** How many digits more than asked for a quotient is computed to, so that it is rounded as the whole would be. */
const guardDigits = 40;

function sumLong(texts: readonly string[], scale: number, parts: number): number {
  let sum = 0n;
  for (const text of texts) sum += BigInt(text.replace('.', '') + '0'.repeat(scale - decimals(text)));
  if (parts === 1) return Number(`${sum}e-${scale}`);
  return Number(`${(sum * 10n ** BigInt(guardDigits)) / BigInt(parts)}e-${scale + guardDigits}`);
}

function decimals(text: string): number {
  const point = text.indexOf('.');
  return point === -1 ? 0 : text.length - point - 1;
}
