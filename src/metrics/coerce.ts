import { addDays, endOfDay } from '../days.ts';
import type { Value, ValueType } from './types.ts';

/** The same as the database takes for a number. */
const numberText = /^[ \t\n\v\f\r]*[-+]?(\d{1,200}(\.\d{0,200})?|\.\d{1,200})([eE][-+]?\d{1,2})?[ \t\n\v\f\r]*$/;
const dayText = /^\d{4}-\d{2}-\d{2}$/;
const instantText = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[-+]\d{2}:\d{2})?$/;

/**
 * A stored JSON value as `type`, or no data when it cannot be read so. Numbers and true/false may come as text, as
 * CSV files have nothing else; dates are ISO, a day alone begins at midnight in `timeZone`, an hour alone is UTC.
 */
export function coerce(value: unknown, type: ValueType, timeZone: string): Value {
  switch (type) {
    case 'number':
      if (typeof value === 'number') return Number.isFinite(value) ? value : null;
      return typeof value === 'string' && numberText.test(value) ? Number(value) : null;
    case 'text':
      if (typeof value === 'string') return value === '' ? null : value;
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
    case 'boolean':
      return typeof value === 'string'
        ? readFlag(value.trim().toLowerCase())
        : value === true || value === false
          ? value
          : null;
    case 'date':
      return typeof value === 'string' ? readDate(value.trim(), timeZone) : null;
  }
}

function readFlag(text: string): boolean | null {
  if (text === 'true') return true;
  return text === 'false' ? false : null;
}

function readDate(text: string, timeZone: string): number | null {
  if (dayText.test(text)) return isDay(text) ? endOfDay(addDays(text, -1), timeZone).getTime() : null;
  const [, day = '', time, zone = 'Z'] = instantText.exec(text) ?? [];
  const instant = Date.parse(`${day}T${time}${zone}`);
  return isDay(day) && Number.isFinite(instant) ? instant : null;
}

/** Whether the calendar has it: Date.parse takes the 30th of February for a day in March. */
function isDay(text: string): boolean {
  const start = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(start) && new Date(start).toISOString().startsWith(text);
}
