import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeDb, openDb } from '../../../src/db/client.ts';
import { migrate } from '../../../src/db/migrate.ts';
import { migrations } from '../../../src/db/migrations/index.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { importText } from '../../import-file.ts';

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

  test('events of the first release are kept by month, are yet to be counted, and are known when they are imported again', async () => {
    const { db, url } = database;
    await migrate(db, { '0001-initial': migrations['0001-initial']! });
    await sql`
      insert into accounts (id, name, arr) values ('acme', 'Acme', 5);
      insert into users (account_id, id) values ('acme', 'ann');
      insert into events (account_id, id, user_id, name, occurred_at, properties) values
        ('acme', '1', 'ann', 'login', '2026-10-31T23:59:59Z', '{"n": 1}'),
        ('acme', '2', null, 'login', '2026-11-01T00:00:00Z', '{}')
    `.execute(db);
    await migrate(db);
    const { rows } = await sql`
      select id, tableoid::regclass::text as partition, user_id, batch in (select id from uncounted_batches) as waits
      from events order by id
    `.execute(db);
    expect(rows).toEqual([
      { id: '1', partition: 'events_2026_10', user_id: 'ann', waits: true },
      { id: '2', partition: 'events_2026_11', user_id: null, waits: true },
    ]);
    expect(await db.selectFrom('account_history').select(['account_id', 'arr']).execute()).toEqual([
      { account_id: 'acme', arr: 5 },
    ]);
    const again =
      'account,user,event,timestamp,id,n\nacme,ann,login,2026-10-31T23:59:59Z,1,1\nacme,,login,2026-11-01,2,\n';
    expect(await importText(url, 'events', again)).toMatchObject({ inserted: 0, updated: 0, unchanged: 2 });
  });
});
