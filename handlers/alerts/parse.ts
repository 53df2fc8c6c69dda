import type { AlertPreferences } from '../../src/db/alert-preferences.ts';
import { UserError } from '../../src/errors.ts';

/** What somebody wants of their alerts: to see them, to change how they come, or all as the playbook has it (`null`). */
export type AlertsRequest = { kind: 'show' } | { kind: 'set'; change: Partial<AlertPreferences> | null };

const examples =
  'I understand `/cs alerts`, `/cs alerts quiet 19:00-08:00`, `quiet off`, `weekend on`, `weekend off`, `digest 09:00`, `digest off` and `default`.';
const TIME = '(\\d{1,2})(?:[:.h](\\d{2}))?\\s*(am|pm)?';
const range = new RegExp(`^(?:from )?${TIME}\\s*(?:-|–|—|to|until)\\s*${TIME}$`, 'i');
const single = new RegExp(`^(?:at )?${TIME}$`, 'i');
const off = /^(?:off|none|no|never)$/i;

/** Reads what follows `/cs alerts`; `usualDigest` is when a digest comes unless told. Throws a UserError that says what can. */
export function parseAlertsRequest(input: string, usualDigest: string): AlertsRequest {
  const text = input.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (text === '') return { kind: 'show' };
  if (/^(?:default|usual|reset)$/i.test(text)) return { kind: 'set', change: null };
  const [, word = '', rest = ''] = /^(\S+) ?(.*)$/.exec(text) ?? [];
  switch (word.toLowerCase()) {
    case 'quiet':
      return { kind: 'set', change: { quietHours: readQuietHours(rest.replace(/^hours ?/i, '')) } };
    case 'weekend':
    case 'weekends':
      return { kind: 'set', change: { quietWeekend: readWeekend(rest) } };
    case 'digest':
      return { kind: 'set', change: { digestAt: /^on$/i.test(rest) ? usualDigest : readDigest(rest) } };
    default:
      throw new UserError(examples);
  }
}

/** `19:00-08:00`, or `off`. Throws a UserError for anything else. */
export function readQuietHours(words: string): AlertPreferences['quietHours'] {
  if (off.test(words)) return null;
  const [, hour, minute, half, toHour, toMinute, toHalf] = range.exec(words.trim()) ?? [];
  const [from, to] = [timeOf(hour, minute, half), timeOf(toHour, toMinute, toHalf)];
  if (from === null || to === null)
    throw new UserError('Quiet hours are two times of day, as in `/cs alerts quiet 19:00-08:00`, or `quiet off`.');
  if (from === to) throw new UserError('Quiet hours must end at another time than they begin, or they are all day.');
  return { from, to };
}

/** Whether weekends are quiet: `off` is no alerts at weekends. Throws a UserError for anything else. */
export function readWeekend(words: string): boolean {
  if (/^(?:off|quiet|no)$/i.test(words.trim())) return true;
  if (/^(?:on|yes)$/i.test(words.trim())) return false;
  throw new UserError(
    '`/cs alerts weekend on` has alerts come at weekends, too; `/cs alerts weekend off` keeps weekends quiet.',
  );
}

/** `09:00`, or `off`. Throws a UserError for anything else. */
export function readDigest(words: string): string | null {
  if (off.test(words)) return null;
  const [, hour, minute, half] = single.exec(words.trim()) ?? [];
  const time = timeOf(hour, minute, half);
  if (time === null)
    throw new UserError('A digest comes at a time of day, as in `/cs alerts digest 09:00`; `digest off` ends it.');
  return time;
}

function timeOf(hour: string | undefined, minute = '00', half: string | undefined = undefined): string | null {
  if (hour === undefined || Number(minute) > 59) return null;
  let hours = Number(hour);
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return null;
    hours = (hours % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  }
  return hours > 23 ? null : `${String(hours).padStart(2, '0')}:${minute}`;
}
