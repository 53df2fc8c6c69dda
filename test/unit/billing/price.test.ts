import { describe, expect, it } from 'vitest';
import { fitPrice } from '../../../src/billing/price.ts';

const periods = (...points: [use: number, amount: number][]) => points.map(([use, amount]) => ({ use, amount }));

describe('the price of a unit alone', () => {
  it('is what was billed by what was used in the last three periods', () => {
    expect(fitPrice('rate', periods([1, 900], [10, 20], [20, 40], [70, 240]))).toEqual({ unit: 3, base: null });
  });

  it('is not known where nothing was used', () => {
    expect(fitPrice('rate', periods([5, 100], [0, 100], [0, 100], [0, 100]))).toBeNull();
    expect(fitPrice('rate', [])).toBeNull();
  });
});

describe('a base and the price of a unit', () => {
  it('is the line through the last six periods', () => {
    const line = periods([99, 1], [10, 120], [20, 140], [30, 160], [10, 120], [20, 140], [30, 160]);
    expect(fitPrice('base_and_rate', line)).toEqual({ unit: 2, base: 100 });
  });

  it('is the one that is least off where no line meets all', () => {
    // Means 2 and 20; (-1 x -10 + 0 + 1 x 10) / 2 = 10 a unit.
    expect(fitPrice('base_and_rate', periods([1, 10], [2, 20], [3, 30]))).toEqual({ unit: 10, base: 0 });
    // Means 2 and 30; (-1 x -20 + 0 x 30 + 1 x -10) / 2 = 5 a unit, 20 below.
    expect(fitPrice('base_and_rate', periods([1, 10], [2, 60], [3, 20]))).toEqual({ unit: 5, base: 20 });
  });

  it('has no base below zero: then the line goes through zero', () => {
    // The line would be 10 x use - 10. Through zero: (1 x 0 + 2 x 10 + 3 x 20) / (1 + 4 + 9).
    const found = fitPrice('base_and_rate', periods([1, 0], [2, 10], [3, 20]));
    expect(found?.base).toBe(0);
    expect(found?.unit).toBeCloseTo(80 / 14);
  });

  it('is not known where more use cost less or hardly more, where use hardly differs, or of two periods', () => {
    expect(fitPrice('base_and_rate', periods([1, 30], [2, 20], [3, 10]))).toBeNull();
    expect(fitPrice('base_and_rate', periods([1, 1000], [2, 1001], [3, 1002]))).toBeNull();
    expect(fitPrice('base_and_rate', periods([1000, 10], [1005, 20], [1001, 30]))).toBeNull();
    expect(fitPrice('base_and_rate', periods([1, 10], [2, 20]))).toBeNull();
  });
});
