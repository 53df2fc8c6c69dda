import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockIngestion } from '../../../src/db/ingest-lock.ts';
import { attachWaitingEvents } from '../../../src/db/waiting-events.ts';
import { createIngester } from '../../../src/ingest/ingester.ts';
import type { Call, EventCall, Ingester } from '../../../src/ingest/types.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';

const now = new Date('2026-11-21T12:00:00Z');
let database: TestDatabase;
let ingester: Ingester;
let told: number;

beforeEach(async () => {
  database = await createTestDatabase();
  // What the migration leaves to be counted.
  await database.db.deleteFrom('uncounted_batches').execute();
  told = 0;
  ingester = newIngester();
});
afterEach(async () => {
  await ingester.close();
  await database.drop();
});

function newIngester(): Ingester {
  return createIngester({
    db: database.db,
    log: pino({ level: 'silent' }),
    now: () => now,
    timeZone: 'Europe/Berlin',
    onStored: () => {
      told += 1;
    },
  });
}

const send = (...calls: Call[]) => ingester.ingest('segment', { calls, refusals: [] });
const by = (userId: string | null, anonymousId: string | null = null) => ({ userId, anonymousId });

function event(overrides: Partial<EventCall> = {}): EventCall {
  return {
    kind: 'event',
    messageId: 'm1',
    name: 'login',
    occurredAt: new Date('2026-11-20T10:00:00Z'),
    properties: { amount: 5 },
    actor: by('u1'),
    account: 'acme',
    ...overrides,
  };
}

async function events(): Promise<string[]> {
  const rows = await database.db.selectFrom('events').selectAll().orderBy('id').execute();
  return rows.map((row) => `${row.id}: ${row.account_id} ${row.user_id ?? '-'} ${row.anonymous_id ?? '-'}`);
}

async function count(table: 'events' | 'event_keys' | 'waiting_events' | 'waiting_users' | 'uncounted_batches') {
  const row = await database.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return row.n;
}

async function counts(): Promise<Record<string, number>> {
  const rows = await database.db.selectFrom('ingest_counts').selectAll().execute();
  return Object.fromEntries(
    rows.map(({ outcome, reason, count: n }) => [reason ? `${outcome}: ${reason}` : outcome, n]),
  );
}

async function users(): Promise<Record<string, unknown>> {
  const rows = await database.db.selectFrom('users').selectAll().orderBy('id').execute();
  return Object.fromEntries(rows.map(({ account_id, id, traits }) => [`${account_id}/${id}`, traits]));
}

/** Until somebody waits for a lock; returns whose process that is. */
async function waitForLock(): Promise<number> {
  for (;;) {
    const { rows } = await sql<{ pid: number }>`
      select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    `.execute(database.db);
    if (rows[0]) return rows[0].pid;
    await sleep(5);
  }
}

describe('an event', () => {
  it('is stored with its account and user when the promise resolves', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await send(event());
    const [row] = await database.db.selectFrom('events').selectAll().execute();
    expect(row).toMatchObject({
      account_id: 'acme',
      id: 'm1',
      user_id: 'u1',
      anonymous_id: null,
      name: 'login',
      properties: { amount: 5 },
      occurred_at: new Date('2026-11-20T10:00:00Z'),
    });
    const batches = await database.db.selectFrom('uncounted_batches').select('id').execute();
    expect(batches).toEqual([{ id: row?.batch }]);
    expect(await counts()).toEqual({ stored: 1 });
    expect(told).toBe(1);
  });

  it('finds its account by an alias, whatever its case', async () => {
    await insertAccount(database.db, { id: 'acme', aliases: ['acme inc'] });
    await send(event({ account: 'Acme Inc' }));
    expect(await events()).toEqual(['m1: acme u1 -']);
  });

  it('makes its user one of the account, since its first event', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await send(event(), event({ messageId: 'm2', occurredAt: new Date('2026-11-18T10:00:00Z') }));
    await send(event({ messageId: 'm3', occurredAt: new Date('2026-11-10T10:00:00Z') }));
    const [user] = await database.db.selectFrom('users').selectAll().execute();
    expect(user).toMatchObject({ account_id: 'acme', id: 'u1', created_at: new Date('2026-11-10T10:00:00Z') });
  });

  it('needs no user', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await send(event({ actor: by(null) }), event({ messageId: 'm2', actor: by(null, 'anon') }));
    expect(await events()).toEqual(['m1: acme - -', 'm2: acme - anon']);
    expect(await users()).toEqual({});
  });

  it.each([
    ['text that COPY knows', { text: 'a\tb\nc\\d\re\\N', quote: `"'{}` }],
    ['a path that looks like an escape', { path: 'C:\\users\\u0000\\udo' }],
    ['other scripts', { text: '日本語 🚀' }],
    ['nothing', {}],
  ])('keeps its properties as they are: %s', async (_, properties) => {
    await insertAccount(database.db, { id: 'acme' });
    await send(event({ properties }));
    const [row] = await database.db.selectFrom('events').select('properties').execute();
    expect(row?.properties).toEqual(properties);
  });
});

