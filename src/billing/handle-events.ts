import type { Logger } from 'pino';
import { setDisputed } from '../db/invoices.ts';
import {
  type ClaimedStripeEvent,
  claimStripeEvents,
  findNextStripeEventDue,
  postponeStripeEvents,
  setStripeEventsHandled,
} from '../db/stripe-events.ts';
import type { Db } from '../db/types.ts';
import type { BillingSource, InvoiceDispute } from './source.ts';

type Work = {
  db: Db;
  billing: BillingSource;
  log: Logger;
  now: () => Date;
  /** Reads a customer anew, with these invoices, and stores it. False: Stripe knows no such customer. */
  read(customerId: string, invoices: readonly string[]): Promise<boolean>;
  /** Does what follows for the accounts of customers that were read. */
  follow(customerIds: readonly string[]): Promise<void>;
};

/** How many events were handled, put off and given up, and when one is next due, which may be over. */
export type StripeEventsHandled = { handled: number; 'put off': number; 'given up': number; next: Date | null };

/** Who took events and is not heard of for so long is taken for dead. */
const claimMs = 120_000;
const eventsAtOnce = 40;
const customersAtOnce = 4;
/** Tries, the last of them a day after the first. */
const mostAttempts = 30;
const longestWaitMs = 3_600_000;

/** Handles the events that are due: each customer that some of them are about is read once. */
export async function handleStripeEvents(work: Work): Promise<StripeEventsHandled> {
  const { db, now } = work;
  const done = { handled: 0, 'put off': 0, 'given up': 0 };
  for (;;) {
    const at = now();
    const until = new Date(at.getTime() + claimMs);
    const events = await claimStripeEvents(db, { now: at, until, limit: eventsAtOnce });
    if (events.length === 0) return { ...done, next: await findNextStripeEventDue(db) };
    const about = new Map<string, About[]>();
    for (const event of events) {
      const found = await attempt(work, [event], () => readAbout(work, event));
      if ('outcome' in found) done[found.outcome] += 1;
      else if (found.value.customerId !== null)
        about.set(found.value.customerId, [...(about.get(found.value.customerId) ?? []), found.value]);
      else {
        await setStripeEventsHandled(db, [event.id], now());
        done.handled += 1;
      }
    }
    const left = [...about];
    const lane = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [customerId, told] = next;
        const ended = await attempt(
          work,
          told.map(({ event }) => event),
          () => handle(work, customerId, told),
        );
        done['outcome' in ended ? ended.outcome : 'handled'] += told.length;
      }
    };
    await Promise.all(Array.from({ length: customersAtOnce }, lane));
  }
}

async function handle(work: Work, customerId: string, told: readonly About[]): Promise<void> {
  const { db, log, now } = work;
  const ids = told.map(({ event }) => event.id);
  const invoices = told.flatMap(({ event: { type, objectId }, dispute }) =>
    dispute ? [dispute.invoiceId] : type.startsWith('invoice.') && objectId !== null ? [objectId] : [],
  );
  if (await work.read(customerId, [...new Set(invoices)])) {
    // No invoice tells that it is disputed.
    for (const { dispute } of told) if (dispute) await setDisputed(db, dispute);
    await work.follow([customerId]);
  } else
    log.warn(
      { customer: customerId, events: ids },
      'Stripe knows no such customer: an event of another account or mode',
    );
  await setStripeEventsHandled(db, ids, now());
}

/** Whom an event is about; `null`: nobody that matters here. */
type About = { event: ClaimedStripeEvent; customerId: string | null; dispute: InvoiceDispute | null };

async function readAbout({ billing }: Work, event: ClaimedStripeEvent): Promise<About> {
  const { type, objectId, customerId } = event;
  if (type.startsWith('charge.dispute.') && objectId !== null) {
    const dispute = await billing.findDispute(objectId);
    return { event, customerId: dispute?.customerId ?? null, dispute };
  }
  if (customerId !== null || objectId === null || !type.startsWith('billing.credit_'))
    return { event, customerId, dispute: null };
  return { event, customerId: await billing.findCustomerOfGrant(objectId), dispute: null };
}

type Attempt<Value> = { value: Value } | { outcome: 'put off' | 'given up' };

/** Tries to work on events; what fails is put off, longer each time. */
async function attempt<Value>(
  { db, log, now }: Work,
  events: readonly ClaimedStripeEvent[],
  work: () => Promise<Value>,
): Promise<Attempt<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    const ids = events.map(({ id }) => id);
    const attempts = Math.max(...events.map((event) => event.attempts));
    const why = error instanceof Error ? error.message.slice(0, 500) : String(error);
    if (attempts >= mostAttempts) {
      log.error({ err: error, events: ids }, 'events of Stripe are given up; sync-stripe reads what they told of');
      await setStripeEventsHandled(db, ids, now(), why);
      return { outcome: 'given up' };
    }
    log.warn({ err: error, events: ids }, 'events of Stripe are put off');
    const until = new Date(now().getTime() + Math.min(5_000 * 2 ** (attempts - 1), longestWaitMs));
    await postponeStripeEvents(db, ids, { until, why });
    return { outcome: 'put off' };
  }
}
