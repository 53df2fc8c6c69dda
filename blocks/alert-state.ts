import type { AlertView } from '../src/db/alert-view.ts';
import { formatDay, formatDistance } from '../src/format.ts';
import { mrkdwn } from '../src/slack/escape.ts';
import { counted, instantLabel, personLabel } from './alert-words.ts';
import { invoiceOutcome } from './invoice-lines.ts';

const resolutions = {
  cleared: 'it no longer holds',
  excluded: 'the rule no longer applies to this account',
  retired: 'the playbook no longer has this rule',
};

/** Where an alert went that stood in this message. */
export function movedLine({ movedTo }: AlertView, ownerEmail: string | null): string {
  if (!movedTo) return '';
  if (movedTo.ownerEmail === ownerEmail) return 'Asked again in a newer message.';
  return movedTo.ownerEmail === null
    ? 'The account has no CSM now; it is asked in the fallback channel.'
    : `Now with ${mrkdwn(movedTo.ownerEmail, 100)}.`;
}

/** How an ended alert ended, and how long it lasted. */
export function endLine(alert: AlertView, today: string): string {
  const { resolution, openedAt, openedDay: since, changedAt, evidence } = alert;
  const isCleared = resolution === null || resolution === 'cleared';
  const outcome = isCleared && evidence.invoice ? invoiceOutcome(alert, { since, today }) : null;
  return `*Resolved* after ${duration(openedAt, changedAt)}: ${outcome ?? resolutions[resolution ?? 'cleared']}.`;
}

/** What people did about it, a line each. */
export function stateLines(alert: AlertView, today: string): string[] {
  const { state, changedBy, changedAt, snoozedUntil, task, votes: said } = alert;
  const by = personLabel(changedBy);
  const until = snoozedUntil ? `until ${instantLabel(snoozedUntil)}` : 'until it changes';
  return [
    ...(state === 'acknowledged' ? [`👀 Acknowledged by ${by} · ${instantLabel(changedAt)}`] : []),
    ...(state === 'snoozed' ? [`💤 Snoozed by ${by} ${until}`] : []),
    ...(task ? [taskLine(task, today)] : []),
    ...(said.useful + said.notUseful > 0 ? [voteLine(said)] : []),
  ];
}

function taskLine({ assigneeEmail, due, done }: NonNullable<AlertView['task']>, today: string): string {
  const whose = assigneeEmail === null ? 'Task for nobody yet' : `Task for ${mrkdwn(assigneeEmail, 100)}`;
  if (done) return `✅ ${whose}, done`;
  if (due === null) return `📌 ${whose}`;
  return `📌 ${whose}, ${due < today ? 'was due' : 'due'} ${formatDay(due)} (${formatDistance(due, today)})`;
}

function voteLine({ useful, notUseful }: AlertView['votes']): string {
  return [...(useful > 0 ? [`Useful: ${useful}`] : []), ...(notUseful > 0 ? [`Not useful: ${notUseful}`] : [])].join(
    ' · ',
  );
}

/** How long something lasted, in words. */
export function duration(from: Date, to: Date): string {
  const hours = Math.max(0, (to.getTime() - from.getTime()) / 3_600_000);
  if (hours < 1) return 'less than an hour';
  if (hours < 48) return counted(Math.floor(hours), 'hour');
  return counted(Math.floor(hours / 24), 'day');
}