describe('what cannot be stored', () => {
  it.each([
    ['NUL in a property', { properties: { text: 'a\0b' } }],
    ['half a character in a property', { properties: { text: '\ud800' } }],
    ['a property whose name has NUL', { properties: { 'a\0b': 1 } }],
    ['NUL in an id', { actor: by('u\0') }],
    ['an id of blanks', { actor: by('  ') }],
    ['an id that is too long', { messageId: 'x'.repeat(256) }],
    ['a name that is empty', { name: '' }],
    ['nobody and no account', { actor: by(null), account: null }],
    ['a time that is none', { occurredAt: new Date(Number.NaN) }],
  ])('is refused and counted, and the rest is kept: %s', async (_, broken) => {
    await insertAccount(database.db, { id: 'acme' });
    await send(event({ messageId: 'good' }), event({ messageId: 'bad', ...broken }));
    expect(await events()).toEqual(['good: acme u1 -']);
    expect(Object.values(await counts())).toEqual([1, 1]);
    expect(await database.db.selectFrom('ingest_refusals').select('door').execute()).toEqual([{ door: 'segment' }]);
  });

  it('of a door is counted by reason, without what is the caller’s own, and the newest thousand are kept', async () => {
    const refusals = Array.from({ length: 90 }, (_, index) => ({
      index,
      messageId: null,
      reason: `"field${index}" must be a text, not ${index}`,
      sample: 'x'.repeat(2000),
    }));
    for (let round = 0; round < 12; round += 1) await ingester.ingest('posthog', { calls: [], refusals });
    expect(await counts()).toEqual({ 'refused: … must be a text, not n': 1080 });
    const kept = await database.db.selectFrom('ingest_refusals').select(['reason', 'sample']).orderBy('id').execute();
    expect(kept).toHaveLength(1000);
    expect(kept.at(-1)).toEqual({ reason: '"field89" must be a text, not 89', sample: 'x'.repeat(1000) });
    expect(told).toBe(0);
  });

  it('has a bounded number of reasons a day', async () => {
    const reasonOf = (index: number) => `no ${String.fromCharCode(97 + (index % 26), 97 + Math.floor(index / 26))}`;
    for (let round = 0; round < 3; round += 1) {
      const refusals = Array.from({ length: 60 }, (_, index) => ({
        index,
        messageId: null,
        reason: reasonOf(round * 60 + index),
        sample: '',
      }));
      await ingester.ingest('segment', { calls: [], refusals });
    }
    const found = await counts();
    expect(Object.keys(found)).toHaveLength(121);
    expect(found['refused: another reason']).toBe(60);
  });

  it('is older than what is kept: it might have been counted and removed', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await database.db.insertInto('event_retention').values({ kept_from: '2026-11-01T00:00:00Z' }).execute();
    await send(event(), event({ messageId: 'old', occurredAt: new Date('2026-10-31T23:59:59Z') }));
    expect(await events()).toEqual(['m1: acme u1 -']);
    expect(await counts()).toEqual({ stored: 1, 'refused: the event is older than what is kept': 1 });
    const { rows } = await sql`select to_regclass('events_2026_10') as found`.execute(database.db);
    expect(rows).toEqual([{ found: null }]);
  });
});

