import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClaimValue, Owners } from '../../../src/crm/types.ts';
import { findConflicts } from '../../../src/db/claims.ts';
import { writeAccounts } from '../../../src/db/ingest-accounts.ts';
import { lockAccounts } from '../../../src/db/lock-accounts.ts';
import { decideRenewal } from '../../../src/db/renewal-outcomes.ts';
import { createIngester } from '../../../src/ingest/ingester.ts';
import { claim } from '../../crm.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { startDoors } from '../../doors.ts';
import { insertAccount } from '../../factories.ts';
import { runCli } from '../../run-cli.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'bellwether-owners-'));
  await writeFile(path.join(folder, 'pack.yml'), 'name: Own\nextends: product-usage\n');
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await sql`truncate accounts cascade`.execute(database.db);
});

const bySalesforce: Owners = { renewal_date: 'salesforce', arr: 'salesforce' };
const accountOf = async (id = 'acme') =>
  database.db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const dateOf = async () => (await accountOf()).renewal_date;
let minutes = 0;
const soon = () => new Date(Date.parse('2026-11-20T09:00:00Z') + ++minutes * 60_000);
const salesforceSays = (date: ClaimValue | null, owners = bySalesforce) =>
  claim(database.db, 'salesforce', [{ accountId: 'acme', field: 'renewal_date', value: date }], {
    owners,
    now: soon(),
  });

async function importAccounts(lines: string, owners: Owners, args: string[] = []) {
  const list = Object.entries(owners).map(([field, owner]) => `  ${field}: ${owner}\n`);
  await writeFile(path.join(folder, 'sources.yml'), list.length > 0 ? `owners:\n${list.join('')}` : '{}\n');
  await writeFile(path.join(folder, 'accounts.csv'), lines);
  const env = { DATABASE_URL: database.url, PLAYBOOK: folder };
  return runCli(['import', 'accounts', 'accounts.csv', ...args], { env, cwd: folder });
}

describe('an import', () => {
  it('leaves to its owner what has one, tells how much differs, and writes the rest', async () => {
    await insertAccount(database.db, { id: 'acme', name: 'Acme' });
    await salesforceSays('2027-01-31');
    const { code, stdout } = await importAccounts(
      'id,name,renewal_date,arr,mrr\nacme,Acme Inc,2027-09-30,5000,50\nnew,New,2027-01-01,1,1\n',
      bySalesforce,
    );
    expect(code).toBe(0);
    expect(stdout).toContain(
      '4 values are not what the account has, as another source owns the field: `bellwether sync conflicts` lists them.',
    );
    expect(await accountOf()).toMatchObject({ name: 'Acme Inc', renewal_date: '2027-01-31', arr: null, mrr: 50 });
    expect(await accountOf('new')).toMatchObject({ renewal_date: null, arr: null, mrr: 1 });
    const conflicts = await findConflicts(database.db, bySalesforce, ['acme']);
    expect(conflicts.map(({ field, source, says, value }) => [field, source, says, value])).toEqual([
      ['arr', 'files', 5000, null],
      ['renewal_date', 'files', '2027-09-30', '2027-01-31'],
    ]);
  });

  it('of a dry run notes nothing', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const { stdout } = await importAccounts('id,arr\nacme,5\n', bySalesforce, ['--dry-run']);
    expect(stdout).toContain('1 value is not what the account has');
    expect(await database.db.selectFrom('account_claims').selectAll().execute()).toEqual([]);
  });

  it('that says the same again leaves what a person said since, and with something new has the say', async () => {
    await insertAccount(database.db, { id: 'acme', renewal_date: '2026-12-31' });
    const owners: Owners = { renewal_date: 'files' };
    await importAccounts('id,renewal_date\nacme,2027-01-31\n', owners);
    expect(await dateOf()).toBe('2027-01-31');
    await move('2027-03-31');
    await importAccounts('id,renewal_date\nacme,2027-01-31\n', owners);
    expect(await dateOf()).toBe('2027-03-31');
    await importAccounts('id,renewal_date\nacme,\n', owners);
    expect(await dateOf()).toBe('2027-03-31');
    await importAccounts('id,renewal_date\nacme,2027-04-30\n', owners);
    expect(await dateOf()).toBe('2027-04-30');
    await importAccounts('id,renewal_date\nacme,\n', owners);
    expect(await dateOf()).toBeNull();
    expect(await database.db.selectFrom('account_claims').selectAll().execute()).toEqual([]);
  });

  it('without owners writes all and notes nothing', async () => {
    await insertAccount(database.db, { id: 'acme', renewal_date: '2026-12-31' });
    await importAccounts('id,renewal_date\nacme,2027-01-31\n', {});
    expect(await dateOf()).toBe('2027-01-31');
    expect(await database.db.selectFrom('account_claims').selectAll().execute()).toEqual([]);
  });

  it('is refused where it cannot be known who owns what', async () => {
    await importAccounts('id\nacme\n', { renewal_date: 'nobody' } as never);
    expect(await importAccounts('id\nacme\n', { renewal_date: 'nobody' } as never)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('sources.yml:2:17: error: "renewal_date" must be one of salesforce'),
    });
  });
});

