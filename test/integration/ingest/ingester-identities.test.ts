import { sql } from 'kysely';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attachWaitingEvents } from '../../../src/db/waiting-events.ts';
import { createIngester } from '../../../src/ingest/ingester.ts';
import type { AccountCall, Call, EventCall, Ingester, UserCall } from '../../../src/ingest/types.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';

const now = new Date('2026-11-21T12:00:00Z');
let database: TestDatabase;
let ingester: Ingester;

beforeEach(async () => {
  database = await createTestDatabase();
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
  });
}

const send = (...calls: Call[]) => ingester.ingest('segment', { calls, refusals: [] });
const by = (userId: string | null, anonymousId: string | null = null) => ({ userId, anonymousId });

function event(messageId: string, overrides: Partial<EventCall> = {}): EventCall {
  return {
    kind: 'event',
    messageId,
    name: 'login',
    occurredAt: new Date('2026-11-20T23:30:00Z'),
    properties: {},
    actor: by('u1'),
    account: null,
    ...overrides,
  };
}

function identify(overrides: Partial<UserCall> = {}): UserCall {
  return { kind: 'user', at: now, actor: by('u1'), account: null, traits: {}, ...overrides };
}

function group(overrides: Partial<AccountCall> = {}): AccountCall {
  return { kind: 'account', at: now, account: 'acme', actor: by('u1'), traits: {}, ...overrides };
}

const alias = (previousId: string, userId: string): Call => ({ kind: 'alias', at: now, previousId, userId });

/** From which day metrics are computed anew. */
async function staleFrom(): Promise<string[]> {
  const rows = await database.db
    .selectFrom('stale_accounts')
    .select(['account_id', 'from_day'])
    .orderBy('id')
    .execute();
  await database.db.deleteFrom('stale_accounts').execute();
  return rows.map((row) => `${row.account_id} ${row.from_day}`);
}

async function events(): Promise<string[]> {
  const rows = await database.db.selectFrom('events').selectAll().orderBy('id').execute();
  return rows.map((row) => `${row.id}: ${row.account_id} ${row.user_id ?? '-'} ${row.anonymous_id ?? '-'}`);
}

async function users(): Promise<Record<string, unknown>> {
  const rows = await database.db.selectFrom('users').selectAll().orderBy('account_id').orderBy('id').execute();
  return Object.fromEntries(rows.map(({ account_id, id, traits }) => [`${account_id}/${id}`, traits]));
}

async function homes(): Promise<Record<string, string>> {
  const rows = await database.db.selectFrom('user_accounts').selectAll().execute();
  return Object.fromEntries(rows.map(({ user_id, account_id }) => [user_id, account_id]));
}

async function waiting(): Promise<string[]> {
  const rows = await database.db.selectFrom('waiting_events').select('id').orderBy('id').execute();
  return rows.map(({ id }) => id);
}

const stale = () => database.db.selectFrom('stale_days').select(['account_id', 'day']).execute();

