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
  await sql`truncate accounts cascade`.execute(database.db);
});

describe('importing users', () => {
  const importUsers = (text: string, options = {}) => importText(database.url, 'users', text, options);
  const users = () =>
    database.db
      .selectFrom('users')
      .select(['account_id', 'id', 'email', 'name', 'created_at', 'traits'])
      .orderBy('id')
      .execute();
  const text =
    'account,id,Email,name,created_at,role,total spent\nacme,u1,Ann@Acme.com,Ann,2026-01-05,admin,12.5\nacme,u2,,,,,\n';

  it('stores them, makes their account, and changes nothing the second time', async () => {
    expect(countsOf(await importUsers(text))).toEqual({ rows: 2, inserted: 2, createdAccounts: 1 });
    expect(await users()).toEqual([
      {
        account_id: 'acme',
        id: 'u1',
        email: 'ann@acme.com',
        name: 'Ann',
        created_at: new Date('2026-01-05T00:00:00Z'),
        traits: { role: 'admin', 'total spent': 12.5 },
      },
      { account_id: 'acme', id: 'u2', email: null, name: null, created_at: null, traits: {} },
    ]);
    expect(countsOf(await importUsers(text))).toEqual({ rows: 2, unchanged: 2 });
  });

  it('keeps what the file does not say, clears what is empty, and lets the last row of a user win', async () => {
    await importUsers(text);
    const summary = await importUsers('account,user,name,role\nacme,u1,Anna,x\nacme,u1,,\n');
    expect(countsOf(summary)).toEqual({ rows: 2, updated: 1, repeated: 1 });
    expect((await users())[0]).toMatchObject({ email: 'ann@acme.com', name: null, traits: { 'total spent': 12.5 } });
  });

  it('has stored days computed anew from when a user counts', async () => {
    const staleFrom = async () => {
      const rows = await database.db.selectFrom('stale_accounts').selectAll().orderBy('id').execute();
      await database.db.deleteFrom('stale_accounts').execute();
      return rows.map((row) => `${row.account_id} ${row.from_day}`);
    };
    const importOf = (created: string) => importUsers(`account,id,created_at,role\nacme,u1,${created},x\n`);
    await importOf('2026-03-05');
    expect(await staleFrom()).toEqual([]);
    await sql`
      insert into metric_values (account_id, metric, day, value, computed_at) values ('acme', 'm', '2026-02-01', '1', now())
    `.execute(database.db);
    await importOf('2026-02-05');
    expect(await staleFrom()).toEqual(['acme 2026-02-04']);
    await importOf('2026-04-05');
    expect(await staleFrom()).toEqual(['acme 2026-02-04']);
    await importUsers('account,id,role\nacme,u1,y\n');
    expect(await staleFrom()).toEqual([]);
    await importOf('');
    expect(await staleFrom()).toEqual(['acme 1970-01-01']);
    await importUsers('account,id,created_at\nacme,u2,2026-05-01\n');
    expect(await staleFrom()).toEqual(['acme 2026-04-30']);
  });

  it('rejects faulty rows, and with --known-accounts-only those of other accounts', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const summary = await importUsers('account,id,email\nacme,u1,nobody\nother,u1,\nacme,,\nacme,u2,\n', {
      knownAccountsOnly: true,
    });
    expect(countsOf(summary)).toEqual({ rows: 4, inserted: 1, rejected: 3 });
    expect(faultsOf(summary)).toEqual([
      '2 email: is not an email address',
      '4 id: is empty',
      '3 account: is not a known account',
    ]);
  });
});

