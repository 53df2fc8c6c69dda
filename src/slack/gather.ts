import type { AlertPreferences } from '../db/alert-preferences.ts';
import { countRecentAlerts, findOpenGroup, type GroupKind, mergeMessages } from '../db/message-groups.ts';
import type { QueuedMessage } from '../db/messages.ts';
import type { Claim } from '../db/recipients.ts';
import { type Delivery, LeaseLost } from './delivery.ts';

/** More single alerts than this within the window make a group. */
const mostSingles = 3;
const windowMs = 10 * 60_000;
const justNowMs = 60_000;
/** Alerts in one group; Slack takes 50 blocks a message. */
const mostAlerts = 20;

/** `busy`: somebody is changing what was to be merged; it is to be tried again. */
export type Gathered = 'unchanged' | 'merged' | 'busy';

/**
 * Makes one message of several that are due at once: of a burst a group, or more of the group that was posted last; of what
 * waited for a digest a digest. `preferences` are the reader's, `null` in a channel.
 */
export async function gather(
  delivery: Delivery,
  claim: Claim,
  ready: readonly QueuedMessage[],
  preferences: AlertPreferences | null,
): Promise<Gathered> {
  const alerts = ready.filter(({ kind }) => kind === 'alert');
  const forDigest = ({ severity }: QueuedMessage) => preferences?.digestAt != null && severity !== 'high';
  let result: Gathered = 'unchanged';
  for (const [ownerEmail, owned] of Map.groupBy(alerts, (message) => message.ownerEmail)) {
    const parts = Map.groupBy(owned, (message) => (forDigest(message) ? 'digest' : 'group'));
    for (const [kind, messages] of parts) {
      const gathered = await gatherInto(delivery, claim, { ownerEmail, kind, messages });
      if (gathered === 'busy') return 'busy';
      if (gathered === 'merged') result = 'merged';
    }
  }
  return result;
}

type Part = { ownerEmail: string | null; kind: GroupKind; messages: readonly QueuedMessage[] };

async function gatherInto(delivery: Delivery, claim: Claim, part: Part): Promise<Gathered> {
  const { ownerEmail, kind, messages } = part;
  const { db, now, done } = delivery;
  const { recipient } = claim;
  const since = new Date(now().getTime() - windowMs);
  // An edit notifies nobody, so what is urgent joins only a group of which its reader has just been notified.
  const isUrgent = messages.some(({ severity }) => severity === 'high');
  const openSince = isUrgent ? new Date(now().getTime() - justNowMs) : since;
  const open = await findOpenGroup(db, { recipient, ownerEmail }, { kind, since: openSince, mostAlerts });
  if (!open && !(await isMany(delivery, claim, part, since))) return 'unchanged';
  for (const { ids, into } of chunks(messages, open)) {
    const dueAt = kind === 'digest' ? latest(messages) : now();
    const outcome = await mergeMessages(db, claim, { ids, kind, into, dueAt, now: now() });
    if (outcome === 'lost') throw new LeaseLost(`Another worker writes to ${recipient}`);
    if (outcome === 'busy') return 'busy';
    done.merged += ids.length;
  }
  return 'merged';
}

async function isMany({ db }: Delivery, { recipient }: Claim, { ownerEmail, kind, messages }: Part, since: Date) {
  if (kind === 'digest') return messages.length > 1;
  return messages.length + (await countRecentAlerts(db, { recipient, ownerEmail }, since)) > mostSingles;
}

/** What fits joins the open group; the rest makes new ones. */
function chunks(messages: readonly QueuedMessage[], open: { id: number; room: number } | null) {
  const ids = messages.map(({ id }) => id);
  const result: { ids: number[]; into: number | null }[] = [];
  if (open) result.push({ ids: ids.splice(0, open.room), into: open.id });
  while (ids.length > 0) result.push({ ids: ids.splice(0, mostAlerts), into: null });
  return result;
}

function latest(messages: readonly QueuedMessage[]): Date {
  return new Date(Math.max(...messages.map(({ dueAt }) => dueAt.getTime())));
}
