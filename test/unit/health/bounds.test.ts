import { describe, expect, test } from 'vitest';
import { describeBands, describeBound, parseBound } from '../../../src/health/bounds.ts';
import { makeBands } from './make.ts';

describe('parseBound', () => {
  test.each([
    ['> 20', { kind: 'above', value: 20, inclusive: false }],
    ['>20', { kind: 'above', value: 20, inclusive: false }],
    ['>= 0.3', { kind: 'above', value: 0.3, inclusive: true }],
    ['≥ .3', { kind: 'above', value: 0.3, inclusive: true }],
    ['< -2', { kind: 'below', value: -2, inclusive: false }],
    ['<= 5', { kind: 'below', value: 5, inclusive: true }],
    ['≤ 5', { kind: 'below', value: 5, inclusive: true }],
    ['3+', { kind: 'above', value: 3, inclusive: true }],
    ['5 - 20', { kind: 'range', from: 5, to: 20 }],
    ['1-2', { kind: 'range', from: 1, to: 2 }],
    ['0.2 – 0.3', { kind: 'range', from: 0.2, to: 0.3 }],
    ['-10 - -5', { kind: 'range', from: -10, to: -5 }],
    ['0', { kind: 'exactly', value: 0 }],
    ['-5', { kind: 'exactly', value: -5 }],
    [0, { kind: 'exactly', value: 0 }],
    [true, { kind: 'exactly', value: true }],
    ['false', { kind: 'exactly', value: false }],
    ['poor', { kind: 'exactly', value: 'poor' }],
    ['At Risk', { kind: 'exactly', value: 'at risk' }],
  ])('reads %j', (written, bound) => {
    expect(parseBound(written)).toEqual(bound);
  });

  test.each(['', '=> 5', '> 5%', '5 to 20', '5 - ', '> ', '+3', '1e9', '> 1e3', '1,000', '__proto__', '<', Number.NaN])(
    'refuses %j',
    (written) => {
      expect(parseBound(written)).toBeNull();
    },
  );

  test.each(['> 1000000000000000000', '0 - 99999999999999999', 1e300])(
    'refuses %j, which is too large to halve',
    (text) => {
      expect(parseBound(text)).toBeNull();
    },
  );
});

describe('describeBound', () => {
  test.each([
    ['3+', '>= 3'],
    ['1-2', '1 - 2'],
    ['<5', '< 5'],
    ['true', 'yes'],
    ['false', 'no'],
    ['Poor', 'poor'],
    ['0', '0'],
  ])('says %s as %s', (written, said) => {
    expect(describeBound(parseBound(written)!)).toBe(said);
  });
});

describe('describeBands', () => {
  test.each([
    [{ poor: '> 20', concerning: '5 - 20', healthy: '<= 5' }, 'healthy <= 5 · poor > 20'],
    [{ poor: '0', concerning: '1', healthy: '2+' }, 'healthy >= 2 · concerning 1 · poor 0'],
    [{ poor: '< 50', healthy: '>= 50' }, 'healthy >= 50 · poor < 50'],
    [{ concerning: '1 - 2', healthy: '3+' }, 'healthy >= 3 · concerning 1 - 2'],
    [{ poor: false, healthy: true }, 'healthy yes · poor no'],
    [{ poor: 'poor', concerning: 'concerning', healthy: 'healthy' }, 'set by hand'],
    [{ poor: 'angry', healthy: 'happy' }, 'healthy happy · poor angry'],
  ])('says %j in one line', (written, said) => {
    expect(describeBands(makeBands(written))).toBe(said);
  });
});
