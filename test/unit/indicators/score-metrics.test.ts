import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BANDS } from '../../../src/health/bounds.ts';
import { type DayScore, scoreValues } from '../../../src/indicators/score-metrics.ts';

const scored = (score: number | null, overrides: Partial<DayScore> = {}): DayScore => {
  const band = score === null ? null : score < 4 ? 'poor' : score < 7 ? 'concerning' : 'healthy';
  return { score, band, model: 'one', modelHash: 'a', ...overrides };
};
const lost = (today: DayScore | null, before: readonly DayScore[]) => {
  const { health_points_lost_7d: points, health_bands_lost_7d: bands } = scoreValues(today, before);
  return [points, bands];
};

describe('what a rule reads of the score', () => {
  it('is what was lost since the oldest day of the week', () => {
    expect(scoreValues(scored(3), [scored(8), scored(5), scored(4)])).toEqual({
      health_score: 3,
      health_points_lost_7d: 5,
      health_bands_lost_7d: 2,
    });
  });

  it('is below 0 where it rose', () => {
    expect(lost(scored(8), [scored(5)])).toEqual([-3, -1]);
  });

  it('passes over days without a score', () => {
    expect(lost(scored(3), [scored(null), scored(6)])).toEqual([3, 1]);
  });

  it.each<[string, DayScore | null, DayScore[]]>([
    ['no score today', scored(null), [scored(8)]],
    ['nothing today', null, [scored(8)]],
    ['no score in the week', scored(3), [scored(null)]],
    ['no week', scored(3), []],
    ['another model', scored(3), [scored(8, { model: 'two' })]],
    ['the model as it was before it was edited', scored(3), [scored(8, { modelHash: 'b' })]],
    ['another model in between', scored(3), [scored(8), scored(5, { model: 'two' })]],
    ['another model in between, without a score', scored(3), [scored(8), scored(null, { model: 'two' })]],
  ])('is no data with %s', (_, today, before) => {
    expect(lost(today, before)).toEqual([null, null]);
  });

  it('begins anew with another model', () => {
    expect(lost(scored(3), [scored(9, { model: 'two' }), scored(5), scored(4)])).toEqual([2, 1]);
  });

  it('is exact where decimals are: a fall by 1.5 is no more than that', () => {
    for (let tenths = 15; tenths <= 100; tenths += 1) {
      expect(lost(scored((tenths - 15) / 10), [scored(tenths / 10)])[0]).toBe(1.5);
    }
  });
});

describe('whatever the week was,', () => {
  const score = fc.option(fc.double({ min: 0, max: 10, noNaN: true }), { nil: null });
  const day = fc.record({ score, model: fc.constantFrom('one', 'two'), modelHash: fc.constantFrom('a', 'b') });
  const dayScore = day.map(({ score: points, ...model }) => scored(points, model));

  it('nothing is lost but to a score of the very model of today', () => {
    fc.assert(
      fc.property(dayScore, fc.array(dayScore, { maxLength: 7 }), (today, week) => {
        const [points, bands] = lost(today, week);
        const same = week.filter(({ model, modelHash }) => model === today.model && modelHash === today.modelHash);
        const losses = same.flatMap((each) => (each.score === null ? [] : [each.score - (today.score ?? 0)]));
        if (points === null) return;
        expect(losses.some((loss) => Math.abs(loss - Number(points)) < 1e-9)).toBe(true);
        expect(Math.abs(Number(bands))).toBeLessThan(BANDS.length);
      }),
    );
  });

  it('a change of the model alone loses nothing: what counts is what its own scores were', () => {
    fc.assert(
      fc.property(
        dayScore,
        fc.array(dayScore, { maxLength: 3 }),
        fc.integer({ min: 0, max: 3 }),
        (today, week, days) => {
          const since = Array.from({ length: days }, () => today);
          const before = week.map((each) => ({ ...each, model: 'older' }));
          const [points, bands] = lost(today, [...before, ...since]);
          expect([points ?? 0, bands ?? 0]).toEqual([0, 0]);
        },
      ),
    );
  });
});
