import type { TicketView } from '../src/db/ticket-view.ts';
import type { Severity } from '../src/helpdesk/types.ts';
import { mrkdwn, plain } from '../src/slack/escape.ts';
import { counted, personLabel } from './alert-words.ts';

/** How urgent a ticket can be, the least first. */
export const SEVERITIES: readonly Severity[] = ['low', 'normal', 'high', 'urgent'];

const severities: Record<Severity, string> = { low: 'Low', normal: 'Normal', high: 'High', urgent: 'Urgent' };

/** A severity in a word. */
export function severityWord(severity: Severity): string {
  return severities[severity];
}

/** The ticket as people call it, `#12`; safe in mrkdwn. */
export function ticketNumber({ number }: TicketView['ticket']): string {
  return number === null ? '' : `#${mrkdwn(number, 40)}`;
}

/** Who works on it, safe in mrkdwn: their name at the help desk, or else support; never an address, since customers read it. */
export function assigneeLabel({ assignee }: Pick<TicketView['ticket'], 'assignee'>): string {
  return assignee === null || assignee.name.includes('@') ? 'Support' : mrkdwn(assignee.name, 60);
}

/** What was chosen in the form, and by whom: `*Billing*, urgency *High*, chosen by @maya`. */
export function choiceLine({
  group,
  severity,
  form,
  formBy,
}: Pick<TicketView['ticket'], 'group' | 'severity' | 'form' | 'formBy'>): string {
  const parts = [
    ...(group ? [`Team *${mrkdwn(group.name, 75)}*`] : []),
    ...(severity ? [`${group ? 'urgency' : 'Urgency'} *${severityWord(severity)}*`] : []),
  ];
  if (parts.length === 0) return 'Support has neither given it to a team nor said how urgent it is.';
  const chosen = parts.join(', ');
  if (form === 'defaulted') return `${chosen}, since nobody chose in time.`;
  return formBy === null ? `${chosen}.` : `${chosen}, chosen by ${personLabel(formBy)}.`;
}

const refusals: Record<string, string> = {
  is_archived: 'the channel is archived',
  not_in_channel: 'I am not in the channel any more',
  channel_not_found: 'I am not in the channel any more',
  thread_not_found: 'the thread is gone',
  cannot_reply_to_message: 'the thread takes no replies',
  restricted_action: 'the workspace does not let me post there',
  restricted_action_read_only_channel: 'only some may post in the channel',
  restricted_action_thread_locked: 'the thread is locked',
  msg_too_long: 'Slack finds it too long',
};

/** Why Slack did not take something, in words that are safe in mrkdwn. */
function refusalWords(error: string | null): string {
  const code = /\b([a-z]+(?:_[a-z]+)+)\)?$/.exec(error ?? '')?.[1] ?? '';
  if (/unknown to Slack/.test(error ?? '')) return 'I am not in the channel any more';
  return refusals[code] ?? (error === null ? 'Slack does not answer' : mrkdwn(plain(error, 200), 200));
}

/** What is wrong with a ticket, a line each, for colleagues. */
export function faultLines({ ticket, notPosted, notTaken, notesNotTaken }: TicketView): string[] {
  const desk = mrkdwn(ticket.desk, 40);
  const because = (why: string | null) => (why === null ? '.' : `: ${mrkdwn(why, 200)}`);
  return [
    ...(ticket.fault === null ? [] : [mrkdwn(ticket.fault, 400)]),
    ...(notPosted.count === 0
      ? []
      : [
          `${counted(notPosted.count, 'message')} did not reach the thread: ${refusalWords(notPosted.why)}. It is tried again.`,
        ]),
    ...(notTaken.count === 0
      ? []
      : [`${counted(notTaken.count, 'message')} of the thread did not reach ${desk}${because(notTaken.why)}`]),
    ...(notesNotTaken.count === 0
      ? []
      : [
          `${counted(notesNotTaken.count, 'reply', 'replies')} to this did not reach ${desk}${because(notesNotTaken.why)}`,
        ]),
  ].map((line) => `⚠️ ${line}`);
}

/** For the help desk, as plain text: that a reply stands in no thread, and why. */
export function notPostedNote(why: string | null): string {
  return `A public reply could not be posted in Slack so far: ${refusalWords(why)}. It is tried again; the customer may not have read it.`;
}
