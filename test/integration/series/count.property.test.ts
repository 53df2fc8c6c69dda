import fc from 'fast-check';
import { type Kysely, sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countEvents } from '../../../src/db/count-events.ts';
import { importedKey, startBatch } from '../../../src/db/event-batches.ts';
import { ensureEventMonths } from '../../../src/db/event-months.ts';
import type { Database } from '../../../src/db/types.ts';
import { seriesOfMetrics } from '../../../src/series/of-leaf.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';
import { countPlainly, metricsOf, readStoredSeries } from './plain.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const hour = 3_600_000;
/** Around these days clocks change at midnight, at night, and by a day that never was; all near the end of a month. */
const changes = [
  { timeZone: 'Europe/Berlin', around: '2026-03-29' },
  { timeZone: 'America/Santiago', around: '2026-09-06' },
  { timeZone: 'Pacific/Apia', around: '2011-12-30' },
];
const accounts = ['acme', 'bolt'];
const users = ['ann', 'bob', 'cem'];

const early = metricsOf([
  'count("read", 30)',
  'sum("paid", "n", 7)',
  'distinct("wrote", "n", 30)',
  'users_who(["read", "wrote"], 30)',
  'days_since(last_seen("paid"))',
]);
const all = [
  ...early,
  ...metricsOf([
    'count(event("paid", {"kind": ["a", "b"]}))',
    'latest("*", "n")',
    'distinct("*", "kind")',
    'active_users(30)',
    'days_since(last_seen(by_users("*", {"role": "owner"})))',
    'users_who(by_users("read", {"role": "owner"}), 30)',
    'minimum(by_users("paid", {"role": ["owner", "admin"]}), "n", 30)',
  ]),
];

type NewEvent = {
  id: number;
  account: string;
  user: string | null;
  name: string;
  hours: number;
  properties: Record<string, unknown>;
};

const properties = fc.record(
  {
    n: fc.oneof(
      fc.integer({ min: -20, max: 20 }).map((quarters) => quarters / 4),
      fc.constantFrom('7', '2.5', 'much', ''),
    ),
    kind: fc.constantFrom('a', 'b', 'c'),
  },
  { requiredKeys: [] },
);
const event: fc.Arbitrary<NewEvent> = fc.record({
  id: fc.integer({ min: 0, max: 40 }),
  account: fc.constantFrom(...accounts),
  user: fc.constantFrom(null, ...users),
  name: fc.constantFrom('read', 'wrote', 'paid'),
  hours: fc.integer({ min: -6 * 24 * 4, max: 6 * 24 * 4 }).map((quarters) => quarters / 4),
  properties,
});
const events = fc.array(event, { minLength: 1, maxLength: 8 });
const person = { account: fc.constantFrom(...accounts), user: fc.constantFrom(...users) };

type Action =
  | { do: 'store' | 'open' | 'replace'; events: NewEvent[] }
  | { do: 'commit' | 'count' | 'countTwice' | 'moreSeries' }
  | { do: 'countKilled'; after: number }
  | { do: 'reattribute'; account: string; user: string; to: string }
  | { do: 'forget'; account: string; user: string }
  | { do: 'setRole'; account: string; user: string; role: string | null };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('store', 'open', 'replace'), events }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('commit', 'count', 'countTwice', 'moreSeries') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('countKilled'), after: fc.integer({ min: 1, max: 50 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reattribute'), ...person, to: person.user }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget'), ...person }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('setRole'), ...person, role: fc.constantFrom(null, 'owner', 'admin', 'x') }),
  },
);

it('however events come, change and are counted, the series are what a plain count over them gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...changes),
      fc.array(action, { minLength: 3, maxLength: 25 }),
      fc.constantFrom(1, 6, 1000),
      async ({ timeZone, around }, actions, eventsAtOnce) => {
        await clear(test.db);
        for (const id of accounts) await insertAccount(test.db, { id });
        const world = createWorld(timeZone, Date.parse(`${around}T00:00:00Z`), eventsAtOnce);
        try {
          for (const next of actions) await world.perform(next);
        } finally {
          await world.commitAll();
        }
        await world.count();
        const series = seriesOfMetrics(world.metrics(), timeZone);
        expect(await readStoredSeries(test.db)).toEqual(await countPlainly(test.db, series, timeZone));
        expect(await waiting(test.db)).toEqual({ batches: 0, days: 0, users: 0 });
      },
    ),
    { numRuns: 40, interruptAfterTimeLimit: 90_000 },
  );
}, 120_000);

