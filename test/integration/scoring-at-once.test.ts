import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scoreAccounts } from '../../jobs/score-accounts.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { createTestDeps } from '../deps.ts';
import { insertAccount, insertEvents } from '../factories.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

async function waitUntilWaiting(count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from pg_locks
      where not granted and (database is null or database = (select oid from pg_database where datname = current_database()))
    `.execute(database.db);
    if ((rows[0]?.waiting ?? 0) >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a run that knows less, and stores after one that found nothing to change, does not have the last word', async () => {
  const { db } = database;
  const day = '2026-11-20';
  const event = { account_id: 'acme', name: 'login', occurred_at: `${day}T09:00:00Z` };
  await insertAccount(db, { id: 'acme' });
  await insertEvents(db, [{ ...event, id: '1' }]);
  let at = Date.parse('2026-11-21T12:00:00Z');
  const deps = await createTestDeps({
    db,
    queue: { enqueue: async () => undefined },
    now: () => {
      at += 1000;
      return new Date(at);
    },
  });
  const run = (late: boolean) => scoreAccounts.run({ from: day, to: day, accountIds: ['acme'], late }, deps);
  const stored = () =>
    db
      .selectFrom('metric_values')
      .select('value')
      .where('metric', '=', 'logins_7d')
      .where('day', '=', day)
      .executeTakeFirst();
  await run(false);
  expect(await stored()).toEqual({ value: 1 });

  await insertEvents(db, [{ ...event, id: '2' }]);
  const { first, second } = await db.transaction().execute(async (transaction) => {
    // It may read, but not store.
    await sql`lock table metric_values in share row exclusive mode`.execute(transaction);
    const first = run(true);
    await waitUntilWaiting(1);
    await db.deleteFrom('events').where('id', '=', '2').execute();
    const second = run(true);
    await Promise.race([second, waitUntilWaiting(2)]);
    return { first, second };
  });
  await Promise.all([first, second]);
  expect(await stored()).toEqual({ value: 1 });
});
