import { describe, expect, it } from 'vitest';
import { addMonths } from '../../../src/days.ts';
import { dueDay, workingDayUntil } from '../../../src/renewals/calendar.ts';

const months = (count: number) => ({ months: count, days: 0 });
const days = (count: number) => ({ months: 0, days: count });

describe('addMonths', () => {
  it.each([
    ['2027-08-31', -2, '2027-06-30'],
    ['2027-05-31', -3, '2027-02-28'],
    ['2028-05-31', -3, '2028-02-29'],
    ['2027-04-30', -2, '2027-02-28'],
    ['2027-03-31', -1, '2027-02-28'],
    ['2027-01-15', -2, '2026-11-15'],
    ['2027-02-28', -2, '2026-12-28'],
    ['2028-02-29', 12, '2029-02-28'],
    ['2027-12-31', 2, '2028-02-29'],
    ['2027-01-01', -24, '2025-01-01'],
    ['2027-12-01', 1, '2028-01-01'],
  ])('%s and %i months is %s', (day, count, expected) => {
    expect(addMonths(day, count)).toBe(expected);
  });
});

describe('workingDayUntil', () => {
  it.each([
    ['2027-06-25', '2027-06-25'],
    ['2027-06-26', '2027-06-25'],
    ['2027-06-27', '2027-06-25'],
    ['2027-06-28', '2027-06-28'],
    ['2027-01-02', '2027-01-01'],
    ['2028-01-01', '2027-12-31'],
    ['2028-01-02', '2027-12-31'],
  ])('of %s is %s', (day, expected) => {
    expect(workingDayUntil(day)).toBe(expected);
  });
});

describe('dueDay', () => {
  it.each([
    // A Wednesday.
    ['2027-08-31', months(2), '2027-06-30'],
    // 31 May 2027 is a Monday, 28 February a Sunday.
    ['2027-05-31', months(3), '2027-02-26'],
    ['2027-08-31', months(1), '2027-07-30'],
    ['2027-08-31', days(14), '2027-08-17'],
    ['2027-08-31', days(7), '2027-08-24'],
    // A renewal date on a weekend stays; its reminders are on the Friday.
    ['2027-09-05', days(7), '2027-08-27'],
  ])('before %s by %o is %s', (date, lead, expected) => {
    expect(dueDay(date, lead)).toBe(expected);
  });
});
