import type { AlertState } from '../src/indicators/types.ts';
import { instantLabel, personLabel } from './alert-words.ts';

/** What is told of an alert that has ended. */
export const alertOver =
  'This alert has ended by itself: what it watches no longer holds, so there is nothing to change.';

/** That somebody was quicker; `reader` is who is told. */
export function alreadyDone(
  { state, changedBy, snoozedUntil }: { state: AlertState; changedBy: string | null; snoozedUntil: Date | null },
  reader: string,
): string {
  const who = changedBy === reader ? 'You have' : `${personLabel(changedBy)} has`;
  if (state === 'acknowledged') return `${who} acknowledged this already.`;
  return `${who} snoozed this already, ${snoozedUntil ? `until ${instantLabel(snoozedUntil)}` : 'until it changes'}.`;
}
