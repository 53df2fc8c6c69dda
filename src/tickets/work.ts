import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { claimTicket, findNextTicketDue, renewTicketLease, type TicketClaim } from '../db/ticket-work.ts';
import type { Db } from '../db/types.ts';
import type { HelpDesk } from '../helpdesk/types.ts';
import type { Reader } from './said.ts';
import { serveTicket } from './serve-ticket.ts';

/** What the work on tickets works with. */
export type TicketWork = Reader & {
  db: Db;
  desk: HelpDesk;
  log: Logger;
  /** Where each ticket has its card for colleagues. */
  supportChannel: string | undefined;
  /** Bytes of the largest file that is copied; others are linked. */
  largestFile: number;
  /** The help desk's id of the field that says that a ticket is escalated. */
  escalationField: string | undefined;
  /** The account of a channel; null where it is not known. */
  findAccount(channelId: string): Promise<string | null>;
  /** Has what is in the outbox delivered soon. */
  onMessages(): Promise<void>;
  /** Told of each ticket that may have changed. */
  onTicket(ticketId: number): Promise<void>;
  /** A worker that has not been heard of for so long is taken for dead; longer than a call may take. */
  leaseMs: number;
  done: TicketsDone;
};

/** How often what was done. */
type TicketsDone = Record<'created' | 'comments' | 'replies' | 'asked' | 'put off' | 'failed', number>;

/** How work is asked for; see `TicketWork`. */
export type TicketWorkOptions = Omit<TicketWork, 'done' | 'leaseMs'> & {
  leaseMs?: number;
  ticketsAtOnce?: number;
};

/** What was done, and when something is next to be done, which may be over; `null`: nothing waits. */
export type TicketsWorked = TicketsDone & { next: Date | null };

/** Another worker has the lease, and this one must do nothing more for the ticket. */
export class TicketLeaseLost extends Error {
  readonly code = 'ticket_lease_lost';
  override readonly name = 'TicketLeaseLost';
}

/** Something is about to come up that is to be done first. */
export class TicketWaits extends Error {
  readonly code = 'ticket_waits';
  override readonly name = 'TicketWaits';
  readonly until: Date;

  constructor(until: Date) {
    super('something is about to be known that was said before');
    this.until = until;
  }
}

/** A call of a help desk takes 10 s at most, and is followed by a look whether it was done. */
const leaseMs = 45_000;
const ticketsAtOnce = 8;
const lookAgainMs = 50;

/**
 * Does what is due for tickets, several side by side. Safe beside others that do the same, and after any of them died. See
 * docs/decisions/tickets.md.
 */
export async function workOnDue(options: TicketWorkOptions): Promise<TicketsWorked> {
  const { db, now } = options;
  const work: TicketWork = { leaseMs, ...options, done: nothingDone() };
  let busy = 0;
  const serveAll = async () => {
    for (;;) {
      const isPaused = pauseOf(work) > now();
      const ticket = isPaused
        ? null
        : await claimTicket(db, { desk: work.desk.name, now: now(), leaseMs: work.leaseMs });
      if (ticket) {
        busy += 1;
        await serveTicket(work, ticket).finally(() => {
          busy -= 1;
        });
      } else if (busy === 0 || isPaused) return;
      // While one ticket takes long, others that come up need not wait for it.
      else await sleep(lookAgainMs);
    }
  };
  const lanes = Array.from({ length: options.ticketsAtOnce ?? ticketsAtOnce }, serveAll);
  for (const ended of await Promise.allSettled(lanes)) if (ended.status === 'rejected') throw ended.reason;
  const next = await findNextTicketDue(db, work.desk.name);
  const paused = pauseOf(work);
  return { ...work.done, next: next && paused > next ? paused : next };
}

/** Until when help desks do not want to be asked. */
const pauses = new WeakMap<HelpDesk, Date>();

/** Leaves the help desk alone until then, whatever comes up: it limits how often it may be asked at all. */
export function pauseUntil({ desk }: TicketWork, until: Date): void {
  pauses.set(desk, until);
}

function pauseOf({ desk }: TicketWork): Date {
  return pauses.get(desk) ?? new Date(0);
}

/** Makes sure that nobody else works on it for as long as a call takes. */
export async function holdTicket(
  { db, now, leaseMs: length }: TicketWork,
  claim: TicketClaim,
  ms = length,
): Promise<void> {
  if (!(await renewTicketLease(db, claim, now(), ms))) throw lost(claim);
}

/** What to throw where another has the lease. */
export function lost({ id }: TicketClaim): TicketLeaseLost {
  return new TicketLeaseLost(`Another worker works on ticket ${id}`);
}

function nothingDone(): TicketsDone {
  return { created: 0, comments: 0, replies: 0, asked: 0, 'put off': 0, failed: 0 };
}
