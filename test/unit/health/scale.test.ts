import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BANDS } from '../../../src/health/bounds.ts';
import { compileScale } from '../../../src/health/scale.ts';
import { judge } from '../../../src/health/score.ts';
import type { Band, BandBounds, Bound } from '../../../src/health/types.ts';
import { makeBands } from './make.ts';

type Written = Parameters<typeof makeBands>[0];

/** Each pair is a value and its band's first letter; `-` is no band. */
const cases: [rule: string, written: Written, judged: [number, 'p' | 'c' | 'h' | '-'][]][] = [
  [
    'a range includes both ends, and gives way to an operator there',
    { poor: '> 20', concerning: '5 - 20', healthy: '<= 5' },
    [
      [-40, 'h'],
      [5, 'h'],
      [5.01, 'c'],
      [20, 'c'],
      [20.01, 'p'],
    ],
  ],
  [
    'the operator wins at either end of a range',
    { poor: '< 20', concerning: '20 - 40', healthy: '>= 40' },
    [
      [19.99, 'p'],
      [20, 'c'],
      [39.99, 'c'],
      [40, 'h'],
    ],
  ],
  [
    'a single value beats a range',
    { poor: '> 2', concerning: '0 - 2', healthy: '0' },
    [
      [0, 'h'],
      [0.01, 'c'],
      [2, 'c'],
      [2.01, 'p'],
    ],
  ],
  [
    '"3+" beats a range',
    { poor: '0', concerning: '1 - 3', healthy: '3+' },
    [
      [2.99, 'c'],
      [3, 'h'],
    ],
  ],
  [
    'of two operators that both match the worse wins, and the range gets nothing',
    { poor: '>= 2', concerning: '0 - 2', healthy: '< 3' },
    [
      [0, 'h'],
      [1.99, 'h'],
      [2, 'p'],
      [2.5, 'p'],
      [3, 'p'],
    ],
  ],
  [
    'an operator takes all of a range that it covers',
    { poor: '>= 3', concerning: '0 - 3', healthy: '< 3' },
    [
      [0, 'h'],
      [2.99, 'h'],
      [3, 'p'],
    ],
  ],
  [
    'a band below 0 is reached below 0 only',
    { poor: '>= 5', concerning: '0 - 5', healthy: '< 0' },
    [
      [-0.01, 'h'],
      [0, 'c'],
      [4.99, 'c'],
      [5, 'p'],
    ],
  ],
  [
    'of two ranges that share a value the worse wins',
    { poor: '5 - 9', healthy: '0 - 5' },
    [
      [4.99, 'h'],
      [5, 'p'],
    ],
  ],
  [
    'a gap takes the worse of its neighbours',
    { poor: '0 - 6', concerning: '7 - 8', healthy: '9 - 10' },
    [
      [6, 'p'],
      [6.01, 'p'],
      [6.99, 'p'],
      [7, 'c'],
      [8.01, 'c'],
      [8.99, 'c'],
      [9, 'h'],
    ],
  ],
  [
    'beyond the last band its only neighbour is taken',
    { poor: '0 - 6', concerning: '7 - 8', healthy: '9 - 10' },
    [
      [-1, 'p'],
      [11, 'h'],
    ],
  ],
  [
    'gaps around single values are gaps',
    { poor: '0', concerning: '1', healthy: '2+' },
    [
      [0, 'p'],
      [0.5, 'p'],
      [1, 'c'],
      [1.5, 'c'],
      [2, 'h'],
    ],
  ],
  [
    'a gap of one point has neighbours too',
    { poor: '< 5', healthy: '> 5' },
    [
      [5, 'p'],
      [5.01, 'h'],
    ],
  ],
  [
    'the worse neighbour may be the higher one',
    { poor: '31+', concerning: '15 - 30', healthy: '0 - 14' },
    [
      [14.5, 'c'],
      [30.01, 'p'],
    ],
  ],
  [
    'a missing band is never given',
    { poor: '< 50', healthy: '>= 50' },
    [
      [49.99, 'p'],
      [50, 'h'],
    ],
  ],
  [
    'decimals are compared as written',
    { poor: '< 0.2', concerning: '0.2 - 0.3', healthy: '>= 0.3' },
    [
      [0.19, 'p'],
      [0.2, 'c'],
      [0.3, 'h'],
    ],
  ],
  [
    'what is not finite is no data',
    { poor: '< 50', healthy: '>= 50' },
    [
      [Number.NaN, '-'],
      [Number.POSITIVE_INFINITY, '-'],
      [Number.NEGATIVE_INFINITY, '-'],
    ],
  ],
  [
    'a number is nothing to words',
    { poor: 'poor', healthy: 'healthy' },
    [
      [0, '-'],
      [1, '-'],
    ],
  ],
];

