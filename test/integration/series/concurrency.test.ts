import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { countEvents } from '../../../src/db/count-events.ts';
import { startBatch } from '../../../src/db/event-batches.ts';
import { ensureEventMonths } from '../../../src/db/event-months.ts';
import type { Database } from '../../../src/db/types.ts';
import { seriesOfMetrics } from '../../../src/series/of-leaf.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount, insertEvents } from '../../factories.ts';
import { countPlainly, metricsOf, readStoredSeries } from './plain.ts';

const timeZone = 'America/Santiago';
const now = new Date('2026-09-30T12:00:00Z');
const metrics = metricsOf(['count("read", 30)', 'sum("read", "n", 30)', 'active_users(30)', 'distinct("*", "n", 30)']);

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
  for (const id of ['acme', 'bolt']) await insertAccount(test.db, { id });
  // That of events from before there were batches.
  await test.db.deleteFrom('uncounted_batches').execute();
});
afterEach(() => test.drop());

const count = (eventsAtOnce = 1000) => countEvents(test.db, { metrics, timeZone, now, eventsAtOnce });

/** Events of both accounts at midnights and noons of September. */
function someEvents(prefix: string, length: number) {
  return Array.from({ length }, (_, index) => ({
    account_id: index % 3 === 0 ? 'bolt' : 'acme',
    id: `${prefix}${index}`,
    name: index % 4 === 0 ? 'paid' : 'read',
    occurred_at: new Date(Date.UTC(2026, 8, 1 + (index % 28), index % 2 === 0 ? 3 : 15)).toISOString(),
    user_id: ['ann', 'bob', null][index % 3] ?? null,
    properties: { n: index % 7 },
  }));
}

async function expectSeriesAsCountedPlainly(): Promise<void> {
  const stored = await readStoredSeries(test.db);
  expect(Object.keys(stored).length).toBeGreaterThan(0);
  expect(stored).toEqual(await countPlainly(test.db, seriesOfMetrics(metrics, timeZone), timeZone));
}

it('counters at once count each batch once, in turns', async () => {
  for (let batch = 0; batch < 12; batch += 1) await insertEvents(test.db, someEvents(`b${batch}-`, 30));
  const results = await Promise.all([count(50), count(50), count(50)]);
  expect(results.reduce((sum, { batches }) => sum + batches, 0)).toBe(12);
  expect(results.map(({ filled }) => filled).sort()).toEqual([0, 0, seriesOfMetrics(metrics, timeZone).size]);
  await expectSeriesAsCountedPlainly();
});

it('events are counted while others are being stored, and these when their transactions are over, in any order', async () => {
  await ensureEventMonths(test.db, [new Date('2026-09-05T00:00:00Z')]);
  const first = await beginStoring('first');
  const second = await beginStoring('second');
  await insertEvents(test.db, someEvents('third', 10));
  expect(await count()).toMatchObject({ batches: 1 });
  await second.commit();
  expect(await count()).toMatchObject({ batches: 1 });
  await first.commit();
  expect(await count()).toMatchObject({ batches: 1 });
  expect(await count()).toEqual({ batches: 0, days: 0, filled: 0 });
  await expectSeriesAsCountedPlainly();
});

it('a transaction that is rolled back leaves nothing to count', async () => {
  await ensureEventMonths(test.db, [new Date('2026-09-05T00:00:00Z')]);
  const storing = await beginStoring('gone');
  await storing.rollback();
  expect(await count()).toMatchObject({ batches: 0 });
  expect(await readStoredSeries(test.db)).toEqual({});
});

it('new series leave out what was stored while they waited to be filled; it is counted into them afterwards', async () => {
  await insertEvents(test.db, someEvents('early', 20));
  await countEvents(test.db, { metrics: [], timeZone, now });
  const counter = await holdingTheCounters(test.db, async () => {
    const filling = count();
    await untilSomebodyWaits();
    await insertEvents(test.db, someEvents('late', 20));
    return { filling };
  });
  expect(await counter.filling).toMatchObject({ batches: 0 });
  expect(await count()).toMatchObject({ batches: 1, filled: 0 });
  await expectSeriesAsCountedPlainly();
});

it('an account that is deleted while its events are counted is no fault', async () => {
  await insertEvents(test.db, someEvents('e', 20));
  await count();
  await insertEvents(test.db, someEvents('f', 20));
  const counter = await holdingTheCounters(test.db, async () => {
    const counting = count();
    await untilSomebodyWaits();
    await test.db.deleteFrom('events').where('account_id', '=', 'bolt').execute();
    await test.db.deleteFrom('accounts').where('id', '=', 'bolt').execute();
    return { counting };
  });
  await counter.counting;
  await expectSeriesAsCountedPlainly();
});

it('a counter that meets an account being deleted begins again without it', async () => {
  await insertEvents(test.db, someEvents('e', 20));
  await count();
  await insertEvents(test.db, someEvents('f', 20));
  const deleting = await test.db.startTransaction().execute();
  await deleting.deleteFrom('events').where('account_id', '=', 'bolt').execute();
  await deleting.deleteFrom('accounts').where('id', '=', 'bolt').execute();
  const counting = count();
  await untilSomebodyWaits();
  await deleting.commit().execute();
  expect(await counting).toMatchObject({ batches: 1 });
  await expectSeriesAsCountedPlainly();
});

async function beginStoring(id: string) {
  const transaction = await test.db.startTransaction().execute();
  const batch = await startBatch(transaction);
  await sql`
    insert into events (account_id, id, key, user_id, name, occurred_at, properties, batch)
    values ('acme', ${id}, md5(${id})::uuid, 'ann', 'read', '2026-09-05T03:30:00Z', '{"n": 2.5}', ${batch})
  `.execute(transaction);
  return { commit: () => transaction.commit().execute(), rollback: () => transaction.rollback().execute() };
}

/** Does `work` while every counter has to wait. */
async function holdingTheCounters<Result>(db: Kysely<Database>, work: () => Promise<Result>): Promise<Result> {
  return await db.transaction().execute(async (transaction) => {
    await sql`lock table series in share update exclusive mode`.execute(transaction);
    return await work();
  });
}

async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    `.execute(test.db);
    if (rows.length > 0) return;
    await sleep(20);
  }
}
