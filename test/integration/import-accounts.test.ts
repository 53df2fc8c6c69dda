import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { countsOf, faultsOf, importText } from '../import-file.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await sql`truncate accounts cascade`.execute(database.db);
});

const importAccounts = (text: string, options = {}) => importText(database.url, 'accounts', text, options);
const account = (id: string) =>
  database.db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
async function lists(id: string) {
  const aliases = await database.db
    .selectFrom('account_aliases')
    .select('alias')
    .where('account_id', '=', id)
    .execute();
  const segments = await database.db
    .selectFrom('account_segments')
    .select('segment')
    .where('account_id', '=', id)
    .execute();
  return { aliases: aliases.map((row) => row.alias).sort(), segments: segments.map((row) => row.segment).sort() };
}

describe('importing accounts', () => {
  const full = [
    'ID,Name,Domain,Aliases,CSM-Email,Segments,ARR,MRR,Currency,Created At,Renewal Date,Stripe Customer ID,Slack Channel ID,seats,vip,zip,Plan Name',
    'acme,"Acme, Inc.",https://www.Acme.com/,ACM; Acme Corp,Ann@Us.example,eu;smb,"€1.200,50",100,eur,2024-01-31,2027-02-01,cus_1,C0123456789,25,true,01234,Pro',
  ].join('\n');

  it('stores every column that is known, and all others as traits with their types', async () => {
    expect(countsOf(await importAccounts(full))).toEqual({ rows: 1, inserted: 1 });
    expect(await account('acme')).toMatchObject({
      name: 'Acme, Inc.',
      domain: 'acme.com',
      csm_email: 'ann@us.example',
      arr: 1200.5,
      mrr: 100,
      currency: 'EUR',
      created_at: new Date('2024-01-31T00:00:00Z'),
      renewal_date: '2027-02-01',
      stripe_customer_id: 'cus_1',
      slack_channel_id: 'C0123456789',
      traits: { seats: 25, vip: true, zip: '01234', 'Plan Name': 'Pro' },
    });
    expect(await lists('acme')).toEqual({ aliases: ['acm', 'acme corp'], segments: ['eu', 'smb'] });
  });

  it('changes nothing the second time', async () => {
    await importAccounts(full);
    const before = await account('acme');
    expect(countsOf(await importAccounts(full))).toEqual({ rows: 1, unchanged: 1 });
    expect(await account('acme')).toEqual(before);
  });

  it('keeps what the file does not have as column, clears what is empty, and merges traits', async () => {
    await importAccounts(full);
    const summary = await importAccounts('id,domain,segments,seats,owner\nacme,,,,Bo\n');
    expect(countsOf(summary)).toEqual({ rows: 1, updated: 1 });
    const { name, domain, arr, traits } = await account('acme');
    expect({ name, domain, arr }).toEqual({ name: 'Acme, Inc.', domain: null, arr: 1200.5 });
    expect(traits).toEqual({ vip: true, zip: '01234', 'Plan Name': 'Pro', owner: 'Bo' });
    expect(await lists('acme')).toEqual({ aliases: ['acm', 'acme corp'], segments: [] });
  });

  it('calls an account without a name by its id, and counts in USD unless told', async () => {
    await importAccounts('id,name,arr\na,,5\n');
    expect(await account('a')).toMatchObject({ name: 'a', currency: 'USD', arr: 5 });
  });

  it('reads JSON lines, with lists, numbers, nested traits and what each line does not say', async () => {
    await importAccounts(full);
    const summary = await importAccounts(
      '{"id":"acme","segments":["vip"],"arr":7.5,"traits":{"seats":30,"address":{"city":"Rome"}},"zip":null}\n{"id":"b","name":"Bé"}',
    );
    expect(countsOf(summary)).toEqual({ rows: 2, inserted: 1, updated: 1 });
    const { arr, domain, traits } = await account('acme');
    expect({ arr, domain }).toEqual({ arr: 7.5, domain: 'acme.com' });
    expect(traits).toEqual({ seats: 30, vip: true, 'Plan Name': 'Pro', address: { city: 'Rome' } });
    expect(await lists('acme')).toMatchObject({ segments: ['vip'] });
  });

  it('rejects faulty cells with line, column and reason, and takes the other rows', async () => {
    const summary = await importAccounts(
      [
        'id,E-mail of CSM,arr,currency,created_at,slack_channel_id,stripe_customer_id',
        ',,,,,,',
        'b,nobody,,,,,',
        'c,,1.200,,,,',
        'd,,£5,,,,',
        'e,,,XXX,,,',
        'f,,,,2024-02-30,,',
        'g,,,,,general,',
        'h,,,,,,12',
        'ok,ann@us.example,5,USD,2024-02-28,C012345,cus_9',
      ].join('\n'),
      { map: ['csm_email=E-mail of CSM'] },
    );
    expect(countsOf(summary)).toEqual({ rows: 9, inserted: 1, rejected: 8 });
    expect(faultsOf(summary)).toEqual([
      '2 id: is empty',
      '3 E-mail of CSM: is not an email address',
      '4 arr: could mean 1200 or 1.200: write 1200 or 1.20',
      "5 arr: is in GBP but the row's currency is USD; give a currency column",
      '6 currency: is not a currency code such as USD or EUR',
      '7 created_at: is not a day of the calendar',
      '8 slack_channel_id: is not a Slack channel id such as C0123456789',
      '9 stripe_customer_id: is not a Stripe customer id, which starts with cus_',
    ]);
  });

  it('lets the last row of an id win', async () => {
    const text = 'id,name,aliases\na,One,x\nb,B,\na,Two,y\n';
    expect(countsOf(await importAccounts(text))).toEqual({ rows: 3, inserted: 2, repeated: 1 });
    expect(await account('a')).toMatchObject({ name: 'Two' });
    expect(await lists('a')).toMatchObject({ aliases: ['y'] });
    expect(countsOf(await importAccounts(text))).toEqual({ rows: 3, unchanged: 2, repeated: 1 });
  });

  it('reads dates as --date-format says, in the time zone', async () => {
    await importAccounts('id;created_at;renewal_date\na;31.12.2025;01.02.2027\n', {
      dateFormat: 'dd.MM.yyyy',
      timeZone: 'Europe/Berlin',
    });
    expect(await account('a')).toMatchObject({
      created_at: new Date('2025-12-30T23:00:00Z'),
      renewal_date: '2027-02-01',
    });
  });
});

