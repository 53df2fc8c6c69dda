import { describe, expect, it } from 'vitest';
import { parseBound } from '../../../src/health/bounds.ts';
import { directionOf } from '../../../src/health/direction.ts';
import type { BandBounds } from '../../../src/health/types.ts';

const bands = (poor: string, concerning: string, healthy: string): BandBounds => ({
  poor: parseBound(poor)!,
  concerning: parseBound(concerning)!,
  healthy: parseBound(healthy)!,
});
const more = bands('< 20', '20 - 40', '>= 40');
const less = bands('> 20', '5 - 20', '<= 5');

describe('directionOf', () => {
  it.each([
    ['higher', [more]],
    ['lower', [less]],
    ['lower', [less, less, more]],
    [null, [less, more]],
    [null, []],
    [null, [{ poor: parseBound('poor')!, healthy: parseBound('healthy')! }]],
    // The best in the middle: the worse of the two ends decides.
    ['higher', [{ poor: parseBound('< 1')!, healthy: parseBound('1 - 5')!, concerning: parseBound('> 5')! }]],
  ] as const)('tells %s', (direction, measures) => {
    expect(directionOf(measures)).toBe(direction);
  });
});
