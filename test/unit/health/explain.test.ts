import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileModels } from '../../../src/health/compile.ts';
import { type ChangePart, explainChange, type ScoreChange } from '../../../src/health/explain.ts';
import { scoreAccount } from '../../../src/health/score.ts';
import type { HealthModel, MetricValue, StoredScore } from '../../../src/health/types.ts';
import { makeBands, makeDimension, makeFacts, makeMeasure, makeModel } from './make.ts';

const now = new Date('2026-11-21T12:00:00Z');
const [poor, concerning, healthy] = [30, 10, 0];

const model = makeModel([
  makeDimension('a', 30, [makeMeasure('x'), makeMeasure('y')]),
  makeDimension('b', 70, [makeMeasure('z')]),
]);

function stored(
  metrics: Record<string, MetricValue>,
  { scored = model, modelHash = 'one' }: { scored?: HealthModel; modelHash?: string } = {},
): StoredScore {
  return { ...scoreAccount(compileModels([scored]), makeFacts(metrics), now), modelHash };
}

function effects({ parts }: ScoreChange): Record<string, number | null> {
  return Object.fromEntries(parts.map((part) => [nameOf(part), part.effect]));
}

function nameOf(part: ChangePart): string {
  return 'metric' in part ? `${part.kind} ${part.metric}` : part.kind;
}

function sumOf({ parts }: ScoreChange): number {
  return parts.reduce((sum, { effect }) => sum + (effect ?? 0), 0);
}

