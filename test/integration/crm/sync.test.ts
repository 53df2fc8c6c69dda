import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { syncCrm } from '../../../src/crm/sync.ts';
import type { Crm, Owners } from '../../../src/crm/types.ts';
import { findConflicts } from '../../../src/db/claims.ts';
import { claim, startSalesforce, startVitally } from '../../crm.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await sql`truncate accounts cascade`.execute(database.db);
});

const bySalesforce: Owners = { renewal_date: 'salesforce', csm_email: 'salesforce', arr: 'salesforce', mrr: 'stripe' };
let hours = 0;
const sync = (crm: Crm, options: { owners?: Owners; dryRun?: boolean; clear?: boolean } = {}) =>
  syncCrm(database.db, crm, {
    owners: bySalesforce,
    now: new Date(Date.parse('2026-11-20T09:00:00Z') + ++hours * 3_600_000),
    today: '2026-11-20',
    dryRun: false,
    ...options,
  });
const accountOf = async (id = 'acme') =>
  database.db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const dateOf = async (id = 'acme') => (await accountOf(id)).renewal_date;
const segmentsOf = async (id = 'acme') =>
  (
    await database.db
      .selectFrom('account_segments')
      .select('segment')
      .where('account_id', '=', id)
      .orderBy('segment')
      .execute()
  ).map(({ segment }) => segment);

/** All that every table has. */
async function contents(): Promise<Record<string, unknown>> {
  const tables = await database.db.introspection.getTables();
  const all: Record<string, unknown> = {};
  for (const { name } of tables)
    all[name] = (await sql`select to_jsonb(t) as row from ${sql.table(name)} t order by 1`.execute(database.db)).rows;
  return all;
}

async function startAcme() {
  const salesforce = await startSalesforce();
  const { server } = salesforce;
  const owner = server.put('User', { Email: 'maya@bellwether.test' });
  const acme = server.put('Account', {
    Name: 'Acme Inc',
    External_Id__c: 'acme',
    Owner: owner,
    Annual_Recurring__c: 120_000,
    Industry: 'Retail',
  });
  const deal = server.put('Opportunity', {
    AccountId: acme,
    CloseDate: '2027-01-31',
    Type: 'Renewal',
    IsClosed: false,
    Amount: 90_000,
  });
  const moveTo = (CloseDate: string) => server.put('Opportunity', { Id: deal, CloseDate });
  await insertAccount(database.db, { id: 'acme', name: 'Acme', traits: JSON.stringify({ plan: 'scale' }) });
  return { ...salesforce, acme, deal, moveTo };
}

