import { clearPosting, findDueMessages, setPosted } from '../db/messages.ts';
import type { Claim } from '../db/recipients.ts';
import { afterFailure, type Delivery, holdLease } from './delivery.ts';
import { refusalOf } from './failures.ts';
import { findPosted } from './find-posted.ts';

/** Slack never lets this conversation's history be read. */
const unreadable = new Set([
  'missing_scope',
  'not_in_channel',
  'channel_not_found',
  'no_permission',
  'access_denied',
  'not_allowed_token_type',
  'method_not_supported_for_channel_type',
]);

/** Finds out whether posts whose answer was lost were made; returns when to try again where that cannot be told. */
export async function settleUncertain(delivery: Delivery, claim: Claim): Promise<Date | null> {
  const { db, slack, now, log, done } = delivery;
  for (const { id, channelId, threadTs, postingAt } of await findDueMessages(db, claim.recipient, now())) {
    if (!postingAt || !channelId) continue;
    await holdLease(delivery, claim);
    let ts: string | null;
    try {
      ts = await findPosted(slack, { id, channelId, threadTs, postingAt });
    } catch (error) {
      if (!unreadable.has(refusalOf(error) ?? '')) return afterFailure(delivery, claim, id, error);
      log.warn({ err: error, message: id, channelId }, 'a message is posted again: whether it was cannot be found out');
      ts = null;
    }
    if (ts === null) await clearPosting(db, id, postingAt);
    else {
      await setPosted(db, id, { channelId, ts, at: postingAt });
      done.found += 1;
    }
  }
  return null;
}
