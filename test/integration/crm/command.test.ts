import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jobs } from '../../../jobs/index.ts';
import { syncCrms } from '../../../jobs/sync-crm.ts';
import { UserError } from '../../../src/errors.ts';
import { createInlineQueue } from '../../../src/queue/inline-queue.ts';
import { salesforceApp, salesforceMapping, startSalesforce, startVitally, vitallyMapping } from '../../crm.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { createTestDeps } from '../../deps.ts';
import { insertAccount } from '../../factories.ts';
import { createTestPlaybook } from '../../playbook.ts';
import { runCli } from '../../run-cli.ts';

const sourcesFile = `
owners:
  renewal_date: salesforce
  arr: salesforce
salesforce:
  account: { id: External_Id__c, domain: Website, match: [id, domain] }
  owner: Owner.Email
  arr: Annual_Recurring__c
  renewal: { object: Opportunity, date: CloseDate, where: "Type = 'Renewal' AND IsClosed = false" }
vitally:
  match: [externalId]
  renewal_date: nextRenewalDate
  traits: [Plan]
`;

let database: TestDatabase;
let pack: string;
beforeAll(async () => {
  database = await createTestDatabase();
  pack = await mkdtemp(path.join(tmpdir(), 'bellwether-crm-'));
  await writeFile(path.join(pack, 'pack.yml'), 'name: Own\nextends: product-usage\n');
  await writeFile(path.join(pack, 'sources.yml'), sourcesFile);
});
afterAll(async () => {
  await database.drop();
  await rm(pack, { recursive: true });
});
beforeEach(async () => {
  await sql`truncate accounts cascade`.execute(database.db);
});

const run = (args: string[], env: Record<string, string> = {}) =>
  runCli(['sync', ...args], { env: { DATABASE_URL: database.url, PLAYBOOK: pack, ...env } });
const salesforceEnv = (url: string) => ({
  SALESFORCE_URL: url,
  SALESFORCE_CLIENT_ID: salesforceApp.clientId,
  SALESFORCE_CLIENT_SECRET: salesforceApp.clientSecret,
});
const dateOf = async () =>
  (await database.db.selectFrom('accounts').select('renewal_date').where('id', '=', 'acme').executeTakeFirstOrThrow())
    .renewal_date;

async function startAcme() {
  const salesforce = await startSalesforce();
  const id = salesforce.server.put('Account', { Name: 'Acme', External_Id__c: 'acme', Annual_Recurring__c: 120_000 });
  salesforce.server.put('Opportunity', { AccountId: id, CloseDate: '2027-01-31', Type: 'Renewal', IsClosed: false });
  await insertAccount(database.db, { id: 'acme', name: 'Acme' });
  return { ...salesforce, id };
}

describe('bellwether sync', () => {
  it('shows in a dry run what it asks and what would change, and writes nothing', async () => {
    const { url } = await startAcme();
    const { code, stdout } = await run(['salesforce', '--dry-run'], salesforceEnv(url));
    expect(stdout).toBe(
      `asks: SELECT Id, Name, External_Id__c, Website, Owner.Email, Annual_Recurring__c FROM Account
asks: SELECT Id, AccountId, CloseDate FROM Opportunity WHERE (Type = 'Renewal' AND IsClosed = false) AND AccountId != null AND CloseDate != null
Acme (acme) renewal_date: nothing -> 2027-01-31
Acme (acme) arr: nothing -> 120000
1 account in Salesforce, 1 of ours, 2 changes to make, 0 conflicts, 0 unknown, 0 missing.
Salesforce has answered 2 of 15,000 requests of the last 24 hours.
`,
    );
    expect(code).toBe(0);
    expect(await dateOf()).toBeNull();
  });

  it('writes, and ends with 1 when something is amiss', async () => {
    const { url, server } = await startAcme();
    expect((await run(['salesforce'], salesforceEnv(url))).stdout).toContain('2 changes made');
    expect(await dateOf()).toBe('2027-01-31');
    expect(await run(['conflicts'])).toEqual({
      code: 0,
      stdout: 'No source says anything else than the accounts have.\n',
      stderr: '',
    });
    await database.db.updateTable('accounts').set({ renewal_date: '2027-06-30' }).execute();
    server.put('Account', { Name: 'Bolt' });
    const { code, stdout } = await run(['salesforce'], salesforceEnv(url));
    expect(code).toBe(1);
    const since = new Date().toISOString().slice(0, 10);
    const line = `Acme (acme) renewal_date is 2027-06-30; Salesforce says 2027-01-31 since ${since}, and owns it`;
    expect(stdout).toContain(`differs: ${line}\n`);
    expect(stdout).toMatch(/unknown: Bolt \(001\d+\): no account has its id, domain\n/);
    expect(await run(['conflicts'])).toMatchObject({ code: 1, stdout: `${line}\n` });
    const json = JSON.parse((await run(['conflicts', '--json'])).stdout);
    expect(json).toMatchObject([{ accountId: 'acme', field: 'renewal_date', owner: 'salesforce' }]);
  });

  it('reads Vitally, and answers in JSON', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const { server, url } = await startVitally();
    server.put({ externalId: 'acme', nextRenewalDate: '2027-05-01T00:00:00Z', traits: { Plan: 'Scale' } });
    const { code, stdout } = await run(['vitally', '--json'], { VITALLY_URL: url, VITALLY_API_KEY: 'vitally-key' });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      source: 'vitally',
      changes: [{ accountId: 'acme', field: 'traits.Plan', was: null, is: 'Scale' }],
      conflicts: [{ field: 'renewal_date', source: 'vitally', says: '2027-05-01', value: null }],
    });
  });

  it('says what is missing, or wrong, and what to do', async () => {
    const missing = await run(['salesforce']);
    expect(missing).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SALESFORCE_URL is not set; docs/crm.md'),
    });
    const { url, server } = await startAcme();
    const wrong = await run(['salesforce'], { ...salesforceEnv(url), SALESFORCE_CLIENT_SECRET: 'not-it' });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('Check SALESFORCE_CLIENT_ID');
    expect(wrong.stderr).not.toContain('not-it');
    server.fault({ request: 'GET *', kind: 'status', status: 503, headers: { 'retry-after': '3600' } });
    expect(await run(['salesforce'], salesforceEnv(url))).toMatchObject({
      code: 1,
      stderr: 'Salesforce is in trouble (status 503). The next sync tries again.\n',
    });
    const other = await run(['vitally'], { VITALLY_URL: url, VITALLY_API_KEY: 'k', PLAYBOOK: 'product-usage' });
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('says nothing of vitally') });
  });
});

