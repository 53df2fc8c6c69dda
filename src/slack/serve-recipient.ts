import { type AlertPreferences, findPreferences } from '../db/alert-preferences.ts';
import {
  cancelEndedMessages,
  findChangedMessages,
  findDueMessages,
  holdsUpLater,
  isForThread,
  postponeBehindFailed,
  postponeMessage,
  type QueuedMessage,
  setShown,
} from '../db/messages.ts';
import { type Claim, releaseRecipient, setFound } from '../db/recipients.ts';
import { postponedTo } from '../delivery/send-time.ts';
import { afterFailure, type Delivery, LeaseLost, later } from './delivery.ts';
import { findPlace, type Place } from './find-recipient.ts';
import { gather } from './gather.ts';
import { editQueued, postQueued, type Target } from './queued-message.ts';
import { settleUncertain } from './settle-uncertain.ts';
import { afterClosed, detour } from './undeliverable.ts';

/** Slack takes about a post a second and channel. */
const paceMs = 1_000;
/** Edits of one turn; the rest has the next. */
const mostEdits = 20;

/** Writes to somebody what is due, one post at most, and gives the lease back. */
export async function serveRecipient(delivery: Delivery, claim: Claim): Promise<void> {
  try {
    const nextAt = await writeTo(delivery, claim);
    await releaseRecipient(delivery.db, claim, nextAt);
  } catch (error) {
    // Who has the lease now does what is left.
    if (!(error instanceof LeaseLost)) throw error;
    delivery.log.warn({ recipient: claim.recipient }, 'another worker took over');
  }
}

/** Returns when nothing is to be written to them before. */
async function writeTo(delivery: Delivery, claim: Claim): Promise<Date | null> {
  const { db, now } = delivery;
  const { recipient } = claim;
  const unsettled = await settleUncertain(delivery, claim);
  if (unsettled) return unsettled;
  const cancelled = await cancelEndedMessages(db, recipient, now());
  delivery.done.cancelled += cancelled;
  await postponeBehindFailed(db, recipient, now());
  const due = await findDueMessages(db, recipient, now());
  const changed = await findChangedMessages(db, recipient, { now: now(), limit: mostEdits });
  const first = due[0] ?? changed[0];
  if (!first) return null;
  let place: Place;
  try {
    // Whoever reads a channel may read its threads' messages. Slack tells of fifty channels a minute.
    place = [...due, ...changed].every(isForThread)
      ? threadsOf(recipient)
      : await findPlace(delivery.slack, claim, now());
  } catch (error) {
    return afterFailure(delivery, claim, first.id, error);
  }
  if (place.kind === 'open' && place.others !== null) return writeToThreads(delivery, claim, { due, changed }, place);
  if (place.kind === 'open') return writeThere(delivery, claim, due, place);
  if (place.kind === 'closed') return afterClosed(delivery, claim, place.why, { due, changed });
  await detour(delivery, claim, due, place.why);
  for (const { id, version } of changed) await setShown(db, id, version, `not edited: ${place.why}`);
  return null;
}

/** A channel of which nobody has looked who reads it, so that nothing is written there but in tickets' threads. */
function threadsOf(recipient: string): Place & { kind: 'open' } {
  const others = 'others may read it';
  return { kind: 'open', channelId: recipient.slice(1), timeZone: null, found: null, others };
}

type Queued = { due: readonly QueuedMessage[]; changed: readonly QueuedMessage[] };

/** Of what is for a channel that others than colleagues read, only what stands in tickets' threads is written. */
async function writeToThreads(
  delivery: Delivery,
  claim: Claim,
  { due, changed }: Queued,
  place: Place & { kind: 'open' },
): Promise<Date | null> {
  const isInternal = (message: QueuedMessage) => !isForThread(message);
  const kept = { due: due.filter(isInternal), changed: changed.filter(isInternal) };
  const threads = due.filter(isForThread);
  const hasThreads = threads.length > 0 || changed.some(isForThread);
  const blocked = kept.due.length + kept.changed.length > 0;
  const until = blocked ? await afterClosed(delivery, claim, place.others ?? '', kept, !hasThreads) : null;
  return hasThreads ? writeThere(delivery, claim, threads, place) : until;
}