describe('a sync from Salesforce', () => {
  it('writes what is new to accounts and has them computed anew; once more changes nothing', async () => {
    const { crm, acme } = await startAcme();
    const report = await sync(crm);
    expect(await accountOf()).toMatchObject({
      name: 'Acme',
      renewal_date: '2027-01-31',
      csm_email: 'maya@bellwether.test',
      arr: 120_000,
      mrr: null,
      traits: { plan: 'scale', industry: 'Retail', renewal_amount: 90_000 },
    });
    expect(report).toMatchObject({ records: 1, matched: 1, conflicts: [], unmatched: [], missing: [] });
    expect(report.changes).toContainEqual({ accountId: 'acme', field: 'arr', was: null, is: 120_000 });
    expect(report.changes).toHaveLength(5);
    const stale = await database.db.selectFrom('stale_accounts').select('account_id').execute();
    expect(stale).toEqual([{ account_id: 'acme' }]);
    const before = await accountOf();
    expect((await sync(crm)).changes).toEqual([]);
    expect(await accountOf()).toEqual(before);
    expect(await database.db.selectFrom('account_records').selectAll().executeTakeFirst()).toMatchObject({
      account_id: 'acme',
      record_id: acme,
      name: 'Acme Inc',
    });
  });

  it('writes nothing in a dry run, and shows all the same', async () => {
    const { crm } = await startAcme();
    const before = await contents();
    const rehearsed = await sync(crm, { dryRun: true });
    expect(await contents()).toEqual(before);
    const done = await sync(crm);
    expect(rehearsed.changes).toEqual(done.changes);
    expect(rehearsed.dryRun).toBe(true);
  });

  it('leaves what a person has put there until Salesforce says something new', async () => {
    const { crm, moveTo } = await startAcme();
    await sync(crm);
    await database.db.updateTable('accounts').set({ renewal_date: '2027-06-30' }).execute();
    const report = await sync(crm);
    expect(report.changes).toEqual([]);
    expect(report.conflicts).toEqual([
      {
        accountId: 'acme',
        name: 'Acme',
        field: 'renewal_date',
        value: '2027-06-30',
        source: 'salesforce',
        says: '2027-01-31',
        since: expect.any(Date),
        owner: 'salesforce',
      },
    ]);
    moveTo('2027-03-31');
    expect((await sync(crm)).conflicts).toEqual([]);
    expect(await dateOf()).toBe('2027-03-31');
  });

  it('takes back its own word when it falls silent, not that of others', async () => {
    const { server, crm, deal, moveTo } = await startAcme();
    await sync(crm);
    server.put('Opportunity', { Id: deal, IsClosed: true });
    expect((await sync(crm)).changes).toContainEqual({
      accountId: 'acme',
      field: 'renewal_date',
      was: '2027-01-31',
      is: null,
    });
    expect(await dateOf()).toBeNull();
    expect((await accountOf()).traits).toEqual({ plan: 'scale', industry: 'Retail' });
    server.put('Opportunity', { Id: deal, IsClosed: false });
    moveTo('2027-02-28');
    await sync(crm);
    await database.db.updateTable('accounts').set({ renewal_date: '2028-02-28' }).execute();
    server.put('Opportunity', { Id: deal, IsClosed: true });
    await sync(crm);
    expect(await dateOf()).toBe('2028-02-28');
  });

  it('clears nothing of a record that vanishes, and lists it', async () => {
    const { server, crm, acme } = await startAcme();
    await sync(crm);
    server.remove('Account', acme);
    const report = await sync(crm);
    expect(report.missing).toEqual([{ accountId: 'acme', recordId: acme, name: 'Acme Inc', seenAt: expect.any(Date) }]);
    expect(report.changes).toEqual([]);
    expect(await dateOf()).toBe('2027-01-31');
  });

  it('clears nothing of a field that it has lost for most accounts at once, unless that is meant', async () => {
    const { server, crm, deal } = await startAcme();
    const others: string[] = [];
    for (let count = 1; count <= 5; count++) {
      const AccountId = server.put('Account', { Name: `Bolt ${count}`, External_Id__c: `bolt-${count}` });
      const deal = { AccountId, CloseDate: '2027-02-28', Type: 'Renewal', IsClosed: false, Amount: 1 };
      others.push(server.put('Opportunity', deal));
      await insertAccount(database.db, { id: `bolt-${count}` });
    }
    await sync(crm);
    // As when somebody renames the type.
    for (const Id of [deal, ...others]) server.put('Opportunity', { Id, Type: 'Renewals' });
    const report = await sync(crm);
    expect(report.changes).toEqual([]);
    expect(report.silences).toEqual([
      { field: 'renewal_date', silent: 6, said: 6 },
      { field: 'traits.renewal_amount', silent: 6, said: 6 },
    ]);
    server.put('Opportunity', { Id: deal, Type: 'Renewal' });
    expect((await sync(crm)).silences[0]).toEqual({ field: 'renewal_date', silent: 5, said: 6 });
    expect(await dateOf('bolt-1')).toBe('2027-02-28');
    expect((await sync(crm, { clear: true })).silences).toEqual([]);
    expect([await dateOf(), await dateOf('bolt-1')]).toEqual(['2027-01-31', null]);
    expect((await sync(crm)).silences).toEqual([]);
  });

  it('writes nothing when another that began later was quicker', async () => {
    const { crm, moveTo } = await startAcme();
    const slow: Crm = {
      ...crm,
      async read(context) {
        const facts = await crm.read(context);
        moveTo('2027-03-31');
        const later = new Date(Date.now() - 1000);
        await syncCrm(database.db, crm, { owners: bySalesforce, now: later, today: '2026-11-20', dryRun: false });
        return facts;
      },
    };
    const now = new Date(Date.now() - 60_000);
    const outdated = syncCrm(database.db, slow, { owners: bySalesforce, now, today: '2026-11-20', dryRun: false });
    await expect(outdated).rejects.toThrow('Another sync of Salesforce, which began later, is done already');
    expect(await dateOf()).toBe('2027-03-31');
  });

  it('lists accounts that only Salesforce has, and makes them where that is wanted', async () => {
    const { server, crm } = await startAcme();
    server.put('Account', { Name: 'New Inc', External_Id__c: 'new', Website: 'new.test', Annual_Recurring__c: 5 });
    const own = server.put('Account', { Name: 'Own Id' });
    const listed = await sync(crm);
    expect(listed.unmatched.map(({ name, why }) => [name, why])).toEqual([
      ['New Inc', 'it names the account new, which is not there'],
      ['Own Id', 'no account has its id, domain, name'],
    ]);
    expect(listed.created).toEqual([]);
    const made = await sync({ ...crm, createAccounts: true });
    expect(made).toMatchObject({ created: ['new', own], unmatched: [] });
    expect(await accountOf('new')).toMatchObject({ name: 'New Inc', domain: 'new.test', arr: 5 });
    expect((await sync({ ...crm, createAccounts: true })).created).toEqual([]);
    expect((await sync(crm)).unmatched).toEqual([]);
  });

  it('writes nothing when reading fails half-way', async () => {
    const { server, crm } = await startAcme();
    server.fault({ request: 'GET /services/data/*', after: 1, count: 9, kind: 'status', status: 500 });
    const before = await contents();
    await expect(sync(crm)).rejects.toThrow('in trouble');
    expect(await contents()).toEqual(before);
  });
});

