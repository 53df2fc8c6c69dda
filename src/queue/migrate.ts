import { runMigrations } from 'bullmq';
import pg from 'pg';
import { deniedError } from '../db/migrate.ts';
import { queueSchema } from './backend.ts';

/** Brings BullMQ's tables in schema `bullmq` up to date. A lock makes it safe from several processes at once. */
export async function migrateQueues(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await runMigrations(client, queueSchema);
  } catch (error) {
    throw deniedError(error) ?? error;
  } finally {
    await client.end();
  }
}
