import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobs } from '../../jobs/index.ts';
import { addDays, daysFrom } from '../../src/days.ts';
import { compileMetrics } from '../../src/metrics/compile.ts';
import { computeMetricsForDays } from '../../src/metrics/compute.ts';
import { createInlineQueue } from '../../src/queue/inline-queue.ts';
import { createTestDatabase } from '../database.ts';
import { createTestDeps } from '../deps.ts';
import { insertAccount, insertEvents } from '../factories.ts';
import { createTestPlaybook } from '../playbook.ts';

const firstDay = '2026-10-20';
const days = 16;
const timeZone = 'Europe/Berlin'; // Its clocks are set back on 25 October.

const equations = {
  logins: 'count("login", 7)',
  people: 'users_who("login", 3)',
  spent: 'sum("login", "amount")',
  quiet: 'days_since(last_seen("login"))',
  places: 'distinct("login", "place", 5)',
  growth: 'metric("logins") - metric("logins", 4)',
};
const { metrics } = compileMetrics(
  Object.entries(equations).map(([id, equation]) => ({ id, name: id, unit: 'number', description: '', equation })),
);

/** An event of some hour, and the day on which it comes in, at the earliest its own. */
const event = fc
  .record({
    hour: fc.integer({ min: 0, max: days * 24 - 1 }),
    late: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: days })),
    user: fc.constantFrom('ada', 'bob', null),
    amount: fc.constantFrom(1, 2.5, null),
    place: fc.constantFrom('Rome', 'Oslo'),
  })
  .map((one) => ({ ...one, comes: Math.min(days - 1, Math.floor(one.hour / 24) + one.late) }));

test('whenever events come, each stored value is in the end what its day’s events give', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 25 }), fc.boolean(), async (events, isCountedFirst) => {
      const database = await createTestDatabase();
      try {
        await insertAccount(database.db, { id: 'acme' });
        for (let day = 0; day < days; day += 1) {
          const now = new Date(`${addDays(firstDay, day)}T23:30:00Z`);
          const rows = events.flatMap(({ hour, comes, user, amount, place }, index) => {
            if (comes !== day) return [];
            const occurred_at = new Date(Date.parse(`${firstDay}T00:15:00Z`) + hour * 3_600_000).toISOString();
            return [
              {
                account_id: 'acme',
                id: `${index}`,
                name: 'login',
                occurred_at,
                user_id: user,
                properties: { amount, place },
              },
            ];
          });
          if (rows.length > 0) await insertEvents(database.db, rows);
          const unqueued = await createTestDeps({
            db: database.db,
            queue: { enqueue: async () => undefined },
            now: () => now,
            playbook: { ...createTestPlaybook(), metrics },
            timeZone,
          });
          const queue = createInlineQueue(jobs, unqueued);
          const order = ['count-events', 'compute-health'];
          for (const job of isCountedFirst ? order : order.reverse()) await queue.enqueue(job, {});
        }
        await expectRight(database.db);
      } finally {
        await database.drop();
      }
    }),
    { numRuns: 6 },
  );
}, 240_000);

async function expectRight(db: Awaited<ReturnType<typeof createTestDatabase>>['db']): Promise<void> {
  const now = new Date(`${addDays(firstDay, days - 1)}T23:30:00Z`);
  const wanted = daysFrom(firstDay, addDays(firstDay, days));
  const fresh = await computeMetricsForDays(db, metrics, { accountIds: ['acme'], days: wanted, now, timeZone });
  const rows = await db.selectFrom('metric_values').select(['metric', 'day', 'value']).execute();
  const stored = new Map(rows.map(({ metric, day, value }) => [`${metric} ${day}`, value]));
  const asStored = wanted.map((day) => [day, metrics.map(({ id }) => stored.get(`${id} ${day}`) ?? null)]);
  const asComputed = wanted.map((day) => [
    day,
    metrics.map(({ id }) => fresh.get(day)?.get('acme')?.values[id] ?? null),
  ]);
  expect(asStored).toEqual(asComputed);
}
