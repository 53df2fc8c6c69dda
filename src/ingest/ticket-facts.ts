import { keyOfMessage } from '../db/event-batches.ts';
import { findKeptFrom } from '../db/retention.ts';
import { correctTicketFacts, findCountedTicket, findStoredFacts, type TicketFact } from '../db/ticket-facts.ts';
import type { Ticket } from '../db/tickets.ts';
import type { Deps } from '../deps.ts';
import { prepare } from './prepare.ts';
import { writeGroup } from './write-group.ts';

type Given = Pick<Deps, 'db' | 'config' | 'now' | 'queue'>;
type Told = Pick<Ticket, 'id' | 'accountId' | 'status' | 'severity' | 'createdAt'>;
type Event = TicketFact & { id: string; name: string };

/**
 * Has the metrics of a ticket's account count it as it is now: one event `ticket created`, when it was created, and while
 * it is solved one `ticket solved`, both of the severity that it has. Doing it again changes nothing. A severity that
 * changes, a ticket that is opened again or that gets another account is corrected where it was stored, so that nothing
 * is counted twice. Returns whether something is counted otherwise now.
 */
export async function recordTicketFacts({ db, config, now, queue }: Given, ticket: Told): Promise<boolean> {
  const { timeZone } = config;
  const before = await findCountedTicket(db, ticket.id);
  if (!before) return false;
  const isSolved = ticket.status === 'solved' || ticket.status === 'closed';
  const counted = { solvedAt: isSolved ? (before.solvedAt ?? now()) : null, countedFor: ticket.accountId };
  const keptFrom = (await findKeptFrom(db))?.getTime() ?? Number.NEGATIVE_INFINITY;
  // What was counted of a day whose events are gone stands.
  const isKept = ({ occurredAt }: Event) => occurredAt.getTime() >= keptFrom;
  const told = eventsOf(ticket, before.solvedAt).filter(isKept);
  const wanted = ticket.accountId === null ? [] : eventsOf(ticket, counted.solvedAt).filter(isKept);

  const stored = before.countedFor === null ? [] : await findStoredFacts(db, before.countedFor, told);
  const isSameAccount = before.countedFor === ticket.accountId;
  const standing = isSameAccount ? stored.filter(({ key }) => wanted.some((event) => event.key === key)) : [];
  const taken = stored.filter((fact) => !standing.includes(fact));
  const changed = wanted.filter(({ key, properties }) =>
    standing.some((fact) => fact.key === key && fact.properties.priority !== properties.priority),
  );
  const isNoted = isSameAccount && before.solvedAt?.getTime() === counted.solvedAt?.getTime();
  if (!isNoted || taken.length + changed.length > 0) {
    const wrong = before.countedFor === null ? null : { account: before.countedFor, taken, changed };
    await correctTicketFacts(db, ticket.id, { counted, wrong, timeZone });
  }

  const missing = wanted.filter(({ key }) => !standing.some((fact) => fact.key === key));
  const account = ticket.accountId;
  if (account !== null && missing.length > 0) {
    const calls = missing.map(({ id, name, occurredAt, properties }) => ({
      kind: 'event' as const,
      messageId: id,
      name,
      occurredAt,
      properties,
      actor: { userId: null, anonymousId: null },
      account,
    }));
    await writeGroup(db, [prepare('tickets', { calls, refusals: [] })], { now: now(), timeZone, owners: {} });
  }
  const isChanged = taken.length + changed.length + missing.length > 0;
  if (isChanged) await queue.enqueue('count-events', {}, { key: 'count-events' });
  return isChanged;
}

function eventsOf({ id, severity, createdAt }: Told, solvedAt: Date | null): Event[] {
  // Which severity it has is not known while its form is open.
  const properties = severity === null ? {} : { priority: severity };
  const event = (name: string, what: string, occurredAt: Date): Event => {
    const eventId = `bellwether-ticket:${id}:${what}`;
    return { id: eventId, key: keyOfMessage(eventId), name, occurredAt, properties };
  };
  return [
    event('ticket created', 'created', createdAt),
    ...(solvedAt === null ? [] : [event('ticket solved', 'solved', solvedAt)]),
  ];
}
