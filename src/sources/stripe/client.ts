import type { Logger } from 'pino';
import Stripe from 'stripe';
import { failureOf, isRefused } from './failures.ts';

/** How long Stripe may take to answer, and how often a request is repeated that it did not. */
const ANSWER_MS = 20_000;
const RETRIES = 3;
/** Requests about one customer that are under way at once. */
const requestsAtOnce = 5;

/** How much of a list is asked for at a time; Stripe gives no more. */
export const PAGE = 100;

/** Stripe, and what is needed to read from it. */
export type Reading = {
  stripe: Stripe;
  timeZone: string;
  /** Where a customer's metadata names our account. */
  metadataKey: string;
  now: () => Date;
  log: Logger;
};

/** Stripe's own client. */
export function createClient({ apiKey, apiUrl, log }: { apiKey: string; apiUrl: string; log: Logger }): Stripe {
  const { hostname, port, protocol } = new URL(apiUrl);
  const client = new Stripe(apiKey, {
    host: hostname,
    ...(port && { port }),
    protocol: protocol === 'http:' ? 'http' : 'https',
    timeout: ANSWER_MS,
    maxNetworkRetries: RETRIES,
    telemetry: false,
    appInfo: { name: 'Bellwether' },
  });
  client.on('response', ({ method, path, status, request_id: request }: Stripe.ResponseEvent) =>
    log.debug({ method, path: path.split('?', 1)[0], status, request }, 'asked Stripe'),
  );
  return client;
}

/** All of a list. */
export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of list) found.push(each);
  return found;
}

/** Does some of the work at a time: a customer may have hundreds of what each takes a request. */
export async function inTurns<T, Done>(list: readonly T[], work: (each: T) => Promise<Done>): Promise<Done[]> {
  const done: Done[] = [];
  for (let start = 0; start < list.length; start += requestsAtOnce)
    done.push(...(await Promise.all(list.slice(start, start + requestsAtOnce).map(work))));
  return done;
}

/** For `catch`: `null` where the error says that there is none. */
export function orNone(isNone: (error: unknown) => boolean): (error: unknown) => null {
  return (error) => {
    if (isNone(error)) return null;
    throw error;
  };
}

/** What is good to know, but must not keep the rest from being read where the key may not see it: then `null`. */
export async function unlessRefused<T>({ log }: Reading, what: string, asked: Promise<T>): Promise<T | null> {
  return asked.catch((error: unknown) => {
    if (!isRefused(error)) throw error;
    log.warn({ why: messageOf(error) }, `Stripe does not let us read ${what}`);
    return null;
  });
}

/** As `unlessRefused`, of a list: then what came until then is all. */
export async function* pagesUnlessRefused<T>({ log }: Reading, what: string, list: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* list;
  } catch (error) {
    if (!isRefused(error)) throw error;
    log.warn({ why: messageOf(error) }, `Stripe does not let us read ${what}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Every page of a list, read as it is asked for; `null` is left out. Errors are ours. */
export async function* pages<T, Read>(list: AsyncIterable<T>, read: (each: T) => Read | null | Promise<Read | null>) {
  try {
    for await (const each of list) {
      const found = await read(each);
      if (found !== null) yield found as Awaited<Read>;
    }
  } catch (error) {
    throw failureOf(error);
  }
}

/** Does some work; errors are ours. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}
