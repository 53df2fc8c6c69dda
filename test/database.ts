import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { inject } from 'vitest';
import { closeDb, openDb } from '../src/db/client.ts';
import type { Database } from '../src/db/types.ts';
import { runSql } from './run-sql.ts';

/** A migrated, empty database of a test's own; `drop` closes `db` and removes it. */
export type TestDatabase = { db: Kysely<Database>; url: string; drop(): Promise<void> };

/** Makes a database; `migrated: false` leaves it without tables. */
export async function createTestDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const { serverUrl, template } = inject('database');
  const name = `bellwether_test_${randomBytes(6).toString('hex')}`;
  const source = options.migrated === false ? 'template0' : template;
  await runSql(serverUrl, `create database ${name} template ${source} strategy file_copy`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const db = openDb(url.href, { max: 5 });
  return {
    db,
    url: url.href,
    drop: async () => {
      await closeDb(db);
      await runSql(serverUrl, `drop database ${name} with (force)`);
    },
  };
}
