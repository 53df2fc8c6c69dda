import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { ingestRoutes } from '../../handlers/ingest/index.ts';
import { createStrangers } from '../../handlers/ingest/strangers.ts';
import { openDb } from '../../src/db/client.ts';
import { countEvents } from '../../src/db/count-events.ts';
import { createTelemetry } from '../../src/http/operations.ts';
import { serve } from '../../src/http/server.ts';
import { createWriteKeys } from '../../src/http/write-keys.ts';
import { createHorizon } from '../../src/ingest/horizon.ts';
import { createIngester } from '../../src/ingest/ingester.ts';
import { compileMeasures } from '../events/measures.ts';

/** How often what was stored is counted into the series, as with src/main.ts. */
const COUNT_EVERY_MS = 1_000;

/** A message of the process: it listens, or has ended and took so much memory at most. */
export type ServerMessage = { port: number } | { peakMb: number };

/**
 * The doors of Bellwether and the counting of events, in a process of their own so that its memory can be told. Ends when
 * it is sent a message.
 */
async function run(url: string, key: string): Promise<void> {
  const log = pino({ level: 'error' }, pino.destination(2));
  const db = openDb(url);
  const now = () => new Date();
  const metrics = compileMeasures();
  const ingester = createIngester({ db, log, now, timeZone: 'UTC' });
  const server = await serve({
    host: '127.0.0.1',
    port: 0,
    log,
    routes: ingestRoutes({
      keys: createWriteKeys([key]),
      ingester,
      strangers: createStrangers({ ingester, log, now }),
      findHorizon: createHorizon(db, 13),
      counter: createTelemetry().ingestCalls,
      log,
      now,
    }),
  });
  let ended = false;
  const counting = (async () => {
    while (!ended) {
      await countEvents(db, { metrics, timeZone: 'UTC', now: now() });
      await sleep(COUNT_EVERY_MS);
    }
  })();
  process.once('message', async () => {
    ended = true;
    await counting;
    await server.close();
    await ingester.close();
    await db.destroy();
    process.send?.({ peakMb: peakMb() } satisfies ServerMessage, () => process.disconnect?.());
  });
  process.send?.({ port: server.port } satisfies ServerMessage);
}

/** The most memory that the process ever had, in megabytes. */
function peakMb(): number {
  return process.resourceUsage().maxRSS / 1024;
}

const [url, key] = process.argv.slice(2);
if (import.meta.main && url && key) await run(url, key);
