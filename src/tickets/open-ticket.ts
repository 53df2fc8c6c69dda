import { setEventHandled } from '../db/slack-events.ts';
import { findTicketThread } from '../db/ticket-threads.ts';
import { openTicket as insertTicket, inTransaction } from '../db/ticket-work.ts';
import { findTicket } from '../db/tickets.ts';
import { mrkdwn } from '../slack/escape.ts';
import { findMessage } from '../slack/find-message.ts';
import { findHome, findPerson } from '../slack/identity.ts';
import { findKnownChannel } from '../slack/known-channel.ts';
import { findKnownPerson, isOurs } from '../slack/people.ts';
import { tell } from '../slack/tell.ts';
import type { EventWork } from './handle-events.ts';
import type { Opening } from './opening.ts';
import { subjectOf } from './request.ts';
import { toThreadMessage } from './said.ts';

const notAMember =
  'I am not a member of this channel, so I cannot make tickets of its messages. Type `/invite @Bellwether`, then try again.';
const inDirect =
  'Tickets are made of threads in channels, where colleagues can follow them. In a direct message I cannot make one: please ask in the channel.';

/**
 * Makes a ticket of the thread that a message is in, unless it has one: then who asked is told which. The event is handled
 * when the ticket is stored. Throws when Slack does not tell for now.
 */
export async function openTicket(work: EventWork, eventId: string, opening: Opening): Promise<void> {
  const { db, slack, now } = work;
  const at = now();
  const [home, channel, found] = await Promise.all([
    findHome(slack),
    findKnownChannel(slack, opening.channelId, at),
    opening.channelId.startsWith('D') ? null : findMessage(slack, opening.channelId, opening.ts, at),
  ]);
  if (found?.kind === 'unseen') return answer(work, eventId, opening, null, notAMember);
  if (channel.isDirect || !found) return answer(work, eventId, opening, null, inDirect);
  if (found.kind === 'gone') {
    // Who reacted to it knows that it is gone.
    if (opening.responseUrl === null) return setEventHandled(db, eventId, at);
    return answer(work, eventId, opening, null, 'This message is no longer there, so no ticket can be made of it.');
  }
  const { message, threadTs, isWhole } = found;
  const place = { teamId: home.teamId, channelId: opening.channelId, threadTs };
  const known = await findTicketThread(db, place);
  if ('ticketId' in known) return tellOfTicket(work, eventId, { opening, threadTs, ticketId: known.ticketId });
  const [source, reporter] = await Promise.all([
    toThreadMessage(work, opening.channelId, message),
    findKnownPerson(slack, opening.userId, at),
  ]);
  // A bot waits for no answer.
  const { author } = source;
  const isOfBot = author.kind === 'bot' || author.slackId === null;
  const requester = isOfBot
    ? { slackId: reporter.id, name: reporter.name }
    : { slackId: author.slackId!, name: author.name };
  const fileNames = source.files.map(({ name }) => name);
  const { id, isNew } = await inTransaction(db, async (transaction) => {
    const opened = await insertTicket(
      transaction,
      {
        ...place,
        sourceTs: message.ts,
        reportedBy: opening.userId,
        requester,
        subject: subjectOf({ text: source.text, fileNames, authorName: author.name }),
        desk: work.deskName,
        isWhole,
        source: { ...source, isPublic: true, commentKey: 'ticket:1' },
      },
      at,
    );
    if (opened.isNew) await setEventHandled(transaction, eventId, at);
    return opened;
  });
  if (!isNew) return tellOfTicket(work, eventId, { opening, threadTs, ticketId: id });
  await work.onTickets(at);
  if (opening.responseUrl !== null)
    await tell(slack, { ...opening, threadTs }, 'I am making a ticket of this thread; it says so there in a moment.');
}

/** Tells who asked which ticket there is: customers the number, colleagues also where it is worked on. */
async function tellOfTicket(
  work: EventWork,
  eventId: string,
  { opening, threadTs, ticketId }: { opening: Opening; threadTs: string; ticketId: number },
): Promise<void> {
  const ticket = await findTicket(work.db, ticketId);
  const number = ticket?.deskTicketId ?? null;
  if (number === null) return answer(work, eventId, opening, threadTs, 'A ticket is being made of this thread.');
  // What another help desk calls so is another ticket.
  const isHere = ticket?.desk === work.deskName;
  const link = isHere && (await isColleague(work, opening.userId)) ? work.linkTo(number) : null;
  const where = link === null ? '' : ` <${link}|Open it in ${mrkdwn(work.deskName)}>`;
  await answer(work, eventId, opening, threadTs, `This thread is ticket #${mrkdwn(number, 40)} already.${where}`);
}

/** From a fresh look-up: who was made a guest a minute ago is none. What cannot be looked up is none either. */
async function isColleague({ slack, log }: EventWork, userId: string): Promise<boolean> {
  try {
    const [person, home] = await Promise.all([findPerson(slack, userId), findHome(slack)]);
    return person.kind === 'member' && isOurs(person, home);
  } catch (error) {
    log.warn({ err: error, userId }, 'somebody could not be looked up');
    return false;
  }
}

async function answer(
  { db, slack, now }: EventWork,
  eventId: string,
  opening: Opening,
  threadTs: string | null,
  text: string,
): Promise<void> {
  const thread = threadTs === opening.ts ? null : threadTs;
  await tell(slack, { ...opening, threadTs: thread }, text);
  await setEventHandled(db, eventId, now());
}
