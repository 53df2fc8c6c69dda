import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../../src/days.ts';
import type { MetricValue } from '../../../src/health/types.ts';
import { figuresOf, stretchesOf } from '../../../src/metrics/figures.ts';

const to = '2026-11-21';
const period = { from: addDays(to, -89), to };
const kept = (daysAgo: number, value: MetricValue, correctedAt: Date | null = null) => ({
  day: addDays(to, -daysAgo),
  value,
  correctedAt,
});

describe('figuresOf', () => {
  it('compares with 7, 30 and 90 days before, the last of them outside of the days', () => {
    const { before } = figuresOf([kept(90, 10), kept(30, 0), kept(7, 4), kept(0, 5)], period);
    expect(before).toEqual([
      { days: 7, value: 4, change: 1, percent: 25 },
      { days: 30, value: 0, change: 5, percent: null },
      { days: 90, value: 10, change: -5, percent: -50 },
    ]);
  });

  it('has no change where one of the two has no data, or is no number', () => {
    const { before, now } = figuresOf([kept(30, 'a'), kept(7, 4), kept(0, null)], period);
    expect(now).toBeNull();
    expect(before.map(({ change, percent }) => [change, percent])).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
  });

  it('takes lowest, highest, last and corrected from the days that are shown alone', () => {
    const at = new Date('2026-11-20T10:00:00Z');
    const figures = figuresOf([kept(90, 100, at), kept(89, 3), kept(5, 7, at), kept(4, 7), kept(3, null)], period);
    expect(figures).toMatchObject({
      lowest: { value: 3, day: addDays(to, -89) },
      highest: { value: 7, day: addDays(to, -4) },
      last: { value: 7, day: addDays(to, -4) },
      withValue: 3,
      corrected: [{ day: addDays(to, -5), correctedAt: at }],
    });
  });
});

describe('stretchesOf', () => {
  it('covers every day once, and neighbours differ', () => {
    const values = fc.array(fc.constantFrom<MetricValue | undefined>('a', 'b', true, null, undefined), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(values, (list) => {
        const from = addDays(to, 1 - list.length);
        const stored = list.flatMap((value, index) =>
          value === undefined ? [] : [{ day: addDays(from, index), value, correctedAt: null }],
        );
        const stretches = stretchesOf(stored, { from, to });
        expect(stretches[0]?.from).toBe(from);
        expect(stretches.at(-1)?.to).toBe(to);
        for (const [index, stretch] of stretches.entries()) {
          const next = stretches[index + 1];
          if (!next) continue;
          expect(next.from).toBe(addDays(stretch.to, 1));
          expect(next.value).not.toBe(stretch.value);
        }
      }),
    );
  });
});
