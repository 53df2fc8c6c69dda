import { REPLY_TEXT, readReplyMetadata } from '../../blocks/ticket-reply-form.ts';
import { addAgentComment } from '../../src/db/built-in-desk.ts';
import { touchTicket } from '../../src/db/tickets.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { HelpDeskRefused } from '../../src/helpdesk/errors.ts';
import { answerTo } from '../../src/slack/response-url.ts';
import type { ViewAnswer, ViewArgs } from '../types.ts';
import { findTicketAt, numberHere, showTicket } from './answers.ts';
import { workOnTickets } from './work.ts';

/**
 * Stores what an agent wrote in a form, once however often it is sent; the work on tickets brings it to the thread, if it is
 * public.
 */
export async function write(
  { person, viewId, metadata, values }: ViewArgs,
  { isPublic }: { isPublic: boolean },
  deps: Deps,
): Promise<ViewAnswer | undefined> {
  const { db, now } = deps;
  const opened = readReplyMetadata(metadata);
  if (!opened) throw new UserError('This form is from another version. Please open it again.');
  const body = (values[REPLY_TEXT]?.[REPLY_TEXT]?.value ?? '').trim();
  if (body === '') return { errors: { [REPLY_TEXT]: 'Please write a few words.' } };
  const ticket = await findTicketAt(opened.place, deps);
  const number = numberHere(ticket, deps);
  const authorName = person.name ?? person.email ?? 'Support';
  try {
    await db.transaction().execute(async (transaction) => {
      await addAgentComment(transaction, number, { key: `view:${viewId}`, isPublic, authorName, body }, now());
      await touchTicket(transaction, ticket.id, now());
    });
  } catch (error) {
    if (error instanceof HelpDeskRefused) throw new UserError(error.message);
    throw error;
  }
  await workOnTickets(deps);
  await showAgain(opened, isPublic ? 'Sent to the customer.' : 'Noted, for colleagues only.', deps);
  return undefined;
}

/** The card from which the form was opened says what is so now; it is stored, whether Slack takes that or not. */
async function showAgain(
  { place, responseUrl }: NonNullable<ReturnType<typeof readReplyMetadata>>,
  told: string,
  deps: Deps,
): Promise<void> {
  if (responseUrl === null) return;
  try {
    await answerTo(responseUrl, await showTicket(place, told, deps), { replace: true });
  } catch (error) {
    deps.log.warn({ err: error, ticket: place.ticketId }, 'a card could not be shown anew');
  }
}
