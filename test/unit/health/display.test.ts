import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayScore, displayValue } from '../../../src/health/display.ts';
import { compileScale } from '../../../src/health/scale.ts';
import { judge, overallBand } from '../../../src/health/score.ts';
import { decrease, makeBands } from './make.ts';

const usual = { concerning: 4, healthy: 7 };

describe('displayScore', () => {
  test.each([
    [6.96, '6.9'],
    [6.94, '6.9'],
    [7, '7.0'],
    [7.04, '7.0'],
    [3.999, '3.9'],
    [4, '4.0'],
    [0, '0.0'],
    [0.04, '0.0'],
    [9.96, '10.0'],
    [10, '10.0'],
  ])('shows %d as %s', (score, shown) => {
    expect(displayScore(score, usual)).toBe(shown);
  });

  test('takes as many decimals as the limits need', () => {
    expect(displayScore(6.951, { concerning: 4, healthy: 6.95 })).toBe('7.0');
    expect(displayScore(4.012, { concerning: 4.01, healthy: 4.04 })).toBe('4.01');
  });

  test('never shows a number of another band', () => {
    const score = fc.oneof(
      fc.double({ min: 0, max: 10, noNaN: true }),
      fc.constantFrom(3.9999999, 6.99999999999, 7.00001),
    );
    const limits = fc
      .tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 }))
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => ({ concerning: Math.min(a, b) / 100, healthy: Math.max(a, b) / 100 }));
    fc.assert(
      fc.property(score, limits, (value, own) => {
        expect(overallBand(Number(displayScore(value, own)), own)).toBe(overallBand(value, own));
      }),
    );
  });
});

describe('displayValue', () => {
  test.each([
    [4.996, 2, '5'],
    [5.004, 2, '5.01'],
    [5.004, 0, '5.1'],
    [20, 0, '20'],
    [19.996, 0, '20'],
    [20.4, 0, '20.4'],
    [-12.345, 1, '-12.3'],
  ])('shows %d with %d decimals as %s beside 5 and 20', (value, decimals, shown) => {
    expect(displayValue(value, decrease, decimals)).toBe(shown);
  });

  test('never shows a number of another band', () => {
    const bands = makeBands({ poor: '< 0.2', concerning: '0.2 - 0.3', healthy: '>= 0.3' });
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 0.4, noNaN: true }), fc.integer({ min: 0, max: 2 }), (value, decimals) => {
        const shown = Number(displayValue(value, bands, decimals));
        expect(judge(compileScale(bands), shown).band).toBe(judge(compileScale(bands), value).band);
      }),
    );
  });
});
