const dayMs = 24 * 60 * 60 * 1000;
const MONTH_DAYS = 365.25 / 12;
/** Calendar months differ from their mean by so much, as do two or twelve in a row. */
const CALENDAR_DAYS = 3;

/**
 * How many months a period lasts: a whole number where calendar months do, so that what is billed in February is as much a
 * month as what is billed in March; else as many of 30.4 days. Above 0; `null` where it ends before it began.
 */
export function monthsIn(from: Date, to: Date): number | null {
  const days = (to.getTime() - from.getTime()) / dayMs;
  if (!(days > 0)) return null;
  const whole = Math.round(days / MONTH_DAYS);
  return whole > 0 && Math.abs(days - whole * MONTH_DAYS) <= CALENDAR_DAYS ? whole : days / MONTH_DAYS;
}
