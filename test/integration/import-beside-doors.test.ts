import { sql } from 'kysely';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countEvents } from '../../src/db/count-events.ts';
import { createIngester } from '../../src/ingest/ingester.ts';
import type { Call } from '../../src/ingest/types.ts';
import { compileMetrics } from '../../src/metrics/compile.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { countsOf, importText } from '../import-file.ts';

const now = new Date('2026-11-21T12:00:00Z');
const at = new Date('2026-11-01T00:00:00Z');

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const importEvents = (rows: string[], options = {}) =>
  importText(database.url, 'events', ['account,user,event,timestamp,id', ...rows].join('\n'), options);

async function ingest(...calls: Call[]): Promise<void> {
  const ingester = createIngester({
    db: database.db,
    log: pino({ level: 'silent' }),
    now: () => now,
    timeZone: 'UTC',
  });
  await ingester.ingest('segment', { calls, refusals: [] });
  await ingester.close();
}
const event = (messageId: string, userId: string, account: string | null): Call => ({
  kind: 'event',
  messageId,
  name: 'login',
  occurredAt: at,
  properties: {},
  actor: { userId, anonymousId: null },
  account,
});

const stored = () => database.db.selectFrom('events').select(['id', 'account_id', 'user_id']).orderBy('id').execute();
const staleDays = () =>
  database.db.selectFrom('stale_days').select(['account_id', 'day']).orderBy('account_id').orderBy('day').execute();

describe('an imported event', () => {
  it('is in a batch that is to be counted, and no day is to be counted anew', async () => {
    await importEvents(['acme,ann,login,2026-11-01,1', 'acme,ann,login,2026-10-01,2']);
    const batches = await database.db.selectFrom('events').select('batch').distinct().execute();
    const uncounted = await database.db.selectFrom('uncounted_batches').select('id as batch').execute();
    expect(batches).toHaveLength(1);
    expect(uncounted).toContainEqual(batches[0]);
    await importEvents(['acme,ann,login,2026-11-01,1']);
    expect(await staleDays()).toEqual([]);
  });

  it('that is changed has its days counted anew, those of the deployment, and so is counted once', async () => {
    const options = { timeZone: 'UTC', homeTimeZone: 'Asia/Tokyo' };
    await importEvents(['acme,ann,login,2026-10-31T20:00:00Z,1', 'acme,ann,login,2026-10-31T20:00:00Z,2'], options);
    const { metrics } = compileMetrics([
      { id: 'logins', name: 'Logins', unit: 'number', description: '', equation: 'count("login")' },
    ]);
    const count = () => countEvents(database.db, { metrics, timeZone: 'Asia/Tokyo', now });
    await count();
    const changed = await importEvents(['acme,bob,login,2026-09-01T20:00:00Z,1'], options);
    expect(countsOf(changed)).toEqual({ rows: 1, updated: 1, createdUsers: 1 });
    expect(await staleDays()).toEqual([
      { account_id: 'acme', day: '2026-09-02' },
      { account_id: 'acme', day: '2026-11-01' },
    ]);
    expect(await stored()).toMatchObject([
      { id: '1', user_id: 'bob' },
      { id: '2', user_id: 'ann' },
    ]);
    await count();
    const { rows } = await sql`
      select month, cells from series_months m join series s on s.id = m.series_id
      where definition ->> 'kind' = 'count' order by month
    `.execute(database.db);
    expect(rows).toEqual([
      { month: '2026-09-01', cells: [2, 1] },
      { month: '2026-11-01', cells: [1, 1] },
    ]);
  });

  it('and one from a door are two, also with the same id', async () => {
    await importEvents(['acme,ann,login,2026-11-01,m1']);
    await ingest(event('m1', 'ann', 'acme'));
    expect(await stored()).toHaveLength(2);
  });

  it('is among what came in, once for each file', async () => {
    await importEvents(['acme,ann,login,2026-11-01,1', 'acme,ann,login,2026-11-01,2', 'acme,ann,login,never,3']);
    await importEvents(['acme,ann,login,2026-11-01,1', 'acme,bob,login,2026-11-01,2']);
    await importEvents(['acme,ann,login,2026-11-01,4'], { dryRun: true });
    const counts = await database.db
      .selectFrom('ingest_counts')
      .select(['day', 'door', 'outcome', 'count'])
      .orderBy('outcome')
      .execute();
    expect(counts).toEqual(
      [
        { outcome: 'applied', count: 1 },
        { outcome: 'duplicate', count: 1 },
        { outcome: 'refused', count: 1 },
        { outcome: 'stored', count: 2 },
      ].map((row) => ({ day: '2026-11-21', door: 'import', ...row })),
    );
  });
});