describe('importing metric values', () => {
  const importMetrics = (text: string, options = {}) => importText(database.url, 'metrics', text, options);
  const values = () =>
    database.db
      .selectFrom('imported_metric_values')
      .select(['account_id', 'metric', 'day', 'value'])
      .orderBy('account_id')
      .orderBy('day')
      .orderBy('metric')
      .execute();

  it('stores one value a row', async () => {
    const text =
      'account,day,metric,value\na,2026-11-01,nps,9\na,2026-11-01,plan,pro\na,2026-11-01,sso,true\na,2026-11-02,nps,\n';
    const summary = await importMetrics(text);
    expect(countsOf(summary)).toEqual({ rows: 4, inserted: 3, skipped: 1, createdAccounts: 1 });
    expect(await values()).toEqual([
      { account_id: 'a', metric: 'nps', day: '2026-11-01', value: 9 },
      { account_id: 'a', metric: 'plan', day: '2026-11-01', value: 'pro' },
      { account_id: 'a', metric: 'sso', day: '2026-11-01', value: true },
    ]);
    expect(countsOf(await importMetrics(text))).toEqual({ rows: 4, unchanged: 3, skipped: 1 });
    expect(countsOf(await importMetrics(text.replace(',9', ',8')))).toEqual({
      rows: 4,
      updated: 1,
      unchanged: 2,
      skipped: 1,
    });
  });

  it('stores a column for each metric, the empty cells left out', async () => {
    const summary = await importMetrics(
      'Account ID;Date;NPS;Active Users\na;2026-11-01;9;5\na;2026-11-02;;1e2\nb;2026-11-01;;\n',
    );
    expect(countsOf(summary)).toEqual({ rows: 3, inserted: 3, skipped: 3, createdAccounts: 1 });
    expect((await values()).map(({ metric, value }) => [metric, value])).toEqual([
      ['active_users', 5],
      ['nps', 9],
      ['active_users', 100],
    ]);
  });

  it('reads JSON lines of either form', async () => {
    await importMetrics(
      '{"account":"a","day":"2026-11-01","metric":"nps","value":9.5}\n{"account":"a","day":"2026-11-02","nps":8,"sso":false,"x":null}',
    );
    expect((await values()).map(({ metric, value }) => [metric, value])).toEqual([
      ['nps', 9.5],
      ['nps', 8],
      ['sso', false],
    ]);
  });

  it('warns of metrics that the playbook lacks, and of columns that it does not take', async () => {
    const summary = await importMetrics(
      'account,day,metric,value,who\na,2026-11-01,nps,9,me\na,2026-11-01,new,1,me\n',
      {
        knownMetrics: new Set(['nps']),
      },
    );
    expect(countsOf(summary)).toMatchObject({ inserted: 2 });
    expect(summary.warnings).toEqual([
      'Not imported, as the values are in one column: who.',
      'The playbook has no metric new; the values are stored, and used once it has.',
    ]);
  });

  it('rejects what is no day, no metric, or a number not written as one', async () => {
    const summary = await importMetrics(
      [
        'account,day,metric,value',
        'a,2026-11-31,nps,1',
        'a,2026-11-23,nps,1',
        'a,2026-11-01,5nps,1',
        'a,2026-11-01,,1',
        'a,2026-11-01,nps,"1,200"',
        'a,2026-11-01,nps,12%',
        'a,2026-11-01,nps,NaN',
        'a,2026-11-01,nps,1e999',
        'a,2026-11-01,nps,-Infinity',
        `a,2026-11-01,nps,${'1'.repeat(900_000)}x`,
        'a,2026-11-01,nps,3rd tier',
      ].join('\n'),
    );
    expect(countsOf(summary)).toMatchObject({ rows: 11, inserted: 1, rejected: 10 });
    expect(faultsOf(summary).map((fault) => fault.split(':')[0])).toEqual([
      '2 day',
      '3 day',
      '4 metric',
      '5 metric',
      '6 value',
      '7 value',
      '8 value',
      '9 value',
      '10 value',
      '11 value',
    ]);
  });

  it.each([
    ['account,day\n', 'No column has values'],
    ['account,day,metric\n', 'both columns metric and value'],
    ['account,day,3rd\n', 'Column 3rd cannot be a metric'],
    ['account,day,a b,a_b\n', 'Columns a b and a_b are both the metric a_b'],
  ])('refuses the header %j', async (text, message) => {
    await expect(importMetrics(text)).rejects.toThrow(message);
  });
});
