import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findUnmatchedCustomers, linkCustomer, matchCustomers } from '../../../src/db/stripe-customers.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';

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