describe('two sources of one field', () => {
  it('are told apart by the owner, and the other is shown', async () => {
    const { crm } = await startAcme();
    const vitally = await startVitally();
    vitally.server.put({ externalId: 'acme', nextRenewalDate: '2027-05-01T00:00:00Z', traits: { arr: 1 } });
    await sync(vitally.crm);
    expect(await dateOf()).toBeNull();
    await sync(crm);
    const { changes, conflicts } = await sync(vitally.crm);
    expect(changes).toEqual([]);
    expect(conflicts.map(({ field, source, says, owner }) => [field, source, says, owner])).toEqual([
      ['arr', 'vitally', 1, 'salesforce'],
      ['renewal_date', 'vitally', '2027-05-01', 'salesforce'],
    ]);
    expect(await dateOf()).toBe('2027-01-31');
    expect(await findConflicts(database.db, bySalesforce)).toEqual(conflicts);
  });

  it('do not flap when nobody owns it: the last that said something new is right', async () => {
    const { crm, moveTo } = await startAcme();
    const vitally = await startVitally();
    vitally.server.put({ externalId: 'acme', nextRenewalDate: '2027-05-01T00:00:00Z' });
    const owners = {};
    const seen = [];
    for (const each of [crm, vitally.crm, crm, crm, vitally.crm]) {
      await sync(each, { owners });
      seen.push(await dateOf());
    }
    expect(seen).toEqual(['2027-01-31', ...Array.from({ length: 4 }, () => '2027-05-01')]);
    moveTo('2027-04-30');
    await sync(crm, { owners });
    await sync(vitally.crm, { owners });
    expect(await dateOf()).toBe('2027-04-30');
  });

  it('change places when another becomes the owner', async () => {
    const { crm } = await startAcme();
    const vitally = await startVitally();
    vitally.server.put({ externalId: 'acme', nextRenewalDate: '2027-05-01T00:00:00Z' });
    await sync(crm);
    await sync(vitally.crm);
    const owners: Owners = { renewal_date: 'vitally' };
    await sync(vitally.crm, { owners });
    expect(await dateOf()).toBe('2027-05-01');
    await sync(crm, { owners });
    expect(await dateOf()).toBe('2027-05-01');
    await sync(crm);
    expect(await dateOf()).toBe('2027-01-31');
  });
});

