import type { Decided } from '../src/db/renewal-outcomes.ts';
import { formatDay } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { personLabel } from './alert-words.ts';

/** What somebody said of a contract has been stored. */
export function renewalDecided(
  name: string,
  state: 'renewed' | 'lost' | 'moved',
  { was, is }: Extract<Decided, { outcome: 'changed' }>,
): string {
  const account = `*${mrkdwn(name, 90)}*`;
  const before = was === null ? 'was not known' : `was ${formatDay(was)}`;
  const now = is === null ? 'is not known now' : `is now ${formatDay(is)}`;
  if (state === 'lost') return `${account} is noted as lost; there are no more reminders of this renewal.`;
  return `${account} is noted as ${state}: the renewal date ${before} and ${now}.`;
}

/** Somebody was first, perhaps the person themselves. */
export function alreadyDecided({ state, by }: Extract<Decided, { outcome: 'already' }>, personId: string): string {
  if (state === 'renewed' || state === 'lost') {
    const who = by === personId ? 'You have' : `${by === null ? 'Somebody' : personLabel(by)} has`;
    return `${who} said already that it is ${state}. If that is wrong, \`/cs renew\` with \`moved\` and the date begins anew.`;
  }
  return 'That is the renewal date already.';
}
