import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { storeCustomerState } from '../../../src/db/customer-state.ts';
import { findUnmatchedCustomers, linkCustomer, matchCustomers } from '../../../src/db/stripe-customers.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';
import { insertInvoice } from '../../invoice-factories.ts';
import { makeInvoice } from '../../unit/billing/make.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await sql`truncate accounts, stripe_customers, stripe_events cascade`.execute(database.db);
});

/** Stores a customer of Stripe's whose facts are as given. */
async function insertCustomer(given: { id: string; named?: string; email?: string }): Promise<void> {
  await database.db
    .insertInto('stripe_customers')
    .values({
      id: given.id,
      balance: 0,
      is_deleted: false,
      read_at: '2026-11-01T00:00:00Z',
      ...(given.named && { named_account: given.named }),
      ...(given.email && { email: given.email }),
    })
    .execute();
}

const matches = async () => {
  const rows = await database.db
    .selectFrom('stripe_customers')
    .select(['id', 'account_id', 'matched_by'])
    .orderBy('id')
    .execute();
  return Object.fromEntries(rows.map(({ id, account_id, matched_by }) => [id, [account_id, matched_by]]));
};

describe('a customer’s account', () => {
  test('is the one of its metadata, else the one that names it, else the only one of its domain', async () => {
    const { db } = database;
    await insertAccount(db, { id: 'acme', domain: 'acme.example', stripe_customer_id: 'cus_2', aliases: ['acme inc'] });
    await insertAccount(db, { id: 'bolt', domain: 'bolt.example' });
    await insertAccount(db, { id: 'twin-a', domain: 'twin.example' });
    await insertAccount(db, { id: 'twin-b', domain: 'twin.example' });
    await insertCustomer({ id: 'cus_1', named: 'bolt', email: 'billing@acme.example' });
    await insertCustomer({ id: 'cus_2', email: 'billing@bolt.example' });
    await insertCustomer({ id: 'cus_3', email: 'billing@acme.example' });
    await insertCustomer({ id: 'cus_4', named: 'ACME Inc' });
    await insertCustomer({ id: 'cus_5', email: 'billing@twin.example' });
    await insertCustomer({ id: 'cus_6', named: 'nobody', email: 'no address' });
    expect(await matchCustomers(db)).toEqual(['acme', 'bolt']);
    expect(await matches()).toEqual({
      cus_1: ['bolt', 'metadata'],
      cus_2: ['acme', 'id'],
      cus_3: ['acme', 'domain'],
      cus_4: ['acme', 'metadata'],
      cus_5: [null, null],
      cus_6: [null, null],
    });
    expect(await matchCustomers(db)).toEqual([]);
    expect((await findUnmatchedCustomers(db)).map(({ id }) => id)).toEqual(['cus_5', 'cus_6']);
  });

  test('is the one that a person said until that is taken back, and tells both accounts', async () => {
    const { db } = database;
    await insertAccount(db, { id: 'acme', domain: 'acme.example' });
    await insertAccount(db, { id: 'bolt' });
    await insertCustomer({ id: 'cus_1', email: 'billing@acme.example' });
    await matchCustomers(db);
    expect(await linkCustomer(db, 'cus_1', 'bolt')).toEqual({ accountId: 'acme', matchedBy: 'domain' });
    expect(await matchCustomers(db)).toEqual([]);
    expect(await matches()).toEqual({ cus_1: ['bolt', 'person'] });
    expect(await linkCustomer(db, 'cus_1', null)).toEqual({ accountId: 'bolt', matchedBy: 'person' });
    expect(await matchCustomers(db)).toEqual(['acme']);
    expect(await linkCustomer(db, 'cus_none', null)).toBeNull();
  });

  test('that is renamed away leaves the customer to another, and both are told', async () => {
    const { db } = database;
    await insertAccount(db, { id: 'acme', domain: 'acme.example' });
    await insertAccount(db, { id: 'bolt' });
    await insertCustomer({ id: 'cus_1', email: 'billing@acme.example' });
    await matchCustomers(db);
    await db.updateTable('accounts').set({ domain: null }).where('id', '=', 'acme').execute();
    await db.updateTable('accounts').set({ domain: 'acme.example' }).where('id', '=', 'bolt').execute();
    expect(await matchCustomers(db)).toEqual(['acme', 'bolt']);
  });
});

const nobody = {
  id: 'cus_1',
  namedAccount: null,
  name: null,
  email: null,
  currency: null,
  balance: 0,
  hasCard: null,
  isDeleted: false,
};
const nothing = { customer: nobody, subscriptions: [], invoices: [], grants: [], uses: [] };

test('an invoice that stood open and is not read any more, since it is old and was paid, goes; others of old stay', async () => {
  const { db } = database;
  await insertCustomer({ id: 'cus_1' });
  for (const status of ['open', 'paid', 'uncollectible'] as const)
    await insertInvoice(db, { id: `in_${status}`, customer_id: 'cus_1', status });
  await storeCustomerState(db, { ...nothing, readAt: new Date('2026-11-02T00:00:00Z') });
  const left = await db.selectFrom('invoices').select('id').orderBy('id').execute();
  expect(left.map(({ id }) => id)).toEqual(['in_paid', 'in_uncollectible']);
});

test.each([
  ['comes on another day goes with it', '2026-11-20T00:00:00Z', 'at_risk'],
  ['has come is not that of the next', '2026-12-01T01:00:00Z', null],
])('the payment risk of an invoice that %s', async (_, readAt, risk) => {
  const { db } = database;
  await insertCustomer({ id: 'cus_1' });
  const coming = { customer_id: 'cus_1', status: 'upcoming' as const, period_end: '2026-12-01T00:00:00Z' };
  const said = { risk: 'at_risk' as const, risk_by: 'U1', risk_at: '2026-11-10T00:00:00Z' };
  await insertInvoice(db, { id: 'upcoming:sub_acme:2026-12-01', ...coming, ...said });
  const other = makeInvoice({
    id: 'upcoming:sub_acme:2026-12-15',
    subscriptionId: 'sub_acme',
    status: 'upcoming',
    periodEnd: new Date('2026-12-15'),
  });
  await storeCustomerState(db, { ...nothing, invoices: [other], readAt: new Date(readAt) });
  const left = await db.selectFrom('invoices').select(['id', 'risk']).execute();
  expect(left).toEqual([{ id: 'upcoming:sub_acme:2026-12-15', risk }]);
});
