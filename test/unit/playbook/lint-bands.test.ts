import { describe, expect, test } from 'vitest';
import type { Unit } from '../../../src/metrics/types.ts';
import { lintBands } from '../../../src/playbook/lint-bands.ts';
import { makeBands } from '../health/make.ts';

type Written = Parameters<typeof makeBands>[0];

/** `overlap concerning`, in the order found. */
function found(written: Written, unit: Unit | null = 'number'): string[] {
  return lintBands(makeBands(written), unit).map(({ code, band }) => (band ? `${code} ${band}` : code));
}

function messages(written: Written, unit: Unit | null = 'number'): string {
  return lintBands(makeBands(written), unit)
    .map(({ message }) => message)
    .join('\n');
}

describe('bands as people write them', () => {
  test.each<[string, Written]>([
    ['a range that an operator touches at its end', { poor: '> 20', concerning: '5 - 20', healthy: '<= 5' }],
    ['operators at either end', { poor: '< 20', concerning: '20 - 40', healthy: '>= 40' }],
    ['a single value at the end of a range', { poor: '> 2', concerning: '0 - 2', healthy: '0' }],
    ['no concerning band', { poor: '< 50', healthy: '>= 50' }],
    ['nothing below a band that starts at 0', { poor: '31+', healthy: '0 - 31' }],
  ])('with %s have nothing odd', (_, written) => {
    expect(found(written)).toEqual([]);
  });

  test('of words and of booleans have nothing odd', () => {
    expect(found({ poor: 'poor', concerning: 'concerning', healthy: 'healthy' }, 'text')).toEqual([]);
    expect(found({ poor: false, healthy: true }, 'boolean')).toEqual([]);
  });

  test('below 0 have nothing odd for a change in percent', () => {
    expect(found({ poor: '> 5', concerning: '0 - 5', healthy: '< 0' }, 'percent')).toEqual([]);
  });
});

describe('an overlap', () => {
  test.each<[string, Written, string[]]>([
    ['of two operators', { poor: '>= 2', healthy: '< 3' }, ['overlap healthy']],
    ['of two operators at one value', { poor: '>= 2', healthy: '<= 2' }, ['overlap healthy']],
    ['of a range and an operator', { poor: '> 20', concerning: '5 - 30', healthy: '<= 5' }, ['overlap concerning']],
    ['of two ranges', { poor: '10 - 20', concerning: '5 - 12', healthy: '0 - 4' }, ['overlap concerning', 'gap']],
    [
      'of two ranges at one value',
      { poor: '10+', concerning: '5 - 9.9', healthy: '0 - 5' },
      ['overlap healthy', 'gap'],
    ],
    ['of a single value and a range around it', { poor: '1', healthy: '0 - 2' }, ['overlap healthy', 'gap']],
    ['of a word', { poor: 'meh', healthy: 'meh' }, ['overlap healthy', 'unreachable-band healthy']],
  ])('%s is found at the band that gets less', (_, written, codes) => {
    expect(found(written, null)).toEqual(codes);
  });

  test('is told with its place and who wins', () => {
    expect(messages({ poor: '>= 2', healthy: '< 3' })).toBe(
      'poor ">= 2" and healthy "< 3" overlap between 2 and 3: poor wins there, as the worse of the two. Narrow one of them.',
    );
    expect(messages({ concerning: '0 - 2', healthy: '>= 1' })).toContain(
      'overlap between 1 and 2: healthy wins there, as a range',
    );
    expect(messages({ poor: '>= 2', healthy: '<= 2' })).toContain('overlap at 2');
  });
});

describe('a band that can never be reached', () => {
  test.each<[string, Written, string]>([
    [
      'a range that an operator covers',
      { poor: '>= 3', concerning: '0 - 3', healthy: '< 3' },
      'unreachable-band concerning',
    ],
    [
      'a range that two operators cover',
      { poor: '>= 2', concerning: '0 - 2', healthy: '< 3' },
      'unreachable-band concerning',
    ],
    ['an operator that a worse one covers', { poor: '> 1', healthy: '> 2' }, 'unreachable-band healthy'],
    ['a single value that a worse operator covers', { poor: '> 1', healthy: '5' }, 'unreachable-band healthy'],
    ['a band below 0 of a count', { poor: '>= 5', concerning: '0 - 5', healthy: '< 0' }, 'unreachable-band healthy'],
  ])('is found: %s', (_, written, code) => {
    expect(found(written)).toContain(code);
  });

  test('is not one that keeps a single value', () => {
    expect(found({ poor: '> 2', healthy: '>= 2' })).toEqual(['overlap healthy', 'gap']);
  });
});

describe('a gap', () => {
  test.each<[string, Written, string]>([
    ['between two ranges', { poor: '0 - 6', healthy: '9+' }, 'between 6 and 9 (taken as poor). Widen a band.'],
    ['of one value', { poor: '< 5', healthy: '> 5' }, 'at 5 (taken as poor)'],
    ['below the lowest band', { poor: '> 20', concerning: '5 - 20' }, 'below 5 (taken as concerning)'],
    ['above the highest band', { poor: '< 5', healthy: '5 - 20' }, 'above 20 (taken as healthy)'],
    ['with open ends', { poor: '< 5', healthy: '> 6' }, 'between 5 and 6 (taken as poor)'],
    [
      'between whole numbers',
      { poor: '0', healthy: '1+' },
      'between 0 and 1 (taken as poor). No harm if the metric is always a whole number',
    ],
    ['of true', { poor: false }, 'for true (taken as no data). Add a band.'],
    ['of false', { healthy: true }, 'for false (taken as no data). Add a band.'],
  ])('%s is told with the band it is taken as', (_, written, message) => {
    expect(messages(written, null)).toContain(message);
  });

  test('is one finding for all the gaps of a measure', () => {
    expect(found({ poor: '0 - 6', concerning: '7 - 8', healthy: '9 - 10' })).toEqual(['gap']);
  });
});

describe('a fault', () => {
  test('is a measure without bands', () => {
    expect(lintBands({}, 'number')).toMatchObject([{ severity: 'error', code: 'no-bands' }]);
  });

  test.each<[string, Written, Unit | null]>([
    ['numbers of a metric of words', { poor: '> 5' }, 'text'],
    ['words of a metric of numbers', { poor: 'poor' }, 'days'],
    ['booleans of a metric of numbers', { poor: false }, 'percent'],
    ['words of a metric of booleans', { poor: 'no' }, 'boolean'],
    ['numbers beside words', { poor: '> 5', healthy: 'good' }, null],
  ])('is %s', (_, written, unit) => {
    expect(lintBands(makeBands(written), unit)).toMatchObject([{ severity: 'error', code: 'wrong-kind' }]);
  });
});
