import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countEvents } from '../../../src/db/count-events.ts';
import { seriesOfMetrics } from '../../../src/series/of-leaf.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { type EventRow, insertAccount, insertEvents } from '../../factories.ts';
import { countPlainly, metricsOf, readStoredSeries } from './plain.ts';

const timeZone = 'Europe/Berlin';
const now = new Date('2026-03-31T12:00:00Z');
const metrics = metricsOf(['count("read", 30)', 'users_who(by_users("read", {"role": ["owner", "boss"]}), 30)']);

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
  for (const id of ['acme', 'bolt']) await insertAccount(test.db, { id });
  // That of events from before there were batches.
  await test.db.deleteFrom('uncounted_batches').execute();
});
afterEach(() => test.drop());

const count = (options: { timeZone?: string } = {}) =>
  countEvents(test.db, { metrics, timeZone: options.timeZone ?? timeZone, now });

function read(id: string, at: string, more: Partial<EventRow> = {}): EventRow {
  return { account_id: 'acme', id, name: 'read', occurred_at: at, ...more };
}

async function noteStale(day: string, account = 'acme'): Promise<void> {
  await test.db.insertInto('stale_days').values({ account_id: account, day }).execute();
}

async function setTraits(user: string, traits: object): Promise<void> {
  await sql`
    insert into users (account_id, id, traits) values ('acme', ${user}, ${JSON.stringify(traits)}::jsonb)
    on conflict (account_id, id) do update set traits = excluded.traits
  `.execute(test.db);
}

const plainly = (zone = timeZone) => countPlainly(test.db, seriesOfMetrics(metrics, zone), zone);

async function staleAccounts() {
  const rows = await test.db.selectFrom('stale_accounts').select(['account_id', 'from_day']).orderBy('id').execute();
  return rows.map(({ account_id, from_day }) => `${account_id} ${from_day}`);
}

describe('what a count notes', () => {
  it('is from which day on each account is to be computed anew: that of its earliest new event, by the local clock', async () => {
    await insertEvents(test.db, [
      read('1', '2026-03-10T23:30:00Z'), // the 11th in Berlin
      read('2', '2026-03-20T12:00:00Z'),
      read('3', '2026-03-30T12:00:00Z', { account_id: 'bolt' }),
    ]);
    await count();
    expect((await staleAccounts()).sort()).toEqual(['acme 2026-03-11', 'bolt 2026-03-30']);
  });

  it('is an account of a day that lost its events', async () => {
    await insertEvents(test.db, [read('1', '2026-03-10T12:00:00Z')]);
    await count();
    await test.db.deleteFrom('stale_accounts').execute();
    await test.db.deleteFrom('events').execute();
    await noteStale('2026-03-10');
    expect(await count()).toEqual({ batches: 0, days: 1, filled: 0 });
    expect(await staleAccounts()).toEqual(['acme 2026-03-10']);
    expect(await readStoredSeries(test.db)).toEqual({});
  });

  it('is nothing when new series are filled: their metrics get a past by other means', async () => {
    await insertEvents(test.db, [read('1', '2026-03-10T12:00:00Z')]);
    await countEvents(test.db, { metrics: [], timeZone, now });
    await test.db.deleteFrom('stale_accounts').execute();
    expect(await count()).toMatchObject({ filled: 2 });
    expect(await staleAccounts()).toEqual([]);
  });

  it('is when a name was first seen, and earlier when a late event says so', async () => {
    const firsts = async () =>
      (await test.db.selectFrom('event_names').selectAll().orderBy('name').execute()).map(
        ({ name, first_at }) => `${name} ${first_at.toISOString()}`,
      );
    await insertEvents(test.db, [
      read('1', '2026-03-10T12:00:00Z'),
      read('2', '2026-03-12T12:00:00Z', { name: 'paid' }),
    ]);
    await count();
    await insertEvents(test.db, [
      read('3', '2026-03-09T12:00:00Z'),
      read('4', '2026-03-13T12:00:00Z', { name: 'paid' }),
    ]);
    await count();
    expect(await firsts()).toEqual(['paid 2026-03-12T12:00:00.000Z', 'read 2026-03-09T12:00:00.000Z']);
  });
});

describe('traits that change', () => {
  beforeEach(async () => {
    await insertEvents(test.db, [
      read('1', '2026-03-10T12:00:00Z', { user_id: 'ann' }),
      read('2', '2026-03-12T12:00:00Z', { user_id: 'ann' }),
      read('3', '2026-03-12T12:00:00Z', { user_id: 'bob' }),
      read('4', '2026-03-14T12:00:00Z', { user_id: 'bob' }),
    ]);
    await setTraits('ann', { role: 'reader' });
    await count();
  });

  it('make the days anew on which a user was active who meets a condition now', async () => {
    await setTraits('ann', { role: 'owner' });
    expect(await count()).toEqual({ batches: 0, days: 2, filled: 0 });
    expect(await readStoredSeries(test.db)).toEqual(await plainly());
  });

  it('make them anew when the user meets it no longer, and for a user who has traits for the first time', async () => {
    await setTraits('ann', { role: 'owner' });
    await count();
    await setTraits('ann', {});
    await setTraits('bob', { role: 'boss' });
    expect(await count()).toEqual({ batches: 0, days: 3, filled: 0 });
    expect(await readStoredSeries(test.db)).toEqual(await plainly());
  });

  it('cost nothing when no series counts otherwise for them', async () => {
    await setTraits('ann', { role: 'reader', plan: 'pro' });
    await setTraits('cem', { plan: 'pro' });
    expect(await count()).toEqual({ batches: 0, days: 0, filled: 0 });
    expect(await test.db.selectFrom('changed_users').selectAll().execute()).toEqual([]);
  });
});

