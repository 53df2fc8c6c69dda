import type { NewTicketMessage } from '../db/ticket-messages.ts';
import { clearWish } from '../db/ticket-wishes.ts';
import { clearFault, setFault, type TicketInWork } from '../db/ticket-work.ts';
import type { TicketWish } from '../db/types.ts';
import { HelpDeskRefused } from '../helpdesk/errors.ts';
import type { TicketChanges } from '../helpdesk/types.ts';
import type { AtDesk } from './add-comments.ts';
import { notTaken } from './faults.ts';
import { isOfSettings } from './files.ts';
import { holdTicket, type TicketWork } from './work.ts';

/** Tells the help desk what people wish for; what it does not take is said and dropped. */
export async function pushWish(work: TicketWork, ticket: AtDesk['ticket'], wish: TicketWish): Promise<boolean> {
  const { db, desk, log } = work;
  const all = toChanges(work, wish);
  // All at once, else each by itself: a group that was deleted shall not keep back the severity.
  const each = Object.entries(all).map(([key, value]) => ({ [key]: value }) as TicketChanges);
  const tries = each.length > 1 ? [all, ...each] : each;
  let isTaken = true;
  for (const [index, changes] of tries.entries()) {
    await holdTicket(work, ticket);
    try {
      await desk.updateTicket(ticket.deskTicketId, changes);
      if (index === 0) break;
    } catch (error) {
      if (!(error instanceof HelpDeskRefused) || isOfSettings(error)) throw error;
      if (index === 0 && tries.length > 1) continue;
      log.warn({ err: error, ticket: ticket.id, changes }, 'the help desk does not take a change');
      await setFault(db, ticket.id, `${notTaken} ${error.message}`);
      isTaken = false;
    }
  }
  if (isTaken && ticket.fault?.startsWith(notTaken)) await clearFault(db, ticket.id, ticket.fault);
  await clearWish(db, ticket.id, wish);
  return each.length > 0;
}

function toChanges({ escalationField }: TicketWork, wish: TicketWish): TicketChanges {
  const { groupId, severity, assignee, status, escalatedBy } = wish;
  return {
    ...(groupId !== undefined && { groupId }),
    ...(severity !== undefined && { severity }),
    ...(assignee !== undefined && { assignee }),
    ...(status !== undefined && { status }),
    ...(escalatedBy !== undefined && escalationField !== undefined && { fields: { [escalationField]: true } }),
  };
}

/** The note for engineering, as if somebody had written it in the thread of the card for colleagues. */
export function escalationNote(
  { escalation, escalatedAt }: TicketInWork,
  { escalatedBy = '' }: TicketWish,
): NewTicketMessage {
  const at = escalatedAt ?? new Date(0);
  const { why = '', tried = '', reproduction = '' } = escalation ?? {};
  return {
    key: `escalation:${at.getTime()}`,
    origin: 'mirror',
    isPublic: false,
    author: { kind: 'staff', slackId: null, name: escalatedBy },
    text: `Escalated to engineering.\n\nWhy:\n${why}\n\nWhat was tried:\n${tried}\n\nHow to reproduce it:\n${reproduction}`,
    files: [],
    place: null,
    commentId: null,
    commentKey: null,
    saidAt: at.toISOString(),
    state: 'waiting',
  };
}