describe('the doors', () => {
  async function group(traits: Record<string, unknown>, owners: Owners) {
    const log = pino({ level: 'silent' });
    const ingester = createIngester({ db: database.db, log, now: soon, timeZone: 'UTC', owners });
    const doors = await startDoors({ ingester });
    const answer = await doors.post('/v1/group', {
      groupId: 'acme',
      userId: 'al',
      traits,
      messageId: `m${++minutes}`,
      timestamp: new Date().toISOString(),
    });
    expect(answer.status).toBe(200);
  }

  it('leave to its owner what has one', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await salesforceSays('2027-01-31');
    await group({ name: 'Acme', renewal_date: '2027-09-30', arr: '77.777', plan: 'scale' }, bySalesforce);
    expect(await accountOf()).toMatchObject({
      name: 'Acme',
      renewal_date: '2027-01-31',
      arr: null,
      traits: { plan: 'scale' },
    });
    const conflicts = await findConflicts(database.db, bySalesforce);
    expect(conflicts.map(({ field, source, says }) => [field, source, says])).toEqual([
      ['arr', 'files', 77.78],
      ['renewal_date', 'files', '2027-09-30'],
    ]);
  });

  it('wait for a sync that has some of their accounts, and hold none meanwhile that it may still want', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await insertAccount(database.db, { id: 'bolt' });
    const said = [
      { id: 'acme', traits: { renewal_date: '2027-09-30' } },
      { id: 'bolt', traits: { renewal_date: '2027-09-30', name: 'Bolt' } },
    ];
    const sync = await database.db.startTransaction().execute();
    await lockAccounts(sync, ['acme']);
    const door = database.db
      .transaction()
      .execute((transaction) => writeAccounts(transaction, said, { owners: bySalesforce, now: soon() }));
    const blocked = sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    `;
    await expect.poll(async () => (await blocked.execute(database.db)).rows.length).toBe(1);
    await sql`set local lock_timeout = '500ms'`.execute(sync);
    await lockAccounts(sync, ['acme', 'bolt']);
    await sync.commit().execute();
    await door;
    expect((await accountOf('bolt')).name).toBe('Bolt');
  });

  it('have the say on what files own, also of an account that they make', async () => {
    await group({ arr: 10 }, { arr: 'files' });
    expect((await accountOf()).arr).toBe(10);
    await group({ arr: 11 }, { arr: 'files' });
    expect((await accountOf()).arr).toBe(11);
  });
});

async function move(date: string): Promise<void> {
  const decided = await decideRenewal(database.db, {
    of: { accountId: 'acme' },
    outcome: { state: 'moved', date },
    by: 'U01MAYA',
    note: null,
    today: '2026-11-20',
    now: new Date(),
  });
  expect(decided.outcome).toBe('changed');
}

describe('what a person says of a renewal', () => {
  it('holds against the older word of the owner, until that says something new', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await salesforceSays('2027-01-31');
    await move('2027-03-31');
    const { written, conflicts } = await salesforceSays('2027-01-31');
    expect(written).toEqual([]);
    expect(conflicts).toMatchObject([{ source: 'salesforce', says: '2027-01-31', value: '2027-03-31' }]);
    await salesforceSays(null);
    expect(await dateOf()).toBe('2027-03-31');
    await salesforceSays('2027-05-31');
    expect(await dateOf()).toBe('2027-05-31');
    expect(await findConflicts(database.db, bySalesforce)).toEqual([]);
  });

  it.each(['salesforce', 'files'] as const)('is over once %s is heard as the new owner of the date', async (owner) => {
    await insertAccount(database.db, { id: 'acme' });
    await move('2027-03-31');
    const say = async (owners: Owners) =>
      owner === 'files'
        ? void (await importAccounts('id,renewal_date\nacme,2027-01-31\n', owners))
        : void (await salesforceSays('2027-01-31', owners));
    await say({ renewal_date: 'vitally' });
    expect(await dateOf()).toBe('2027-03-31');
    await database.db
      .updateTable('account_claims')
      .set({ said_at: new Date('2026-01-01T00:00:00Z') })
      .where('source', '=', 'people')
      .execute();
    await say({ renewal_date: owner });
    expect(await dateOf()).toBe('2027-01-31');
    expect(await findConflicts(database.db, { renewal_date: owner })).toEqual([]);
  });

  it('is shown as nobody’s conflict where nobody owns the date', async () => {
    await insertAccount(database.db, { id: 'acme', renewal_date: '2027-01-31' });
    await move('2027-03-31');
    await importAccounts('id,renewal_date\nacme,2027-01-31\n', {});
    expect(await dateOf()).toBe('2027-01-31');
    expect(await findConflicts(database.db, {})).toEqual([]);
  });
});
