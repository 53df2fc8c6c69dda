import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileModels } from '../../../src/health/compile.ts';
import { scoreAccount } from '../../../src/health/score.ts';
import type { HealthModel, HealthScore, MetricValue } from '../../../src/health/types.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import { decrease, makeBands, makeDimension, makeFacts, makeMeasure, makeModel } from './make.ts';

const now = new Date('2026-11-21T12:00:00Z');
const goldenFile = path.resolve(import.meta.dirname, '../../../../shared/golden/health-scores.json');

function score(model: HealthModel, metrics: Record<string, MetricValue>): HealthScore {
  return scoreAccount(compileModels([model]), makeFacts(metrics), now);
}

/** Poor, concerning and healthy by `decrease`. */
const [poor, concerning, healthy] = [30, 10, 0];

describe.skipIf(!existsSync(goldenFile) && !process.env.CI)('the golden scores (skipped without ../shared)', () => {
  type Golden = {
    playbook: string;
    facts: {
      now: string;
      accounts: { id: string; segments: string[]; created_at: string; metrics: Record<string, MetricValue> }[];
    };
    expected: Omit<HealthScore, 'reason'>[];
  };
  const golden: Golden[] = existsSync(goldenFile) ? JSON.parse(readFileSync(goldenFile, 'utf8')) : [];

  test('there are some for each pack that ships', () => {
    expect(golden.map(({ playbook }) => playbook)).toEqual(['product-usage', 'new-vs-established', 'by-segment']);
  });

  test.each(golden.map((one) => [one.playbook, one] as const))(
    '%s comes out as expected',
    async (name, { facts, expected }) => {
      const { scoring } = await readPlaybook(name);
      const scores = facts.accounts.map(({ created_at, ...account }) =>
        scoreAccount(scoring, { ...account, name: account.id, createdAt: new Date(created_at) }, new Date(facts.now)),
      );
      expect(scores).toHaveLength(expected.length);
      for (const [place, one] of scores.entries()) expectSame(one, expected[place]!);
    },
  );

  function expectSame(actual: unknown, expected: unknown): void {
    if (typeof expected === 'number') {
      expect(Math.abs((actual as number) - expected)).toBeLessThan(1e-9);
    } else if (typeof expected === 'object' && expected !== null) {
      for (const [key, value] of Object.entries(expected)) expectSame((actual as Record<string, unknown>)[key], value);
      if (Array.isArray(expected)) expect(actual).toHaveLength(expected.length);
    } else expect(actual).toBe(expected);
  }
});

