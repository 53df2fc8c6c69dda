import { tzOffset } from '@date-fns/tz';
import type { AlertPreferences } from '../db/alert-preferences.ts';
import type { MessageKind } from '../db/types.ts';
import type { Severity } from '../indicators/types.ts';

/** What decides when a message may be sent. `dueAt` is when it was last said to be sent, and over. */
export type Waiting = { kind: MessageKind; severity: Severity; dueAt: Date };

type Rules = AlertPreferences;
/** Wall time: a clock's reading, as if it were UTC. */
type Wall = { minutes: number; isWeekend: boolean };

const minuteMs = 60_000;
const dayMinutes = 24 * 60;
/** A digest that failed for longer than this keeps to the quiet times, too. */
const lateMs = 60 * minuteMs;

/**
 * When a message that is due may be sent to a person in `timeZone`: `null` is now, else a time to come. What is of high
 * severity, or of a ticket, for which somebody waits, never waits.
 */
export function postponedTo(message: Waiting, now: Date, rules: Rules, timeZone: string): Date | null {
  if (message.severity === 'high' || message.kind.startsWith('ticket')) return null;
  if (rules.digestAt !== null && message.kind !== 'notice') {
    const isLate = now.getTime() - message.dueAt.getTime() > lateMs;
    if (isDigestTime(message.dueAt, rules, timeZone) && !(isLate && isQuiet(now, rules, timeZone))) return null;
    return nextDigest(new Date(now.getTime() + 1), rules.digestAt, rules, timeZone);
  }
  return isQuiet(now, rules, timeZone) ? endOfQuiet(now, rules, timeZone) : null;
}

/** Whether it is the minute of a digest; their reader named it, so that it may lie in the quiet hours. */
export function isDigestTime(at: Date, rules: Rules, timeZone: string): boolean {
  return rules.digestAt !== null && nextDigest(at, rules.digestAt, rules, timeZone).getTime() === at.getTime();
}

/** Whether a person there is not to be disturbed. Hours that begin when they end are none. */
export function isQuiet(at: Date, rules: Rules, timeZone: string): boolean {
  const { minutes, isWeekend } = wallAt(at.getTime(), timeZone);
  if (rules.quietWeekend && isWeekend) return true;
  if (!rules.quietHours) return false;
  const [from, to] = [minutesOf(rules.quietHours.from), minutesOf(rules.quietHours.to)];
  return from <= to ? from <= minutes && minutes < to : minutes >= from || minutes < to;
}

/** The first minute after `at`, which is quiet, that is not. */
function endOfQuiet(at: Date, rules: Rules, timeZone: string): Date {
  let time = Math.floor(at.getTime() / minuteMs) * minuteMs;
  do time += quietFor(time, rules, timeZone) * minuteMs;
  while (isQuiet(new Date(time), rules, timeZone));
  return new Date(time);
}

/** How many minutes it stays quiet for sure: until the hours or the day are over, but one where the clocks change before. */
function quietFor(time: number, rules: Rules, timeZone: string): number {
  const { minutes, isWeekend } = wallAt(time, timeZone);
  const left =
    rules.quietWeekend && isWeekend
      ? dayMinutes - minutes
      : ((minutesOf(rules.quietHours?.to ?? '00:00') - minutes + dayMinutes - 1) % dayMinutes) + 1;
  return offsetAt(time, timeZone) === offsetAt(time + left * minuteMs, timeZone) ? left : 1;
}

/** The first digest at or after `at`. */
function nextDigest(at: Date, digestAt: string, rules: Rules, timeZone: string): Date {
  const local = at.getTime() + offsetAt(at.getTime(), timeZone) * minuteMs;
  const dayMs = dayMinutes * minuteMs;
  for (let midnight = Math.floor(local / dayMs) * dayMs; ; midnight += dayMs) {
    if (rules.quietWeekend && isWeekendDay(midnight)) continue;
    const time = firstInstant(midnight + minutesOf(digestAt) * minuteMs, timeZone);
    if (time >= at.getTime()) return new Date(time);
  }
}

/** When clocks first show `wall`; where they jump over it, when they jump. */
function firstInstant(wall: number, timeZone: string): number {
  const dayMs = dayMinutes * minuteMs;
  const [before, after] = [offsetAt(wall - dayMs, timeZone), offsetAt(wall + dayMs, timeZone)];
  const shown = [before, after]
    .map((offset) => ({ offset, time: wall - offset * minuteMs }))
    .filter(({ offset, time }) => offsetAt(time, timeZone) === offset)
    .map(({ time }) => time);
  if (shown.length > 0) return Math.min(...shown);
  let time = wall - before * minuteMs;
  while (offsetAt(time - minuteMs, timeZone) === offsetAt(time, timeZone)) time -= minuteMs;
  return time;
}

function wallAt(time: number, timeZone: string): Wall {
  const wall = new Date(time + offsetAt(time, timeZone) * minuteMs);
  return { minutes: wall.getUTCHours() * 60 + wall.getUTCMinutes(), isWeekend: isWeekendDay(wall.getTime()) };
}

function isWeekendDay(wall: number): boolean {
  return [0, 6].includes(new Date(wall).getUTCDay());
}

function offsetAt(time: number, timeZone: string): number {
  return tzOffset(timeZone, new Date(time));
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