describe('an event that comes again', () => {
  beforeEach(() => insertAccount(database.db, { id: 'acme' }));

  it.each([
    ['in one request', () => send(event(), event())],
    ['in two requests at once', () => Promise.all([send(event()), send(event())])],
    ['later', () => send(event()).then(() => send(event()))],
    [
      'with another time',
      () => send(event()).then(() => send(event({ occurredAt: new Date('2026-10-26T10:00:00Z') }))),
    ],
    ['by another account', () => send(event()).then(() => send(event({ account: 'other' })))],
  ])('counts once: %s', async (_, again) => {
    await again();
    expect(await events()).toEqual(['m1: acme u1 -']);
    expect(await count('event_keys')).toBe(1);
    expect(await count('waiting_events')).toBe(0);
    expect(await counts()).toEqual({ stored: 1, duplicate: 1 });
    expect(await count('uncounted_batches')).toBe(1);
    expect(told).toBe(1);
  });

  it('counts once while it waits, and after it was attached', async () => {
    await send(event({ account: 'later' }));
    await send(event({ account: 'later' }));
    expect(await counts()).toEqual({ waiting: 1, duplicate: 1 });
    await send({ kind: 'account', at: now, account: 'later', actor: null, traits: {} });
    await send(event({ account: 'later' }));
    expect(await events()).toEqual(['m1: later u1 -']);
    expect(await counts()).toEqual({ waiting: 1, duplicate: 2, applied: 1 });
  });

  it('counts once when two processes take it at once', async () => {
    const other = newIngester();
    const calls = Array.from({ length: 500 }, (_, index) => event({ messageId: `m${index}` }));
    const parsed = { calls, refusals: [] };
    const reversed = { calls: calls.toReversed(), refusals: [] };
    await Promise.all([
      ...[1, 2, 3].map(() => ingester.ingest('segment', parsed)),
      ...[1, 2, 3].map(() => other.ingest('segment', reversed)),
    ]);
    await other.close();
    expect(await count('events')).toBe(500);
    expect(await counts()).toEqual({ stored: 500, duplicate: 2500 });
  });
});

describe('requests at once', () => {
  it('go into one transaction when they come while another is under way', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await Promise.all(Array.from({ length: 20 }, (_, index) => send(event({ messageId: `m${index}` }))));
    expect(await count('events')).toBe(20);
    expect(await count('uncounted_batches')).toBeLessThanOrEqual(2);
  });

  it('do not spoil each other: only what the database refuses is rejected', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await sql`alter table events add constraint no_bad check (name <> 'bad')`.execute(database.db);
    const results = await Promise.allSettled([
      send(event()),
      send(event({ messageId: 'm2', name: 'bad' })),
      send(event({ messageId: 'm3' })),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await events()).toEqual(['m1: acme u1 -', 'm3: acme u1 -']);
    expect(await counts()).toEqual({ stored: 2 });
  });

  it('are rejected when the database is not there, and can be sent again', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await sql`alter table event_keys rename to event_keys_gone`.execute(database.db);
    await expect(send(event())).rejects.toThrow('event_keys');
    await sql`alter table event_keys_gone rename to event_keys`.execute(database.db);
    await send(event());
    expect(await events()).toEqual(['m1: acme u1 -']);
  });

  it('resolve once they are committed, not before', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const blocker = await database.db.startTransaction().execute();
    await lockIngestion(blocker, 'alone');
    let answered = false;
    const sent = send(event()).then(() => {
      answered = true;
    });
    await waitForLock();
    expect(answered).toBe(false);
    await blocker.commit().execute();
    await sent;
    expect(await count('events')).toBe(1);
  });

  it('are rejected when the connection is lost in the middle, and count once when they are sent again', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const blocker = await database.db.startTransaction().execute();
    // Waited for in the middle of writing.
    await sql`lock table events in exclusive mode`.execute(blocker);
    const calls = [event(), event({ messageId: 'm2' })];
    const lost = expect(send(...calls)).rejects.toThrow();
    const pid = await waitForLock();
    await sql`select pg_terminate_backend(${pid})`.execute(database.db);
    await lost;
    await blocker.rollback().execute();
    expect(await count('event_keys')).toBe(0);
    await send(...calls);
    expect(await events()).toEqual(['m1: acme u1 -', 'm2: acme u1 -']);
    expect(await counts()).toEqual({ stored: 2 });
  });

  it('are tried again after a deadlock', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await sql`
      create function fail_once() returns trigger language plpgsql as $$
      begin
        -- A sequence does not go back with the transaction.
        if nextval('tries') = 1 then raise exception 'in the way' using errcode = '40P01'; end if;
        return new;
      end $$
    `.execute(database.db);
    await sql`create sequence tries`.execute(database.db);
    await sql`create trigger fail_once before insert on event_keys for each row execute function fail_once()`.execute(
      database.db,
    );
    await send(event());
    expect(await counts()).toEqual({ stored: 1 });
  });

  it('are waited for by close', async () => {
    await insertAccount(database.db, { id: 'acme' });
    const sent = send(event());
    await ingester.close();
    expect(await count('events')).toBe(1);
    await sent;
  });
});

