import type { WebClient } from '@slack/web-api';
import type { Db } from '../../../src/db/types.ts';
import type { HelpDesk } from '../../../src/helpdesk/types.ts';
import { deliverDue } from '../../../src/slack/deliver.ts';
import type { Render } from '../../../src/slack/delivery.ts';
import { handleDueEvents } from '../../../src/tickets/handle-events.ts';
import { workOnDue } from '../../../src/tickets/work.ts';

/** What a worker needs for tickets; `turnTo` moves the clock on. */
export type TicketRun = {
  db: Db;
  slack: WebClient;
  desk: HelpDesk;
  now: () => Date;
  turnTo(time: Date): void;
  /** How many things are done at once. */
  atOnce: number;
};

const log = { debug() {}, info() {}, warn() {}, error() {} } as never;
const soonMs = 30 * 60_000;

/** Does all that is due for tickets, as the jobs do it, until nothing is due within half an hour. */
export async function runTickets({ db, slack, desk, now, turnTo, atOnce }: TicketRun): Promise<void> {
  const nothing = async () => undefined;
  const reader = { slack, now, isStaffPublic: true };
  for (let round = 0; round < 300; round += 1) {
    const events = await handleDueEvents(
      {
        ...reader,
        db,
        log,
        deskName: desk.name,
        linkTo: desk.linkTo,
        onTickets: nothing,
        handleOther: async () => false,
      },
      { atOnce },
    );
    const tickets = await workOnDue({
      ...reader,
      db,
      desk,
      log,
      supportChannel: 'C01SUPPORT0',
      largestFile: 1_000_000,
      escalationField: undefined,
      findAccount: async () => null,
      onMessages: nothing,
      onTicket: nothing,
      ticketsAtOnce: atOnce,
    });
    const delivered = await deliverDue({
      db,
      slack,
      log,
      now,
      render: (message) => renderTicket(db, message),
      settings: {
        quietHours: null,
        quietWeekend: false,
        digestAt: '09:00',
        holdAbovePercent: 20,
        holdFromAccounts: 10,
      },
      timeZone: 'UTC',
      fallbackChannel: 'C01CSTEAM00',
      supportChannel: 'C01SUPPORT0',
      recipientsAtOnce: atOnce,
    });
    const times = [events.next, tickets.next, delivered.next].flatMap((next) => (next ? [next.getTime()] : []));
    const next = Math.min(...times);
    if (next > now().getTime() + soonMs) return;
    if (next > now().getTime()) turnTo(new Date(next));
  }
  throw new Error('There is always something to do.');
}

/** What the tests' messages say: `ticket 7`, `card 7`, `reply WORDS`. */
async function renderTicket(db: Db, { id }: Parameters<Render>[0]): ReturnType<Render> {
  const row = await db
    .selectFrom('messages as m')
    .innerJoin('tickets as t', 't.id', 'm.ticket_id')
    .leftJoin('ticket_messages as said', 'said.id', 'm.ticket_message_id')
    .select(['m.kind', 't.desk_ticket_id', 'said.text'])
    .where('m.id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  const words = { ticket: `ticket ${row.desk_ticket_id}`, ticket_mirror: `card ${row.desk_ticket_id}` };
  return { text: row.kind === 'ticket_reply' ? `reply ${row.text}` : words[row.kind as keyof typeof words] };
}
