import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileModels } from '../../../src/health/compile.ts';
import { dragging } from '../../../src/health/dragging.ts';
import { scoreAccount } from '../../../src/health/score.ts';
import type { MetricValue } from '../../../src/health/types.ts';
import { makeDimension, makeFacts, makeMeasure, makeModel } from './make.ts';

const [poor, concerning, healthy] = [30, 10, 0];
const model = makeModel([
  makeDimension('a', 30, [makeMeasure('x'), makeMeasure('y', { weight: 2 })]),
  makeDimension('b', 70, [makeMeasure('z')]),
  makeDimension('shown', 0, [makeMeasure('w')]),
]);

function score(metrics: Record<string, MetricValue>) {
  return scoreAccount(compileModels([model]), makeFacts(metrics), new Date('2026-11-21T12:00:00Z'));
}

describe('dragging', () => {
  test('names what costs most first, with the points it costs', () => {
    const drags = dragging(score({ x: poor, y: poor, z: concerning, w: poor }), 3);
    expect(
      drags.map(({ dimension, metric, value, band, lost }) => [dimension, metric, value, band, lost.toFixed(9)]),
    ).toEqual([
      ['b', 'z', 10, 'concerning', '3.500000000'],
      ['a', 'y', 30, 'poor', '2.000000000'],
      ['a', 'x', 30, 'poor', '1.000000000'],
    ]);
  });

  test('names no more than asked for, and nothing that is healthy or without data', () => {
    expect(dragging(score({ x: poor, y: poor, z: poor }), 1).map(({ metric }) => metric)).toEqual(['z']);
    expect(dragging(score({ x: healthy, y: concerning, z: null }), 3).map(({ metric }) => metric)).toEqual(['y']);
    expect(dragging(score({}), 3)).toEqual([]);
  });

  test('loses, in all, what the score lacks to 10', () => {
    const value = fc.constantFrom(null, poor, concerning, healthy);
    fc.assert(
      fc.property(value, value, value, value, (w, x, y, z) => {
        const scored = score({ w, x, y, z });
        const lost = dragging(scored, 10).reduce((sum, drag) => sum + drag.lost, 0);
        expect(lost).toBeCloseTo(scored.score === null ? 0 : 10 - scored.score, 9);
      }),
    );
  });
});