describe('group', () => {
  it('makes the account and puts the user into it', async () => {
    await send(group({ traits: { name: 'Acme Inc', website: 'https://www.acme.com/x', arr: '1200.5', plan: 'pro' } }));
    const account = await database.db.selectFrom('accounts').selectAll().executeTakeFirst();
    expect(account).toMatchObject({
      id: 'acme',
      name: 'Acme Inc',
      domain: 'acme.com',
      arr: 1200.5,
      traits: { plan: 'pro' },
    });
    expect(await users()).toEqual({ 'acme/u1': {} });
    expect(await homes()).toEqual({ u1: 'acme' });
  });

  it('changes only what it says, and keeps as traits what is not valid', async () => {
    await insertAccount(database.db, { id: 'acme', name: 'Old', arr: 5, domain: 'old.com', traits: '{"a":1,"b":2}' });
    await send(group({ traits: { b: null, c: [3], arr: 'lots', domain: 'no domain', createdAt: '2026-01-02' } }));
    const account = await database.db.selectFrom('accounts').selectAll().executeTakeFirst();
    expect(account).toMatchObject({
      name: 'Old',
      arr: 5,
      domain: 'old.com',
      created_at: new Date('2026-01-02T00:00:00Z'),
      traits: { a: 1, b: null, c: [3], arr: 'lots', domain: 'no domain' },
    });
  });

  it('does not make history of what is the same', async () => {
    await send(group({ traits: { plan: 'pro' } }));
    await send(group({ traits: { plan: 'pro' } }));
    await send(group());
    expect(await database.db.selectFrom('account_history').select('id').execute()).toHaveLength(1);
  });

  it('finds an account by its alias', async () => {
    await insertAccount(database.db, { id: 'acme', aliases: ['acme inc'] });
    await send(group({ account: 'ACME Inc', traits: { plan: 'pro' } }));
    expect(await homes()).toEqual({ u1: 'acme' });
    expect(await database.db.selectFrom('accounts').select('id').execute()).toHaveLength(1);
  });

  it.each([
    ['one after the other', false],
    ['in one request', true],
  ])('of a user who moves counts by its time, not by when it comes: %s', async (_, together) => {
    const newer = group({ account: 'new', at: new Date('2026-11-20T00:00:00Z') });
    const older = group({ account: 'old', at: new Date('2026-11-19T00:00:00Z') });
    if (together) await send(newer, older);
    else await send(newer).then(() => send(older));
    await send(event('m1'));
    expect(await events()).toEqual(['m1: new u1 -']);
  });
});

describe('events that wait', () => {
  const calls = {
    event: event('m1'),
    'event of the account': event('m2', { account: 'acme' }),
    identify: identify({ traits: { plan: 'pro' } }),
    group: group(),
  };
  const orders = permutations(Object.keys(calls) as (keyof typeof calls)[]);

  it.each(orders.map((order) => [order.join(', '), order] as const))(
    'are stored when all is known, in the order %s',
    async (_, order) => {
      for (const name of order) await send(calls[name]);
      await attachWaitingEvents(database.db);
      expect(await events()).toEqual(['m1: acme u1 -', 'm2: acme u1 -']);
      expect(await users()).toEqual({ 'acme/u1': { plan: 'pro' } });
      expect(await waiting()).toEqual([]);
      expect(await database.db.selectFrom('waiting_users').selectAll().execute()).toEqual([]);
    },
  );

  it('are stored at once by the call that tells of their account', async () => {
    await send(event('m1'), event('m2', { account: 'acme', actor: by('u2') }), event('m3', { account: 'other' }));
    expect(await waiting()).toEqual(['m1', 'm2', 'm3']);
    await send(group());
    expect(await events()).toEqual(['m1: acme u1 -', 'm2: acme u2 -']);
    expect(await waiting()).toEqual(['m3']);
  });

  it('are stored when identify names an account that is known', async () => {
    await insertAccount(database.db, { id: 'acme' });
    await send(event('m1'));
    await send(identify({ account: 'acme' }));
    expect(await events()).toEqual(['m1: acme u1 -']);
  });

  it('are stored when the account appears that identify named before', async () => {
    await send(event('m1'), identify({ account: 'acme', traits: { plan: 'pro' } }));
    expect(await database.db.selectFrom('accounts').select('id').execute()).toEqual([]);
    await send(group({ actor: null }));
    expect(await events()).toEqual(['m1: acme u1 -']);
    expect(await users()).toEqual({ 'acme/u1': { plan: 'pro' } });
  });

  it('of nobody known are stored when the anonymous id is put into an account, and its when it is tied', async () => {
    await send(
      event('m1', { actor: by(null, 'anon') }),
      identify({ actor: by(null, 'anon'), traits: { plan: 'pro' } }),
    );
    await send(group({ actor: by(null, 'anon') }));
    expect(await events()).toEqual(['m1: acme - anon']);
    expect(await users()).toEqual({});
    await send(identify({ actor: by('u1', 'anon') }));
    expect(await events()).toEqual(['m1: acme u1 -']);
    expect(await users()).toEqual({ 'acme/u1': { plan: 'pro' } });
    expect(await homes()).toEqual({ u1: 'acme' });
  });

  it('and came with one process while another made the account are stored by the next attachment', async () => {
    const other = newIngester();
    const sent = Array.from({ length: 50 }, (_, index) => event(`m${index}`, { account: 'acme' }));
    await Promise.all([...sent.map((call) => send(call)), other.ingest('posthog', { calls: [group()], refusals: [] })]);
    await other.close();
    await attachWaitingEvents(database.db);
    expect(await events()).toHaveLength(50);
    expect(await waiting()).toEqual([]);
  });
});