async function writeThere(
  delivery: Delivery,
  claim: Claim,
  due: readonly QueuedMessage[],
  place: Place & { kind: 'open' },
): Promise<Date | null> {
  const { db, now } = delivery;
  const { recipient } = claim;
  if (place.found) await setFound(db, recipient, place.found, now());
  const isPerson = !recipient.startsWith('#');
  const timeZone = place.timeZone ?? delivery.timeZone;
  const isInternal = place.others === null;
  const target: Target = { channelId: place.channelId, isInternal, timeZone: isPerson ? timeZone : null };
  const preferences = isPerson ? await preferencesOf(delivery, recipient) : null;
  const ready = preferences ? await postpone(delivery, claim, due, { preferences, timeZone }) : due;
  const gathered = await gather(delivery, claim, ready, preferences);
  if (gathered === 'busy') return later(delivery, paceMs);
  const known = new Set(ready.map(({ id }) => id));
  const posts =
    gathered === 'unchanged'
      ? ready
      : // What came in meanwhile has not been decided upon.
        (await findDueMessages(db, recipient, now())).filter(({ id, kind }) => known.has(id) || isGroup(kind));
  const posted = await postOne(delivery, claim, posts, target, place.found !== null);
  if (posted.until) return posted.until;
  const edited = await editAll(delivery, claim, target);
  return edited ?? (posted.isPosted ? later(delivery, paceMs) : null);
}

async function preferencesOf({ db, settings }: Delivery, email: string): Promise<AlertPreferences> {
  const { quietHours, quietWeekend } = settings;
  return (await findPreferences(db, email)) ?? { quietHours, quietWeekend, digestAt: null };
}

/** Puts off what may not be sent now, and returns the rest. */
async function postpone(
  delivery: Delivery,
  claim: Claim,
  due: readonly QueuedMessage[],
  { preferences, timeZone }: { preferences: AlertPreferences; timeZone: string },
): Promise<QueuedMessage[]> {
  const ready: QueuedMessage[] = [];
  for (const message of due) {
    const until = postponedTo(message, delivery.now(), preferences, timeZone);
    if (until === null) {
      ready.push(message);
      continue;
    }
    await postponeMessage(delivery.db, claim, message.id, until);
    delivery.done.postponed += 1;
  }
  return ready;
}

/** Posts the first that can be. `until`: nothing more is to be written to them before. */
async function postOne(
  delivery: Delivery,
  claim: Claim,
  messages: readonly QueuedMessage[],
  target: Target,
  isNewlyFound: boolean,
): Promise<{ isPosted: boolean; until: Date | null }> {
  // Of a thread whose first reply cannot be posted now the later ones wait for it.
  const held = new Set<number | null>();
  for (const [index, message] of messages.entries()) {
    if (message.kind === 'ticket_reply' && held.has(message.ticketId)) continue;
    const outcome = await postQueued(delivery, claim, message, target);
    if (outcome.kind === 'posted') return { isPosted: true, until: null };
    if (outcome.kind === 'waits') return { isPosted: false, until: outcome.until };
    if (outcome.kind === 'refused') {
      const due = messages.slice(index);
      return { isPosted: false, until: await afterRefusal(delivery, claim, due, outcome.code, isNewlyFound) };
    }
    if (holdsUpLater(message)) held.add(message.ticketId);
  }
  return { isPosted: false, until: null };
}

async function editAll(delivery: Delivery, claim: Claim, target: Target): Promise<Date | null> {
  const changed = await findChangedMessages(delivery.db, claim.recipient, { now: delivery.now(), limit: mostEdits });
  for (const message of changed) {
    // What came up meanwhile and is for colleagues has its turn when it is known who reads it there.
    if (!target.isInternal && !isForThread(message)) continue;
    const until = await editQueued(delivery, claim, message, target);
    if (until) return until;
  }
  return changed.length === mostEdits ? later(delivery, paceMs) : null;
}

/** Slack lets the bot not write where it was to. */
async function afterRefusal(
  delivery: Delivery,
  claim: Claim,
  due: readonly QueuedMessage[],
  code: string,
  isNewlyFound: boolean,
): Promise<Date | null> {
  const { recipient } = claim;
  if (recipient.startsWith('#')) {
    const why = `Slack refuses posts in the channel ${recipient.slice(1)} (${code})`;
    return afterClosed(delivery, claim, why, { due, changed: [] });
  }
  if (isNewlyFound) await detour(delivery, claim, due, `Slack refuses direct messages to ${recipient} (${code})`);
  // What was remembered may be out of date.
  else await setFound(delivery.db, recipient, null, delivery.now());
  return later(delivery, paceMs);
}

function isGroup(kind: QueuedMessage['kind']): boolean {
  return kind === 'group' || kind === 'digest';
}
