import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BilledPeriod, type ForecastInput, forecastPeriod, tryMethods } from '../../../src/billing/forecast.ts';
import { expectedUse, usedIn } from '../../../src/billing/period-use.ts';
import { addDays, addMonths, daysBetween, daysFrom } from '../../../src/days.ts';

/** As many calendar months from January 2027 as there are amounts. */
const months = (amounts: readonly number[]): BilledPeriod[] =>
  amounts.map((amount, index) => ({
    from: addMonths('2027-01-01', index),
    before: addMonths('2027-01-01', index + 1),
    amount,
  }));
const monthAfter = (billed: readonly BilledPeriod[]) => {
  const from = billed.at(-1)!.before;
  return { from, before: addMonths(from, 1) };
};
/** A day's use by month from January 2027, as many as there are. */
const daily = (uses: readonly number[]) =>
  new Map(
    uses.flatMap((use, index) => {
      const from = addMonths('2027-01-01', index);
      return daysFrom(from, addDays(addMonths(from, 1), -1)).map((day) => [day, use] as const);
    }),
  );

const monthOf = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));

describe('forecastPeriod', () => {
  it('says as before, without an error, where the price is flat whatever is used', () => {
    const billed = months([99, 99, 99, 99, 99]);
    const input = {
      usage: daily([5, 50, 20, 5, 60, 400]),
      months: billed,
      current: monthAfter(billed),
      today: '2027-06-20',
    };
    expect(forecastPeriod(input)).toMatchObject({ amount: 99, method: 'level', error: 0 });
    expect(forecastPeriod({ ...input, usage: new Map() })).toEqual({
      amount: 99,
      method: 'level',
      error: 0,
      basis: { usedToDate: null, expectedUse: null, unitPrice: null, base: null, lastAmounts: [99, 99, 99] },
    });
  });

  it('multiplies expected use by the price of a unit where use is what is paid for', () => {
    // 10 or 20 a day at 2 each; June has 20 a day so far.
    const billed = months([620, 1120, 620, 1200, 620]);
    const found = forecastPeriod({
      usage: daily([10, 20, 10, 20, 10, 20]),
      months: billed,
      current: monthAfter(billed),
      today: '2027-06-11',
    });
    // Of the four weeks before 11 June the third has four days at 10 and three at 20, the fourth 20 throughout. So four weekdays
    // count as (10 + 2 x 10 + 3 x 10 + 4 x 20) / 10 = 14, three as (10 + 2 x 10 + 3 x 20 + 4 x 20) / 10 = 17. Twelve and eight
    // of these are left: 168 + 136, on top of the 200 that are used.
    expect(found?.basis).toEqual({
      usedToDate: 200,
      expectedUse: 504,
      unitPrice: 2,
      base: null,
      lastAmounts: [620, 1200, 620],
    });
    expect(found).toMatchObject({ method: 'rate', amount: 1008 });
    // On the 11th of March, April and May likewise: 818 where 620 was billed, 1008 where 1200 was, 818 where 620 was.
    expect(found?.error).toBeCloseTo((198 + 192 + 198) / 2440);
  });

  it('finds the base that is paid on top', () => {
    // 10, 20 or 30 a day, at 100 and 2 each.
    const billed = months([720, 1220, 1960, 700, 1340, 1900]);
    const found = forecastPeriod({
      usage: daily([10, 20, 30, 10, 20, 30, 40]),
      months: billed,
      current: monthAfter(billed),
      today: '2027-08-01',
    });
    expect(found).toMatchObject({ method: 'base_and_rate', basis: { expectedUse: 1240 } });
    expect(found?.amount).toBeCloseTo(100 + 2 * 1240);
    expect(found?.error).toBeCloseTo(0);
    expect(found?.basis.base).toBeCloseTo(100);
    expect(found?.basis.unitPrice).toBeCloseTo(2);
  });

  it('moves up when use jumps in the last days, and down when it stops', () => {
    const uses = [10, 14, 11, 15, 12, 16, 13];
    const lengths = [31, 28, 31, 30, 31, 30];
    const billed = months(lengths.map((length, index) => 3 * length * uses[index]!));
    const input = { usage: daily(uses), months: billed, current: monthAfter(billed), today: '2027-07-15' };
    const lastDays = (use: number) =>
      new Map([...daily(uses), ...daysFrom('2027-07-12', '2027-07-14').map((day) => [day, use] as const)]);
    const steady = forecastPeriod(input);
    expect(steady?.method).toBe('rate');
    expect(forecastPeriod({ ...input, usage: lastDays(60) })!.amount).toBeGreaterThan(1.2 * steady!.amount);
    expect(forecastPeriod({ ...input, usage: lastDays(0) })!.amount).toBeLessThan(0.9 * steady!.amount);
  });

  it('has nothing to say with fewer than four periods that are over, or before the running one began', () => {
    const billed = months([100, 100, 100, 100]);
    const input = { usage: new Map(), months: billed, current: monthAfter(billed), today: '2027-05-10' };
    expect(forecastPeriod(input)?.amount).toBe(100);
    expect(forecastPeriod({ ...input, months: billed.slice(1) })).toBeNull();
    expect(forecastPeriod({ ...input, months: [] })).toBeNull();
    expect(forecastPeriod({ ...input, today: '2027-04-30' })).toBeNull();
  });

  it('has nothing to say where every method would have been wrong by more than what was billed', () => {
    const billed = months([1000, 1, 1000, 1]);
    expect(
      forecastPeriod({ usage: new Map(), months: billed, current: monthAfter(billed), today: '2027-05-10' }),
    ).toBeNull();
  });

  it('leaves out periods of another length: a first part of a month, a year', () => {
    const billed = months([100, 100, 100, 100]);
    const part = { from: '2026-12-22', before: '2027-01-01', amount: 7 };
    const year = { from: '2026-01-01', before: '2027-01-01', amount: 9000 };
    const input = { usage: new Map(), current: monthAfter(billed), today: '2027-05-10' };
    expect(forecastPeriod({ ...input, months: [year, part, ...billed] })).toMatchObject({ amount: 100, error: 0 });
    expect(forecastPeriod({ ...input, months: [year, part, ...billed.slice(1)] })).toBeNull();
  });

  it('takes quarters as they are where the running period is one', () => {
    const quarters = [300, 300, 300, 300].map((amount, index) => ({
      from: addMonths('2026-01-01', 3 * index),
      before: addMonths('2026-01-01', 3 * index + 3),
      amount,
    }));
    const current = { from: '2027-01-01', before: '2027-04-01' };
    expect(forecastPeriod({ usage: new Map(), months: quarters, current, today: '2027-02-01' })?.amount).toBe(300);
  });

  it('counts refunds as nothing, and bears a month that is missing', () => {
    const billed = months([-50, 0, 0, -5, 0]);
    const input = {
      usage: daily([0, 0, 0, 0, 0, 3]),
      months: billed,
      current: monthAfter(billed),
      today: '2027-06-10',
    };
    expect(forecastPeriod(input)).toMatchObject({ amount: 0, method: 'level', error: 0 });
    const gap = months([100, 100, 100, 100, 120]).toSpliced(3, 1);
    expect(forecastPeriod({ ...input, months: gap })).toMatchObject({ amount: 120, method: 'level' });
  });
});

