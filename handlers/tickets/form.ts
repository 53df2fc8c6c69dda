import { alreadyChosen, chooseFirst, groupGone, ticketGone, ticketOver } from '../../blocks/ticket-answers.ts';
import { readTicketForm } from '../../blocks/ticket-form.ts';
import { refreshGroupsSoon } from '../../jobs/refresh-desk-groups.ts';
import { findGroups } from '../../src/db/desk-groups.ts';
import { fillTicketForm, findTicketOfCard } from '../../src/db/ticket-presses.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import type { OpenActionArgs } from '../types.ts';
import { workOnTickets } from './work.ts';

/**
 * Takes the form of a ticket's card from whoever sees it. Which ticket it is, the place of the message says and nothing else,
 * so that from one thread no other ticket is to be reached.
 */
export async function saveForm({ userId, channelId, ts, values, respond }: OpenActionArgs, deps: Deps): Promise<void> {
  const { db, now } = deps;
  const ticket = await findTicketOfCard(db, { channelId, ts });
  if (!ticket) throw new UserError(ticketGone);
  const { groupId, severity } = readTicketForm(values);
  const groups = await findGroups(db, ticket.desk);
  const group = groups.find(({ id }) => id === groupId) ?? null;
  if (ticket.form === 'open' && groupId !== null && group === null) return refuseGroup(respond, deps);
  if (ticket.form === 'open' && (severity === null || (groups.length > 0 && group === null)))
    return respond({ text: chooseFirst(groups.length > 0) });
  const chosen = { group, severity: severity ?? 'normal', by: userId, now: now() };
  const pressed = await fillTicketForm(db, ticket.id, chosen);
  if (pressed.outcome === 'gone') throw new UserError(ticketGone);
  await workOnTickets(deps);
  if (pressed.outcome === 'ended') return respond({ text: ticketOver });
  if (pressed.outcome === 'already') return respond({ text: alreadyChosen(pressed.ticket) });
}

/** The group was deleted at the help desk, or taken from another form. */
async function refuseGroup(respond: OpenActionArgs['respond'], { queue, log }: Deps): Promise<void> {
  await queue.enqueue('refresh-desk-groups', {}, refreshGroupsSoon).catch((error: unknown) => {
    log.warn({ err: error }, 'the groups of the help desk could not be asked for');
  });
  return respond({ text: groupGone });
}