describe('identify', () => {
  beforeEach(() => send(group()));

  it('merges traits and knows email, name and when the user was created', async () => {
    await send(identify({ traits: { email: 'Ann@Acme.com', name: 'Ann', createdAt: 1_760_000_000, a: 1, b: 2 } }));
    await send(identify({ traits: { email: 'no address', b: null, c: 3 } }));
    const user = await database.db.selectFrom('users').selectAll().executeTakeFirst();
    expect(user).toMatchObject({
      email: 'ann@acme.com',
      name: 'Ann',
      created_at: new Date(1_760_000_000_000),
      traits: { a: 1, b: null, c: 3, email: 'no address' },
    });
  });

  it('has the days computed anew from when the user counts, however long ago that is', async () => {
    const { rows } = await sql<{ today: string }>`select current_date::text as today`.execute(database.db);
    const today = `acme ${rows[0]?.today}`;
    const told = (traits: object) => send(identify({ actor: by('u2'), account: 'acme', traits: { ...traits } }));
    await staleFrom();
    await told({ createdAt: '2026-10-05T00:30:00Z' });
    expect(await staleFrom()).toEqual(['acme 2026-10-04']);
    await told({ plan: 'pro' });
    expect(await staleFrom()).toEqual([today]);
    await told({ createdAt: '2026-08-02' });
    expect(await staleFrom()).toEqual(['acme 2026-08-01']);
    await told({ createdAt: '2026-10-05T00:30:00Z' });
    expect(await staleFrom()).toEqual([]);
    await database.db.updateTable('users').set({ created_at: null }).execute();
    await told({ createdAt: '2026-10-05T00:30:00Z' });
    expect(await staleFrom()).toEqual(['acme 1970-01-01']);
  });

  it('without an account speaks of the user in every account', async () => {
    await send(group({ account: 'other' }), identify({ traits: { plan: 'pro' } }));
    await send(identify({ account: 'acme', traits: { role: 'owner' } }));
    expect(await users()).toEqual({ 'acme/u1': { plan: 'pro', role: 'owner' }, 'other/u1': { plan: 'pro' } });
  });

  it('puts the user into the account it names', async () => {
    await insertAccount(database.db, { id: 'other' });
    await send(identify({ account: 'other' }), event('m1'));
    expect(await events()).toEqual(['m1: other u1 -']);
  });

  it('takes traits with any name', async () => {
    await send(identify({ traits: JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') }));
    const { rows } = await sql<{ text: string }>`select traits::text as text from users`.execute(database.db);
    expect(JSON.parse(rows[0]?.text ?? '')).toEqual(JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}'));
  });

  it('ties the anonymous id: what it did is the user’s, and those days are counted anew', async () => {
    await send(event('m1', { actor: by(null, 'anon'), account: 'acme' }));
    expect(await events()).toEqual(['m1: acme - anon']);
    await send(identify({ actor: by('u2', 'anon') }));
    await send(event('m2', { actor: by(null, 'anon') }));
    expect(await events()).toEqual(['m1: acme u2 -', 'm2: acme u2 -']);
    // 23:30 UTC is the next day in Berlin.
    expect(await stale()).toEqual([{ account_id: 'acme', day: '2026-11-21' }]);
    expect(await users()).toEqual({ 'acme/u1': {}, 'acme/u2': {} });
  });

  it('of another user in the same browser leaves what the first one did', async () => {
    await send(identify({ actor: by('u1', 'anon') }), event('m1', { actor: by(null, 'anon') }));
    await send(identify({ actor: by('u2', 'anon'), account: 'acme' }));
    await send(event('m2', { actor: by(null, 'anon') }), event('m3'));
    expect(await events()).toEqual(['m1: acme u1 -', 'm2: acme u2 -', 'm3: acme u1 -']);
  });
});

describe('alias', () => {
  it('makes one user of two: events, traits, accounts', async () => {
    await send(group({ actor: by('old') }), event('m1', { actor: by('old') }));
    await send(identify({ actor: by('old'), traits: { a: 1, b: 1 } }));
    await send(identify({ traits: { b: 2 } }), group({ at: new Date('2026-11-01T00:00:00Z'), account: 'other' }));
    await send(alias('old', 'u1'));
    expect(await events()).toEqual(['m1: acme u1 -']);
    expect(await users()).toEqual({ 'acme/u1': { a: 1, b: 1 }, 'other/u1': { b: 2 } });
    expect(await homes()).toEqual({ u1: 'acme' });
    expect(await stale()).toEqual([{ account_id: 'acme', day: '2026-11-21' }]);
    await send(event('m2', { actor: by('old') }));
    expect((await events())[1]).toBe('m2: acme u1 -');
  });

  it('has the days computed anew from when there were two', async () => {
    const created = (id: string, createdAt: string) =>
      identify({ actor: by(id), account: 'acme', traits: { createdAt } });
    await send(group(), created('u1', '2026-07-01'), created('old', '2026-08-15'));
    await staleFrom();
    await send(alias('old', 'u1'));
    expect(await staleFrom()).toEqual(['acme 2026-08-14']);
  });

  it('lets the traits of the user win', async () => {
    await send(group(), group({ actor: by('old') }));
    await send(identify({ traits: { b: 2 } }), identify({ actor: by('old'), traits: { a: 1, b: 1 } }));
    await send(alias('old', 'u1'));
    expect(await users()).toEqual({ 'acme/u1': { a: 1, b: 2 } });
  });

  it.each([
    ['a chain', [alias('a', 'b'), alias('b', 'c')]],
    ['a chain from its end', [alias('b', 'c'), alias('a', 'b')]],
    ['a circle', [alias('a', 'b'), alias('b', 'c'), alias('c', 'a')]],
    ['itself', [alias('a', 'b'), alias('b', 'c'), alias('c', 'c')]],
  ])('leads to one user in the end: %s', async (_, aliases) => {
    const inOneRequest = by('c');
    await send(group({ actor: inOneRequest }), event('m1', { actor: by('a'), account: 'acme' }));
    for (const one of aliases) await send(one);
    await send(...aliases);
    await send(...['a', 'b', 'c'].map((id) => event(`m-${id}`, { actor: by(id) })));
    expect(await events()).toEqual(['m-a: acme c -', 'm-b: acme c -', 'm-c: acme c -', 'm1: acme c -']);
    expect(await users()).toEqual({ 'acme/c': {} });
  });

  it('attaches what waited under the earlier id', async () => {
    await send(event('m1', { actor: by('old') }), identify({ actor: by('old'), traits: { plan: 'pro' } }), group());
    expect(await waiting()).toEqual(['m1']);
    await send(alias('old', 'u1'));
    expect(await events()).toEqual(['m1: acme u1 -']);
    expect(await users()).toEqual({ 'acme/u1': { plan: 'pro' } });
  });

  it('and events at once by two processes leave no event with the earlier id', async () => {
    const other = newIngester();
    await send(group(), event('m-first', { actor: by(null, 'anon'), account: 'acme' }));
    const sent = Array.from({ length: 40 }, (_, index) =>
      event(`m${index}`, { actor: by(null, 'anon'), account: 'acme' }),
    );
    await Promise.all([
      ...sent.slice(0, 20).map((call) => send(call)),
      other.ingest('segment', { calls: [identify({ actor: by('u1', 'anon') })], refusals: [] }),
      ...sent.slice(20).map((call) => send(call)),
    ]);
    await other.close();
    const stored = await database.db.selectFrom('events').select('user_id').distinct().execute();
    expect(stored).toEqual([{ user_id: 'u1' }]);
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}
