import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dropOldEvents } from '../../jobs/drop-old-events.ts';
import { jobs } from '../../jobs/index.ts';
import { countEvents } from '../../src/db/count-events.ts';
import { deleteOldKeys, dropEventsBefore, findEventHorizon } from '../../src/db/retention.ts';
import type { Deps } from '../../src/deps.ts';
import { compileMetrics } from '../../src/metrics/compile.ts';
import { computeMetricsForDays } from '../../src/metrics/compute.ts';
import { createInlineQueue } from '../../src/queue/inline-queue.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { createTestDeps } from '../deps.ts';
import { insertAccount, insertEvents } from '../factories.ts';
import { countsOf, faultsOf, importText } from '../import-file.ts';

const now = new Date('2026-11-21T12:00:00Z');
const equations = {
  logins_total: 'count("login")',
  last_login: 'days_since(last_seen("login"))',
  ever: 'users_who("login")',
};
const { metrics } = compileMetrics(
  Object.entries(equations).map(([id, equation]) => ({
    id,
    name: id,
    unit: 'number' as const,
    description: '',
    equation,
  })),
);

let database: TestDatabase;
let deps: Deps;
beforeEach(async () => {
  database = await createTestDatabase();
  const queue = { enqueue: () => Promise.reject(new Error('This queue is not used.')) };
  const base = await createTestDeps({ db: database.db, queue, now: () => now });
  deps = { ...base, playbook: { ...base.playbook, metrics } };
  await insertAccount(database.db, { id: 'acme' });
});
afterEach(() => database.drop());

const login = (id: string, occurred_at: string, user_id: string | null = null) => ({
  account_id: 'acme',
  id,
  name: 'login',
  occurred_at,
  user_id,
});
const runJob = () => createInlineQueue(jobs, deps).enqueue('drop-old-events', {});
const eventIds = async () =>
  (await database.db.selectFrom('events').select('id').orderBy('id').execute()).map(({ id }) => id);
