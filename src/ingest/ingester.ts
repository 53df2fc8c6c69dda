import type { Logger } from 'pino';
import type { Owners } from '../crm/types.ts';
import type { Db } from '../db/types.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { Ingester } from './types.ts';
import { writeGroup } from './write-group.ts';

/** Calls in a transaction, and their bytes, unless one request alone has more. */
const MOST_CALLS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** Bytes that may wait; with more, callers are told to come again, rather than that memory ends. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

/** So many calls go into one transaction whatever else is under way. */
const FEW_CALLS = 1000;
/** Transactions at once: so that what one waits for, such as the disk, keeps nothing else waiting. */
const WRITERS = 2;

type Waiting = { request: Prepared; resolve: () => void; reject: (error: unknown) => void };

/**
 * Writes requests to the database, two transactions at a time: those that come while these are under way go together into
 * the next. `onStored` is called after each that stored something. While 64 MB wait, further ones are rejected.
 */
export function createIngester(options: {
  db: Db;
  log: Logger;
  now: () => Date;
  timeZone: string;
  /** Who owns fields of accounts; nobody unless given. */
  owners?: Owners;
  onStored?: () => void;
}): Ingester {
  const { db, log, now, timeZone, owners = {}, onStored } = options;
  const queue: Waiting[] = [];
  let waiting = 0;
  const writers = new Set<Promise<void>>();
  let underWay = 0;

  const writeAll = async (group: readonly Waiting[]) => {
    try {
      const requests = group.map(({ request }) => request);
      const stored = await writeGroup(db, requests, { now: now(), timeZone, owners });
      for (const { resolve } of group) resolve();
      if (stored) onStored?.();
    } catch (error) {
      if (group.length > 1 && isOfContent(error)) {
        log.warn({ err: error, requests: group.length }, 'requests could not be stored together, they are one by one');
        for (const one of group) await writeAll([one]);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  };

  const run = async () => {
    while (queue.length > 0) {
      const group = takeGroup(queue, underWay);
      for (const { request } of group) waiting -= request.bytes;
      underWay += group.length;
      await writeAll(group);
      underWay -= group.length;
    }
  };

  const startWriter = () => {
    if (writers.size === WRITERS) return;
    // Not at once: what comes in the same moment goes together.
    const writer: Promise<void> = Promise.resolve()
      .then(run)
      .finally(() => writers.delete(writer));
    writers.add(writer);
  };

  const isFull = () => waiting >= MOST_WAITING_BYTES;

  return {
    isFull,
    ingest(door, parsed) {
      if (isFull()) return Promise.reject(new Error(`${waiting} bytes wait to be stored already`));
      // At once, which takes time while the database has the group before.
      const request = prepare(door, parsed);
      if (sizeOf(request) + request.refusals.length === 0) return Promise.resolve();
      waiting += request.bytes;
      return new Promise((resolve, reject) => {
        queue.push({ request, resolve, reject });
        startWriter();
      });
    },
    async close() {
      await Promise.all(writers);
    },
  };
}

/**
 * As many as go into one transaction, at least one. Of the callers, who wait for their answers and then send more, a share:
 * so that while the database is at work on theirs, we are on the others'. `underWay` are being written.
 */
function takeGroup(queue: Waiting[], underWay: number): Waiting[] {
  const most = Math.ceil((queue.length + underWay) / (WRITERS + 1));
  let [count, calls, bytes] = [0, 0, 0];
  for (const { request } of queue) {
    calls += sizeOf(request);
    bytes += request.bytes;
    const isFull = calls > MOST_CALLS || bytes > MOST_BYTES || (count >= most && calls > FEW_CALLS);
    if (count > 0 && isFull) break;
    count += 1;
  }
  return queue.splice(0, count);
}

function sizeOf({ events, calls }: Prepared): number {
  return events.keys.length + calls.length;
}

/** Whether the database refused what one of the requests says, rather than that there is no database. */
function isOfContent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(?:2[0-9A-Z]|3[0-9A-Z]|4[24]|54|P0|XX)/.test(code) && code.length === 5;
}
