import pino from 'pino';
import { onTestFinished } from 'vitest';
import { ingestRoutes } from '../handlers/ingest/index.ts';
import { createStrangers } from '../handlers/ingest/strangers.ts';
import type { Db } from '../src/db/types.ts';
import { createTelemetry } from '../src/http/operations.ts';
import { serve } from '../src/http/server.ts';
import { createWriteKeys } from '../src/http/write-keys.ts';
import { createIngester } from '../src/ingest/ingester.ts';
import type { Door, Ingester, Parsed } from '../src/ingest/types.ts';

/** A key that the doors of `startDoors` take. */
export const writeKey = 'test-write-key';

/** What an answer says. */
type Answer = { status: number; body: unknown; retryAfter: string | null };

/** Doors that listen. */
export type TestDoors = {
  url: string;
  /** Sends a body as it is, or as JSON; with the key as Basic auth unless headers are given. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Figures as /metrics has them. */
  metrics(): Promise<string>;
};

/** Doors on a port of their own, over an ingester or a database, until the test ends. */
export async function startDoors(
  over: { ingester: Ingester } | { db: Db },
  options: { keys?: readonly string[]; now?: () => Date; findHorizon?: () => Promise<Date> } = {},
): Promise<TestDoors> {
  const log = pino({ level: 'silent' });
  const now = options.now ?? (() => new Date());
  const ingester = 'db' in over ? createIngester({ db: over.db, log, now, timeZone: 'UTC' }) : over.ingester;
  const telemetry = createTelemetry();
  const routes = ingestRoutes({
    keys: createWriteKeys(options.keys ?? ['another-key', writeKey]),
    ingester,
    strangers: createStrangers({ ingester, log, now }),
    findHorizon: options.findHorizon ?? (async () => new Date(now().getTime() - 365 * 24 * 60 * 60 * 1000)),
    counter: telemetry.ingestCalls,
    log,
    now,
  });
  const server = await serve({ host: '127.0.0.1', port: 0, routes, log });
  onTestFinished(async () => {
    await server.close();
    await ingester.close();
  });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    async post(path, body, headers = basic(writeKey)) {
      const raw = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
      const response = await fetch(url + path, { method: 'POST', body: raw as BodyInit, headers });
      return { status: response.status, body: await response.json(), retryAfter: response.headers.get('retry-after') };
    },
    metrics: () => telemetry.registry.metrics(),
  };
}

/** Basic auth with a write key. */
export function basic(key: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` };
}

/** An ingester that only keeps what it is given. */
export function createRecordingIngester(): Ingester & { given: { door: Door; parsed: Parsed }[] } {
  const given: { door: Door; parsed: Parsed }[] = [];
  return {
    given,
    async ingest(door, parsed) {
      given.push({ door, parsed });
    },
    isFull: () => false,
    async close() {},
  };
}
