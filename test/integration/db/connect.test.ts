import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pino from 'pino';
import { expect, inject, onTestFinished, test } from 'vitest';
import { connectDatabase } from '../../../src/db/connect.ts';
import { UserError } from '../../../src/errors.ts';
import { migrateQueues } from '../../../src/queue/migrate.ts';
import { createTestDatabase } from '../../database.ts';
import { runSql } from '../../run-sql.ts';

const log = pino({ level: 'silent' });
const connect = (databaseUrl: string) => connectDatabase({ databaseUrl, dataDir: '' }, log);

async function emptyDatabase(): Promise<URL> {
  const { url, drop } = await createTestDatabase({ migrated: false });
  onTestFinished(drop);
  return new URL(url);
}

test.each([
  ['a wrong password', (url: URL) => (url.password = 'guess'), /password authentication failed/],
  ['a database that is not there', (url: URL) => (url.pathname = '/nowhere'), /database "nowhere" does not exist/],
  ['a port where nobody answers', (url: URL) => (url.port = '1'), /ECONNREFUSED/],
])('%s is refused with what to check, and no password', async (_what, spoil, reason) => {
  const url = await emptyDatabase();
  spoil(url);
  const error = await connect(url.href).catch((refusal: unknown) => refusal);
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toMatch(reason);
  expect((error as Error).message).toMatch(
    /^The database \w+ at 127\.0\.0\.1:\d+ cannot be used: .* Check DATABASE_URL/,
  );
  expect((error as Error).message).not.toContain(url.password);
});

test('a user who may not make tables is refused with what to do', async () => {
  const url = await emptyDatabase();
  const name = `guest_${randomBytes(4).toString('hex')}`;
  const { serverUrl } = inject('database');
  await runSql(serverUrl, `create role ${name} login password 'guest'`);
  onTestFinished(() => runSql(serverUrl, `drop role ${name}`));
  url.username = name;
  url.password = 'guest';
  await expect(connect(url.href)).rejects.toThrow(/^The tables cannot be made: .* own the database, or run/);
  await expect(migrateQueues(url.href)).rejects.toThrow(/^The tables cannot be made: permission denied/);
});

test('a database that is not in UTF-8 is refused with how to make one', async () => {
  const { serverUrl } = inject('database');
  const name = `bellwether_ascii_${randomBytes(4).toString('hex')}`;
  await runSql(
    serverUrl,
    `create database ${name} encoding 'SQL_ASCII' locale_provider libc locale 'C' template template0`,
  );
  onTestFinished(() => runSql(serverUrl, `drop database ${name}`));
  const url = new URL(serverUrl);
  url.pathname = name;
  await expect(connect(url.href)).rejects.toThrow(/it stores text as SQL_ASCII\. .*encoding 'UTF8'/);
});

test('options in the address are kept, and the session is in UTC all the same', async () => {
  const url = await emptyDatabase();
  url.searchParams.set('options', '-c work_mem=5MB -c timezone=Asia/Tokyo');
  const { db, close } = await connect(url.href);
  onTestFinished(close);
  const { rows } = await sql`select current_setting('work_mem') as mem, current_setting('timezone') as zone`.execute(
    db,
  );
  expect(rows).toEqual([{ mem: '5MB', zone: 'UTC' }]);
});

test('a connection that breaks while its transaction does something else fails that transaction, and nothing more', async () => {
  const url = await emptyDatabase();
  const { db, close } = await connect(url.href);
  onTestFinished(close);
  const transaction = db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
    await runSql(url.href, `select pg_terminate_backend(${rows[0]?.pid}, 5000)`);
    await sleep(100);
    await sql`select 1`.execute(trx);
  });
  await expect(transaction).rejects.toThrow();
  expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
});
