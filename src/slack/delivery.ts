import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { QueuedMessage } from '../db/messages.ts';
import { countFailure } from '../db/messages.ts';
import { type Claim, renewLease } from '../db/recipients.ts';
import type { Db } from '../db/types.ts';
import type { DeliverySettings } from '../indicators/types.ts';
import { failureOf } from './failures.ts';
import type { Message } from './response-url.ts';

/**
 * What a message says, and under whose name where that is not the bot's; `otherwise` names them in what it says, for where
 * Slack does not let the bot use another name.
 */
export type Rendered = Message & { as?: { name: string; otherwise: Message } };

/** What a message says now; `timeZone` is its reader's, `null` in a channel. `null`: there is nothing to say any more. */
export type Render = (
  message: Pick<QueuedMessage, 'id' | 'kind' | 'notice'> & { timeZone: string | null },
) => Promise<Rendered | null>;

/** What a delivery works with. */
export type Delivery = {
  db: Db;
  slack: WebClient;
  log: Logger;
  now: () => Date;
  render: Render;
  /** For people who chose nothing else. */
  settings: DeliverySettings;
  /** Of people whose time zone Slack does not tell. */
  timeZone: string;
  fallbackChannel: string | undefined;
  /** Where the cards of tickets stand. */
  supportChannel?: string | undefined;
  /** A worker that has not written for so long is taken for dead; longer than a call of Slack's can take. */
  leaseMs: number;
  done: Done;
};

/** How often what was done. */
export type Done = Record<
  'posted' | 'edited' | 'found' | 'merged' | 'postponed' | 'cancelled' | 'detoured' | 'blocked' | 'failed',
  number
>;

/** Another worker has the lease, and this one must write nothing more. */
export class LeaseLost extends Error {
  readonly code = 'lease_lost';
  override readonly name = 'LeaseLost';
}

/** Slack may still take a post whose answer did not come in time; before that it is not looked for. */
const firstBackoffMs = 15_000;
const longestBackoffMs = 10 * 60_000;
/** What waits for somebody to change something is tried again after this. */
const blockedMs = 15 * 60_000;

/** So long after now. */
export function later(delivery: Delivery, ms: number): Date {
  return new Date(delivery.now().getTime() + ms);
}

/** When to try again what needs somebody to change something. */
export function whenBlocked(delivery: Delivery): Date {
  return later(delivery, blockedMs);
}

/** Makes sure that nobody else writes to them for as long as a call takes. */
export async function holdLease({ db, now, leaseMs }: Delivery, claim: Claim): Promise<void> {
  if (!(await renewLease(db, claim, now(), leaseMs)))
    throw new LeaseLost(`Another worker writes to ${claim.recipient}`);
}

/** Notes that a call of Slack's came to nothing for now, and returns when nothing is to be written to them before. */
export async function afterFailure(delivery: Delivery, claim: Claim, messageId: number, error: unknown): Promise<Date> {
  const failure = failureOf(error);
  const { recipient } = claim;
  delivery.done.failed += 1;
  delivery.log.warn({ err: error, recipient, message: messageId }, 'a message is not delivered yet');
  if (failure.kind === 'limited') return later(delivery, failure.waitMs);
  const attempts = await countFailure(delivery.db, messageId, failure.why);
  return later(delivery, backoffMs(attempts));
}

/** How long to wait after so many failures. */
export function backoffMs(attempts: number): number {
  return Math.min(firstBackoffMs * 2 ** Math.min(attempts - 1, 10), longestBackoffMs);
}
