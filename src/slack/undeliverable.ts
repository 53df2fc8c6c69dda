import { deferMessages, detourMessages, isForThread, type QueuedMessage, setShown } from '../db/messages.ts';
import type { Claim } from '../db/recipients.ts';
import { type Delivery, whenBlocked } from './delivery.ts';

/** Sends to the fallback channel what does not reach a person; without one it waits. */
export async function detour(
  delivery: Delivery,
  claim: Claim,
  due: readonly QueuedMessage[],
  why: string,
): Promise<void> {
  if (due.length === 0) return;
  const { db, log, fallbackChannel, done } = delivery;
  const ids = due.map(({ id }) => id);
  if (fallbackChannel !== undefined) {
    await detourMessages(db, claim, ids, { to: `#${fallbackChannel}`, why });
    done.detoured += ids.length;
    return;
  }
  await deferMessages(db, claim, ids, {
    until: whenBlocked(delivery),
    why: `${why}, and ALERT_FALLBACK_CHANNEL is not set`,
  });
  done.blocked += ids.length;
  log.error(
    { messages: ids.length, why },
    'alerts wait: set ALERT_FALLBACK_CHANNEL to the id of an internal channel, and invite the bot',
  );
}

/**
 * Nothing is written to a channel that outsiders read, or that the bot does not see: what is due waits. `mayWait`: nothing else
 * is to be written there, so that what is to be edited may wait, too.
 */
export async function afterClosed(
  delivery: Delivery,
  claim: Claim,
  why: string,
  { due, changed }: { due: readonly QueuedMessage[]; changed: readonly QueuedMessage[] },
  mayWait = true,
): Promise<Date | null> {
  const { db, log, fallbackChannel, supportChannel, done } = delivery;
  if (due.length > 0) {
    const ids = due.map(({ id }) => id);
    await deferMessages(db, claim, ids, { until: whenBlocked(delivery), why });
    done.blocked += ids.length;
    log.error({ messages: ids.length, why }, adviceFor(due));
  }
  if (changed.length === 0) return null;
  const isKept = [fallbackChannel, supportChannel].some((channel) => claim.recipient === `#${channel}`);
  if (isKept && mayWait) return whenBlocked(delivery);
  // Nobody looks after a channel that is not the fallback any more.
  for (const { id, version } of changed) await setShown(db, id, version, `not edited: ${why}`);
  return null;
}

function adviceFor(due: readonly QueuedMessage[]): string {
  if (due.every(isForThread)) return "messages for tickets' threads wait: let the bot into the channel again";
  if (due.every(({ kind }) => kind === 'ticket_mirror'))
    return 'cards of tickets wait: make SUPPORT_CHANNEL an internal channel that the bot is a member of';
  return 'alerts wait: make ALERT_FALLBACK_CHANNEL an internal channel that the bot is a member of';
}
