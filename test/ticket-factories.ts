import type { Insertable } from 'kysely';
import type { Database, Db, Escalation, MessageKind, TicketWish } from '../src/db/types.ts';
import type { NewTicket } from '../src/helpdesk/types.ts';

type Ticket = Omit<Partial<Insertable<Database['tickets']>>, 'request' | 'escalation' | 'wanted'>;
type TicketMessage = Omit<Partial<Insertable<Database['ticket_messages']>>, 'files'>;
type Message = Partial<Insertable<Database['messages']>>;

/** When tickets are made, unless told: a Tuesday on which everybody works. */
const ticketsAt = new Date('2026-11-24T10:00:00Z');

/** The first message of the threads that become tickets, one a number. */
function threadTsOf(number: number): string {
  return `${1_790_000_000 + number}.000100`;
}

let threads = 0;

/**
 * Stores a ticket of a thread of its own in `C01ACMESHRD`, of the account `acme`, which is made if it is not there, and made
 * in the help desk already. Returns the ticket's id.
 */
export async function insertTicket(
  db: Db,
  {
    request,
    escalation,
    wanted,
    ...given
  }: Ticket & { request?: NewTicket; escalation?: Escalation; wanted?: TicketWish } = {},
): Promise<number> {
  threads += 1;
  const account = given.account_id === undefined ? 'acme' : given.account_id;
  if (account !== null)
    await db
      .insertInto('accounts')
      .values({ id: account, name: account })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  const at = given.created_at ?? ticketsAt;
  const threadTs = given.thread_ts ?? threadTsOf(threads);
  const { id } = await db
    .insertInto('tickets')
    .values({
      team_id: 'T01BELLWTHR',
      channel_id: 'C01ACMESHRD',
      thread_ts: threadTs,
      source_ts: threadTs,
      reported_by: 'U02PRIYANAI',
      account_id: account,
      requester_slack_id: 'U02PRIYANAI',
      requester_name: 'Priya Nair',
      subject: 'The export fails',
      desk: 'Zendesk',
      desk_ticket_id: String(100 + threads),
      creating_at: at,
      created_at: at,
      due_at: null,
      form_at: given.form === undefined || given.form === 'open' ? null : at,
      ...(request && { request: JSON.stringify(request) }),
      ...(escalation && { escalation: JSON.stringify(escalation) }),
      ...(wanted && { wanted: JSON.stringify(wanted) }),
      ...given,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Stores a message of a ticket: an agent's public comment that has been taken over, unless told. Returns its id. */
export async function insertTicketMessage(
  db: Db,
  { files, ...given }: TicketMessage & { ticket_id: number; files?: unknown[] },
): Promise<number> {
  const comment = given.comment_id ?? String(Math.floor(Math.random() * 1e12));
  const { id } = await db
    .insertInto('ticket_messages')
    .values({
      key: `desk:${comment}`,
      origin: 'desk',
      is_public: true,
      author_kind: 'agent',
      author_name: 'Ada Agent',
      text: 'Please try again.',
      comment_id: comment,
      said_at: ticketsAt,
      state: 'done',
      ...(files && { files: JSON.stringify(files) }),
      ...given,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/**
 * Stores a message of the outbox about a ticket, due at once. It goes where its kind goes: to the ticket's own thread, to
 * `C01SUPPORT0`, or to Maya. Returns its id.
 */
export async function insertTicketPost(
  db: Db,
  { kind, ticket_id, ...given }: Message & { kind: MessageKind; ticket_id: number },
): Promise<number> {
  const { channel_id, thread_ts } = await db
    .selectFrom('tickets')
    .select(['channel_id', 'thread_ts'])
    .where('id', '=', ticket_id)
    .executeTakeFirstOrThrow();
  const dueAt = given.due_at ?? ticketsAt;
  const places: Partial<Record<MessageKind, Message>> = {
    ticket: { key: `ticket:${ticket_id}`, recipient: `#${channel_id}`, thread_ts },
    ticket_reply: { key: `ticket-reply:${given.ticket_message_id}`, recipient: `#${channel_id}`, thread_ts },
    ticket_mirror: { key: `ticket-mirror:${ticket_id}`, recipient: '#C01SUPPORT0' },
    ticket_reminder: { key: `ticket-reminder:${ticket_id}`, owner_email: 'maya@bellwether.example' },
  };
  const { id } = await db
    .insertInto('messages')
    .values({
      key: `test:${crypto.randomUUID()}`,
      kind,
      ticket_id,
      severity: 'medium',
      due_at: dueAt,
      created_at: dueAt,
      ...places[kind],
      ...given,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
