import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { linkChannel } from '../../../src/db/account-channels.ts';
import { countEvents } from '../../../src/db/count-events.ts';
import { findTicket } from '../../../src/db/tickets.ts';
import type { Database } from '../../../src/db/types.ts';
import type { Deps } from '../../../src/deps.ts';
import { recordTicketFacts } from '../../../src/ingest/ticket-facts.ts';
import { computeMetricsForDays } from '../../../src/metrics/compute.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import type { Playbook } from '../../../src/playbook/types.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { createTestDeps } from '../../deps.ts';
import { insertAccount } from '../../factories.ts';
import { insertTicket } from '../../ticket-factories.ts';

let database: TestDatabase;
let playbook: Playbook;
let deps: Deps;
let time = '';
let asked: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  playbook = await readPlaybook('product-usage');
  const queue = { enqueue: async (name: string) => void asked.push(name) };
  deps = await createTestDeps({ db: database.db, queue, playbook, now: () => new Date(time) });
});
afterAll(() => database.drop());
beforeEach(async () => {
  for (const table of ['tickets', 'accounts', 'events', 'event_keys', 'ingest_counts'] as const)
    await database.db.deleteFrom(table).execute();
  await insertAccount(database.db, { id: 'acme' });
  time = '2026-11-24T10:00:00Z';
  asked = [];
});

type Change = Partial<Pick<Database['tickets'], 'fault'>> & Record<string, unknown>;

/** A ticket of the clock's time. */
const open = (given: Change = {}) => insertTicket(database.db, { created_at: new Date(time), ...given } as never);

/** Changes a ticket as the help desk says, and has it counted as the engine does. */
async function set(id: number, change: Change): Promise<boolean> {
  if (Object.keys(change).length > 0)
    await database.db
      .updateTable('tickets')
      .set(change as never)
      .where('id', '=', id)
      .execute();
  const ticket = await findTicket(database.db, id);
  return recordTicketFacts(deps, ticket!);
}

/** What the shipped pack sees: tickets in 30 days, urgent ones open, days since the last; counted into the series, and from raw events. */
async function seen(account = 'acme') {
  const ids = ['tickets_created_30d', 'urgent_tickets_unresolved', 'days_since_last_ticket'];
  const metrics = playbook.metrics.filter(({ id }) => ids.includes(id));
  const day = time.slice(0, 10);
  const now = new Date(time);
  await countEvents(database.db, { metrics, timeZone: 'UTC', now });
  const results = await computeMetricsForDays(database.db, metrics, {
    accountIds: [account],
    days: [day],
    now,
    timeZone: 'UTC',
  });
  const values = results.get(day)?.get(account)?.values ?? {};
  return ids.map((id) => values[id]);
}

const events = () =>
  database.db.selectFrom('events').select(['account_id', 'name', 'properties']).orderBy('occurred_at').execute();

test('a ticket is counted once, however often it is told, and at once also without a severity', async () => {
  const id = await open();
  expect(await set(id, {})).toBe(true);
  expect(asked).toEqual(['count-events']);
  time = '2026-11-26T10:00:00Z';
  expect(await seen()).toEqual([1, 0, 2]);
  expect(await set(id, {})).toBe(false);
  expect(await set(id, { severity: 'urgent', form: 'filled', form_at: new Date(time) })).toBe(true);
  expect(await seen()).toEqual([1, 1, 2]);
  expect(await set(id, {})).toBe(false);
  expect(await seen()).toEqual([1, 1, 2]);
  expect(await events()).toEqual([{ account_id: 'acme', name: 'ticket created', properties: { priority: 'urgent' } }]);
});

test('a severity that changes before the ticket is solved is what counts, up and down', async () => {
  const id = await open({ severity: 'urgent' });
  await set(id, {});
  expect(await seen()).toEqual([1, 1, 0]);
  await set(id, { severity: 'normal' });
  expect(await seen()).toEqual([1, 0, 0]);
  await set(id, { severity: 'urgent' });
  expect(await seen()).toEqual([1, 1, 0]);
  time = '2026-11-25T10:00:00Z';
  await set(id, { status: 'solved' });
  expect(await seen()).toEqual([1, 0, 1]);
  // After the fact, too.
  await set(id, { severity: 'low', status: 'closed' });
  expect(await seen()).toEqual([1, 0, 1]);
  expect((await events()).map(({ properties }) => properties)).toEqual([{ priority: 'low' }, { priority: 'low' }]);
});

test('a ticket that is opened again is unresolved again, and is solved when it is solved again', async () => {
  const other = await open({ severity: 'urgent' });
  const id = await open({ severity: 'urgent' });
  await set(other, {});
  await set(id, { status: 'solved' });
  expect(await seen()).toEqual([2, 1, 0]);
  time = '2026-11-26T10:00:00Z';
  await set(id, { status: 'open' });
  expect(await seen()).toEqual([2, 2, 2]);
  time = '2026-11-28T10:00:00Z';
  await set(id, { status: 'solved' });
  expect(await seen()).toEqual([2, 1, 4]);
  expect(await set(id, { status: 'closed' })).toBe(false);
  const solved = await database.db
    .selectFrom('events')
    .select('occurred_at')
    .where('name', '=', 'ticket solved')
    .execute();
  expect(solved).toEqual([{ occurred_at: new Date(time) }]);
});

test('a ticket without an account is counted once its channel is linked; one that gets another moves there', async () => {
  await insertAccount(database.db, { id: 'globex' });
  const id = await open({ account_id: null, severity: 'urgent', status: 'solved', channel_id: 'C01GLOBEX00' });
  expect(await set(id, {})).toBe(false);
  expect(await events()).toEqual([]);
  time = '2026-11-27T10:00:00Z';
  await linkChannel(database.db, { channelId: 'C01GLOBEX00', accountId: 'acme', now: new Date(time) });
  await set(id, { status: 'open' });
  expect(await seen('acme')).toEqual([1, 1, 3]);
  await set(id, { account_id: 'globex' });
  expect(await seen('globex')).toEqual([1, 1, 3]);
  // Nothing else is known of them.
  expect(await seen('acme')).toEqual([null, null, null]);
});

test('what began and was cut off ends in one of each', async () => {
  const id = await open({ severity: 'urgent', status: 'solved' });
  await Promise.all([set(id, {}), set(id, {}), set(id, {})]);
  await set(id, {});
  expect((await events()).map(({ name }) => name)).toEqual(['ticket created', 'ticket solved']);
  // Noted, and then the events were not written.
  await database.db.deleteFrom('events').execute();
  await database.db.deleteFrom('event_keys').execute();
  expect(await set(id, {})).toBe(true);
  expect((await events()).map(({ name }) => name)).toEqual(['ticket created', 'ticket solved']);
});

test('a ticket older than the events that are kept changes nothing, and is not refused each time', async () => {
  const id = await open({ severity: 'urgent' });
  time = '2028-03-01T10:00:00Z';
  await database.db.insertInto('event_retention').values({ kept_from: '2028-01-01T00:00:00Z' }).execute();
  expect(await set(id, {})).toBe(false);
  expect(await set(id, { status: 'solved' })).toBe(true);
  expect(await set(id, {})).toBe(false);
  expect((await events()).map(({ name }) => name)).toEqual(['ticket solved']);
  const counts = await database.db.selectFrom('ingest_counts').select('outcome').execute();
  expect(counts).toEqual([{ outcome: 'stored' }]);
  await database.db.deleteFrom('event_retention').execute();
});
