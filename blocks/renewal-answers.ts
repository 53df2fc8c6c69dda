import { addMonths } from '../src/days.ts';
import type { Decided } from '../src/db/renewal-outcomes.ts';
import { formatDay } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { instantLabel, personLabel } from './alert-words.ts';

/** What somebody said of a contract has been stored, with their note. */
export function renewalDecided(
  name: string,
  state: 'renewed' | 'lost' | 'moved',
  { was, is }: Extract<Decided, { outcome: 'changed' }>,
  note: string | null,
): string {
  const account = `*${mrkdwn(name, 90)}*`;
  const before = was === null ? 'was not known' : `was ${formatDay(was)}`;
  const now = is === null ? 'is not known now' : `is now ${formatDay(is)}`;
  const said =
    state === 'lost'
      ? `${account} is noted as lost; there are no more reminders of this renewal.`
      : `${account} is noted as ${state}: the renewal date ${before} and ${now}.`;
  return note === null ? said : `${said}\n📝 ${mrkdwn(note, 800)}`;
}

/** Somebody was first, perhaps the person themselves. */
export function alreadyDecided(
  decided: Extract<Decided, { outcome: 'already' | 'renewedBefore' }>,
  personId: string,
): string {
  const { by } = decided;
  const who = by === personId ? 'You have' : `${by === null ? 'Somebody' : personLabel(by)} has`;
  if (decided.outcome === 'renewedBefore') {
    const { accountId, at, is } = decided;
    const example = `/cs renew ${mrkdwn(accountId, 100)} renewed ${addMonths(is, 12)}`;
    return `${who} said already that it is renewed (${instantLabel(at)}): the renewal date is now ${formatDay(is)}. Nothing is changed. To renew it until another date, say that: \`${example}\`.`;
  }
  const { state } = decided;
  if (state === 'renewed' || state === 'lost') {
    return `${who} said already that it is ${state}. If that is wrong, \`/cs renew\` with \`moved\` and the date begins anew.`;
  }
  return 'That is the renewal date already.';
}