describe('the use of a period', () => {
  it('counts a day without data as the mean of the others, and is not known where most have none', () => {
    const usage = new Map([
      ['2027-01-01', 10],
      ['2027-01-03', 20],
    ]);
    expect(usedIn(usage, '2027-01-01', '2027-01-05')).toBe(60);
    expect(usedIn(usage, '2027-01-01', '2027-01-06')).toBeNull();
  });

  it('is not expected where four weeks have no data', () => {
    expect(expectedUse(new Map([['2027-01-01', 10]]), '2027-02-01', '2027-03-01', '2027-02-10')).toBeNull();
  });

  it('expects each weekday to be as it was', () => {
    // Saturdays and Sundays 0, else 10; 1 February 2027 is a Monday, the 8th another. 20 working days.
    const days = daysFrom('2027-01-01', '2027-02-07').map(
      (day) => [day, [0, 6].includes(new Date(day).getUTCDay()) ? 0 : 10] as const,
    );
    expect(expectedUse(new Map(days), '2027-02-01', '2027-03-01', '2027-02-08')).toBe(200);
  });
});

describe('whatever is used and billed', () => {
  // Most months are billed by their use, so that each method has its turn; some as it comes, some days have no data.
  const inputs = fc
    .record({
      levels: fc.array(fc.nat(100), { minLength: 13, maxLength: 13 }),
      daily: fc.array(fc.option(fc.integer({ min: -1, max: 20 }), { freq: 8 }), { minLength: 31, maxLength: 80 }),
      base: fc.constantFrom(0, 0, 50, 5000),
      unit: fc.constantFrom(0, 0.01, 2, 30),
      odd: fc.array(fc.option(fc.integer({ min: -2000, max: 100_000 }), { freq: 1 }), { minLength: 1, maxLength: 12 }),
      isPriced: fc.array(
        fc.integer({ min: 0, max: 9 }).map((number) => number > 0),
        { minLength: 12, maxLength: 12 },
      ),
      missing: fc.option(fc.nat(11)),
      elapsed: fc.integer({ min: 0, max: 33 }),
    })
    .map(({ levels, daily: shape, base, unit, odd, isPriced, missing, elapsed }): ForecastInput => {
      const count = odd.length;
      const usage = new Map(
        daysFrom('2027-01-01', addDays(addMonths('2027-01-01', count + 1), -1)).flatMap((day, index) => {
          const value = shape[index % shape.length];
          return value == null ? [] : [[day, value * levels[monthOf(day) % 13]!] as const];
        }),
      );
      const all = months(odd.map((amount) => amount ?? 0)).map((period, index) => {
        const used = usedIn(usage, period.from, period.before);
        return isPriced[index] && used !== null ? { ...period, amount: Math.round(base + unit * used) } : period;
      });
      const current = monthAfter(all);
      const billed = missing === null ? all : all.filter((_, index) => index !== missing);
      return { usage, months: billed, current, today: addDays(current.from, elapsed) };
    });
  const scaled = (values: ReadonlyMap<string, number>, by: number) =>
    new Map([...values].map(([day, value]) => [day, value * by]));

  it('is a number that is not below zero, and no higher than prices seen and use make it', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const found = forecastPeriod(input);
        if (!found) return;
        expect(Number.isFinite(found.amount) && found.amount >= 0).toBe(true);
        expect(found.error >= 0 && found.error <= 1).toBe(true);
        const prices = input.months.flatMap(({ from, before, amount }) => {
          const used = usedIn(input.usage, from, before);
          return used === null || used === 0 ? [] : [amount / used];
        });
        const highest = Math.max(0, ...input.months.map(({ amount }) => amount));
        // A month without use has no price of a unit; then there is no highest.
        const byUse = (found.basis.expectedUse ?? 0) * Math.max(0, ...prices);
        const areAllPriced = prices.length === input.months.length;
        if (areAllPriced) expect(found.amount).toBeLessThanOrEqual(Math.max(highest, byUse) * (1 + 1e-9));
      }),
    );
  });

  it('is the same in whichever order days come, and whatever is used from today on', () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 0, max: 1e6 }), (input, later) => {
        const found = forecastPeriod(input);
        expect(forecastPeriod({ ...input, usage: new Map([...input.usage].reverse()) })).toEqual(found);
        const known = new Map([...input.usage].filter(([day]) => day < input.today));
        expect(forecastPeriod({ ...input, usage: known })).toEqual(found);
        const future = daysFrom(input.today, addDays(input.current.before, 40)).map((day) => [day, later] as const);
        expect(forecastPeriod({ ...input, usage: new Map([...known, ...future]) })).toEqual(found);
      }),
    );
  });

  it('does not depend on the unit of use, and goes with that of money', () => {
    const factor = fc.constantFrom(0.001, 0.5, 3, 60, 1000);
    fc.assert(
      fc.property(inputs, factor, (input, by) => {
        const found = forecastPeriod(input);
        const inOtherUse = forecastPeriod({ ...input, usage: scaled(input.usage, by) });
        const inOtherMoney = forecastPeriod({
          ...input,
          months: input.months.map((month) => ({ ...month, amount: month.amount * by })),
        });
        expect([inOtherUse?.method, inOtherMoney?.method]).toEqual([found?.method, found?.method]);
        if (!found) return;
        const near = (value: number) => expect.closeTo(value, 4);
        expect(inOtherUse).toMatchObject({ amount: near(found.amount), error: near(found.error) });
        expect(inOtherMoney!.amount / by).toEqual(near(found.amount));
        expect(inOtherMoney!.error).toEqual(near(found.error));
      }),
    );
  });

  it('has the error of forecasts made with what was known then', () => {
    const full = inputs.filter(({ months: billed }) => billed.length >= 7);
    fc.assert(
      fc.property(full, (input) => {
        const share = Math.min(
          1,
          daysBetween(input.current.from, input.today) / daysBetween(input.current.from, input.current.before),
        );
        const tested = input.months.slice(-3).map((period) => {
          const today = addDays(period.from, Math.round(share * daysBetween(period.from, period.before)));
          const usage = new Map([...input.usage].filter(([day]) => day < today));
          const earlier = input.months.filter(({ before }) => before <= period.from);
          const billed = Math.max(0, period.amount);
          return { billed, foretold: tryMethods({ usage, months: earlier, current: period, today }) };
        });
        const billed = tested.reduce((total, one) => total + one.billed, 0);
        for (const { method, error } of tryMethods(input)) {
          const wrong = tested.map((one) => {
            const amount = one.foretold.find((other) => other.method === method)?.amount;
            return amount === undefined ? Number.NaN : Math.abs(amount - one.billed);
          });
          const sum = wrong.reduce((total, one) => total + one, 0);
          if (error === null) expect(Number.isNaN(sum) || billed === 0).toBe(true);
          else expect(sum).toBeCloseTo(error * billed, 3);
        }
      }),
    );
  });
});