describe('what only one account can have', () => {
  const taken = 'id,aliases,stripe_customer_id,slack_channel_id\na,Ay;Eh,cus_a,C0AAAAAAA\n';

  it('is refused to another, row by row, with the reason', async () => {
    await importAccounts(taken);
    const summary = await importAccounts(
      'id,aliases,stripe_customer_id,slack_channel_id\nb,eh,,\nc,,cus_a,\nd,,,C0AAAAAAA\ne,bee,cus_e,C0EEEEEEE\n',
    );
    expect(countsOf(summary)).toEqual({ rows: 4, inserted: 1, rejected: 3 });
    expect(faultsOf(summary)).toEqual([
      '2 aliases: belongs to account a',
      '3 stripe_customer_id: belongs to account a',
      '4 slack_channel_id: belongs to account a',
    ]);
  });

  it('goes to the first row that claims it', async () => {
    const summary = await importAccounts('id,aliases\na,x\nb,X\nc,y\n');
    expect(faultsOf(summary)).toEqual(['3 aliases: is claimed by line 2 too']);
    expect(countsOf(summary)).toMatchObject({ inserted: 2, rejected: 1 });
  });

  it('stays with the account that has it, when an earlier row claims it', async () => {
    await importAccounts(taken);
    const summary = await importAccounts('id,aliases\nb,ay\na,ay\n');
    expect(faultsOf(summary)).toEqual(['2 aliases: is claimed by line 3 too']);
    expect(await lists('a')).toMatchObject({ aliases: ['ay'] });
  });

  it('can be handed over, and swapped, within one file', async () => {
    await importAccounts(`${taken}b,bee,cus_b,C0BBBBBBB\n`);
    const swapped = 'id,aliases,stripe_customer_id,slack_channel_id\nb,eh,cus_a,C0AAAAAAA\na,bee,cus_b,C0BBBBBBB\n';
    expect(countsOf(await importAccounts(swapped))).toEqual({ rows: 2, updated: 2 });
    expect(await account('a')).toMatchObject({ stripe_customer_id: 'cus_b', slack_channel_id: 'C0BBBBBBB' });
    expect(await lists('b')).toMatchObject({ aliases: ['eh'] });
  });

  it('is not handed over when the giving row is itself refused', async () => {
    await importAccounts(`${taken}z,zed,,\n`);
    // a would give ay up, but asks for an alias of z.
    const summary = await importAccounts('id,aliases\nb,ay\na,zed\n');
    expect(faultsOf(summary).sort()).toEqual(['2 aliases: belongs to account a', '3 aliases: belongs to account z']);
    expect(await lists('a')).toMatchObject({ aliases: ['ay', 'eh'] });
  });
});

