import { PostHog } from 'posthog-node';
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
    .select(['account_id', 'user_id', 'anonymous_id', 'name', 'id', 'properties'])
    .orderBy('name')
    .execute();

/** PostHog's client; `errors` are what it could not send. */
function connect(options: { disableCompression?: boolean } = {}) {
  const errors: unknown[] = [];
  const client = new PostHog(writeKey, { host: doors.url, flushAt: 100, fetchRetryCount: 0, ...options });
  client.on('error', (error) => errors.push(error));
  return { client, errors };
}

describe("PostHog's client", () => {
  test.each([true, false])(
    'brings accounts, users and events (without compression: %s)',
    async (disableCompression) => {
      const { client, errors } = connect({ disableCompression });
      client.groupIdentify({ groupType: 'company', groupKey: 'acme', properties: { name: 'Acme', seats: 5 } });
      client.identify({
        distinctId: 'u1',
        properties: { $set: { email: 'ana@acme.example' }, $set_once: { since: '2026' } },
      });
      client.capture({
        distinctId: 'u1',
        event: 'insight created',
        properties: { rows: 3 },
        groups: { company: 'acme' },
      });
      client.capture({ distinctId: 'a1', event: '$pageview', properties: { $current_url: 'https://acme.example/' } });
      client.alias({ distinctId: 'u1', alias: 'a1' });
      await client.shutdown();

      expect(errors).toEqual([]);
      expect(await database.db.selectFrom('accounts').select(['id', 'name', 'traits']).execute()).toEqual([
        { id: 'acme', name: 'Acme', traits: { seats: 5 } },
      ]);
      expect(await database.db.selectFrom('users').select(['account_id', 'id', 'email', 'traits']).execute()).toEqual([
        { account_id: 'acme', id: 'u1', email: 'ana@acme.example', traits: { since: '2026' } },
      ]);
      const events = await storedEvents();
      expect(events).toMatchObject([
        { account_id: 'acme', user_id: 'u1', name: '$pageview', properties: { $current_url: 'https://acme.example/' } },
        { account_id: 'acme', user_id: 'u1', name: 'insight created', properties: { rows: 3, $lib: 'posthog-node' } },
      ]);
      expect(JSON.stringify(events)).not.toContain(writeKey);
    },
  );

  test('sends an event twice, which counts once', async () => {
    const uuid = '019b0000-0000-7000-8000-000000000001';
    for (let time = 0; time < 2; time += 1) {
      const { client } = connect();
      client.groupIdentify({ groupType: 'company', groupKey: 'acme' });
      client.capture({ distinctId: 'u1', event: 'login', groups: { company: 'acme' }, uuid });
      await client.shutdown();
    }
    expect(await storedEvents()).toMatchObject([{ id: uuid }]);
  });

  test('is told of what is refused', async () => {
    const { client, errors } = connect();
    client.capture({ distinctId: 'u1', event: 'login', timestamp: new Date('2999-01-01') });
    await client.flush().catch(() => undefined);
    expect(errors).toHaveLength(1);
    expect(await database.db.selectFrom('ingest_refusals').select('reason').execute()).toEqual([
      { reason: 'timestamp is more than 5 minutes in the future' },
    ]);
    await client.shutdown();
  });
});

describe('over HTTP', () => {
  const event = { event: 'login', distinct_id: 'u1', properties: { $groups: { company: 'acme' } } };

  test.each(['/batch', '/batch/', '/capture/', '/i/v0/e/'])('%s takes events', async (path) => {
    expect(await doors.post(path, { api_key: writeKey, batch: [event] }, {})).toMatchObject({
      status: 200,
      body: { status: 1 },
    });
    expect(await doors.post(path, { api_key: writeKey, ...event }, {})).toMatchObject({ status: 200 });
  });

  test('a key that is none of ours is refused', async () => {
    expect(await doors.post('/batch/', { api_key: 'phc_other', batch: [event] }, {})).toMatchObject({ status: 401 });
    expect(await doors.post('/batch/', { batch: [event] }, {})).toMatchObject({ status: 401 });
  });
});
