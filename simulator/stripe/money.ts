const DIGITS = 12;

/** A decimal number, as text, in units of 10^-12. */
function scaled(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text);
  if (!match) throw new Error(`${text} is no number with at most ${DIGITS} decimals`);
  const size = BigInt(match[2]!) * 10n ** BigInt(DIGITS) + BigInt((match[3] ?? '').padEnd(DIGITS, '0'));
  return match[1] === '-' ? -size : size;
}

/** Half is rounded away from zero. */
function divide(numerator: bigint, denominator: bigint): number {
  const half = (numerator < 0n ? -denominator : denominator) / 2n;
  return Number((numerator + half) / denominator);
}

/** A price for each, as text in the smallest unit, times a whole quantity, in whole units. */
export const times = (unit: string, quantity: number): number =>
  divide(scaled(unit) * BigInt(quantity), 10n ** BigInt(DIGITS));

/** `percent` of an amount, in whole units. */
export const percentOf = (amount: number, percent: number): number =>
  divide(BigInt(amount) * scaled(String(percent)), 100n * 10n ** BigInt(DIGITS));

/** The tax that is in an amount which includes it. */
export function taxWithin(amount: number, percent: number): number {
  const rate = scaled(String(percent));
  return divide(BigInt(amount) * rate, 100n * 10n ** BigInt(DIGITS) + rate);
}

/** An amount's part: `amount * part / whole`. */
export const shareOf = (amount: number, part: number, whole: number): number =>
  divide(BigInt(amount) * BigInt(part), BigInt(whole));

/** Spreads a total over weights, so that the parts add up to it. */
export function spread(total: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let passed = 0;
  let given = 0;
  return weights.map((weight) => {
    passed += weight;
    const upTo = whole === 0 ? 0 : shareOf(total, passed, whole);
    const part = upTo - given;
    given = upTo;
    return part;
  });
}
