import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import pino from 'pino';
import { type Connection, connectDatabase } from '../../src/db/connect.ts';
import { countEvents } from '../../src/db/count-events.ts';
import type { Database } from '../../src/db/types.ts';
import { insertAccounts, insertGeneratedEvents, now } from './generate.ts';
import { compileMeasures } from './measures.ts';

/** A database of generated events, made when it is first asked for and shared by the figures that follow. */
export type EventStore = {
  /** With the first `events` events, or more where there are more, all of them in the series. */
  fill(events: number): Promise<{ db: Kysely<Database>; url: string }>;
  close(): Promise<void>;
};

/** How many events figures are measured with; fewer for a quick look. */
export const fullSize = Number(process.env.BENCH_EVENTS ?? 10_000_000);

export function createEventStore(): EventStore {
  let [folder, stored]: [string | null, number] = [null, 0];
  let connection: Connection | null = null;
  return {
    async fill(events) {
      folder ??= await mkdtemp(join(tmpdir(), 'bellwether-bench-'));
      if (!connection) {
        connection = await connectDatabase({ dataDir: folder }, pino({ level: 'silent' }));
        await insertAccounts(connection.db);
      }
      const { db, url } = connection;
      if (events > stored) {
        await insertGeneratedEvents(db, stored, events);
        stored = events;
        await countEvents(db, { metrics: compileMeasures(), timeZone: 'UTC', now });
        await sql`vacuum analyze`.execute(db);
      }
      return { db, url };
    },
    async close() {
      await connection?.close();
      if (folder) await rm(folder, { recursive: true, force: true });
    },
  };
}
