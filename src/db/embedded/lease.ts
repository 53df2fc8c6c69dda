import pg from 'pg';
import { ROLE } from './cluster.ts';

/** Held shared by every process that uses the server; who can hold it alone is the last. */
const USERS_LOCK = 7_305_802;
/** Held by the one bot. */
const INSTANCE_LOCK = 7_305_803;
/** Refused or reset connections, and a server that is starting, stopping or crashing: to be tried again. */
const PASSING = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P02', '57P03', '08006']);

/** A connection that keeps the server up for as long as it lives. */
export type Lease = {
  /** Takes the bot's place; returns the process id of the bot that has it, or null when it is now ours. */
  lockInstance(): Promise<number | null>;
  /** Gives everything back; true when nobody else uses the server, and nobody can begin to while we are connected. */
  release(): Promise<boolean>;
  /** Resolves when the connection is gone, whoever ended it. */
  ended: Promise<void>;
  close(): Promise<void>;
};

/** The address of an embedded server. */
export function embeddedUrl(port: number, password: string): string {
  return `postgres://${ROLE}:${password}@127.0.0.1:${port}/postgres`;
}

/** Connects and announces a user of the server; null when the server is not there, or just starting or stopping. */
export async function takeLease(url: string): Promise<Lease | null> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `bellwether ${process.pid}`,
    connectionTimeoutMillis: 5_000,
  });
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  // Without a listener a broken connection would end the process; `ended` tells of it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_advisory_lock_shared($1)', [USERS_LOCK]);
  } catch (error) {
    await client.end().catch(() => undefined);
    if (isPassing(error)) return null;
    throw error;
  }
  return {
    lockInstance: () => lockInstance(client),
    release: () => release(client),
    ended,
    close: () => client.end().catch(() => undefined),
  };
}

async function lockInstance(client: pg.Client): Promise<number | null> {
  const taken = await tryLock(client, INSTANCE_LOCK);
  if (taken) return null;
  const { rows } = await client.query<{ name: string }>(
    `select application_name as name from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and objid = $1 and granted`,
    [INSTANCE_LOCK],
  );
  const pid = Number(rows[0]?.name.split(' ')[1]);
  // Let go between the two queries.
  return Number.isNaN(pid) ? lockInstance(client) : pid;
}

async function release(client: pg.Client): Promise<boolean> {
  try {
    await client.query('select pg_advisory_unlock_all()');
    return await tryLock(client, USERS_LOCK);
  } catch {
    return false; // The server went away, so there is nothing to stop.
  }
}

async function tryLock(client: pg.Client, key: number): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [key]);
  return rows[0]?.taken === true;
}

function isPassing(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  // The last is what pg says of a connection that broke before the query, and why is not told then.
  return PASSING.has(code ?? '') || /connection terminated|timeout expired|not queryable/i.test(message ?? '');
}
