import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MetricChart, metricTrendSvg } from '../../../src/chart/metric-trend.ts';
import { valueAxis } from '../../../src/chart/value-axis.ts';
import { addDays } from '../../../src/days.ts';
import type { Unit } from '../../../src/metrics/types.ts';

const to = '2026-11-21';
const points = (values: readonly (number | null)[], corrected: readonly number[] = []) =>
  values.flatMap((value, index) =>
    value === null
      ? []
      : [{ day: addDays(to, index + 1 - values.length), value, corrected: corrected.includes(index) }],
  );

function chart(overrides: Partial<MetricChart> = {}): MetricChart {
  return {
    from: '2026-08-24',
    to,
    points: points([30, 35, 38]),
    zones: [
      { band: 'poor', from: Number.NEGATIVE_INFINITY, to: 20 },
      { band: 'concerning', from: 20, to: 40 },
      { band: 'healthy', from: 40, to: Number.POSITIVE_INFINITY },
    ],
    unit: 'percent',
    currency: 'USD',
    now: { label: '38%', band: 'concerning' },
    ...overrides,
  };
}

const texts = (svg: string) => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
const count = (svg: string, pattern: RegExp) => svg.match(pattern)?.length ?? 0;

describe('metricTrendSvg', () => {
  it('draws the names of the bands over the lines that cross their zones', () => {
    const svg = metricTrendSvg(chart());
    expect(svg.lastIndexOf('stroke="#ffffff" stroke-width="1"')).toBeLessThan(svg.indexOf('>Concerning<'));
  });

  it('has an axis with the unit, the days, the bands and the last value', () => {
    expect(texts(metricTrendSvg(chart()))).toEqual(
      expect.arrayContaining(['Concerning', 'Healthy', '24 Aug', '21 Nov', '40%', '20%', '38%']),
    );
  });

  it.each([
    ['money', 'EUR', '€40'],
    ['money', 'CHF', 'CHF\u00a040'],
    ['days', 'USD', '40 d'],
    ['ratio', 'USD', '40'],
  ] as const)('labels %s in %s with %s', (unit, currency, label) => {
    expect(texts(metricTrendSvg(chart({ unit, currency })))).toContain(label);
  });

  it('shortens large numbers', () => {
    const svg = metricTrendSvg(chart({ unit: 'number', zones: [], points: points([1_200_000, 2_400_000]) }));
    expect(texts(svg)).toContain('2M');
  });

  it('breaks the line at a gap and names a long one', () => {
    const values = [1, 2, ...Array.from({ length: 60 }, () => null), 3, 4, null, 5];
    const svg = metricTrendSvg(chart({ zones: [], points: points(values) }));
    expect(count(svg, /<path /g)).toBe(2);
    expect(texts(svg)).toContain('no data');
    expect(texts(metricTrendSvg(chart({ from: addDays(to, -2) })))).not.toContain('no data');
  });

  it('rings the days that were corrected, and says what a ring means', () => {
    const svg = metricTrendSvg(chart({ points: points([30, 35, 38, 37], [0, 2]) }));
    expect(count(svg, /class="corrected"/g)).toBe(3);
    expect(texts(svg)).toContain('corrected later');
    expect(metricTrendSvg(chart())).not.toContain('corrected');
  });

  it('leaves bands out that are far away, and all where nothing judges the metric', () => {
    expect(texts(metricTrendSvg(chart({ points: points([90, 95]) })))).not.toContain('Poor');
    expect(texts(metricTrendSvg(chart({ zones: [] })))).not.toContain('Healthy');
  });

  it('keeps every number finite and inside for any values', () => {
    const value = fc.oneof(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), fc.integer({ min: -3, max: 120 }));
    const unit = fc.constantFrom<Unit>('number', 'percent', 'days', 'ratio', 'money');
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), unit, (values, unit) => {
        const svg = metricTrendSvg(chart({ points: points(values), unit }));
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        for (const [, y] of svg.matchAll(/cy="([^"]+)"/g))
          expect(Number(y)).toSatisfy((at: number) => at >= 0 && at <= 240);
      }),
    );
  });
});

describe('valueAxis', () => {
  it.each([
    [[100, 94], 66, 106],
    [[0, 0], 0, 1.2],
    [[3, 50], 0, 60],
    [[-30, 10], -34.8, 18],
    [[-10, -9], -12, -8],
  ])('spans %j from %d to %d', (values, low, high) => {
    const axis = valueAxis(values);
    expect(axis.low).toBeLessThanOrEqual(Math.min(...values));
    expect(axis.high).toBeGreaterThanOrEqual(Math.max(...values));
    expect([axis.low, axis.high].map(Math.round)).toEqual([low, high].map(Math.round));
  });

  it('stays between 0 and 100 for a percentage that does', () => {
    expect(valueAxis([1, 99], [], { least: 0, most: 100 })).toMatchObject({ low: 0, high: 100 });
    expect(valueAxis([1, 140], [], { least: 0, most: 100 }).high).toBeGreaterThan(140);
  });

  it('names whole values where all are whole, at least two', () => {
    expect(valueAxis([0, 1, 0]).ticks).toEqual([0, 1]);
    expect([valueAxis([1]).ticks, valueAxis([-1]).ticks]).toEqual([
      [0, 1],
      [-2, -1],
    ]);
    expect(valueAxis([0.5, 1]).ticks).toContain(0.5);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 5 }), (values) => {
        const { ticks } = valueAxis(values);
        expect(ticks.filter((tick) => !Number.isInteger(tick))).toEqual([]);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  it('names between two and seven round values for any range', () => {
    const value = fc.double({ noNaN: true, min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        const { low, high, ticks } = valueAxis(values);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(7);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - (high - low) * 1e-6);
          expect(tick).toBeLessThanOrEqual(high + (high - low) * 1e-6);
        }
      }),
    );
  });
});
