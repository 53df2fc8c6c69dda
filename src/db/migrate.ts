import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { UserError } from '../errors.ts';
import { migrations as known } from './migrations/index.ts';
import type { Database } from './types.ts';

/** Key of the advisory lock under which one process at a time migrates. */
const MIGRATION_LOCK = 7_305_801;

/**
 * Brings the database to the newest schema and returns the names of the migrations it applied, oldest first.
 * Safe when several processes do it at once; all migrations of one run are one transaction.
 * @throws {UserError} when the database has been migrated by a newer Bellwether
 */
export async function migrate(db: Kysely<Database>, migrations: Record<string, Migration> = known): Promise<string[]> {
  if ((await pending(db, migrations)).length === 0) return [];
  return db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`.execute(connection);
    try {
      return await runMigrations(connection, migrations);
    } finally {
      await sql`select pg_advisory_unlock(${MIGRATION_LOCK})`.execute(connection);
    }
  });
}

/** What to do when the database does not let its user make tables or schemas; null for any other error. */
export function deniedError(error: unknown): UserError | null {
  const { code, message } = error as { code?: string; message?: string };
  // Insufficient privilege; and no schema to create in, which is how a lack of rights on it shows too.
  if (code !== '42501' && code !== '3F000') return null;
  return new UserError(
    `The tables cannot be made: ${message}. Let the user of DATABASE_URL own the database, or run ` +
      '`bellwether migrate` with one who does.',
  );
}

async function runMigrations(db: Kysely<Database>, migrations: Record<string, Migration>): Promise<string[]> {
  // Another process may have finished, or gone further, while this one waited.
  if ((await pending(db, migrations)).length === 0) return [];
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error) {
    const failed = results.find((result) => result.status === 'Error');
    const what = failed ? `migration ${failed.migrationName} failed` : 'the migrations failed';
    throw deniedError(error) ?? new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
  return results.map((result) => result.migrationName);
}

/** The names of the migrations that the database lacks. */
async function pending(db: Kysely<Database>, migrations: Record<string, Migration>): Promise<string[]> {
  const applied = await appliedMigrations(db);
  const unknown = applied.filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    throw new UserError(
      `The database is newer than this Bellwether: it has ${unknown.join(', ')}. Update Bellwether, or point DATABASE_URL at another database.`,
    );
  }
  return Object.keys(migrations).filter((name) => !applied.includes(name));
}

async function appliedMigrations(db: Kysely<Database>): Promise<string[]> {
  const table = await sql<{ found: boolean }>`select to_regclass('kysely_migration') is not null as found`.execute(db);
  if (!table.rows[0]?.found) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}