describe('a score', () => {
  const model = makeModel([
    makeDimension('a', 30, [makeMeasure('x'), makeMeasure('y', { weight: 3 })]),
    makeDimension('b', 10, [makeMeasure('z')]),
  ]);

  test('is the weighted mean of dimensions, which are weighted means of measures', () => {
    const { dimensions, ...rest } = score(model, { x: healthy, y: concerning, z: poor });
    expect(dimensions.map((dimension) => dimension.score)).toEqual([6.25, 0]);
    expect(rest).toMatchObject({ score: (30 * 6.25) / 40, band: 'concerning', coverage: 1 });
  });

  test('leaves out a measure without data and weighs the rest of its dimension anew', () => {
    const { dimensions, ...rest } = score(model, { x: healthy, y: null, z: poor });
    expect(dimensions[0]).toMatchObject({
      score: 10,
      measures: [{ points: 10 }, { value: null, band: null, points: null }],
    });
    expect(rest).toMatchObject({ score: 7.5, coverage: (30 * 0.25 + 10) / 40 });
  });

  test('leaves out a dimension without data', () => {
    expect(score(model, { z: healthy })).toMatchObject({
      score: 10,
      coverage: 0.25,
      dimensions: [{ score: null }, { score: 10 }],
    });
  });

  test('is none, not 0, without any data', () => {
    expect(score(model, {})).toMatchObject({ score: null, band: null, coverage: 0 });
  });

  test('shows a dimension of weight 0 and does not count it, in the coverage either', () => {
    const weightless = makeModel([
      makeDimension('a', 0, [makeMeasure('x')]),
      makeDimension('b', 5, [makeMeasure('z')]),
    ]);
    expect(score(weightless, { x: poor, z: healthy })).toMatchObject({
      score: 10,
      coverage: 1,
      dimensions: [{ score: 0 }, {}],
    });
    expect(score(weightless, { x: poor })).toMatchObject({
      score: null,
      band: null,
      coverage: 0,
      dimensions: [{ score: 0 }, {}],
    });
  });

  test('shows a dimension without measures', () => {
    const empty = makeModel([makeDimension('a', 0, []), makeDimension('b', 5, [makeMeasure('z')])]);
    expect(score(empty, { z: healthy })).toMatchObject({
      score: 10,
      coverage: 1,
      dimensions: [{ score: null, measures: [] }, {}],
    });
  });

  test('keeps a value of the wrong kind in sight, and counts it as no data', () => {
    expect(score(model, { x: 'n/a', y: true, z: healthy })).toMatchObject({
      score: 10,
      coverage: 0.25,
      dimensions: [
        {
          score: null,
          measures: [
            { value: 'n/a', band: null, points: null },
            { value: true, points: null },
          ],
        },
        {},
      ],
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined])('takes %s as no data', (value) => {
    const result = score(model, { x: value as MetricValue, z: healthy });
    expect(result.dimensions[0]!.measures[0]).toMatchObject({ value: null, band: null, points: null });
  });

  test('finds nothing in what every object inherits', () => {
    const inherited = makeModel([makeDimension('a', 1, [makeMeasure('constructor'), makeMeasure('toString')])]);
    expect(score(inherited, {})).toMatchObject({
      score: null,
      dimensions: [{ measures: [{ value: null }, { value: null }] }],
    });
  });

  test.each([
    [4, 'concerning'],
    [3.999999, 'poor'],
    [7, 'healthy'],
    [6.999999, 'concerning'],
  ])('of %d is %s by the usual limits', (wanted, band) => {
    const dimensions = [
      makeDimension('a', wanted, [makeMeasure('x')]),
      makeDimension('b', 10 - wanted, [makeMeasure('y')]),
    ];
    expect(score(makeModel(dimensions), { x: healthy, y: poor })).toMatchObject({ score: wanted, band });
  });

  test('goes by the model’s own limits', () => {
    const strict = { ...model, limits: { concerning: 6, healthy: 9.5 } };
    const bands = [poor, concerning, healthy].map((value) => score(strict, { x: value, y: value, z: value }).band);
    expect(bands).toEqual(['poor', 'poor', 'healthy']);
  });

  test('that is 7 on paper is 7 and healthy, whatever adding decimals makes of it', () => {
    const tenths = Array.from({ length: 10 }, (_, place) =>
      makeDimension(`d${place}`, 0.1, [makeMeasure(`m${place}`)]),
    );
    const values = Object.fromEntries(tenths.map((_, place) => [`m${place}`, place < 7 ? healthy : poor]));
    expect(score(makeModel(tenths), values)).toMatchObject({ score: 7, band: 'healthy', coverage: 1 });
  });
});

describe('any score', () => {
  const weight = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e6, noNaN: true }));
  const value = fc.oneof(fc.constant(null), fc.double({ min: -100, max: 100, noNaN: true }));
  const anyCase = fc
    .array(
      fc.tuple(weight, fc.array(fc.tuple(fc.double({ min: 0.01, max: 100, noNaN: true }), value), { maxLength: 5 })),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((dimensions) => ({
      model: makeModel(
        dimensions.map(([share, measures], place) =>
          makeDimension(
            `d${place}`,
            share,
            measures.map(([own], index) => makeMeasure(`m${place}_${index}`, { weight: own })),
          ),
        ),
      ),
      metrics: Object.fromEntries(
        dimensions.flatMap(([, measures], place) => measures.map(([, data], index) => [`m${place}_${index}`, data])),
      ) as Record<string, MetricValue>,
    }));

  test('lies between 0 and 10 with a coverage between 0 and 1, and has a band exactly when it is one', () => {
    fc.assert(
      fc.property(anyCase, ({ model, metrics }) => {
        const result = score(model, metrics);
        expect(result.coverage).toBeGreaterThanOrEqual(0);
        expect(result.coverage).toBeLessThanOrEqual(1);
        expect(result.band === null).toBe(result.score === null);
        expect(result.coverage === 0).toBe(result.score === null);
        expect(result.score ?? 0).toBeGreaterThanOrEqual(0);
        expect(result.score ?? 0).toBeLessThanOrEqual(10);
      }),
    );
  });

  test('is the same when the measures without data are taken out of the model', () => {
    fc.assert(
      fc.property(anyCase, ({ model, metrics }) => {
        const dimensions = model.dimensions.map((dimension) => ({
          ...dimension,
          measures: dimension.measures.filter(({ metric }) => metrics[metric] !== null),
        }));
        expect(score({ ...model, dimensions }, metrics).score).toBe(score(model, metrics).score);
      }),
    );
  });

  test('is the same when all weights are multiplied', () => {
    fc.assert(
      fc.property(anyCase, fc.integer({ min: 2, max: 50 }), ({ model, metrics }, factor) => {
        const dimensions = model.dimensions.map((dimension) => ({ ...dimension, weight: dimension.weight * factor }));
        const [plain, multiplied] = [score(model, metrics), score({ ...model, dimensions }, metrics)];
        expect(multiplied.coverage).toBeCloseTo(plain.coverage, 9);
        expect(multiplied.score ?? -1).toBeCloseTo(plain.score ?? -1, 9);
      }),
    );
  });

  test('never changes the model or the facts', () => {
    fc.assert(
      fc.property(anyCase, ({ model, metrics }) => {
        const copies = [structuredClone(model), structuredClone(metrics)];
        score(model, metrics);
        expect([model, metrics]).toEqual(copies);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the model', () => {
  const dimensions = [makeDimension('a', 1, [makeMeasure('x', { bands: decrease })])];
  const when = (segment: string | null, createdWithinDays: number | null) => ({ segment, createdWithinDays });
  const day = 86_400_000;

  describe('by age', () => {
    const models = compileModels([
      makeModel(dimensions, { id: 'new', when: when(null, 90) }),
      makeModel(dimensions, { id: 'old' }),
    ]);
    const pick = (createdAt: Date | null) => {
      const { model, reason } = scoreAccount(models, makeFacts({}, { createdAt }), now);
      return [model, reason];
    };

    test.each([
      ['just now', 0, 'new'],
      ['90 days ago, to the millisecond', 90 * day, 'new'],
      ['a millisecond earlier', 90 * day + 1, 'old'],
      ['in the future', -day, 'new'],
    ])('created %s', (_, age, id) => {
      const reason = id === 'new' ? 'created in the last 90 days' : 'created more than 90 days ago';
      expect(pick(new Date(now.getTime() - age))).toEqual([id, reason]);
    });

    test.each([null, new Date('no date')])('created %s takes the default, and says why', (createdAt) => {
      expect(pick(createdAt)).toEqual(['old', 'its creation date is unknown']);
    });
  });

  describe('by segment', () => {
    const models = compileModels([
      makeModel(dimensions, { id: 'airgapped', when: when('airgapped', null) }),
      makeModel(dimensions, { id: 'default' }),
      makeModel(dimensions, { id: 'digital', when: when('Digital', null) }),
    ]);

    test.each([
      [['digital'], 'digital', 'in the segment Digital'],
      [[' DIGITAL '], 'digital', 'in the segment Digital'],
      [['digital', 'airgapped'], 'airgapped', 'in the segment airgapped, which goes before digital'],
      [[], 'default', 'in none of the segments airgapped or Digital'],
      [['startup'], 'default', 'in none of the segments airgapped or Digital'],
    ])('%j takes %s: %s', (segments, id, reason) => {
      expect(scoreAccount(models, makeFacts({}, { segments }), now)).toMatchObject({ model: id, reason });
    });
  });

  test('with two conditions needs both', () => {
    const models = compileModels([
      makeModel(dimensions, { id: 'new-startup', when: when('startup', 30) }),
      makeModel(dimensions, { id: 'rest' }),
    ]);
    const pick = (segments: string[], days: number) => {
      const facts = makeFacts({}, { segments, createdAt: new Date(now.getTime() - days * day) });
      const { model, reason } = scoreAccount(models, facts, now);
      return `${model}: ${reason}`;
    };
    expect(pick(['startup'], 30)).toBe('new-startup: in the segment startup and created in the last 30 days');
    expect(pick(['startup'], 31)).toBe('rest: no other model applies');
    expect(pick([], 1)).toBe('rest: no other model applies');
  });

  test('that is the only one says so', () => {
    const models = compileModels([makeModel(dimensions)]);
    expect(scoreAccount(models, makeFacts({}), now).reason).toBe('the only model of this playbook');
  });

  test.each([
    ['no default', [makeModel(dimensions, { when: when('x', null) })]],
    ['two defaults', [makeModel(dimensions), makeModel(dimensions)]],
  ])('is refused with %s', (_, models) => {
    expect(() => compileModels(models)).toThrow('Exactly one model must be the default.');
  });

  test('with a measure of words scores what the account team set', () => {
    const bands = makeBands({ poor: 'poor', concerning: 'concerning', healthy: 'healthy' });
    const sentiment = makeModel([makeDimension('pulse', 1, [makeMeasure('sentiment', { bands })])]);
    expect(['poor', 'concerning', 'healthy'].map((said) => score(sentiment, { sentiment: said }).score)).toEqual([
      0, 5, 10,
    ]);
  });
});
