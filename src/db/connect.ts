import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';
import { closeDb, openDb } from './client.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { migrate } from './migrate.ts';
import { findEncoding } from './ping.ts';
import type { Database } from './types.ts';

/** How long queries under way may take when everything closes. */
const CLOSE_MS = 3_000;

/** `instance`: be the one bot on an embedded database. `migrate`: true unless told. `max`: connections of the pool. */
export type ConnectOptions = { instance?: boolean; migrate?: boolean; max?: number };

/** An open database. `close` ends the pool, and the embedded server when nobody else uses it. */
export type Connection = { db: Kysely<Database>; url: string; close(): Promise<void> };

/**
 * Connects to DATABASE_URL, else to the embedded database in DATA_DIR, and brings the schema up to date.
 * @throws {UserError} when there is no database to be had, or another bot runs on it
 */
export async function connectDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  log: Logger,
  options: ConnectOptions = {},
): Promise<Connection> {
  const server = config.databaseUrl ? null : await startEmbeddedPostgres({ dataDir: config.dataDir, log });
  const url = config.databaseUrl ?? server?.url ?? '';
  const db = openDb(url, {
    max: options.max,
    onError: (error) => log.warn({ err: error }, 'a database connection broke'),
  });
  const close = () => closeAll(db, server);
  try {
    if (config.databaseUrl) await checkServer(db, config.databaseUrl);
    if (options.instance) await server?.lockInstance();
    if (options.migrate !== false) await migrate(db);
  } catch (error) {
    await close();
    throw error;
  }
  return { db, url, close };
}

async function checkServer(db: Kysely<Database>, databaseUrl: string): Promise<void> {
  const { host, pathname } = new URL(databaseUrl);
  const cannot = (why: string, advice: string) =>
    new UserError(`The database ${decodeURIComponent(pathname.slice(1))} at ${host} cannot be used: ${why}. ${advice}`);
  const encoding = await findEncoding(db).catch((error: Error) => {
    // Of several addresses, each failed with a message of its own.
    const reasons: Error[] = error instanceof AggregateError ? error.errors : [error];
    const why = reasons.map(({ message }) => message).join('; ');
    throw cannot(why, 'Check DATABASE_URL, and that the server is up.');
  });
  if (encoding === 'UTF8') return;
  throw cannot(
    `it stores text as ${encoding}`,
    "Make one with: create database bellwether encoding 'UTF8' template template0",
  );
}

async function closeAll(db: Kysely<Database>, server: EmbeddedPostgres | null): Promise<void> {
  // A query that nobody waits for any more must not keep us; stopping the server ends it.
  await Promise.race([closeDb(db), sleep(CLOSE_MS, undefined, { ref: false })]);
  await server?.stop();
}
