import { z } from 'zod';
import { handleStripeEvents as handleEvents } from '../src/billing/handle-events.ts';
import { syncCustomer } from '../src/billing/sync-customers.ts';
import { findNextStripeEventDue } from '../src/db/stripe-events.ts';
import type { EnqueueOptions, JobDefinition } from '../src/queue/types.ts';
import { followCustomers } from './sync-stripe.ts';

const payload = z.strictObject({});
const name = 'handle-stripe-events';

/** What is due later than this the schedule finds. */
const soonMs = 60_000;

/** How the job is asked for, after an event is stored. */
export const handleStripeEventsSoon: EnqueueOptions = { key: name };

/** Reads from Stripe what events have told of, which were stored before they were answered. */
export const handleStripeEvents: JobDefinition<z.infer<typeof payload>> = {
  name,
  description: 'read from Stripe what its webhooks told of, and tell whom it concerns',
  payload,
  schedule: '* * * * *',
  record: 'latest',
  isDue: async ({ db, now }) => {
    const next = await findNextStripeEventDue(db);
    return next !== null && next <= now();
  },
  async run(_payload, deps) {
    const { db, billing, log, now, queue } = deps;
    if (!billing) return { skipped: 'STRIPE_API_KEY is not set' };
    const read = (id: string, invoices: readonly string[]) => syncCustomer({ db, billing }, id, invoices);
    const done = await handleEvents({ db, billing, log, now, read, follow: (ids) => followCustomers(deps, ids) });
    const { next } = done;
    // Not under the key that new events ask by, which must not wait for it.
    if (next && next.getTime() - now().getTime() < soonMs)
      await queue.enqueue(name, {}, { key: `${name} ${next.getTime()}`, notBefore: next });
    return done;
  },
};