const values = async () => {
  const request = { accountIds: ['acme'], days: ['2026-11-21'], now, timeZone: 'UTC' };
  return (await computeMetricsForDays(database.db, metrics, request)).get('2026-11-21')?.get('acme')?.values;
};
const months = async () => {
  const { rows } = await sql<{ name: string }>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = 'events'::regclass order by 1
  `.execute(database.db);
  return rows.map(({ name }) => name.slice('events_'.length));
};

describe('drop-old-events', () => {
  it('drops months older than the retention, run twice as run once, and the metrics stay as they were', async () => {
    await insertEvents(database.db, [
      login('ancient', '2024-02-10T00:00:00Z', 'ann'),
      login('old', '2025-09-30T23:59:59Z', 'bob'),
      login('kept', '2025-10-01T00:00:00Z', 'ann'),
      login('new', '2026-11-20T00:00:00Z'),
    ]);
    const before = await values();
    expect(before).toEqual({ logins_total: 4, last_login: 1, ever: 2 });
    await runJob();
    await runJob();
    expect(await eventIds()).toEqual(['kept', 'new']);
    expect(await values()).toEqual(before);
  });

  it.each(['Asia/Tokyo', 'America/New_York'])(
    'the metrics stay as they were in another time zone, too: %s',
    async (timeZone) => {
      await insertEvents(database.db, [
        login('ancient', '2024-02-10T12:00:00Z', 'ann'),
        login('old', '2025-09-30T12:00:00Z', 'bob'),
        login('kept', '2025-10-01T00:00:00Z', 'cid'),
        login('new', '2026-11-20T12:00:00Z'),
      ]);
      await runJob();
      await countEvents(database.db, { metrics, timeZone, now });
      const request = { accountIds: ['acme'], days: ['2025-09-30', '2026-11-21'], now, timeZone };
      const results = await computeMetricsForDays(database.db, metrics, request);
      expect(results.get('2026-11-21')?.get('acme')?.values).toEqual({ logins_total: 4, last_login: 1, ever: 3 });
      // The event that is kept is on this day in New York, and on the next in Tokyo.
      const then = timeZone === 'Asia/Tokyo' ? { logins_total: 2, ever: 2 } : { logins_total: 3, ever: 3 };
      expect(results.get('2025-09-30')?.get('acme')?.values).toEqual({ ...then, last_login: 0 });
    },
  );

  it('is due when it missed a night', async () => {
    const isDue = (at: string) => dropOldEvents.isDue?.({ ...deps, now: () => new Date(at) });
    expect(await isDue('2026-11-21T12:00:00Z')).toBe(false);
    await runJob();
    expect(await isDue('2026-11-22T12:00:00Z')).toBe(false);
    expect(await isDue('2026-11-22T15:00:00Z')).toBe(true);
  });

  it('makes the months to come', async () => {
    await runJob();
    expect(await months()).toEqual(['2026_11', '2026_12', '2027_01']);
  });

  it('keeps everything when nothing is old, and takes events of any time then', async () => {
    await insertEvents(database.db, [login('kept', '2025-10-01T00:00:00Z')]);
    await runJob();
    expect(await eventIds()).toEqual(['kept']);
    expect(await database.db.selectFrom('event_retention').selectAll().execute()).toEqual([]);
  });

  it('forgets waiting events and users of that time, old counts, and refusals but the newest thousand', async () => {
    await sql`
      insert into waiting_events (key, id, account, name, occurred_at) values
        (md5('1')::uuid, 'old', 'ghost', 'login', '2025-09-30T23:59:59Z'),
        (md5('2')::uuid, 'kept', 'ghost', 'login', '2025-10-01T00:00:00Z');
      insert into waiting_users (actor, is_user, account, at, traits) values
        ('old', true, 'ghost', '2025-09-30T23:59:59Z', '{}'), ('kept', true, 'ghost', '2025-10-01T00:00:00Z', '{}');
      insert into ingest_counts (day, door, outcome, count, last_at) values
        ('2025-10-16', 'segment', 'stored', 1, '2025-10-16'), ('2025-10-17', 'segment', 'stored', 1, '2025-10-17');
      insert into ingest_refusals (at, door, reason, sample)
        select ${sql.lit(now.toISOString())}, 'segment', 'is too old', n::text from generate_series(1, 1002) n
    `.execute(database.db);
    await runJob();
    expect(await database.db.selectFrom('waiting_events').select('id').execute()).toEqual([{ id: 'kept' }]);
    expect(await database.db.selectFrom('waiting_users').select('actor').execute()).toEqual([{ actor: 'kept' }]);
    expect(await database.db.selectFrom('ingest_counts').select('day').execute()).toEqual([{ day: '2025-10-17' }]);
    const refusals = await database.db.selectFrom('ingest_refusals').select('sample').orderBy('id').execute();
    expect([refusals.length, refusals[0]?.sample]).toEqual([1000, '3']);
  });
});

describe('dropEventsBefore', () => {
  const month = new Date('2025-10-01T00:00:00Z');

  it('drops nothing while events of that time are not counted', async () => {
    await insertEvents(database.db, [login('old', '2025-09-30T00:00:00Z')]);
    expect(await dropEventsBefore(database.db, month)).toBeNull();
    await countEvents(database.db, { metrics, timeZone: 'UTC', now });
    expect(await dropEventsBefore(database.db, month)).toBe(1);
    expect(await dropEventsBefore(database.db, month)).toBe(0);
  });

  it('drops nothing while a day of that time is to be counted anew', async () => {
    await insertEvents(database.db, [login('old', '2025-09-30T00:00:00Z')]);
    await countEvents(database.db, { metrics, timeZone: 'UTC', now });
    await database.db.insertInto('stale_days').values({ account_id: 'acme', day: '2025-09-30' }).execute();
    expect(await dropEventsBefore(database.db, month)).toBeNull();
    expect(await eventIds()).toEqual(['old']);
  });

  it('leaves keys for a month, by which what comes again is known', async () => {
    await insertEvents(database.db, [login('old', '2025-08-31T00:00:00Z'), login('edge', '2025-09-02T00:00:01Z')]);
    await countEvents(database.db, { metrics, timeZone: 'UTC', now });
    await dropEventsBefore(database.db, month);
    expect(await deleteOldKeys(database.db)).toBe(1);
    expect(await deleteOldKeys(database.db)).toBe(0);
  });
});

describe('events that are older than what is kept', () => {
  const row = (timestamp: string, id: string) => `acme,login,${timestamp},${id}`;
  const importRows = (...rows: string[]) =>
    importText(database.url, 'events', ['account,event,timestamp,id', ...rows].join('\n'));

  it('are refused by the horizon, which nothing moves back', async () => {
    const horizon = (at: string, retentionMonths: number) =>
      findEventHorizon(database.db, { now: new Date(at), retentionMonths });
    expect(await horizon('2026-11-21T12:00:00Z', 13)).toEqual(new Date('2025-10-01T00:00:00Z'));
    expect(await horizon('2026-01-31T12:00:00Z', 2)).toEqual(new Date('2025-11-01T00:00:00Z'));
    await insertEvents(database.db, [login('old', '2025-09-30T00:00:00Z')]);
    await runJob();
    // Two days later, for a day to be whole in every time zone.
    expect(await horizon('2026-11-21T12:00:00Z', 13)).toEqual(new Date('2025-10-03T00:00:00Z'));
    expect(await horizon('2026-11-21T12:00:00Z', 120)).toEqual(new Date('2025-10-03T00:00:00Z'));
  });

  it('are imported while all is kept, and rejected after the first were dropped', async () => {
    expect(countsOf(await importRows(row('2020-01-01', 'a'), row('2026-11-01', 'b')))).toEqual({
      rows: 2,
      inserted: 2,
    });
    await runJob();
    const again = await importRows(row('2020-01-01', 'a'), row('2026-11-01', 'b'), row('2025-10-02T23:59:59Z', 'c'));
    expect(countsOf(again)).toEqual({ rows: 3, unchanged: 1, rejected: 2 });
    expect(faultsOf(again)).toEqual([
      '2 timestamp: is before 2025-10-03, from when on events are kept (EVENT_RETENTION_MONTHS)',
      '4 timestamp: is before 2025-10-03, from when on events are kept (EVENT_RETENTION_MONTHS)',
    ]);
    expect(await values()).toMatchObject({ logins_total: 2 });
  });

  it('cannot be moved to a time that is kept, for they were counted', async () => {
    await importRows(row('2025-09-25', 'a'));
    await runJob();
    const moved = await importRows(row('2026-11-01', 'a'));
    expect(faultsOf(moved)).toEqual(['2 id: is that of an event so old that it is no longer kept']);
    expect(await values()).toMatchObject({ logins_total: 1 });
  });
});
