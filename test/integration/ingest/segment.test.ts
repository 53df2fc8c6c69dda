import { Analytics } from '@segment/analytics-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { startDoors, type TestDoors, writeKey } from '../../doors.ts';

let database: TestDatabase;
let doors: TestDoors;
beforeEach(async () => {
  database = await createTestDatabase();
  doors = await startDoors(database);
});
afterEach(() => database.drop());

const storedEvents = () =>
  database.db
    .selectFrom('events')
    .select(['account_id', 'user_id', 'anonymous_id', 'name', 'id', 'properties', 'occurred_at'])
    .orderBy('name')
    .execute();
const users = () =>
  database.db.selectFrom('users').select(['account_id', 'id', 'email', 'traits']).orderBy('id').execute();

describe("Segment's client", () => {
  test('brings accounts, users and events', async () => {
    const errors: unknown[] = [];
    const analytics = new Analytics({ writeKey, host: doors.url, path: '/v1/batch', maxRetries: 0 });
    analytics.on('error', (error) => errors.push(error));
    analytics.group({ userId: 'u1', groupId: 'acme', traits: { name: 'Acme', seats: 5, arr: 120_000 } });
    analytics.identify({ userId: 'u1', traits: { email: 'ana@acme.example', role: 'owner' } });
    analytics.track({ userId: 'u1', event: 'Ticket Purchased', properties: { amount: 12.5, tags: ['a', 'b'] } });
    analytics.track({ userId: 'u2', event: 'Search', context: { groupId: 'acme' } });
    analytics.page({ anonymousId: 'a1', name: 'Home', properties: { path: '/' } });
    analytics.screen({ userId: 'u1', name: 'Trips' });
    analytics.alias({ previousId: 'a1', userId: 'u1' });
    await analytics.closeAndFlush();

    expect(errors).toEqual([]);
    expect(await database.db.selectFrom('accounts').select(['id', 'name', 'arr', 'traits']).execute()).toEqual([
      { id: 'acme', name: 'Acme', arr: 120_000, traits: { seats: 5 } },
    ]);
    expect(await users()).toEqual([
      { account_id: 'acme', id: 'u1', email: 'ana@acme.example', traits: { role: 'owner' } },
      { account_id: 'acme', id: 'u2', email: null, traits: {} },
    ]);
    expect(await storedEvents()).toMatchObject([
      { account_id: 'acme', user_id: 'u2', name: 'Search' },
      { account_id: 'acme', user_id: 'u1', name: 'Ticket Purchased', properties: { amount: 12.5, tags: ['a', 'b'] } },
      { account_id: 'acme', user_id: 'u1', name: 'Viewed Home Page', properties: { path: '/', name: 'Home' } },
      { account_id: 'acme', user_id: 'u1', name: 'Viewed Trips Screen' },
    ]);
  });

  test('sends again what it sent, which counts once', async () => {
    await doors.post('/v1/group', { userId: 'u1', groupId: 'acme' });
    for (let time = 0; time < 2; time += 1) {
      const analytics = new Analytics({ writeKey, host: doors.url, maxRetries: 0 });
      analytics.track({ userId: 'u1', event: 'login', messageId: 'the-same' });
      await analytics.closeAndFlush();
    }
    expect(await storedEvents()).toMatchObject([{ id: 'the-same' }]);
  });

  test('tries again after the database failed, and nothing is lost', async () => {
    await database.db.schema.alterTable('event_keys').renameTo('event_keys_away').execute();
    const analytics = new Analytics({ writeKey, host: doors.url, maxRetries: 5 });
    const failed = new Promise<void>((resolve) => {
      analytics.on('http_response', ({ status }) => status === 503 && resolve());
    });
    analytics.track({ userId: 'u1', event: 'login', context: { groupId: 'acme' } });
    const closed = analytics.closeAndFlush({ timeout: 20_000 });
    await failed;
    await database.db.schema.alterTable('event_keys_away').renameTo('event_keys').execute();
    await closed;
    await doors.post('/v1/group', { userId: 'u1', groupId: 'acme' });
    expect(await storedEvents()).toMatchObject([{ name: 'login', account_id: 'acme' }]);
  });
});

describe('calls over HTTP', () => {
  test('an event of an unknown account waits, and is its when the account appears', async () => {
    await doors.post('/v1/track', { userId: 'u1', event: 'login', groupId: 'acme' });
    expect(await storedEvents()).toEqual([]);
    await doors.post('/v1/group', { userId: 'u2', groupId: 'acme', traits: { name: 'Acme' } });
    expect(await storedEvents()).toMatchObject([{ account_id: 'acme', user_id: 'u1', name: 'login' }]);
  });

  test('a clock that is an hour behind does not move an event', async () => {
    const hour = 60 * 60 * 1000;
    const now = Date.now();
    await doors.post('/v1/group', { userId: 'u1', groupId: 'acme' });
    await doors.post('/v1/batch', {
      sentAt: new Date(now - hour).toISOString(),
      batch: [{ type: 'track', userId: 'u1', event: 'login', timestamp: new Date(now - hour - 60_000).toISOString() }],
    });
    const [stored] = await storedEvents();
    expect(stored!.occurred_at.getTime()).toBeGreaterThanOrEqual(now - 60_000);
    expect(stored!.occurred_at.getTime()).toBeLessThanOrEqual(Date.now() - 60_000);
  });

  test('text that the database does not take is cleaned, and its neighbours are stored', async () => {
    await doors.post('/v1/group', { userId: 'u1', groupId: 'acme' });
    const hostile =
      '{"type":"track","userId":"u1","event":"a\\u0000b","properties":{"x\\u0000":"\\ud800","n":1e308,"d":1e-400,"z":-0}}';
    const answer = await doors.post(
      '/v1/batch',
      `{"batch":[${hostile},{"type":"track","userId":"u1","event":"fine"}]}`,
    );
    expect(answer.status).toBe(200);
    expect((await storedEvents()).map(({ name, properties }) => [name, properties])).toEqual([
      ['ab', { x: '�', n: 1e308, d: 0, z: 0 }],
      ['fine', {}],
    ]);
  });

  test('what is refused is noted with its reason, and the rest is stored', async () => {
    await doors.post('/v1/group', { userId: 'u1', groupId: 'acme' });
    const old = new Date(Date.now() - 500 * 24 * 60 * 60 * 1000).toISOString();
    const answer = await doors.post('/v1/batch', {
      batch: [
        { type: 'track', userId: 'u1', event: 'login' },
        { type: 'track', userId: 'u1', event: 'login', timestamp: '2999-01-01T00:00:00Z' },
        { type: 'track', userId: 'u1', event: 'login', timestamp: old },
      ],
    });
    expect(answer).toMatchObject({ status: 400, body: { accepted: 1 } });
    expect(await storedEvents()).toHaveLength(1);
    const refusals = await database.db.selectFrom('ingest_refusals').select(['door', 'reason']).orderBy('id').execute();
    expect(refusals).toEqual([
      { door: 'segment', reason: 'timestamp is more than 5 minutes in the future' },
      { door: 'segment', reason: 'timestamp is older than events are kept' },
    ]);
  });
});
