import { afterEach, beforeEach, expect, it } from 'vitest';
import { countEvents } from '../../../src/db/count-events.ts';
import { seriesOfMetrics } from '../../../src/series/of-leaf.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount, insertEvents } from '../../factories.ts';
import { countPlainly, metricsOf, readStoredSeries } from './plain.ts';

const timeZone = 'Pacific/Auckland';
const now = new Date('2026-03-31T12:00:00Z');
const early = metricsOf(['count("read", 30)']);
const late = metricsOf(['count("read", 30)', 'sum("*", "n", 30)', 'active_users(30)', 'distinct("paid", "n", 30)']);
const dayMs = 86_400_000;

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
  for (const id of ['acme', 'bolt']) await insertAccount(test.db, { id });
});
afterEach(() => test.drop());

/** Two events a day over five months, around the ends of which days are in another month by the local clock. */
async function storeMonths(): Promise<void> {
  const events = Array.from({ length: 150 }, (_, index) => [
    { id: `r${index}`, name: 'read', occurred_at: new Date(Date.UTC(2025, 10, 1 + index, 6)).toISOString() },
    { id: `p${index}`, name: 'paid', occurred_at: new Date(Date.UTC(2025, 10, 1 + index, 20)).toISOString() },
  ]).flat();
  await insertEvents(
    test.db,
    events.map((event, index) => ({
      ...event,
      account_id: index % 5 === 0 ? 'bolt' : 'acme',
      user_id: `user-${index % 3}`,
      properties: { n: index % 11 },
    })),
  );
}

it('a new series has a past: it is filled from all stored events, across months', async () => {
  await storeMonths();
  await countEvents(test.db, { metrics: early, timeZone, now });
  const filled = await countEvents(test.db, { metrics: late, timeZone, now });
  expect(filled).toEqual({ batches: 0, days: 0, filled: 4 });
  expect(await readStoredSeries(test.db)).toEqual(
    await countPlainly(test.db, seriesOfMetrics(late, timeZone), timeZone),
  );
});

it('a fill says in the log how long it took', async () => {
  await storeMonths();
  const lines: unknown[] = [];
  const log = { info: (...line: unknown[]) => void lines.push(line) };
  await countEvents(test.db, { metrics: early, timeZone, now, log });
  expect(lines).toEqual([[{ series: 2, seconds: expect.any(Number) }, expect.any(String)]]);
});

it('a series in another time zone is another series', async () => {
  await storeMonths();
  await countEvents(test.db, { metrics: early, timeZone, now });
  expect(await countEvents(test.db, { metrics: early, timeZone: 'UTC', now })).toMatchObject({ filled: 2 });
});

it('a series that is wanted is kept; one that nobody has wanted for 30 days is dropped with its months', async () => {
  await storeMonths();
  await countEvents(test.db, { metrics: late, timeZone, now });
  const hashes = async () =>
    (await test.db.selectFrom('series').select('hash').execute()).map(({ hash }) => hash).sort();
  for (let day = 1; day <= 30; day += 1) {
    await countEvents(test.db, { metrics: early, timeZone, now: new Date(now.getTime() + day * dayMs) });
  }
  expect(await hashes()).toEqual([...seriesOfMetrics(late, timeZone).keys()].sort());
  await countEvents(test.db, { metrics: early, timeZone, now: new Date(now.getTime() + 31 * dayMs) });
  expect(await hashes()).toEqual([...seriesOfMetrics(early, timeZone).keys()].sort());
  expect(await readStoredSeries(test.db)).toEqual(
    await countPlainly(test.db, seriesOfMetrics(early, timeZone), timeZone),
  );
});

it('that a series is wanted is noted once a day, not at each count', async () => {
  await countEvents(test.db, { metrics: early, timeZone, now });
  const wantedAt = async () => (await test.db.selectFrom('series').select('wanted_at').executeTakeFirst())?.wanted_at;
  await countEvents(test.db, { metrics: early, timeZone, now: new Date(now.getTime() + dayMs - 1) });
  expect(await wantedAt()).toEqual(now);
  const next = new Date(now.getTime() + dayMs);
  await countEvents(test.db, { metrics: early, timeZone, now: next });
  expect(await wantedAt()).toEqual(next);
});
