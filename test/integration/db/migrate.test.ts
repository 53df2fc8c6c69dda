import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeDb, openDb } from '../../../src/db/client.ts';
import { migrate } from '../../../src/db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';

describe('migrate', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase({ migrated: false });
  });
  afterEach(() => database.drop());

  test('an empty database gets every migration, and a second run applies nothing', async () => {
    expect(await migrate(database.db)).toContain('0001-initial');
    expect(await migrate(database.db)).toEqual([]);
  });

  test('an empty database that several processes migrate at once is migrated once', async () => {
    const others = [openDb(database.url), openDb(database.url), openDb(database.url)];
    const applied = await Promise.all([database.db, ...others].map((db) => migrate(db)));
    await Promise.all(others.map(closeDb));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    expect(await migrate(database.db)).toEqual([]);
  });

  test('a database that a newer version has migrated is refused with what to do', async () => {
    await migrate(database.db, {
      '0001-initial': { up: async () => undefined },
      '0002-of-tomorrow': { up: async () => undefined },
    });
    await expect(migrate(database.db)).rejects.toThrow(/newer than this Bellwether: it has 0002-of-tomorrow\. Update/);
  });

  test('a migration that fails leaves nothing of itself or of those before it', async () => {
    const broken = {
      up: async () => {
        throw new Error('no');
      },
    };
    const { migrations } = await import('../../../src/db/migrations/index.ts');
    await expect(migrate(database.db, { ...migrations, '9999-broken': broken })).rejects.toThrow(/9999-broken failed/);
    await expect(database.db.selectFrom('accounts').selectAll().execute()).rejects.toThrow(/does not exist/);
  });
});
