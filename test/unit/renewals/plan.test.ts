import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths, daysFrom, localDay } from '../../../src/days.ts';
import { dueDay } from '../../../src/renewals/calendar.ts';
import { isIdle } from '../../../src/renewals/plan.ts';
import { createTestPlaybook } from '../../playbook.ts';
import { type Account, makeAccount, type Ping, planDay, runDay, settingsWith } from '../../renewals.ts';

const settings = createTestPlaybook().renewals;
const on = (account: Account, today: string) => planDay(account, today, settings);
/** The pings of an account on these days. */
function pingsOf(
  account: Account,
  days: readonly string[],
  before: (day: string, account: Account) => void = () => {},
) {
  const pings: Ping[] = [];
  for (const day of days) {
    before(day, account);
    pings.push(...runDay(account, day, settings));
    // A second run on the same day finds nothing to do.
    expect(isIdle(on(account, day))).toBe(true);
  }
  return pings.map(({ day, step }) => `${day} ${step}`);
}

describe('the reminders of a contract', () => {
  it('are those of an active account', () => {
    expect(pingsOf(makeAccount({ date: '2027-08-31' }), daysFrom('2027-01-01', '2027-12-31'))).toEqual([
      '2027-06-30 first',
      '2027-07-30 1 month',
      '2027-08-17 2 weeks',
      '2027-08-24 1 week',
    ]);
  });

  it('begin a month earlier when it is quiet, also when it becomes so in between, and not again when it no longer is', () => {
    const year = daysFrom('2027-01-01', '2027-12-31');
    expect(pingsOf(makeAccount({ date: '2027-08-31', isQuiet: true }), year)[0]).toBe('2027-05-31 first');
    const turned = pingsOf(makeAccount({ date: '2027-08-31' }), year, (day, account) => {
      account.isQuiet = day >= '2027-06-10' && day < '2027-06-20';
    });
    expect(turned.slice(0, 2)).toEqual(['2027-06-10 first', '2027-07-30 1 month']);
  });

  it('stop when the task is done, and go on when it is reopened, without those of between', () => {
    const pings = pingsOf(makeAccount({ date: '2027-08-31' }), daysFrom('2027-01-01', '2027-12-31'), (day, account) => {
      if (day === '2027-07-10') account.renewals[0]!.isTaskOpen = false;
      if (day === '2027-08-01') account.renewals[0]!.isTaskOpen = true;
    });
    expect(pings).toEqual(['2027-06-30 first', '2027-08-17 2 weeks', '2027-08-24 1 week']);
  });

  it('that were missed are made up for by the newest', () => {
    const account = makeAccount({ date: '2027-08-31' });
    const days = daysFrom('2027-01-01', '2027-12-31').filter((day) => day < '2027-06-25' || day > '2027-08-20');
    expect(pingsOf(account, days)).toEqual(['2027-08-21 2 weeks', '2027-08-24 1 week']);
    expect(account.renewals[0]?.steps.toSorted()).toEqual(['1 month', '1 week', '2 weeks', 'first']);
  });

  it('are none for a date that has passed', () => {
    expect(pingsOf(makeAccount({ date: '2027-08-31' }), daysFrom('2027-09-01', '2027-12-31'))).toEqual([]);
  });

  it('are none for a churned account, and what was sent is not sent again when it comes back', () => {
    const account = makeAccount({ date: '2027-08-31' });
    const pings = pingsOf(account, daysFrom('2027-01-01', '2027-12-31'), (day) => {
      account.isChurned = day >= '2027-07-15' && day < '2027-08-10';
      if (day === '2027-07-20') expect(account.renewals[0]?.state).toBe('churned');
    });
    expect(pings).toEqual(['2027-06-30 first', '2027-08-10 1 month', '2027-08-17 2 weeks', '2027-08-24 1 week']);
  });
});

