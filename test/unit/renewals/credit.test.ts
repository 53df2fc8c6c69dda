import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysFrom } from '../../../src/days.ts';
import { firstMonthsOf, mostFirstMonths } from '../../../src/renewals/first-months.ts';
import { earlyEnd, isIdle } from '../../../src/renewals/plan.ts';
import { renewalMetrics } from '../../../src/renewals/types.ts';
import { createTestPlaybook } from '../../playbook.ts';
import { type Account, expectedPings, makeAccount, planDay, runDay } from '../../renewals.ts';

const settings = createTestPlaybook().renewals;
const year = daysFrom('2027-01-01', '2027-12-31');
const date = '2027-11-30';

function pingsOf(account: Account, days: readonly string[], before: (day: string) => void = () => {}): string[] {
  return days.flatMap((day) => {
    before(day);
    const pings = runDay(account, day, settings);
    expect(isIdle(planDay(account, day, settings))).toBe(true);
    return pings.map(({ step }) => `${day} ${step}`);
  });
}

describe('credit that ends before the renewal date', () => {
  it('has the reminders come before that day, and none again before the date', () => {
    expect(pingsOf(makeAccount({ date, creditEndsOn: '2027-08-31' }), year)).toEqual([
      '2027-06-30 first',
      '2027-07-30 1 month',
      '2027-08-17 2 weeks',
      '2027-08-24 1 week',
    ]);
  });

  it('changes nothing when it ends on the date, later or nobody knows when', () => {
    const usual = pingsOf(makeAccount({ date }), year);
    expect(usual[0]).toBe('2027-09-30 first');
    for (const creditEndsOn of [date, '2028-03-01'])
      expect(pingsOf(makeAccount({ date, creditEndsOn }), year)).toEqual(usual);
  });

  it('soon is told by the nearest reminder, and those passed over come before the date', () => {
    const account = makeAccount({ date });
    const pings = pingsOf(account, year, (day) => {
      if (day === '2027-04-05') account.creditEndsOn = '2027-04-10';
    });
    expect(pings).toEqual(['2027-04-05 1 week', '2027-09-30 first', '2027-10-29 1 month', '2027-11-16 2 weeks']);
  });

  it('already is told at once, and the others come before the date', () => {
    const account = makeAccount({ date, creditEndsOn: '2027-03-01' });
    expect(pingsOf(account, daysFrom('2027-05-04', '2027-12-31'))).toEqual([
      '2027-05-04 first',
      '2027-10-29 1 month',
      '2027-11-16 2 weeks',
      '2027-11-23 1 week',
    ]);
  });

  it('half a year ago or more, as when the account is new here, begins nothing', () => {
    const account = makeAccount({ date, creditEndsOn: '2024-12-31' });
    expect(pingsOf(account, year)).toEqual(pingsOf(makeAccount({ date }), year));
    const newly = makeAccount({ date: '2028-06-30', creditEndsOn: '2027-01-01' });
    expect(pingsOf(newly, ['2027-06-30'])).toEqual([]);
    expect(pingsOf({ ...newly, renewals: [] }, ['2027-06-29'])).toEqual(['2027-06-29 first']);
  });

  it('no longer, since some was bought, leaves what was not sent to the date', () => {
    const account = makeAccount({ date, creditEndsOn: '2027-06-30' });
    const pings = pingsOf(account, year, (day) => {
      if (day === '2027-06-01') account.creditEndsOn = null;
    });
    expect(pings).toEqual(['2027-04-30 first', '2027-05-28 1 month', '2027-11-16 2 weeks', '2027-11-23 1 week']);
    expect(account.renewals).toMatchObject([{ armedFor: date, state: 'past' }]);
  });

  it('on another day with each run only moves what was not sent', () => {
    const account = makeAccount({ date });
    const pings = pingsOf(account, year, (day) => {
      account.creditEndsOn = addDays('2027-08-31', (Number(day.slice(8)) * 7) % 12);
    });
    expect(pings.map((ping) => ping.slice(11))).toEqual(['first', '1 month', '2 weeks', '1 week']);
    for (const ping of pings) expect(ping < '2027-09-12').toBe(true);
  });

  it('says for when the talk is due', () => {
    const target = (creditEndsOn: string | null, today: string) =>
      planDay(makeAccount({ date, creditEndsOn }), today, settings).target;
    expect(target('2027-08-31', '2027-07-01')).toBe('2027-08-31');
    expect(target('2027-08-31', '2027-09-01')).toBe(date);
    expect(target(null, '2027-10-01')).toBe(date);
  });
});

