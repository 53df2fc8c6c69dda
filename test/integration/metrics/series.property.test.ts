import fc from 'fast-check';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countEvents } from '../../../src/db/count-events.ts';
import { createIngester } from '../../../src/ingest/ingester.ts';
import type { EventCall } from '../../../src/ingest/types.ts';
import { compileMetrics } from '../../../src/metrics/compile.ts';
import { computeMetricsForDays } from '../../../src/metrics/compute.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { type Happened, measures } from './series-plain.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const hour = 3_600_000;
const dayMs = 24 * hour;
const names = ['read', 'wrote', 'paid'];
const accounts = ['acme', 'beta'];

/** Days around which clocks change or a month ends: by an hour, by half an hour, at midnight, and a day that never was. */
const changes = [
  { timeZone: 'UTC', around: '2026-03-01' },
  { timeZone: 'Europe/Berlin', around: '2026-03-29' },
  { timeZone: 'America/New_York', around: '2026-11-01' },
  { timeZone: 'America/Santiago', around: '2026-09-06' },
  { timeZone: 'America/Santiago', around: '2026-04-04' },
  { timeZone: 'Australia/Lord_Howe', around: '2026-04-05' },
  { timeZone: 'Pacific/Apia', around: '2011-12-30' },
];

/** Amounts as they come: numbers, texts, none, and what is none. */
const amount = fc.oneof(
  fc.integer({ min: -9999, max: 99_999 }).map((cents) => cents / 100),
  fc.integer({ min: 0, max: 999 }).map((tenths) => String(tenths / 10)),
  fc.constantFrom('n/a', '', null, undefined, true, 123_456_789_012.5),
);
const event = fc.record({
  account: fc.constantFrom(...accounts),
  name: fc.constantFrom(...names),
  // Two are one person: who "dan" is becomes known later.
  user: fc.option(fc.constantFrom('ann', 'bob', 'cem', 'dan'), { nil: null }),
  hours: fc.integer({ min: -40 * 24 * 4, max: 5 * 24 * 4 }).map((quarters) => quarters / 4),
  properties: fc.record({ amount, place: fc.constantFrom('a', 'b', 'c', 1, '1', '', undefined) }),
});
const window = fc.oneof(
  fc.record({ days: fc.integer({ min: 1, max: 30 }), daysAgo: fc.integer({ min: 0, max: 30 }) }),
  fc.constant({ days: null, daysAgo: 0 }),
);
const scenario = fc.record({
  change: fc.constantFrom(...changes),
  early: fc.array(event, { maxLength: 40 }),
  late: fc.array(event, { maxLength: 15 }),
  windows: fc.array(window, { minLength: 1, maxLength: 3 }),
  dayOffsets: fc.uniqueArray(fc.integer({ min: -38, max: 5 }), { minLength: 1, maxLength: 5 }),
  repeated: fc.integer({ min: 0, max: 10 }),
  aliased: fc.boolean(),
});

type Given = { account: string; name: string; user: string | null; hours: number; properties: Happened['properties'] };

