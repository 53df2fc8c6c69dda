import { TZDate } from '@date-fns/tz';

/** `YYYY-MM-DD`, a calendar day in the deployment's time zone. */
type Day = string;

const dayMs = 24 * 60 * 60 * 1000;

/** Whether the platform knows a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The calendar day at `instant` in `timeZone`. */
export function localDay(instant: Date, timeZone: string): Day {
  if (timeZone === 'UTC') return instant.toISOString().slice(0, 10);
  const local = new TZDate(instant, timeZone);
  return new Date(Date.UTC(local.getFullYear(), local.getMonth(), local.getDate())).toISOString().slice(0, 10);
}

/** The instant at which `day` is over in `timeZone`: the next day's first. */
export function endOfDay(day: Day, timeZone: string): Date {
  const [year, month, date] = addDays(day, 1).split('-').map(Number) as [number, number, number];
  return new Date(new TZDate(year, month - 1, date, timeZone).getTime());
}

/** `count` days after `day`, before it when negative. */
export function addDays(day: Day, count: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * dayMs).toISOString().slice(0, 10);
}

/** The same date `count` calendar months later, earlier when negative; a month that has no such date ends sooner. */
export function addMonths(day: Day, count: number): Day {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const lastOfMonth = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  const found = new Date(Date.UTC(year, month - 1 + count, Math.min(date, lastOfMonth)));
  return found.toISOString().slice(0, 10);
}

/** The day `count` working days, Monday to Friday, after `day`. */
export function addWorkingDays(day: Day, count: number): Day {
  let result = day;
  for (let left = count; left > 0; ) {
    result = addDays(result, 1);
    if (![0, 6].includes(new Date(`${result}T00:00:00Z`).getUTCDay())) left -= 1;
  }
  return result;
}

/** How many days `to` is after `from`; negative when it is before. */
export function daysBetween(from: Day, to: Day): number {
  return (Date.parse(to) - Date.parse(from)) / dayMs;
}

/** Every day from `from` to `to`, both included; none when `to` is earlier. */
export function daysFrom(from: Day, to: Day): Day[] {
  const days: Day[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}
