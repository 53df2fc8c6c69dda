import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { runCopy } from './copy-rows.ts';
import type { Database } from './types.ts';

const OID = { int8: 20, date: 1082, numeric: 1700 };

/** How a connection introduces itself, and how many there may be at once. */
export type DbOptions = {
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Connections at most, 10 unless told. */
  max?: number;
  /** After how long an idle connection is closed, 10 s unless told; 0 is never. */
  idleTimeoutMs?: number;
  /** Told of idle connections that break; the pool replaces them by itself. */
  onError?: (error: Error) => void;
};

/** Opens the database at `url`; nothing is connected before the first query. See `openPool` for what values come as. */
export function openDb(url: string, options: DbOptions = {}): Kysely<Database> {
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: openPool(url, options) }) });
}

/**
 * A pool of connections to `url`. Days come as `YYYY-MM-DD`, numeric and bigint as numbers, and the session's time zone
 * is UTC.
 */
export function openPool(url: string, options: DbOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    ...withSetting(url, '-c timezone=UTC'),
    application_name: options.applicationName ?? 'bellwether',
    max: options.max ?? 10,
    idleTimeoutMillis: options.idleTimeoutMs ?? 10_000,
    connectionTimeoutMillis: 10_000,
    types: { getTypeParser },
  });
  pool.on('error', (error) => options.onError?.(error));
  pool.on('connect', (client) => {
    // The pool listens to idle connections only: one that breaks between two queries of a transaction would end the
    // process. The transaction's next query fails.
    client.on('error', () => undefined);
    prepareNamed(client);
  });
  return pool;
}

/** What an address says in its own `options` would otherwise take the place of ours. */
function withSetting(address: string, setting: string): { connectionString: string; options: string } {
  const url = new URL(address);
  const given = url.searchParams.get('options');
  url.searchParams.delete('options');
  return { connectionString: url.href, options: given ? `${given} ${setting}` : setting };
}

/** Waits for the queries under way and closes every connection. */
export async function closeDb(db: Kysely<Database>): Promise<void> {
  await db.destroy();
}

/**
 * A statement that begins with `-- prepare: some-name` is prepared once for each connection: for a larger one that is run
 * often, planning takes longer than running. Kysely has no way to say so.
 */
function prepareNamed(client: pg.ClientBase): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const prepared = (text: unknown, ...rest: unknown[]) => {
    const copy = runCopy(query, text, rest[0]);
    if (copy) return copy;
    const name = typeof text === 'string' ? /^-- prepare: ([\w-]+)\n/.exec(text)?.[1] : undefined;
    return name === undefined ? query(text, ...rest) : query({ name, text, values: rest[0] }, ...rest.slice(1));
  };
  client.query = prepared as typeof client.query;
}

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (format !== 'binary') {
    if (oid === OID.date) return (value: string) => value;
    if (oid === OID.numeric) return Number;
    if (oid === OID.int8) return wholeNumber;
  }
  return pg.types.getTypeParser(oid, format);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond the whole numbers JavaScript can hold`);
  return value;
}