describe('a date that changes', () => {
  const year = daysFrom('2027-01-01', '2027-12-31');

  it('by less than a week keeps what was sent', () => {
    const pings = pingsOf(makeAccount({ date: '2027-08-31' }), year, (day, account) => {
      if (day === '2027-08-01') account.date = '2027-09-06';
    });
    expect(pings).toEqual(['2027-06-30 first', '2027-07-30 1 month', '2027-08-23 2 weeks', '2027-08-30 1 week']);
  });

  it('by a week begins anew with the newest reminder that is due', () => {
    const account = makeAccount({ date: '2027-08-31' });
    const pings = pingsOf(account, year, (day) => {
      if (day === '2027-08-02') account.date = '2027-09-07';
    });
    expect(pings).toEqual([
      '2027-06-30 first',
      '2027-07-30 1 month',
      '2027-08-02 first',
      '2027-08-06 1 month',
      '2027-08-24 2 weeks',
      '2027-08-31 1 week',
    ]);
    expect(account.renewals.map(({ state }) => state)).toEqual(['moved', 'past']);
  });

  it('step by step counts from the date that was first reminded of', () => {
    const account = makeAccount({ date: '2027-08-31' });
    pingsOf(account, year, (day) => {
      if (day === '2027-07-05') account.date = '2027-09-04';
      if (day === '2027-07-06') account.date = '2027-09-08';
    });
    expect(account.renewals.map(({ armedFor }) => armedFor)).toEqual(['2027-08-31', '2027-09-08']);
  });

  it('to and fro sends nothing twice', () => {
    const pings = pingsOf(makeAccount({ date: '2027-08-31' }), year, (day, account) => {
      if (day >= '2027-07-01' && day < '2027-08-01')
        account.date = Number(day.slice(8)) % 2 ? '2027-08-31' : '2027-10-15';
    });
    expect(pings.filter((ping) => ping.endsWith('first'))).toEqual(['2027-06-30 first']);
    expect(new Set(pings.map((ping) => ping.slice(11))).size).toBe(pings.length);
  });

  it('to one of which somebody has said what became of it stays quiet', () => {
    const account = makeAccount({ date: '2027-08-31' });
    const pings = pingsOf(account, year, (day) => {
      if (day !== '2027-07-10') return;
      account.renewals[0]!.state = 'renewed';
      // A source that does not know it yet sets it back.
      account.date = '2027-08-29';
    });
    expect(pings).toEqual(['2027-06-30 first']);
  });

  it('to one that was only noted begins with the first reminder', () => {
    const account = makeAccount({ date: '2027-08-31' });
    pingsOf(account, ['2027-06-30']);
    Object.assign(account.renewals[0]!, { state: 'moved', steps: [], isTaskOpen: false, isInSegment: false });
    expect(pingsOf(account, daysFrom('2027-06-01', '2027-07-31'))).toEqual(['2027-06-30 first', '2027-07-30 1 month']);
  });

  it('to nothing ends it', () => {
    const account = makeAccount({ date: '2027-08-31' });
    pingsOf(account, year, (day) => {
      if (day === '2027-07-10') account.date = null;
    });
    expect(account.renewals).toMatchObject([{ state: 'moved' }]);
  });
});

/** The days on which it is so in a time zone, hour by hour, as often as the job runs; a day that a zone skips is left out. */
function runDays(timeZone: string, from: string, hours: number): string[] {
  const start = Date.parse(`${from}T00:27:00Z`);
  const days = Array.from({ length: hours }, (_, hour) => localDay(new Date(start + hour * 3_600_000), timeZone));
  return days.filter((day, index) => day !== days[index - 1]);
}

/** Apia skipped 30 December 2011; the clocks of the others change within two years of any day. */
const zones = [
  { timeZone: 'Europe/Berlin', from: '2026-11-01' },
  { timeZone: 'America/Santiago', from: '2026-11-01' },
  { timeZone: 'Pacific/Apia', from: '2011-01-01' },
];
const twoYears = 2 * 365 * 24;

