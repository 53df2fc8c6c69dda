import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { startDoors, type TestDoors, writeKey } from '../../doors.ts';

let database: TestDatabase;
let doors: TestDoors;
beforeEach(async () => {
  database = await createTestDatabase();
  doors = await startDoors(database);
});
afterEach(() => database.drop());

const headers = { 'x-bellwether-key': writeKey, 'content-type': 'application/json' };
const uuid = '019b0000-0000-7000-8000-000000000001';
const properties = { rows: 3, $groups: { company: 'acme' } };
const person = { id: 'p1', name: 'Ana', properties: { email: 'ana@acme.example' } };
const timestamp = () => new Date(Date.now() - 60_000).toISOString();

const stored = async () => ({
  events: await database.db
    .selectFrom('events')
    .select(['account_id', 'user_id', 'name', 'id', 'properties'])
    .execute(),
  users: await database.db.selectFrom('users').select(['account_id', 'id', 'email']).execute(),
});

test('a delivery brings the account, the user and the event', async () => {
  const delivery = {
    event: { uuid, event: 'insight created', distinct_id: 'u1', properties, timestamp: timestamp() },
    person,
    groups: { company: { id: 'acme', type: 'company', index: 0, properties: { name: 'Acme' } } },
  };
  expect(await doors.post('/webhooks/posthog', delivery, headers)).toMatchObject({
    status: 200,
    body: { success: true },
  });
  expect(await stored()).toEqual({
    events: [{ account_id: 'acme', user_id: 'u1', name: 'insight created', id: uuid, properties: { rows: 3 } }],
    users: [{ account_id: 'acme', id: 'u1', email: 'ana@acme.example' }],
  });
});

test('the same event in the older shape, and from the client, counts once', async () => {
  await doors.post('/v1/group', { writeKey, userId: 'u1', groupId: 'acme' }, {});
  const at = timestamp();
  const data = { eventUuid: uuid, event: 'insight created', distinctId: 'u1', properties, timestamp: at, person };
  const hook = { id: 'https://posthog.example/pipeline', event: 'insight created', target: 'https://hooks.example' };
  const event = { uuid, event: 'insight created', distinct_id: 'u1', properties, timestamp: at };
  expect(await doors.post('/webhooks/posthog', { hook, data }, headers)).toMatchObject({ status: 200 });
  expect(await doors.post('/webhooks/posthog', { event, person }, headers)).toMatchObject({ status: 200 });
  expect(await doors.post('/batch/', { api_key: writeKey, batch: [event] }, {})).toMatchObject({ status: 200 });
  const { events, users } = await stored();
  expect(events).toHaveLength(1);
  expect(users).toEqual([{ account_id: 'acme', id: 'u1', email: 'ana@acme.example' }]);
});

test('a delivery that cannot be taken is refused with the reason', async () => {
  const delivery = { event: { uuid, event: 'e', distinct_id: null, properties }, person };
  expect(await doors.post('/webhooks/posthog', delivery, headers)).toEqual({
    status: 400,
    body: { success: false, accepted: 0, errors: [{ index: 0, messageId: null, reason: 'distinct_id is missing' }] },
    retryAfter: null,
  });
  expect(await doors.post('/webhooks/posthog', '{"event":', headers)).toMatchObject({ status: 400 });
});
