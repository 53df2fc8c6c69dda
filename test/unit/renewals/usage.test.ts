import { describe, expect, it } from 'vitest';
import { monthlyUse, projectUse, usageMonths } from '../../../src/renewals/usage.ts';

const months = usageMonths('2027-06-15');
const kept = (values: readonly (number | null)[]) =>
  values.map((value, index) => ({ month: months[index]?.month ?? '', value }));

describe('usageMonths', () => {
  it('are the twelve that are over', () => {
    expect([months.at(0), months.at(-1)]).toEqual([
      { month: '2026-06', from: '2026-06-01', before: '2026-07-01' },
      { month: '2027-05', from: '2027-05-01', before: '2027-06-01' },
    ]);
    expect(months).toHaveLength(12);
  });
});

describe('monthlyUse', () => {
  const days = new Map([
    ['2027-05-01', 2],
    ['2027-05-31', 4],
    ['2027-06-01', 100],
    ['2026-05-31', 100],
  ]);

  it('adds up, or takes the mean, and has no data where there is none', () => {
    expect(monthlyUse(days, months, 'sum').slice(-2)).toEqual([
      { month: '2027-04', value: null },
      { month: '2027-05', value: 6 },
    ]);
    expect(monthlyUse(days, months, 'mean').at(-1)?.value).toBe(3);
  });
});

describe('projectUse', () => {
  it('goes on along a straight line that has held so far', () => {
    const projection = projectUse(kept(months.map((_, index) => 100 + 10 * index)), '2027-08-31');
    expect(projection).toMatchObject({ method: 'trend' });
    expect(projection?.error).toBeCloseTo(0);
    // The first month is June 2026; August 2027 is fourteen later.
    expect(projection?.atRenewal).toBeCloseTo(240);
    expect(projection?.yearOn).toBeCloseTo(360);
    expect(projection?.nextYear).toBeCloseTo(12 * 240 + 10 * 78);
  });

  it('stays level where a line would have been further off, and says by how much either was', () => {
    const projection = projectUse(kept([10, 50, 90, 130, 170, 210, 250, 250, 250, 250, 250, 250]), '2027-08-31');
    expect(projection).toMatchObject({ method: 'level', atRenewal: 250, yearOn: 250, nextYear: 3000, error: 0 });
  });

  it('is never below nothing', () => {
    expect(projectUse(kept(months.map((_, index) => 110 - 10 * index)), '2027-08-31')).toMatchObject({
      method: 'trend',
      atRenewal: 0,
      nextYear: 0,
    });
  });

  it('needs six months, and three before those that it is tried on', () => {
    const none = months.map(() => null);
    expect(projectUse(kept([...none.slice(5), 1, 1, 1, 1, 1]), '2027-08-31')).toBeNull();
    expect(projectUse(kept([...none.slice(6), 1, 1, 1, 1, 1, 1]), '2027-08-31')).toMatchObject({ error: 0 });
    expect(projectUse(kept(months.map(() => 0)), '2027-08-31')).toMatchObject({ atRenewal: 0, error: null });
  });
});
