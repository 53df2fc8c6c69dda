import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { countEvents } from '../../../src/db/count-events.ts';
import { seriesOfMetrics } from '../../../src/series/of-leaf.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount, insertEvents } from '../../factories.ts';
import { countPlainly, metricsOf, readStoredSeries } from './plain.ts';

const timeZone = 'Europe/Berlin';
const now = new Date('2026-03-31T12:00:00Z');
const equations = ['count("read", 30)', 'sum("read", "n", 30)', 'active_users(30)', 'distinct("*", "n", 30)'];
const metrics = metricsOf(equations);

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
  await insertAccount(test.db, { id: 'acme' });
});
afterEach(() => test.drop());

const count = () => countEvents(test.db, { metrics, timeZone, now });

async function storeSome(prefix: string): Promise<void> {
  await insertEvents(
    test.db,
    Array.from({ length: 50 }, (_, index) => ({
      account_id: 'acme',
      id: `${prefix}${index}`,
      name: 'read',
      occurred_at: new Date(Date.UTC(2026, 2, 1 + (index % 31), 22)).toISOString(),
      user_id: `user-${index % 5}`,
      properties: { n: index / 4 },
    })),
  );
}

async function expectSeriesAsCountedPlainly(): Promise<void> {
  const stored = await readStoredSeries(test.db);
  expect(Object.keys(stored).length).toBeGreaterThan(0);
  expect(stored).toEqual(await countPlainly(test.db, seriesOfMetrics(metrics, timeZone), timeZone));
}

it.each([
  { when: 'before it reads anything', lock: sql`lock table uncounted_batches in access exclusive mode` },
  { when: 'before it writes the months', lock: sql`lock table series_months in share mode` },
  { when: 'when all but the batches is written', lock: sql`select from uncounted_batches for update` },
])('a counter killed $when leaves all of it to the next', async ({ lock }) => {
  await storeSome('early');
  await count();
  await storeSome('late');
  await sql`insert into stale_days (account_id, day) values ('acme', '2026-03-29')`.execute(test.db);
  await killedWhile(lock);
  expect(await count()).toEqual({ batches: 1, days: 1, filled: 0 });
  await expectSeriesAsCountedPlainly();
});

it('a counter killed while it fills new series leaves none, and the next fills them', async () => {
  await storeSome('early');
  await countEvents(test.db, { metrics: [], timeZone, now });
  await killedWhile(sql`lock table series_months in share mode`);
  expect(await test.db.selectFrom('series').select('id').execute()).toHaveLength(1);
  expect(await count()).toMatchObject({ batches: 0, filled: seriesOfMetrics(metrics, timeZone).size - 1 });
  await expectSeriesAsCountedPlainly();
});

/** Lets a process count, and kills it when it waits for `lock`. */
async function killedWhile(lock: RawBuilder<unknown>): Promise<void> {
  await test.db.transaction().execute(async (transaction) => {
    await lock.execute(transaction);
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program()], { stdio: 'inherit' });
    const ended = once(child, 'exit');
    await untilItWaits();
    child.kill('SIGKILL');
    expect((await ended)[1]).toBe('SIGKILL');
  });
}

function program(): string {
  const from = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  return `
    import { openDb } from ${from('../../../src/db/client.ts')};
    import { countEvents } from ${from('../../../src/db/count-events.ts')};
    import { metricsOf } from ${from('./plain.ts')};
    const db = openDb(${JSON.stringify(test.url)}, { applicationName: 'killed counter' });
    const metrics = metricsOf(${JSON.stringify(equations)});
    await countEvents(db, { metrics, timeZone: ${JSON.stringify(timeZone)}, now: new Date(${now.getTime()}) });
  `;
}

async function untilItWaits(): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select from pg_stat_activity where application_name = 'killed counter' and wait_event_type = 'Lock'
    `.execute(test.db);
    if (rows.length > 0) return;
    await sleep(20);
  }
}
