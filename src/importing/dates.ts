import { TZDate, tz } from '@date-fns/tz';
import { addDays, localDay } from '../days.ts';
import { UserError } from '../errors.ts';
import { RowFault } from './faults.ts';

const dayMs = 24 * 60 * 60 * 1000;
const earliest = Date.UTC(1900, 0, 1);
const latest = Date.UTC(9999, 11, 30);
const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(?:(Z)|([+-])(\d\d):?(\d\d)?)?)?$/i;

/** Reads dates as the file writes them. Both throw RowFault. */
export type DateReader = {
  /** An instant; a time without an offset, or none, is local. */
  instant(text: string): Date;
  /** `YYYY-MM-DD`, the calendar day; that of an instant is the local one. */
  day(text: string): string;
};

/**
 * A reader of ISO dates, or of those written in `format`, date-fns's tokens, which moves each by `laterBy` days.
 * Throws UserError when that is no format.
 */
export async function createDateReader(timeZone: string, format: string | null, laterBy = 0): Promise<DateReader> {
  const instant = format === null ? isoReader(timeZone) : await formatReader(timeZone, format);
  return {
    instant: (text) => checked(new Date(instant(text).getTime() + laterBy * dayMs)),
    day: (text) => {
      const at = checked(instant(text));
      return addDays(format === null && /^\d{4}-\d\d-\d\d$/.test(text) ? text : localDay(at, timeZone), laterBy);
    },
  };
}

/** Throws RowFault for a time before 1970 or more than a day from now. */
export function refuseUnlikely(at: Date, now: Date): void {
  if (at.getTime() < 0) throw new RowFault('is before 1970');
  if (at.getTime() > now.getTime() + dayMs) throw new RowFault('is more than a day in the future');
}

/** Throws RowFault for an event of which nobody can tell any more whether it was stored before; null refuses none. */
export function refuseGone(at: Date, keptFrom: Date | null): void {
  if (keptFrom === null || at >= keptFrom) return;
  const day = keptFrom.toISOString().slice(0, 10);
  throw new RowFault(`is before ${day}, from when on events are kept (EVENT_RETENTION_MONTHS)`);
}

function checked(at: Date): Date {
  if (at.getTime() < earliest || at.getTime() > latest) throw unlikelyYear();
  return at;
}

function unlikelyYear(): RowFault {
  return new RowFault('is not within the years 1900 to 9999');
}

function isoReader(timeZone: string): (text: string) => Date {
  const offsetOf = offsets(timeZone);
  return (text) => {
    const parts = iso.exec(text);
    if (!parts) throw notIso();
    const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', utc, sign, hours, minutes = 0] = parts;
    if (Number(year) < 1900) throw unlikelyYear();
    const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
    const real = new Date(midnight);
    if (real.getUTCMonth() !== Number(month) - 1 || real.getUTCDate() !== Number(day)) {
      throw new RowFault('is not a day of the calendar');
    }
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) throw new RowFault('is not a time of day');
    const time = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
    const local = midnight + time + Number(fraction.slice(0, 3).padEnd(3, '0'));
    if (utc) return new Date(local);
    if (sign === undefined) return new Date(local - offsetOf(local));
    const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return new Date(sign === '-' ? local + offset : local - offset);
  };
}

function notIso(): RowFault {
  return new RowFault('is not a date such as 2026-01-31 or 2026-01-31T09:30:00Z (see --date-format)');
}

/** Finds by how much a wall clock's reading, in ms as if it were UTC, is ahead of UTC; one hour's answer is kept. */
function offsets(timeZone: string): (local: number) => number {
  if (timeZone === 'UTC') return () => 0;
  let keptHour = Number.NaN;
  let kept = 0;
  return (local) => {
    const hour = Math.floor(local / 3_600_000);
    if (hour === keptHour) return kept;
    const at = new Date(hour * 3_600_000);
    const zoned = new TZDate(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours(), timeZone);
    keptHour = hour;
    kept = hour * 3_600_000 - zoned.getTime();
    return kept;
  };
}

async function formatReader(timeZone: string, format: string): Promise<(text: string) => Date> {
  // Imported on use: it takes longer than all else that an import needs.
  const { parse } = await import('date-fns/parse');
  const zone = tz(timeZone);
  const reference = new Date(2000, 0, 1);
  const read = (text: string) => new Date(parse(text, format, reference, { in: zone }).getTime());
  const refuse = (why: string) => new UserError(`--date-format ${format}: ${why}. An example: dd/MM/yyyy HH:mm`);
  if (/[YD]/.test(format.replaceAll(/'[^']*'/g, ''))) throw refuse('write yyyy for the year and dd for the day');
  try {
    read('');
  } catch (error) {
    throw refuse((error as Error).message);
  }
  return (text) => {
    const at = read(text);
    if (Number.isNaN(at.getTime())) throw new RowFault(`is not a date written as ${format}`);
    return at;
  };
}
