import { CallFault } from './faults.ts';

/** How far ahead of ours a clock may be; what it calls later is taken for now. */
const AHEAD_MS = 5 * 60_000;

/** When a request came in, and the earliest time that an event may have to be kept. */
export type Receipt = { receivedAt: Date; earliest: Date };

/** What a call says of time. `sentAt` counts only where it can be read, and so does `original` beside a timestamp. */
type GivenTimes = { timestamp?: string | null | undefined; original?: unknown; sentAt?: unknown };

/**
 * When a call was made, by our clock: what its clock said, moved by how far that was off when it was sent. Without a time
 * it is when the call was received.
 * @throws {CallFault} when the time cannot be read or lies ahead
 */
export function timeOfCall({ timestamp, original, sentAt }: GivenTimes, { receivedAt }: Receipt): Date {
  const now = receivedAt.getTime();
  let said = readInstant(original);
  if (said === null && timestamp) {
    said = readInstant(timestamp);
    if (said === null) throw new CallFault('timestamp is not a date and time in ISO 8601');
  }
  // Now would be wrong for what has a time that only cannot be read.
  if (said === null && original !== undefined && original !== null && original !== '')
    throw new CallFault('originalTimestamp is not a date and time in ISO 8601');
  if (said === null) return receivedAt;
  const sent = readInstant(sentAt);
  const time = sent === null ? said : now - (sent - said);
  if (time > now + AHEAD_MS) throw new CallFault('timestamp is more than 5 minutes in the future');
  // Before 1970 a clock must be broken, and the database would not know years before Christ's.
  return new Date(Math.max(0, Math.min(time, now)));
}

/** The same of an event, which must not be older than events are kept. */
export function timeOfEvent(given: GivenTimes, receipt: Receipt): Date {
  const time = timeOfCall(given, receipt);
  if (time < receipt.earliest) throw new CallFault('timestamp is older than events are kept');
  return time;
}

const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** Milliseconds since 1970 of a date and time in ISO 8601, UTC unless it says otherwise; null when it is none. */
export function readInstant(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const match = iso.exec(value.trim());
  if (!match) return null;
  const [text, year, month, date, zone] = match;
  // The platform would take 31 February for a day in March.
  if (
    Number(date) > 28 &&
    new Date(Date.UTC(Number(year), Number(month) - 1, Number(date))).getUTCDate() !== Number(date)
  )
    return null;
  const complete = text.length > 10 && zone === undefined ? `${text}Z` : text;
  const plain = /^.{19}\.\d{1,3}Z$/.test(complete) ? complete : regular(complete);
  const instant = Date.parse(plain);
  return Number.isNaN(instant) ? null : instant;
}

/** With the letters, and the parts of the offset, that the platform wants. */
function regular(text: string): string {
  return text
    .replace(' ', 'T')
    .replace(',', '.')
    .toUpperCase()
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
    .replace(/(T.*[+-]\d\d)$/, '$1:00');
}