describe('segments from Vitally', () => {
  it('come and go with it, and those of others stay', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await database.db
      .insertInto('account_segments')
      .values(['churned', 'upcoming-renewal'].map((segment) => ({ account_id: 'acme', segment })))
      .execute();
    const { server, crm } = await startVitally();
    const id = server.put({ externalId: 'acme', segments: ['Enterprise', 'churned', 'Pilot'] });
    expect((await sync(crm)).segments).toEqual([{ accountId: 'acme', added: ['Enterprise', 'Pilot'], removed: [] }]);
    expect((await sync(crm)).segments).toEqual([]);
    server.put({ id, segments: ['Enterprise'] });
    expect((await sync(crm)).segments).toEqual([{ accountId: 'acme', added: [], removed: ['Pilot'] }]);
    expect(await segmentsOf()).toEqual(['Enterprise', 'churned', 'upcoming-renewal']);
    await database.db.deleteFrom('account_segments').where('segment', '=', 'Enterprise').execute();
    expect((await sync(crm)).segments).toEqual([]);
    server.put({ id, segments: [] });
    expect((await sync(crm)).segments).toEqual([]);
    expect(await segmentsOf()).toEqual(['churned', 'upcoming-renewal']);
  });

  it('are never the one of renewals that begin, which is ours', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const { server, crm } = await startVitally();
    const id = server.put({ externalId: 'acme', segments: ['upcoming-renewal'] });
    expect((await sync(crm)).segments).toEqual([]);
    await database.db
      .insertInto('account_segments')
      .values({ account_id: 'acme', segment: 'upcoming-renewal' })
      .execute();
    server.put({ id, segments: [] });
    await sync(crm);
    expect(await segmentsOf()).toEqual(['upcoming-renewal']);
  });
});

describe('writeClaims', () => {
  it('does not wait for accounts of which it only says the same again', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const owners = bySalesforce;
    const says = (value: number) =>
      claim(database.db, 'salesforce', [{ accountId: 'acme', field: 'arr', value }], { owners, now: new Date() });
    await says(7);
    const other = await database.db.startTransaction().execute();
    await sql`select from accounts for no key update`.execute(other);
    expect((await says(7)).written).toEqual([]);
    const something = says(8);
    const blocked = sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    `;
    await expect.poll(async () => (await blocked.execute(database.db)).rows.length).toBe(1);
    await other.rollback().execute();
    expect((await something).written).toHaveLength(1);
  });

  it('writes no row anew for what is said again within a day', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const says = (now: string) =>
      claim(database.db, 'salesforce', [{ accountId: 'acme', field: 'arr', value: 7 }], {
        owners: bySalesforce,
        now: new Date(now),
      });
    const rows = async () =>
      (await sql<{ row: string }>`select ctid::text || seen_at::date as row from account_claims`.execute(database.db))
        .rows;
    await says('2026-11-20T09:00:00Z');
    const before = await rows();
    await says('2026-11-20T10:00:00Z');
    expect(await rows()).toEqual(before);
    await says('2026-11-22T10:00:00Z');
    expect((await rows())[0]?.row).toContain('2026-11-22');
  });

  it('passes over accounts that are not there, and takes the last of what is said twice', async () => {
    await insertAccount(database.db, { id: 'acme', mrr: 10 });
    const { written } = await claim(
      database.db,
      'stripe',
      [
        { accountId: 'ghost', field: 'mrr', value: 1 },
        { accountId: 'acme', field: 'mrr', value: 2 },
        { accountId: 'acme', field: 'mrr', value: 3.004 },
      ],
      { owners: bySalesforce, now: new Date() },
    );
    expect(written).toEqual([{ accountId: 'acme', field: 'mrr', was: 10, is: 3 }]);
    expect((await accountOf()).mrr).toBe(3);
  });
});
