import { addDays, addMonths } from '../days.ts';
import type { Day, Lead } from './types.ts';

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