describe('a contract that follows another', () => {
  const following = (state: 'renewed' | 'moved', next: string, creditEndsOn: string) => {
    const account = makeAccount({ date: '2027-08-31', creditEndsOn: '2027-06-30' });
    pingsOf(account, daysFrom('2027-04-01', '2027-05-10'));
    expect(account.renewals).toMatchObject([{ state: 'open', steps: ['first'] }]);
    if (state === 'renewed') account.renewals[0]!.state = 'renewed';
    Object.assign(account, { date: next, creditEndsOn });
    return pingsOf(account, daysFrom('2027-05-11', '2027-12-31'));
  };

  it.each(['renewed', 'moved'] as const)('is not begun by the credit of the one that was %s', (state) => {
    expect(following(state, '2028-08-31', '2027-06-30')).toEqual([]);
    expect(following(state, '2028-08-31', '2027-08-31')).toEqual([]);
  });

  it('is begun by credit that ends in its own time', () => {
    expect(following('renewed', '2028-08-31', '2027-12-31')).toEqual([
      '2027-10-29 first',
      '2027-11-30 1 month',
      '2027-12-17 2 weeks',
      '2027-12-24 1 week',
    ]);
  });

  it('only because the date was corrected goes on with the credit', () => {
    expect(following('moved', '2027-11-30', '2027-06-30')[0]).toBe('2027-05-11 first');
  });

  it('has no early end after its date, nor without one', () => {
    expect(earlyEnd({ date: null, renewals: [] }, '2027-06-30', '2027-06-01')).toBeNull();
    expect(earlyEnd({ date: '2027-06-30', renewals: [] }, '2027-06-30', '2027-06-01')).toBeNull();
    expect(earlyEnd({ date: '2027-07-01', renewals: [] }, '2027-06-30', '2027-06-01')).toBe('2027-06-30');
  });
});

describe('credit that would expire', () => {
  it('has the first reminder come as early as the pack says', () => {
    expect(pingsOf(makeAccount({ date, hasExpiringCredit: true }), year)[0]).toBe('2027-08-30 first');
    const given = { ...settings, firstMonthsCredit: 5, firstMonthsQuiet: 4 };
    const months = (expiring: number | null, seen = 1) =>
      firstMonthsOf({ [renewalMetrics.creditExpiring]: expiring, [renewalMetrics.seen]: seen }, given, true);
    expect([months(null), months(0), months(0.5), months(null, 90), months(1, 90)]).toEqual([2, 2, 5, 4, 5]);
    expect(mostFirstMonths(given)).toBe(5);
  });
});

describe('a thousand contracts whose credit comes and goes', () => {
  it('are reminded of exactly as the docs say, each reminder once', () => {
    const from = '2027-01-01';
    const said = fc.record({
      day: fc.integer({ min: 0, max: 500 }),
      // Often on either side of the date, and soon.
      end: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 560 })),
      isSoon: fc.boolean(),
    });
    const downtime = fc.record({ start: fc.integer({ min: 0, max: 500 }), length: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 500 }),
        fc.array(said, { maxLength: 6 }),
        fc.array(downtime, { maxLength: 6 }),
        fc.boolean(),
        (at, story, down, hasExpiringCredit) => {
          const renewal = addDays(from, at);
          const ends = story
            .toSorted((a, b) => a.day - b.day)
            .map(({ day, end, isSoon }) => {
              const on = end === null ? null : addDays(from, isSoon ? day + (end % 90) : end);
              return { from: addDays(from, day), on };
            });
          const creditEndOn = (day: string) => ends.findLast((each) => each.from <= day)?.on ?? null;
          const runs = daysFrom(from, addDays(renewal, 10)).filter(
            (day) =>
              !down.some(({ start, length }) => day >= addDays(from, start) && day < addDays(from, start + length)),
          );
          const account = makeAccount({ date: renewal, hasExpiringCredit });
          const pings = runs.flatMap((day) => {
            account.creditEndsOn = creditEndOn(day);
            return runDay(account, day, settings);
          });
          const firstMonths = hasExpiringCredit ? 3 : 2;
          expect(pings).toEqual(
            expectedPings({
              date: renewal,
              runs: runs.map((day) => ({ day, creditEndsOn: creditEndOn(day) })),
              firstMonths,
            }),
          );
          expect(new Set(pings.map(({ step }) => step)).size).toBe(pings.length);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