/** What happens to the database in one run. */
function createWorld(timeZone: string, middle: number, eventsAtOnce: number) {
  const now = new Date(middle + 365 * 24 * hour);
  const open: { commit: () => void; done: Promise<void> }[] = [];
  let metrics = early;

  const count = (db = test.db) => countEvents(db, { metrics, timeZone, now, eventsAtOnce });

  /** Events whose key is there already are passed over. */
  async function store(db: Transaction<Database>, given: readonly NewEvent[], prefix: string): Promise<void> {
    const batch = await startBatch(db);
    const rows = given.map(({ hours, user, account, ...rest }) => ({
      ...rest,
      id: `${prefix}${rest.id}`,
      account_id: account,
      user_id: user,
      occurred_at: new Date(middle + hours * hour).toISOString(),
    }));
    const key = importedKey(sql`account_id`, sql`id`);
    await sql`
      with given as (
        select distinct on (account_id, id) *, ${key} as key from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (
          account_id text, id text, name text, occurred_at timestamptz, user_id text, properties jsonb
        )
      ),
      keys as (
        insert into event_keys select key, occurred_at from given on conflict do nothing returning key
      )
      insert into events (account_id, id, key, user_id, name, occurred_at, properties, batch)
      select account_id, id, key, user_id, name, occurred_at, properties, ${batch} from given join keys using (key)
    `.execute(db);
  }

  /** Notes the days of some events as stale. */
  async function noteStale(db: Transaction<Database>, where: ReturnType<typeof sql>): Promise<void> {
    await sql`
      insert into stale_days (account_id, day)
      select distinct account_id, (occurred_at at time zone ${timeZone})::date from events where ${where}
    `.execute(db);
  }

  async function beginOpen(given: readonly NewEvent[]): Promise<void> {
    const { promise: committed, resolve: commit } = Promise.withResolvers<void>();
    const { promise: stored, resolve: isStored } = Promise.withResolvers<void>();
    const done = test.db.transaction().execute(async (db) => {
      await store(db, given, `open${open.length}-${performance.now()}-`);
      isStored();
      await committed;
    });
    await Promise.race([stored, done]);
    open.push({ commit, done });
  }

  /** The newest of the open transactions first: not in the order of their batches. */
  async function commitOne(): Promise<void> {
    const last = open.pop();
    last?.commit();
    await last?.done;
  }

  async function perform(next: Action): Promise<void> {
    if ('events' in next) {
      const instants = next.events.map(({ hours }) => new Date(middle + hours * hour));
      await ensureEventMonths(test.db, instants);
    }
    switch (next.do) {
      case 'store':
        return await test.db.transaction().execute((db) => store(db, next.events, 'e'));
      case 'open':
        return open.length < 2 ? await beginOpen(next.events) : await commitOne();
      case 'replace':
        return await test.db.transaction().execute(async (db) => {
          const ids = next.events.map(({ id }) => `e${id}`);
          await noteStale(db, sql`id = any(${ids}::text[])`);
          await sql`delete from event_keys k using events e where e.key = k.key and e.id = any(${ids}::text[])`.execute(
            db,
          );
          await sql`delete from events where id = any(${ids}::text[])`.execute(db);
          await store(db, next.events, 'e');
        });
      case 'commit':
        return await commitOne();
      case 'count':
        return void (await count());
      case 'countTwice':
        return void (await Promise.all([count(), count()]));
      case 'countKilled':
        return await count(killedAfter(next.after)).then(
          () => undefined,
          (error: Error) => expect(error.message).toBe('killed'),
        );
      case 'moreSeries':
        metrics = all;
        return;
      case 'reattribute':
        return await test.db.transaction().execute(async (db) => {
          const whose = sql`account_id = ${next.account} and user_id = ${next.user}`;
          await noteStale(db, whose);
          await sql`update events set user_id = ${next.to} where ${whose}`.execute(db);
        });
      case 'forget':
        return await test.db.transaction().execute(async (db) => {
          const whose = sql`account_id = ${next.account} and user_id = ${next.user}`;
          await noteStale(db, whose);
          await sql`delete from events where ${whose}`.execute(db);
        });
      case 'setRole':
        return void (await sql`
          insert into users (account_id, id, traits)
          values (${next.account}, ${next.user}, ${next.role === null ? '{}' : JSON.stringify({ role: next.role })}::jsonb)
          on conflict (account_id, id) do update set traits = excluded.traits
        `.execute(test.db));
    }
  }

  async function commitAll(): Promise<void> {
    while (open.length > 0) await commitOne();
  }

  return { perform, commitAll, count, metrics: () => metrics };
}

/** The database of a process that ends before its nth query. */
function killedAfter(queries: number): Kysely<Database> {
  let left = queries;
  return test.db.withPlugin({
    transformQuery({ node }) {
      left -= 1;
      if (left === 0) throw new Error('killed');
      return node;
    },
    transformResult: async ({ result }) => result,
  });
}

async function clear(db: Kysely<Database>): Promise<void> {
  await sql`truncate accounts, events, event_keys, uncounted_batches, series, event_names cascade`.execute(db);
}

async function waiting(db: Kysely<Database>) {
  const { rows } = await sql`
    select (select count(*) from uncounted_batches) as batches, (select count(*) from stale_days) as days,
      (select count(*) from changed_users) as users
  `.execute(db);
  return rows[0];
}