describe('attachWaitingEvents', () => {
  it('does nothing when nothing waits', async () => {
    expect(await attachWaitingEvents(database.db)).toBe(0);
  });

  it('stores what waits for accounts that an import made, in a batch of its own, and leaves the others', async () => {
    await send(event(), event({ messageId: 'm2', account: 'ACME INC' }), event({ messageId: 'm3', account: 'other' }));
    expect(await attachWaitingEvents(database.db)).toBe(0);
    await insertAccount(database.db, { id: 'acme', name: 'Acme', aliases: ['acme inc'] });
    expect(await attachWaitingEvents(database.db)).toBe(2);
    expect(await events()).toEqual(['m1: acme u1 -', 'm2: acme u1 -']);
    expect(await count('waiting_events')).toBe(1);
    expect(await count('uncounted_batches')).toBe(1);
    expect(await attachWaitingEvents(database.db)).toBe(0);
  });

  it('stores what waits for a user that an import put into an account', async () => {
    await send(event({ account: null }));
    await send({ kind: 'user', at: now, actor: by('u1'), account: null, traits: { plan: 'pro' } });
    await insertAccount(database.db, { id: 'acme' });
    await database.db
      .insertInto('users')
      .values({ account_id: 'acme', id: 'u1', traits: '{"role":"owner"}' })
      .execute();
    await attachWaitingEvents(database.db);
    expect(await events()).toEqual(['m1: acme u1 -']);
    expect(await users()).toEqual({ 'acme/u1': { plan: 'pro', role: 'owner' } });
  });

  it('drops what is older than what is kept by now', async () => {
    await send(event());
    await database.db.insertInto('event_retention').values({ kept_from: '2026-11-21T00:00:00Z' }).execute();
    await insertAccount(database.db, { id: 'acme' });
    expect(await attachWaitingEvents(database.db)).toBe(0);
    expect(await count('events')).toBe(0);
    expect(await count('waiting_events')).toBe(0);
  });

  it('stores each event once when two processes attach at once', async () => {
    await send(...Array.from({ length: 300 }, (_, index) => event({ messageId: `m${index}` })));
    await insertAccount(database.db, { id: 'acme' });
    const attached = await Promise.all([attachWaitingEvents(database.db), attachWaitingEvents(database.db)]);
    expect(attached[0] + attached[1]).toBe(300);
    expect(await count('events')).toBe(300);
  });
});

describe('more than can wait', () => {
  it.each([
    ['many small events', 2500, 100, {}],
    ['few large ones', 15, 150, { text: 'x'.repeat(30_000) }],
  ])('of %s is rejected, and taken again once the others are stored', async (_what, size, requests, properties) => {
    await insertAccount(database.db, { id: 'acme' });
    const batch = Array.from({ length: size }, (_, index) => event({ messageId: `m${index % 10}`, properties }));
    const sent = Promise.allSettled(Array.from({ length: requests }, () => send(...batch)));
    await expect(send(event({ messageId: 'late' }))).rejects.toThrow('bytes wait to be stored');
    await sent;
    await send(event({ messageId: 'late' }));
    expect(await count('events')).toBe(11);
  });
});