describe('the band of a number', () => {
  test.each(cases)('%s', (_, written, judged) => {
    const scale = compileScale(makeBands(written));
    const bands = judged.map(([value]) => [value, judge(scale, value).band?.[0] ?? '-']);
    expect(bands).toEqual(judged);
  });

  const end = fc.integer({ min: -6, max: 6 });
  const bound: fc.Arbitrary<Bound> = fc.oneof(
    fc.record({ kind: fc.constantFrom('above' as const, 'below' as const), value: end, inclusive: fc.boolean() }),
    fc.tuple(end, end).map(([a, b]): Bound => ({ kind: 'range', from: Math.min(a, b), to: Math.max(a, b) })),
    end.map((value): Bound => ({ kind: 'exactly', value })),
  );
  const anyBands: fc.Arbitrary<BandBounds> = fc.record(
    { poor: bound, concerning: bound, healthy: bound },
    { requiredKeys: [] },
  );

  test('is that of the rules applied by hand, whatever the bands', () => {
    fc.assert(
      fc.property(anyBands, fc.integer({ min: -16, max: 16 }), (bands, halves) => {
        const value = halves / 2;
        expect(judge(compileScale(bands), value).band).toBe(bandByHand(bands, value));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the band of a word or a boolean', () => {
  const words = compileScale(makeBands({ poor: 'poor', concerning: 'concerning', healthy: 'healthy' }));
  const flags = compileScale(makeBands({ poor: false, healthy: true }));

  test.each([
    ['poor', 'poor'],
    [' Healthy ', 'healthy'],
    ['great', null],
    ['', null],
    ['constructor', null],
    [true, null],
    [null, null],
  ])('%j among words is %j', (value, band) => {
    expect(judge(words, value).band).toBe(band);
  });

  test.each([
    [true, 'healthy'],
    [false, 'poor'],
    ['true', null],
    [1, null],
    [null, null],
  ])('%j among booleans is %j', (value, band) => {
    expect(judge(flags, value).band).toBe(band);
  });

  test('a word that two bands claim is the worse', () => {
    expect(judge(compileScale(makeBands({ poor: 'meh', healthy: 'meh' })), 'meh').band).toBe('poor');
  });
});

/** The rules word by word, for bounds at whole numbers and values at halves: neighbours are looked for step by step. */
function bandByHand(bands: BandBounds, value: number): Band | null {
  const near = (step: number) => {
    for (let at = value + step; Math.abs(at) <= 20; at += step) {
      const band = claimed(bands, at);
      if (band) return band;
    }
    return null;
  };
  const own = claimed(bands, value);
  if (own) return own;
  const sides = [near(-0.25), near(0.25)].filter((band) => band !== null);
  return BANDS.find((band) => sides.includes(band)) ?? null;
}

function claimed(bands: BandBounds, value: number): Band | null {
  const claims = (band: Band) => {
    const bound = bands[band];
    if (!bound) return false;
    if (bound.kind === 'range') return bound.from <= value && value <= bound.to;
    if (bound.kind === 'exactly') return bound.value === value;
    const strictly = bound.kind === 'above' ? value > bound.value : value < bound.value;
    return strictly || (bound.inclusive && value === bound.value);
  };
  const firm = BANDS.find((band) => claims(band) && bands[band]?.kind !== 'range');
  return firm ?? BANDS.find(claims) ?? null;
}
