import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumExactly } from '../../../src/series/evaluate-sums.ts';

/** Whole units and decimals, as text. */
const decimal = fc.tuple(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), fc.integer({ min: 0, max: 6 }));
const textOf = ([units, decimals]: [number, number]) => {
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return units < 0 ? `-${text}` : text;
};

describe('a sum of decimals', () => {
  it('is exact where adding numbers is not', () => {
    expect(0.1 + 0.2 + 0.3).not.toBe(0.6);
    expect(sumExactly(['0.1', '0.2', '0.3'], 1)).toBe(0.6);
    expect(sumExactly([0.1, 0.2, 0.3], 1)).toBe(0.6);
    expect(sumExactly(['10.10', '-10.1'], 1)).toBe(0);
  });

  it('of long ones loses nothing on the way', () => {
    expect(sumExactly(['12345678901234567890.25', '-12345678901234567890', '0.5'], 1)).toBe(0.75);
    expect(sumExactly(['100000000000000000000000', '1', '-100000000000000000000000'], 1)).toBe(1);
    expect(sumExactly(['0.00000000000000000001', 1e-7], 1)).toBe(1.0000000000001e-7);
    expect(sumExactly(['9007199254740993', '2'], 3)).toBe(3002399751580331.5);
  });

  it('of nothing is 0', () => {
    expect(sumExactly([], 1)).toBe(0);
  });

  it('is the same, whether short ones are numbers or texts, and rounded once', () => {
    fc.assert(
      fc.property(
        fc.array(decimal, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        (given, parts) => {
          const texts = given.map(textOf);
          const millionths = given.reduce(
            (sum, [units, decimals]) => sum + BigInt(units) * 10n ** BigInt(6 - decimals),
            0n,
          );
          const whole = Number(millionths) / (parts * 1_000_000);
          if (Number.isSafeInteger(Number(millionths))) expect(sumExactly(texts, parts) + 0).toBe(whole);
          expect(sumExactly(texts.map(Number), parts)).toBe(sumExactly(texts, parts));
        },
      ),
    );
  });
});
