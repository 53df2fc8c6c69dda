import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, daysFrom, endOfDay, localDay } from '../../src/days.ts';

describe('days', () => {
  test('an instant near midnight belongs to the day of the time zone', () => {
    const instant = new Date('2026-09-06T03:59:59Z');
    expect(localDay(instant, 'UTC')).toBe('2026-09-06');
    expect(localDay(instant, 'America/Santiago')).toBe('2026-09-05');
    expect(localDay(instant, 'Asia/Tokyo')).toBe('2026-09-06');
  });

  test('a day whose midnight does not exist begins at its first instant', () => {
    expect(endOfDay('2026-09-05', 'America/Santiago').toISOString()).toBe('2026-09-06T04:00:00.000Z');
    expect(localDay(new Date('2026-09-06T04:00:00Z'), 'America/Santiago')).toBe('2026-09-06');
  });

  test('days run over the end of a month and of a leap February', () => {
    expect(daysFrom('2028-02-28', '2028-03-01')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01']);
    expect(daysFrom('2028-03-02', '2028-03-01')).toEqual([]);
    expect(addDays('2027-01-01', -1)).toBe('2026-12-31');
  });

  test('the last instant of any day is of that day and its end is of the next', () => {
    const zones = ['UTC', 'America/Santiago', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/Berlin'];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom(...zones), (number, zone) => {
        const day = addDays('2000-01-01', number);
        const end = endOfDay(day, zone);
        expect(localDay(new Date(end.getTime() - 1), zone)).toBe(day);
        expect(localDay(end, zone)).toBe(addDays(day, 1));
      }),
    );
  });
});
