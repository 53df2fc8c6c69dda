import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount } from '../factories.ts';
import { countsOf, faultsOf, importText } from '../import-file.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await sql`truncate accounts, events, event_keys cascade`.execute(database.db);
});

const importEvents = (text: string, options = {}) => importText(database.url, 'events', text, options);
const events = () =>
  database.db
    .selectFrom('events')
    .select(['account_id', 'id', 'user_id', 'name', 'occurred_at', 'properties'])
    .orderBy('account_id')
    .orderBy('id')
    .execute();
const accounts = () => database.db.selectFrom('accounts').select(['id', 'name', 'created_at']).orderBy('id').execute();

describe('importing events', () => {
  const text = [
    'account,user,event,timestamp,id,amount,sku,gift,note',
    'acme,ann,Order Placed,2026-11-01T10:00:00Z,e1,12.50,0042,true,',
    'acme,,Login,2026-11-02,e2,,,,"a, b"',
  ].join('\n');

  it('stores them with typed properties, and makes the accounts and users that they name', async () => {
    const summary = await importEvents(text);
    expect(countsOf(summary)).toEqual({ rows: 2, inserted: 2, createdAccounts: 1, createdUsers: 1 });
    expect(await events()).toEqual([
      {
        account_id: 'acme',
        id: 'e1',
        user_id: 'ann',
        name: 'Order Placed',
        occurred_at: new Date('2026-11-01T10:00:00Z'),
        properties: { amount: 12.5, sku: '0042', gift: true },
      },
      {
        account_id: 'acme',
        id: 'e2',
        user_id: null,
        name: 'Login',
        occurred_at: new Date('2026-11-02T00:00:00Z'),
        properties: { note: 'a, b' },
      },
    ]);
    expect(await accounts()).toEqual([{ id: 'acme', name: 'acme', created_at: null }]);
  });

  it('changes nothing the second time, and replaces an event whose content differs', async () => {
    await importEvents(text);
    const before = await events();
    expect(countsOf(await importEvents(text))).toEqual({ rows: 2, unchanged: 2 });
    expect(await events()).toEqual(before);
    expect(countsOf(await importEvents(text.replace('12.50', '13')))).toEqual({ rows: 2, updated: 1, unchanged: 1 });
    expect((await events())[0]?.properties).toEqual({ amount: 13, sku: '0042', gift: true });
  });

  it('leaves accounts that are there as they are', async () => {
    await insertAccount(database.db, { id: 'acme', name: 'Acme, Inc.' });
    expect(countsOf(await importEvents(text))).toMatchObject({ inserted: 2, createdUsers: 1 });
    expect(await accounts()).toMatchObject([{ id: 'acme', name: 'Acme, Inc.' }]);
  });

  it('with --known-accounts-only rejects the rows of others', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const summary = await importEvents(`${text}\nother,,Login,2026-11-02,e3,,,,\n`, {
      knownAccountsOnly: true,
      map: ['account=account'],
    });
    expect(countsOf(summary)).toMatchObject({ inserted: 2, rejected: 1 });
    expect(summary.faults).toEqual([{ line: 4, column: 'account', value: 'other', reason: 'is not a known account' }]);
    expect(await accounts()).toHaveLength(1);
  });

  it('reads JSON lines, whose properties may be nested or side by side', async () => {
    await importEvents(
      '{"account":"a","event":"E","timestamp":"2026-11-01","id":1,"properties":{"n":1,"deep":{"x":[1,null]}},"m":"007","none":null}',
    );
    expect((await events())[0]).toMatchObject({
      id: '1',
      properties: { n: 1, deep: { x: [1, null] }, m: '007' },
    });
  });

  it('takes the same value for all rows from --set', async () => {
    const summary = await importEvents('customer;when\na;2026-11-01\n', {
      map: ['account=customer', 'timestamp=when'],
      set: ['event=Visit'],
    });
    expect(countsOf(summary)).toMatchObject({ inserted: 1 });
    expect((await events())[0]).toMatchObject({ account_id: 'a', name: 'Visit', properties: {} });
  });

  it('rejects faulty rows with line, column and reason', async () => {
    const summary = await importEvents(
      [
        'account,event,timestamp',
        ',E,2026-11-01',
        'a,,2026-11-01',
        'a,E,',
        'a,E,yesterday',
        'a,E,1969-12-31T23:59:59Z',
        'a,E,2026-11-22T12:00:01Z',
        'a,E,2026-11-22T12:00:00Z',
        `a,${'x'.repeat(256)},2026-11-01`,
      ].join('\n'),
    );
    expect(countsOf(summary)).toMatchObject({ rows: 8, inserted: 1, rejected: 7 });
    expect(faultsOf(summary)).toEqual([
      '2 account: is empty',
      '3 event: is empty',
      '4 timestamp: is empty',
      '5 timestamp: is not a date such as 2026-01-31 or 2026-01-31T09:30:00Z (see --date-format)',
      '6 timestamp: is before 1970',
      '7 timestamp: is more than a day in the future',
      '9 event: is longer than 255 characters',
    ]);
  });
});