describe('events that wait', () => {
  it('are the account’s once it is imported, by its id or an alias', async () => {
    await ingest(event('a', 'ann', 'acme'), event('b', 'bob', 'ACME Inc'), event('c', 'cem', 'globex'));
    expect(await stored()).toEqual([]);
    await importText(database.url, 'accounts', 'id,aliases\nacme,acme inc\n');
    expect(await stored()).toEqual([
      { id: 'a', account_id: 'acme', user_id: 'ann' },
      { id: 'b', account_id: 'acme', user_id: 'bob' },
    ]);
  });

  it('are those of the user’s account once the user is imported', async () => {
    await ingest(event('a', 'ann', null));
    await importText(database.url, 'users', 'account,id\nacme,ann\n');
    expect(await stored()).toEqual([{ id: 'a', account_id: 'acme', user_id: 'ann' }]);
  });

  it('stay where they are in a dry run', async () => {
    await ingest(event('a', 'ann', 'acme'));
    await importText(database.url, 'accounts', 'id\nacme\n', { dryRun: true });
    expect(await stored()).toEqual([]);
  });
});

describe('an imported user', () => {
  it('has the account that later events without one are of, unless a call says otherwise', async () => {
    await importText(database.url, 'users', 'account,id\nacme,ann\n');
    await importEvents(['globex,bob,login,2026-11-01,1', 'globex,ann,login,2026-11-01,2']);
    await ingest(event('a', 'ann', null), event('b', 'bob', null));
    expect(await stored()).toMatchObject([
      { id: '1', account_id: 'globex' },
      { id: '2', account_id: 'globex' },
      { id: 'a', account_id: 'acme' },
      { id: 'b', account_id: 'globex' },
    ]);
  });

  it('who is known by another id is that user, also when the file comes again', async () => {
    const files = async () => {
      await importText(database.url, 'users', 'account,id,role\nacme,old-ann,owner\n');
      return importEvents(['acme,old-ann,login,2026-11-01,1']);
    };
    await files();
    await ingest({ kind: 'alias', at, previousId: 'old-ann', userId: 'ann' });
    expect(countsOf(await files())).toEqual({ rows: 1, unchanged: 1 });
    expect(await stored()).toEqual([{ id: '1', account_id: 'acme', user_id: 'ann' }]);
    expect(await database.db.selectFrom('users').select(['id', 'traits']).execute()).toEqual([
      { id: 'ann', traits: { role: 'owner' } },
    ]);
  });
});

describe('the history of an imported account', () => {
  it('has one row for each change of what metrics read', async () => {
    const importAccounts = (row: string) =>
      importText(database.url, 'accounts', `id,name,arr,stripe_customer_id,seats\n${row}\n`);
    await importAccounts('acme,Acme,100,cus_1,5');
    await importAccounts('acme,Acme,100,cus_1,5');
    await importAccounts('acme,Acme Inc,100,cus_2,5');
    await importAccounts('acme,Acme Inc,200,cus_3,6');
    const history = await database.db.selectFrom('account_history').select(['arr', 'traits']).orderBy('id').execute();
    expect(history).toEqual([
      { arr: 100, traits: { seats: 5 } },
      { arr: 200, traits: { seats: 6 } },
    ]);
  });
});
