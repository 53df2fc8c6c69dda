import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertPreferences } from '../../../src/db/alert-preferences.ts';
import { isDigestTime, isQuiet, postponedTo, type Waiting } from '../../../src/delivery/send-time.ts';

const office: AlertPreferences = { quietHours: { from: '19:00', to: '08:00' }, quietWeekend: true, digestAt: null };
const stockholm = 'Europe/Stockholm';

/** When a medium alert is sent that came at `now`; the same minute is at once. */
function sentAt(now: string, rules: AlertPreferences, timeZone = stockholm, message: Partial<Waiting> = {}): string {
  const at = new Date(now);
  const waiting: Waiting = { kind: 'alert', severity: 'medium', dueAt: at, ...message };
  return (postponedTo(waiting, at, rules, timeZone) ?? at).toISOString();
}

describe('a message in quiet hours', () => {
  it.each([
    ['in the working day', '2026-11-24T10:00:30.000Z', '2026-11-24T10:00:30.000Z'],
    ['in the evening', '2026-11-24T18:00:00.000Z', '2026-11-25T07:00:00.000Z'],
    ['in the last quiet minute', '2026-11-24T06:59:59.999Z', '2026-11-24T07:00:00.000Z'],
    ['in the minute in which the quiet ends', '2026-11-24T07:00:00.000Z', '2026-11-24T07:00:00.000Z'],
    ['in the minute before the quiet', '2026-11-24T17:59:59.999Z', '2026-11-24T17:59:59.999Z'],
    ['on Friday evening', '2026-11-27T20:00:00.000Z', '2026-11-30T07:00:00.000Z'],
    ['on Sunday at noon', '2026-11-29T11:00:00.000Z', '2026-11-30T07:00:00.000Z'],
  ])('%s is sent when they are over', (_when, now, sent) => {
    expect(sentAt(now, office)).toBe(sent);
  });

  it('goes at once if its severity is high, also to a person who wants a digest', () => {
    const night = '2026-11-28T02:00:00.000Z';
    expect(sentAt(night, office, stockholm, { severity: 'high' })).toBe(night);
    expect(sentAt(night, { ...office, digestAt: '09:00' }, stockholm, { severity: 'high' })).toBe(night);
  });

  it('waits for the weekend to end where there are no hours, and not at all where there is no quiet', () => {
    const saturday = '2026-11-28T12:00:00.000Z';
    expect(sentAt(saturday, { ...office, quietHours: null })).toBe('2026-11-29T23:00:00.000Z');
    expect(sentAt(saturday, { ...office, quietHours: null, quietWeekend: false })).toBe(saturday);
    const none = { ...office, quietHours: { from: '08:00', to: '08:00' }, quietWeekend: false };
    expect(sentAt('2026-11-24T08:00:00.000Z', none)).toBe('2026-11-24T08:00:00.000Z');
  });

  it('goes in the hours of the place where the person is now', () => {
    expect(sentAt('2026-11-24T12:00:00.000Z', office)).toBe('2026-11-24T12:00:00.000Z');
    expect(sentAt('2026-11-24T12:00:00.000Z', office, 'America/New_York')).toBe('2026-11-24T13:00:00.000Z');
  });

  it('goes when the clocks jump over the end of the quiet', () => {
    const rules = { ...office, quietHours: { from: '22:00', to: '02:30' }, quietWeekend: false };
    expect(sentAt('2027-03-27T23:00:00.000Z', rules)).toBe('2027-03-28T01:00:00.000Z');
  });
});

describe('a message for a digest', () => {
  const daily = { ...office, digestAt: '09:00' };

  it.each([
    ['before it', '2026-11-24T07:30:00.000Z', '2026-11-24T08:00:00.000Z'],
    ['at that minute', '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z'],
    ['after it', '2026-11-24T08:00:01.000Z', '2026-11-25T08:00:00.000Z'],
    ['after that of Friday', '2026-11-27T12:00:00.000Z', '2026-11-30T08:00:00.000Z'],
  ])('that came %s waits for the next', (_when, now, sent) => {
    expect(sentAt(now, daily)).toBe(sent);
  });

  it('that is late keeps out of the quiet times, and goes with the next', () => {
    const dueAt = new Date('2026-11-24T08:00:00.000Z');
    const soon = '2026-11-24T12:00:00.000Z';
    expect(sentAt(soon, daily, stockholm, { dueAt })).toBe(soon);
    expect(sentAt('2026-11-24T22:00:00.000Z', daily, stockholm, { dueAt })).toBe('2026-11-25T08:00:00.000Z');
  });

  it('goes at the minute that its reader named, although it is a quiet one', () => {
    expect(sentAt('2026-11-24T12:00:00.000Z', { ...daily, digestAt: '07:00' })).toBe('2026-11-25T06:00:00.000Z');
    const dueAt = new Date('2026-11-25T06:00:00.000Z');
    expect(sentAt('2026-11-25T06:00:20.000Z', { ...daily, digestAt: '07:00' }, stockholm, { dueAt })).toBe(
      '2026-11-25T06:00:20.000Z',
    );
  });

  it('is a notice of its own where it is one: only the quiet times hold', () => {
    expect(sentAt('2026-11-24T12:00:00.000Z', daily, stockholm, { kind: 'notice' })).toBe('2026-11-24T12:00:00.000Z');
    expect(sentAt('2026-11-24T22:00:00.000Z', daily, stockholm, { kind: 'notice' })).toBe('2026-11-25T07:00:00.000Z');
  });
});