describe('the job sync-crm', () => {
  async function createDeps(urls: { salesforce?: string; vitally?: string }) {
    const deps = await createTestDeps({ db: database.db, queue: createInlineQueue([], {} as never) });
    const sources = {
      owners: {},
      salesforce: salesforceMapping(),
      vitally: vitallyMapping(),
      stripe: { metadata: 'account_id' },
    };
    const { salesforce, vitally } = urls;
    return {
      ...deps,
      playbook: { ...createTestPlaybook(), sources },
      queue: { enqueue: async (name: string) => void asked.push(name) },
      config: {
        ...deps.config,
        ...(salesforce !== undefined && { salesforce: { url: salesforce, ...salesforceApp } }),
        ...(vitally !== undefined && { vitally: { url: vitally, apiKey: 'vitally-key' } }),
      },
    };
  }
  let asked: string[] = [];
  beforeEach(() => {
    asked = [];
  });

  it('does nothing where nothing is set up, and says why', async () => {
    expect(jobs).toContain(syncCrms);
    expect(await syncCrms.run({}, await createDeps({}))).toEqual({
      salesforce: { skipped: 'SALESFORCE_URL is not set' },
      vitally: { skipped: 'VITALLY_URL is not set' },
    });
    expect(asked).toEqual([]);
  });

  it('reads what is set up, also when another fails, and asks for scores once something has changed', async () => {
    const { url } = await startAcme();
    const vitally = await startVitally({ clientKey: 'x' });
    vitally.server.put({ externalId: 'acme', segments: ['Pilot'] });
    const deps = await createDeps({ salesforce: url, vitally: vitally.url });
    expect(await syncCrms.run({}, deps)).toMatchObject({
      salesforce: { records: 1, matched: 1, changes: 2 },
      vitally: { records: 1, matched: 1, segments: 1 },
    });
    expect(asked).toEqual(['refresh-accounts']);
    await syncCrms.run({}, deps);
    expect(asked).toEqual(['refresh-accounts']);
    const wrong = { ...deps, config: { ...deps.config, vitally: { url: vitally.url, apiKey: 'wrong' } } };
    await database.db.updateTable('accounts').set({ renewal_date: null }).execute();
    await sql`delete from account_claims`.execute(database.db);
    await expect(syncCrms.run({}, wrong)).rejects.toThrow('Vitally does not accept our key');
    expect(await dateOf()).toBe('2027-01-31');
  });

  it('tells of all that refuse, and is not to be tried at once again', async () => {
    const salesforce = await startSalesforce();
    const vitally = await startVitally();
    const deps = await createDeps({ salesforce: salesforce.url, vitally: vitally.url });
    const config = {
      ...deps.config,
      salesforce: { ...deps.config.salesforce!, clientSecret: 'wrong' },
      vitally: { url: vitally.url, apiKey: 'wrong' },
    };
    const error = await syncCrms.run({}, { ...deps, config }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toMatch(/Check SALESFORCE_CLIENT_ID.* Check VITALLY_API_KEY/);
  });
});
