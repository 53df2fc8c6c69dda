import type { EventMatch, Property } from '../metrics/types.ts';

/**
 * What is kept of each day:
 * - `count`: how many events
 * - `number`: what the numbers in a property add up to, and their extremes
 * - `seen`: when the first and the last event was
 * - `users`: which users did one
 * - `values`: which values a property had
 */
export type SeriesKind = 'count' | 'number' | 'seen' | 'users' | 'values';

/** What is counted, by account and calendar day, of the events that meet one of `events`. */
export type Series = {
  kind: SeriesKind;
  events: readonly EventMatch[];
  /** Only events that a user did. */
  byUser: boolean;
  /** What `number` and `values` read, else null. */
  property: Property | null;
};

/**
 * A month of `count`, `number` or `seen`, as stored: for each day with events, ascending, the day of the month and
 * - count: [events]
 * - number: [events, events with a number, their sum as decimal text, smallest, largest, time of the newest, its number];
 *   without any number the last five are null
 * - seen: [first, last]
 *
 * all in one flat list. Times are milliseconds since 1970.
 */
export type MonthCells = (number | string | null)[];

/** How many entries of `MonthCells` a day takes, the day itself included. */
export const strides = { count: 2, number: 8, seen: 3 } as const;

/**
 * A month of `users` or `values`, as stored: 12 bytes for each user or value, ascending by the first eight: the first eight
 * bytes of the MD5 of the user's id or the value, and (big-endian, unsigned) a bit for each day, bit 0 for the first of the
 * month. So it holds no personal data, and 64 bits are enough to tell a million apart within an account.
 */
export const presenceBytes = 12;