// What a clock on the wall shows, from another source than the code under test.
const formats = new Map<string, Intl.DateTimeFormat>();
function clock(at: Date, timeZone: string): { day: string; time: string } {
  const known = formats.get(timeZone);
  const format =
    known ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  formats.set(timeZone, format);
  const [day = '', time = ''] = format.format(at).split(/,? /);
  return { day, time };
}
function isQuietByTheClock(at: Date, { quietHours, quietWeekend }: AlertPreferences, timeZone: string): boolean {
  const { day, time } = clock(at, timeZone);
  if (quietWeekend && (day === 'Sat' || day === 'Sun')) return true;
  if (!quietHours || quietHours.from === quietHours.to) return false;
  const { from, to } = quietHours;
  return from < to ? from <= time && time < to : time >= from || time < to;
}

// A clock change of each, so that the moments lie around it.
const zones: [string, string][] = [
  ['Europe/Stockholm', '2027-03-28T01:00:00Z'],
  ['Europe/Stockholm', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2027-03-14T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['America/Santiago', '2026-09-06T04:00:00Z'],
  ['America/Santiago', '2027-04-04T03:00:00Z'],
  ['Africa/Cairo', '2027-04-29T22:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Australia/Lord_Howe', '2027-04-03T15:00:00Z'],
  ['Pacific/Chatham', '2026-09-26T14:00:00Z'],
  ['Asia/Kathmandu', '2026-11-28T00:00:00Z'],
];
const dayMs = 24 * 60 * 60_000;
const moments = fc
  .tuple(fc.constantFrom(...zones), fc.integer({ min: -2 * dayMs, max: dayMs }))
  .map(([[timeZone, change], apart]) => ({ timeZone, now: new Date(Date.parse(change) + apart) }));
const times = fc
  .oneof(
    fc.integer({ min: 0, max: 24 * 60 - 1 }),
    // Near where clocks change.
    fc.integer({ min: 0, max: 4 * 60 }),
  )
  .map((minutes) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`);
const rules = fc.record({
  quietHours: fc.option(fc.record({ from: times, to: times })),
  quietWeekend: fc.boolean(),
});

/** The first digest at or after `now`: on each day when its clocks first show the time, or a later one. */
function digestByTheClock(now: Date, { quietWeekend, digestAt }: AlertPreferences, timeZone: string): Date {
  const minuteMs = 60_000;
  let told = '';
  // More than a day before, so that it is known whether today's was already.
  for (let at = Math.floor(now.getTime() / minuteMs) * minuteMs - 26 * 60 * minuteMs; ; at += minuteMs) {
    const { day, time } = clock(new Date(at), timeZone);
    if (day === told || time < (digestAt ?? '')) continue;
    told = day;
    if (at >= now.getTime() && !(quietWeekend && (day === 'Sat' || day === 'Sun'))) return new Date(at);
  }
}

describe('around clock changes', () => {
  it('what is put off goes in the first minute that is not quiet', () => {
    fc.assert(
      fc.property(moments, rules, ({ now, timeZone }, given) => {
        const chosen = { ...given, digestAt: null };
        const waiting: Waiting = { kind: 'alert', severity: 'low', dueAt: now };
        const until = postponedTo(waiting, now, chosen, timeZone);
        expect(isQuiet(now, chosen, timeZone)).toBe(isQuietByTheClock(now, chosen, timeZone));
        expect(until !== null).toBe(isQuietByTheClock(now, chosen, timeZone));
        if (until === null) return;
        expect(until.getTime()).toBeGreaterThan(now.getTime());
        expect(isQuietByTheClock(until, chosen, timeZone)).toBe(false);
        for (let at = until.getTime() - 60_000; at >= now.getTime(); at -= 60_000)
          if (!isQuietByTheClock(new Date(at), chosen, timeZone))
            expect.fail(`${new Date(at).toISOString()} is earlier`);
      }),
      { numRuns: 300 },
    );
  });

  it('a digest comes once every day that is not quiet, at its minute or when the clocks jump over it', () => {
    fc.assert(
      fc.property(moments, fc.boolean(), times, ({ now, timeZone }, quietWeekend, digestAt) => {
        const chosen: AlertPreferences = { quietHours: null, quietWeekend, digestAt };
        const waiting: Waiting = { kind: 'alert', severity: 'low', dueAt: now };
        const until = postponedTo(waiting, now, chosen, timeZone);
        const expected = digestByTheClock(now, chosen, timeZone);
        expect((until ?? now).toISOString()).toBe(expected.toISOString());
        expect(isDigestTime(expected, chosen, timeZone)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