it('what series say is what a plain evaluation of the events gives', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ change, early, late, windows, dayOffsets, repeated, aliased }) => {
      const { timeZone, around } = change;
      const middle = Date.parse(`${around}T00:00:00Z`);
      const now = new Date(middle + 7 * dayMs);
      const plan = windows.flatMap((one) =>
        measures.flatMap((measure) => {
          const fits = one.days === null ? measure.allTime !== 'never' : measure.allTime !== 'only';
          return fits ? [{ window: one, measure }] : [];
        }),
      );
      const { metrics, errors } = compileMetrics(
        plan.map(({ window: { days, daysAgo }, measure: { equation } }, index) => ({
          id: `m${index}`,
          name: '',
          unit: 'number' as const,
          description: '',
          equation: equation(days === null ? '' : `, ${days}, ${daysAgo}`),
        })),
      );
      expect(errors).toEqual([]);

      await empty();
      const ingester = createIngester({ db: test.db, log: pino({ level: 'silent' }), now: () => now, timeZone });
      const send = (calls: EventCall[]) => ingester.ingest('segment', { calls, refusals: [] });
      const count = () => countEvents(test.db, { metrics, timeZone, now });
      await tellUsers(ingester, now);
      // One of each name long before, so that silence means none.
      const known = accounts.flatMap((account) =>
        names.map((name): Given => ({ account, name, user: null, hours: -100 * 24, properties: {} })),
      );
      const all = [...known, ...early, ...late];
      const calls = all.map((given, index) => toCall(given, index, middle));
      await send(calls.slice(0, known.length + early.length));
      await count();
      await send([...calls.slice(known.length + early.length), ...calls.slice(0, repeated)]);
      if (aliased) {
        const alias = { kind: 'alias' as const, at: now, previousId: 'dan', userId: 'ann' };
        await ingester.ingest('segment', { calls: [alias], refusals: [] });
      }
      await count();
      // Without them only the series can tell.
      await sql`truncate events`.execute(test.db);

      const dayOf = dayCounter(timeZone);
      const happened = all.map(({ hours, user, ...rest }): Happened & { account: string } => {
        const at = middle + hours * hour;
        return { ...rest, user: aliased && user === 'dan' ? 'ann' : user, at, day: dayOf(at) };
      });
      const days = dayOffsets.map((offset) => new Date(middle + offset * dayMs).toISOString().slice(0, 10));
      const request = { accountIds: accounts, now, timeZone };
      const results = await computeMetricsForDays(test.db, metrics, { ...request, days });
      for (const account of accounts) {
        const own = happened.filter((one) => one.account === account);
        for (const day of days) {
          const last = Date.parse(day) / dayMs;
          const expected = plan.map(({ window: { days: length, daysAgo }, measure }, index) => {
            const inside = own.filter(
              (one) => one.day <= last - daysAgo && (length === null || one.day > last - daysAgo - length),
            );
            return [`m${index}`, measure.plain(inside, { last })];
          });
          const values = results.get(day)?.get(account)?.values;
          expect([account, day, values]).toEqual([account, day, Object.fromEntries(expected)]);
        }
      }
      // A day alone is computed in another way than several.
      const day = days[0] as string;
      const alone = await computeMetricsForDays(test.db, metrics, { ...request, days: [day] });
      expect(alone.get(day)).toEqual(results.get(day));
    }),
    { numRuns: 25 },
  );
}, 120_000);

async function empty(): Promise<void> {
  await sql`truncate accounts, events, event_keys, uncounted_batches, user_aliases, event_names, series cascade`.execute(
    test.db,
  );
}

/** Of whom `ann` and `dan` are owners. */
async function tellUsers(ingester: ReturnType<typeof createIngester>, at: Date): Promise<void> {
  const users = accounts.flatMap((account) =>
    ['ann', 'bob', 'cem', 'dan'].map((userId) => ({
      kind: 'user' as const,
      at,
      actor: { userId, anonymousId: null },
      account,
      traits: { role: userId === 'ann' || userId === 'dan' ? 'owner' : 'member' },
    })),
  );
  const told = accounts.map((account) => ({ kind: 'account' as const, at, account, actor: null, traits: {} }));
  await ingester.ingest('segment', { calls: [...told, ...users], refusals: [] });
}

function toCall({ account, name, user, hours, properties }: Given, index: number, middle: number): EventCall {
  return {
    kind: 'event',
    messageId: `message-${index}`,
    name,
    occurredAt: new Date(middle + hours * hour),
    properties,
    actor: { userId: user, anonymousId: null },
    account,
  };
}

/** The calendar day in a time zone, counted from 1970, by way of Intl alone. */
function dayCounter(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => Date.parse(`${format.format(at)}T00:00:00Z`) / dayMs;
}
