import { addDays } from '../days.ts';
import type { Day, Lead } from './types.ts';

/** The same date `count` calendar months later, earlier when negative; a month that has no such date ends sooner. */
export function addMonths(day: Day, count: number): Day {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const lastOfMonth = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  const found = new Date(Date.UTC(year, month - 1 + count, Math.min(date, lastOfMonth)));
  return found.toISOString().slice(0, 10);
}

/** The day itself, or the Friday before where it is on a weekend. */
export function workingDayUntil(day: Day): Day {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  if (weekday === 6) return addDays(day, -1);
  return weekday === 0 ? addDays(day, -2) : day;
}

/** The working day on which it is so long before `date`. */
export function dueDay(date: Day, { months, days }: Lead): Day {
  return workingDayUntil(addDays(addMonths(date, -months), -days));
}
