import type { PageMessage } from '../types.ts';

const GROUP_SECONDS = 300;

/** A message with what its place in the list decides. */
export type PlacedMessage = {
  message: PageMessage;
  /** The day to announce above it, as `dayOf` gives it; null when it is that of the message before. */
  day: string | null;
  /** True when author and time need not be repeated. */
  grouped: boolean;
};

/** The instant of a message. */
function timeOf(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

/** Hours and minutes in a time zone: 14:05. */
export function clockTime(ts: string, timeZone: string): string {
  return timeOf(ts).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone });
}

/** Date and time in full, for titles and screen readers. */
export function fullTime(ts: string, timeZone: string): string {
  return timeOf(ts).toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone });
}

/** The calendar day in a time zone, in words: Monday, 21 November 2026. */
export function dayOf(date: Date, timeZone: string): string {
  return date.toLocaleDateString('en-GB', { dateStyle: 'full', timeZone });
}

/** Puts days between messages and groups what one person said in five minutes. */
export function placeMessages(messages: PageMessage[], timeZone: string): PlacedMessage[] {
  let before: PageMessage | null = null;
  let dayBefore: string | null = null;
  return messages.map((message) => {
    const today = dayOf(timeOf(message.ts), timeZone);
    const day = today === dayBefore ? null : today;
    const grouped =
      day === null &&
      before !== null &&
      before.user === message.user &&
      before.username === message.username &&
      before.ephemeral === message.ephemeral &&
      !message.ephemeral &&
      Number(message.ts) - Number(before.ts) < GROUP_SECONDS;
    before = message;
    dayBefore = today;
    return { message, day, grouped };
  });
}

/** Bytes for people: 12 kB. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `1 reply`, `2 replies`. */
export function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
