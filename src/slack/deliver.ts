import { deferHomeless, findNextDue, setRecipients } from '../db/messages.ts';
import { claimRecipient } from '../db/recipients.ts';
import type { Delivery, Done } from './delivery.ts';
import { whenBlocked } from './delivery.ts';
import { serveRecipient } from './serve-recipient.ts';

/** How a delivery is asked for; see `Delivery`. */
export type DeliverOptions = Omit<Delivery, 'done' | 'leaseMs'> & { leaseMs?: number; recipientsAtOnce?: number };

/** What was done, and when something is next to be done, which may be over; `null`: nothing waits. */
export type Delivered = Done & { next: Date | null };

const leaseMs = 30_000;
const recipientsAtOnce = 8;

/**
 * Posts and edits what is due: to each person and channel one post at most, since Slack takes one a second, and to several of
 * them side by side. Safe beside others that do the same, and after any of them died. See docs/decisions/delivery.md.
 */
export async function deliverDue(options: DeliverOptions): Promise<Delivered> {
  const delivery: Delivery = { leaseMs, ...options, done: nothingDone() };
  const { db, now, done } = delivery;
  await decideRecipients(delivery);
  const serveAll = async () => {
    for (;;) {
      const claim = await claimRecipient(db, now(), delivery.leaseMs);
      if (!claim) return;
      await serveRecipient(delivery, claim);
    }
  };
  const workers = Array.from({ length: options.recipientsAtOnce ?? recipientsAtOnce }, serveAll);
  for (const ended of await Promise.allSettled(workers)) if (ended.status === 'rejected') throw ended.reason;
  return { ...done, next: await findNextDue(db) };
}

async function decideRecipients(delivery: Delivery): Promise<void> {
  const { db, now, log, fallbackChannel, supportChannel, done } = delivery;
  const placeOf = (channel: string | undefined) => (channel === undefined ? null : `#${channel}`);
  await setRecipients(db, { fallback: placeOf(fallbackChannel), support: placeOf(supportChannel) }, now());
  const why = 'the account has no CSM, and ALERT_FALLBACK_CHANNEL is not set';
  const homeless = await deferHomeless(db, now(), whenBlocked(delivery), why);
  if (homeless === 0) return;
  done.blocked += homeless;
  log.error(
    { messages: homeless },
    'alerts of accounts without a CSM wait: set ALERT_FALLBACK_CHANNEL to the id of an internal channel, and invite the bot',
  );
}

function nothingDone(): Done {
  return {
    posted: 0,
    edited: 0,
    found: 0,
    merged: 0,
    postponed: 0,
    cancelled: 0,
    detoured: 0,
    blocked: 0,
    failed: 0,
  };
}