describe('events without an id', () => {
  const text = 'account,event,timestamp,n\na,E,2026-11-01,1\na,E,2026-11-01,1\na,E,2026-11-01,2\nb,E,2026-11-01,1\n';

  it('that are the same are several events, and the same file again changes nothing', async () => {
    expect(countsOf(await importEvents(text))).toMatchObject({ rows: 4, inserted: 4 });
    expect(countsOf(await importEvents(text))).toEqual({ rows: 4, unchanged: 4 });
  });

  it('keep their ids when rows are added around them and columns change places', async () => {
    await importEvents(text);
    const longer =
      'n,account,event,timestamp\n5,a,E,2026-11-01\n1,a,E,2026-11-01\n1,a,E,2026-11-01\n2,a,E,2026-11-01\n1,a,E,2026-11-01\n';
    expect(countsOf(await importEvents(longer))).toEqual({ rows: 5, inserted: 2, unchanged: 3 });
  });
});

describe('a large import', () => {
  it('that is cut off in the middle goes on when it is run again', async () => {
    const rows = Array.from({ length: 120_000 }, (_, index) => `a${index % 50},u${index % 7},E,2026-11-01,${index}`);
    const text = `account,user,event,timestamp,id\n${rows.join('\n')}\n`;
    const aborter = new AbortController();
    const cut = importEvents(text, {
      signal: aborter.signal,
      onProgress: (phase: string, done: number) => {
        if (phase === 'writing' && done > 0) aborter.abort();
      },
    });
    await expect(cut).rejects.toThrow('Interrupted. Run the same command again');
    const { count } = await database.db
      .selectFrom('events')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(120_000);
    const summary = await importEvents(text);
    expect(summary.inserted + summary.unchanged).toBe(120_000);
    expect(summary.unchanged).toBe(count);
  });

  it('beside another waits for it, and both end well', async () => {
    const text = `account,event,timestamp,id\n${Array.from({ length: 20_000 }, (_, i) => `a${i % 9},E,2026-11-01,${i}`).join('\n')}`;
    let waited = 0;
    const runs = await Promise.all(
      Array.from({ length: 3 }, () => importEvents(text, { onWait: () => (waited += 1) })),
    );
    expect(runs.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(20_000);
    expect(runs.reduce((sum, { unchanged }) => sum + unchanged, 0)).toBe(40_000);
    expect(waited).toBeGreaterThan(0);
  });

  it('with --strict or as a dry run leaves nothing behind, also when many rows went before the fault', async () => {
    const rows = Array.from({ length: 60_000 }, (_, index) => `a,u,E,2026-11-01,${index}`).join('\n');
    const text = `account,user,event,timestamp,id\n${rows}\na,u,E,oops,x\n`;
    expect(countsOf(await importEvents(text, { strict: true }))).toEqual({ rows: 60_001, rejected: 1 });
    const dry = await importEvents(text, { dryRun: true });
    expect(countsOf(dry)).toEqual({ rows: 60_001, inserted: 60_000, rejected: 1, createdAccounts: 1, createdUsers: 1 });
    expect(await accounts()).toEqual([]);
  });
});