describe('explainChange', () => {
  test('says nothing of a score that did not change', () => {
    const score = stored({ x: healthy, y: poor, z: concerning });
    expect(explainChange(score, score, model)).toEqual({ from: 5, to: 5, change: 0, parts: [] });
  });

  test('says nothing of values that stay in their band', () => {
    expect(explainChange(stored({ z: 10 }), stored({ z: 19 }), model).parts).toEqual([]);
  });

  test('gives a measure that crossed a band its share, whatever the order, the largest first', () => {
    const before = stored({ x: healthy, y: healthy, z: healthy });
    const change = explainChange(before, stored({ x: poor, y: concerning, z: poor }), model);
    expect(effects(change)).toEqual({ 'band-crossed z': -7, 'band-crossed x': -1.5, 'band-crossed y': -0.75 });
    expect(change.parts[0]).toEqual({
      kind: 'band-crossed',
      dimension: 'b',
      metric: 'z',
      from: { value: 0, band: 'healthy' },
      to: { value: 30, band: 'poor' },
      effect: -7,
    });
  });

  test('tells data that vanished', () => {
    const change = explainChange(stored({ x: poor, z: healthy }), stored({ z: healthy }), model);
    expect(change).toMatchObject({
      from: 7,
      to: 10,
      parts: [{ from: { value: 30, band: 'poor' }, to: { value: null, band: null } }],
    });
    expect(effects(change)).toEqual({ 'data-vanished x': 3 });
  });

  test('tells data that appeared', () => {
    const change = explainChange(stored({ z: healthy }), stored({ x: poor, z: healthy }), model);
    expect(effects(change)).toEqual({ 'data-appeared x': -3 });
  });

  test('shares what two changes do together evenly between first to last and last to first', () => {
    const change = explainChange(stored({ x: healthy, z: healthy }), stored({ x: poor }), model);
    // First x then z: -3 and -7. First z then x: 0 and -10.
    expect(effects(change)).toEqual({ 'band-crossed x': -6.5, 'data-vanished z': -3.5 });
  });

  test('shares evenly what lies on both sides of a moment without any data', () => {
    const change = explainChange(stored({ x: poor }), stored({ z: healthy }), model);
    // First x, then z: none in between. First z, then x: 7 and 3.
    expect(effects(change)).toEqual({ 'data-appeared z': 6, 'data-vanished x': 4 });
  });

  test('lists a change in a dimension of weight 0 without an effect', () => {
    const weightless = makeModel([
      makeDimension('a', 0, [makeMeasure('x')]),
      makeDimension('b', 1, [makeMeasure('z')]),
    ]);
    const [before, after] = [healthy, poor].map((x) => stored({ x, z: healthy }, { scored: weightless }));
    expect(effects(explainChange(before!, after!, weightless))).toEqual({ 'band-crossed x': 0 });
  });

  test.each([
    ['from no score', {}, { z: poor }, 'data-appeared z', null, 0],
    ['to no score', { z: poor }, {}, 'data-vanished z', 0, null],
  ])('%s tells what appeared or vanished, and gives no numbers', (_, before, after, part, from, to) => {
    const change = explainChange(stored(before), stored(after), model);
    expect(change).toMatchObject({ from, to, change: null });
    expect(effects(change)).toEqual({ [part]: null });
  });

  describe('with another model', () => {
    const other = makeModel([makeDimension('a', 90, [makeMeasure('x')]), makeDimension('b', 10, [makeMeasure('z')])], {
      id: 'other',
    });

    test('puts what its weights do to the old values into one part, and the rest to the measures', () => {
      const before = stored({ x: poor, y: poor, z: healthy });
      const after = stored({ x: concerning, z: healthy }, { scored: other, modelHash: 'two' });
      const change = explainChange(before, after, other);
      expect(change.parts[0]).toEqual({
        kind: 'model-switched',
        from: 'test',
        to: 'other',
        reason: after.reason,
        effect: -6,
      });
      expect(effects(change)).toEqual({ 'model-switched': -6, 'band-crossed x': 4.5 });
    });

    test('counts what only the new model measures as the switch, not as data that appeared', () => {
      const wider = makeModel([makeDimension('c', 1, [makeMeasure('new')])], { id: 'other' });
      const after = stored({ new: healthy }, { scored: wider, modelHash: 'two' });
      expect(effects(explainChange(stored({ z: poor }), after, wider))).toEqual({ 'model-switched': 10 });
    });

    test('finds a metric again that the new model keeps in another dimension', () => {
      const moved = makeModel([makeDimension('elsewhere', 1, [makeMeasure('z')])], { id: 'other' });
      const after = stored({ z: healthy }, { scored: moved, modelHash: 'two' });
      const change = explainChange(stored({ z: poor, x: poor }), after, moved);
      expect(effects(change)).toEqual({ 'model-switched': 0, 'band-crossed z': 10 });
    });

    test('is told even where a side has no score', () => {
      const after = stored({}, { scored: other, modelHash: 'two' });
      const change = explainChange(stored({ z: poor }), after, other);
      expect(effects(change)).toEqual({ 'model-switched': null, 'data-vanished z': null });
    });
  });

  describe('with a changed configuration', () => {
    const stricter = makeModel([
      makeDimension('a', 30, [makeMeasure('x'), makeMeasure('y')]),
      makeDimension('b', 70, [makeMeasure('z', { bands: makeBands({ poor: '> 3', healthy: '<= 3' }) })]),
    ]);
    const before = stored({ x: healthy, z: 4 });

    test('judges the old values by the new bands', () => {
      const after = stored({ x: poor, z: 2 }, { scored: stricter, modelHash: 'two' });
      const change = explainChange(before, after, stricter);
      expect(effects(change)).toEqual({ 'configuration-changed': -7, 'band-crossed z': 7, 'band-crossed x': -3 });
      expect(change.parts[1]).toMatchObject({ from: { value: 4, band: 'poor' }, to: { value: 2, band: 'healthy' } });
    });

    test('goes by what is stored when the new model is not at hand', () => {
      const same = stored({ x: healthy, z: 4 }, { scored: stricter, modelHash: 'two' });
      expect(effects(explainChange(before, same, null))).toEqual({ 'configuration-changed': -7 });
      const changed = stored({ x: healthy, z: 5 }, { scored: stricter, modelHash: 'two' });
      expect(effects(explainChange(before, changed, null))).toEqual({
        'configuration-changed': 0,
        'band-crossed z': -7,
      });
    });

    test('is told though it had no effect', () => {
      const after = stored({ x: healthy, z: 2 }, { scored: stricter, modelHash: 'two' });
      expect(effects(explainChange(stored({ x: healthy, z: 2 }), after, stricter))).toEqual({
        'configuration-changed': 0,
      });
    });
  });

  const value = fc.constantFrom(null, healthy, concerning, poor, 'n/a');
  const names = Array.from({ length: 8 }, (_, place) => `m${place}`);
  const values: fc.Arbitrary<Record<string, MetricValue>> = fc
    .tuple(...names.map(() => value))
    .map((list) => Object.fromEntries(list.map((one, place) => [names[place]!, one])));
  const bands = fc.constantFrom(
    makeBands({ poor: '> 20', concerning: '5 - 20', healthy: '<= 5' }),
    makeBands({ poor: '< 5', concerning: '5 - 20', healthy: '> 20' }),
    makeBands({ poor: '> 5', healthy: '<= 5' }),
  );
  const anyModel: fc.Arbitrary<HealthModel> = fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 50 }),
        fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.integer({ min: 1, max: 5 }), bands), {
          selector: ([metric]) => metric,
          maxLength: 4,
        }),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((dimensions) =>
      makeModel(
        dimensions.map(([weight, measures], place) =>
          makeDimension(
            `d${place}`,
            weight,
            measures.map(([metric, own, written]) => makeMeasure(metric, { weight: own, bands: written })),
          ),
        ),
      ),
    );

  function expectExact(change: ScoreChange): void {
    if (change.change === null) expect(change.parts.every(({ effect }) => effect === null)).toBe(true);
    else expect(Math.abs(sumOf(change) - (change.to! - change.from!))).toBeLessThan(1e-9);
  }

  test('has parts that sum to the change, whatever the values', () => {
    fc.assert(
      fc.property(anyModel, values, values, (scored, before, after) => {
        expectExact(explainChange(stored(before, { scored }), stored(after, { scored }), scored));
      }),
      { numRuns: 1000 },
    );
  });

  test('has parts that sum to the change across models and configurations, with the model at hand and without', () => {
    fc.assert(
      fc.property(anyModel, anyModel, values, values, fc.boolean(), (one, two, before, after, switched) => {
        const later = { ...two, id: switched ? 'other' : one.id };
        const newer = stored(after, { scored: later, modelHash: 'two' });
        for (const known of [later, null]) expectExact(explainChange(stored(before, { scored: one }), newer, known));
      }),
      { numRuns: 1000 },
    );
  });

  test('has parts that sum to the change even where what is stored does not fit together', () => {
    fc.assert(
      fc.property(anyModel, anyModel, values, values, (one, two, before, after) => {
        expectExact(explainChange(stored(before, { scored: one }), stored(after, { scored: two }), two));
      }),
    );
  });

  test('turned round has the same parts with the opposite effects', () => {
    fc.assert(
      fc.property(anyModel, values, values, (scored, before, after) => {
        const [older, newer] = [stored(before, { scored }), stored(after, { scored })];
        const there = explainChange(older, newer, scored).parts.filter((part) => 'metric' in part);
        const back = explainChange(newer, older, scored).parts.filter((part) => 'metric' in part);
        const find = (part: (typeof there)[number]) =>
          back.find(({ dimension, metric }) => dimension === part.dimension && metric === part.metric);
        expect(back).toHaveLength(there.length);
        for (const part of there) {
          const opposite = find(part);
          if (part.effect === null) expect(opposite?.effect).toBeNull();
          else expect((opposite?.effect ?? Number.NaN) + part.effect).toBeCloseTo(0, 9);
        }
      }),
    );
  });
});