describe('days of which raw events are gone', () => {
  it('stand as they were counted, whoever notes them as stale', async () => {
    await insertEvents(test.db, [
      read('1', '2026-03-01T12:00:00Z', { user_id: 'ann' }),
      read('2', '2026-03-02T12:00:00Z', { user_id: 'ann' }),
    ]);
    await count();
    const before = await readStoredSeries(test.db);
    await test.db.insertInto('event_retention').values({ kept_from: '2026-03-01T23:00:00Z' }).execute();
    await test.db.deleteFrom('events').where('id', '=', '1').execute();
    await noteStale('2026-03-01');
    await noteStale('2026-03-02');
    await setTraits('ann', { role: 'owner' });
    expect(await count()).toMatchObject({ days: 1 });
    const after = await readStoredSeries(test.db);
    expect(after).toMatchObject(before);
    expect(after).toMatchObject(await plainly());
  });
});

describe('series in two time zones', () => {
  it('are both right after a change of the time zone, also on days noted in the other', async () => {
    await insertEvents(test.db, [
      read('1', '2026-03-10T23:30:00Z'), // the 11th in Berlin, the 10th in Santiago
      read('2', '2026-03-11T02:30:00Z'), // the same
    ]);
    await count();
    await count({ timeZone: 'America/Santiago' });
    await test.db.deleteFrom('events').where('id', '=', '1').execute();
    await noteStale('2026-03-10');
    await insertEvents(test.db, [read('3', '2026-03-11T02:45:00Z')]);
    await count({ timeZone: 'America/Santiago' });
    expect(await readStoredSeries(test.db)).toEqual({ ...(await plainly()), ...(await plainly('America/Santiago')) });
  });
});

it('counting again with nothing new changes nothing', async () => {
  await insertEvents(test.db, [read('1', '2026-03-10T12:00:00Z')]);
  await count();
  const before = await readStoredSeries(test.db);
  expect(await count()).toEqual({ batches: 0, days: 0, filled: 0 });
  expect(await readStoredSeries(test.db)).toEqual(before);
});

it('events of an account that is gone are nobody’s and do not stop the others', async () => {
  await insertEvents(test.db, [
    read('1', '2026-03-10T12:00:00Z'),
    read('2', '2026-03-10T12:00:00Z', { account_id: 'gone' }),
  ]);
  expect(await count()).toMatchObject({ batches: 1 });
  const series = await readStoredSeries(test.db);
  expect(Object.keys(series).every((key) => key.includes(' acme '))).toBe(true);
  expect(Object.keys(series).length).toBeGreaterThan(0);
});

it('more series than fit into a query are counted', async () => {
  const many = metricsOf(Array.from({ length: 450 }, (_, index) => `sum("read", "n${index}", 30)`));
  await insertEvents(test.db, [read('1', '2026-03-10T12:00:00Z', { properties: { n7: 7, n300: 300 } })]);
  expect(await countEvents(test.db, { metrics: many, timeZone, now })).toMatchObject({ filled: 451 });
  const series = seriesOfMetrics(many, timeZone);
  expect(await readStoredSeries(test.db)).toEqual(await countPlainly(test.db, series, timeZone));
});

it('texts are numbers as metrics have them, up to 200 digits, and sums are exact', async () => {
  const long = '9'.repeat(200);
  const values = [
    '0.1',
    '0.2',
    '0.3',
    ' 5 ',
    '1e2',
    '٥',
    'x',
    long,
    `${long}9`,
    `.${'1'.repeat(200)}`,
    `1.${'1'.repeat(201)}`,
  ];
  const sums = metricsOf(['sum("read", "n", 30)']);
  for (const [index, n] of values.entries()) {
    await insertEvents(test.db, [read(String(index), '2026-03-10T12:00:00Z', { properties: { n } })]);
    await countEvents(test.db, { metrics: sums, timeZone, now });
  }
  const rows = await test.db
    .selectFrom('series_months')
    .innerJoin('series', 'series.id', 'series_id')
    .select('cells')
    .where(sql<string>`definition ->> 'kind'`, '=', 'number')
    .execute();
  const sum = `${BigInt(long) + 105n}.7${'1'.repeat(199)}`;
  expect(rows.map(({ cells }) => cells?.slice(0, 4))).toEqual([[10, values.length, 7, sum]]);
});