describe.each(zones)('two years of runs in $timeZone', ({ timeZone, from }) => {
  const days = runDays(timeZone, from, twoYears);
  const offset = fc.integer({ min: 0, max: 900 });

  it('send each reminder once, on the first run while it is the newest, for a thousand contracts with downtimes', () => {
    const downtimes = fc.array(
      fc.record({ start: fc.integer({ min: 0, max: 730 }), length: fc.integer({ min: 1, max: 10 }) }),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(offset, downtimes, fc.boolean(), (at, down, isQuiet) => {
        const date = addDays(from, at);
        // Long before and after nothing is sent, as the tests above show.
        const near = days.filter((day) => day > addDays(date, -120) && day < addDays(date, 15));
        const isDown = (day: string) =>
          down.some(({ start, length }) => day >= addDays(from, start) && day < addDays(from, start + length));
        const runs = near.filter((day) => !isDown(day));
        const account = makeAccount({ date, isQuiet });
        const pings = runs.flatMap((day) => runDay(account, day, settings));
        // A reminder is the newest from its day until the next one's, and the last until the date.
        const due = [
          { step: 'first', day: dueDay(date, { months: isQuiet ? 3 : 2, days: 0 }) },
          { step: '1 month', day: dueDay(date, { months: 1, days: 0 }) },
          { step: '2 weeks', day: dueDay(date, { months: 0, days: 14 }) },
          { step: '1 week', day: dueDay(date, { months: 0, days: 7 }) },
        ];
        const expected = due.flatMap(({ step, day }, index) => {
          const until = due[index + 1]?.day ?? addDays(date, 1);
          const run = runs.find((each) => each >= day && each < until);
          return run === undefined ? [] : [{ day: run, step, contract: date }];
        });
        expect(pings).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('send nothing twice, late or to nobody when dates move, contracts end and accounts churn', () => {
    const event = fc.record({
      day: fc.integer({ min: 0, max: 730 }),
      what: fc.constantFrom(
        'move',
        'nudge',
        'renew',
        'lose',
        'churn',
        'return',
        'done',
        'reopen',
        'quiet',
        'lively',
        'hand',
        'credit',
        'bought',
        'expiring',
      ),
      by: fc.integer({ min: -120, max: 120 }),
    });
    fc.assert(
      fc.property(offset, fc.array(event, { maxLength: 12 }), (at, events) => {
        const account = makeAccount({ date: addDays(from, at) });
        const sent = new Set<string>();
        for (const [index, day] of days.entries()) {
          for (const { what, by } of events.filter((each) => each.day === index)) happen(account, what, by);
          const open = account.renewals.find(({ state }) => state === 'open');
          for (const { contract, step } of runDay(account, day, settings)) {
            expect(sent).not.toContain(`${contract} ${step}`);
            sent.add(`${contract} ${step}`);
            expect(account.isChurned).toBe(false);
            expect(account.date! >= day).toBe(true);
            const running = account.renewals.find(({ armedFor }) => armedFor === contract);
            expect(running?.state).toBe('open');
            if (running === open) expect(running?.isTaskOpen).toBe(true);
          }
          expect(isIdle(on(account, day))).toBe(true);
          const states = account.renewals.map(({ state }) => state);
          expect(states.filter((state) => state === 'open').length).toBeLessThanOrEqual(1);
          // Nothing that is due is left out: of each reminder that is due it is noted what became of it.
          const current = account.renewals.find(({ state }) => state === 'open');
          if (current) for (const each of dueSteps(current.date, day)) expect(current.steps).toContain(each);
        }
      }),
      // Somebody else has the account when it comes back.
      {
        numRuns: 120,
        examples: [
          [
            2,
            [
              { day: 2, what: 'return', by: 0 },
              { day: 1, what: 'hand', by: 0 },
              { day: 1, what: 'churn', by: 0 },
            ],
          ],
        ],
      },
    );
  });
});

function dueSteps(date: string, day: string): string[] {
  return settings.steps.filter(({ lead }) => dueDay(date, lead) <= day).map(({ id }) => id);
}

function happen(account: Account, what: string, by: number): void {
  const open = account.renewals.find(({ state }) => state === 'open');
  const date = account.date ?? '2027-01-01';
  if (what === 'move') account.date = addDays(date, by);
  if (what === 'nudge') account.date = addDays(date, by % 7);
  if (what === 'churn') account.isChurned = true;
  if (what === 'return') account.isChurned = false;
  if (what === 'quiet') account.isQuiet = true;
  if (what === 'lively') account.isQuiet = false;
  if (what === 'credit') account.creditEndsOn = addDays(date, by);
  if (what === 'bought') account.creditEndsOn = null;
  if (what === 'expiring') account.hasExpiringCredit = by > 0;
  if (what === 'hand') account.csmEmail = `csm${by}@bellwether.example`;
  if (!open) return;
  if (what === 'done') open.isTaskOpen = false;
  if (what === 'reopen') open.isTaskOpen = true;
  if (what === 'lose') open.state = 'lost';
  if (what === 'renew') {
    open.state = 'renewed';
    account.date = addMonths(date, 12);
  }
}

describe('settings of a pack', () => {
  it('name other days', () => {
    const given = settingsWith({ firstMonths: 4, steps: [{ id: '10 days', lead: { months: 0, days: 10 } }] });
    const account = makeAccount({ date: '2027-08-31' });
    const pings = daysFrom('2027-01-01', '2027-12-31').flatMap((day) => runDay(account, day, given));
    expect(pings.map(({ day, step }) => `${day} ${step}`)).toEqual(['2027-04-30 first', '2027-08-20 10 days']);
  });
});