describe('a dry run and --strict', () => {
  it('a dry run counts as the real one would, against the database too, and writes nothing', async () => {
    await importAccounts('id,aliases,arr\na,x,1\nb,,2\n');
    const text = 'id,aliases,arr\na,x,5\nb,,2\nc,x,1\nd,,oops\ne,,3\n';
    const dry = await importAccounts(text, { dryRun: true });
    expect(await account('a')).toMatchObject({ arr: 1 });
    expect(await database.db.selectFrom('accounts').select('id').orderBy('id').execute()).toEqual([
      { id: 'a' },
      { id: 'b' },
    ]);
    const real = await importAccounts(text);
    expect(countsOf(dry)).toEqual(countsOf(real));
    expect(countsOf(real)).toEqual({ rows: 5, inserted: 1, updated: 1, unchanged: 1, rejected: 2 });
  });

  it.each([
    ['the file', 'id,arr\na,1\nb,oops\nc,3\n', 'is not an amount'],
    ['the database', 'id,aliases\na,\nb,taken\nc,\n', 'belongs to account z'],
  ])('--strict leaves nothing behind when %s is at fault', async (_, text, reason) => {
    await importAccounts('id,aliases\nz,taken\n');
    const summary = await importAccounts(text, { strict: true });
    expect(summary.faults[0]).toMatchObject({ line: 3 });
    expect(summary.faults[0]?.reason).toContain(reason);
    expect(countsOf(summary)).toMatchObject({ rejected: 1 });
    expect(summary.inserted).toBe(0);
    expect(await database.db.selectFrom('accounts').select('id').execute()).toEqual([{ id: 'z' }]);
  });

  it('--strict writes all when nothing is at fault', async () => {
    expect(countsOf(await importAccounts('id\na\nb\n', { strict: true }))).toEqual({ rows: 2, inserted: 2 });
  });
});

describe('hostile values', () => {
  it('are stored as they are, and read back the same', async () => {
    const name = `a'b"c\\d\te\nf\\N,{}"; drop table accounts;--<!channel>😀`;
    const row = JSON.stringify({ id: 'x\\y', name, aliases: [`q"'\\,{}`], segments: ['a,b', 'c"d'], note: name });
    expect(countsOf(await importAccounts(row))).toEqual({ rows: 1, inserted: 1 });
    expect(await account('x\\y')).toMatchObject({ name, traits: { note: name } });
    expect(await lists('x\\y')).toEqual({ aliases: [`q"'\\,{}`], segments: ['a,b', 'c"d'] });
    expect(countsOf(await importAccounts(row))).toEqual({ rows: 1, unchanged: 1 });
  });

  it('too long for the database are rejected rows', async () => {
    const long = 'x'.repeat(600);
    const summary = await importAccounts(
      `id,name,aliases,segments,domain\n${long},,,,\na,${long},,,\nb,,${long},,\nc,,,${long},\nd,,,,${long}.com\ne,,${'İ'.repeat(200)},,\nok,,,,\n`,
    );
    expect(countsOf(summary)).toEqual({ rows: 7, inserted: 1, rejected: 6 });
  });
});
