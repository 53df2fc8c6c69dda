import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readPlaybook } from '../../../src/playbook/read.ts';
import type { Playbook } from '../../../src/playbook/types.ts';
import { csTeam, maya, startTestBot, type TestBot, tom, wordsOf } from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { startDoors, type TestDoors } from '../../doors.ts';

/** A Tuesday on which everybody works. */
const start = new Date('2026-11-24T10:00:00Z');
const dayMs = 86_400_000;

let playbook: Playbook;
let database: TestDatabase;
let bot: TestBot;
let doors: TestDoors;
let now: Date;

beforeAll(async () => {
  playbook = await readPlaybook('product-usage');
});
beforeEach(async () => {
  now = start;
  database = await createTestDatabase();
  bot = await startTestBot({ db: database.db, playbook, now: () => now }, { now: () => now });
  doors = await startDoors({ db: database.db }, { now: () => now });
  await group({ csm_email: 'maya@bellwether.example', mrr: 1000 });
});
afterEach(async () => {
  await bot.close();
  await database.drop();
});

/** Sends calls to a door and lets all follow that follows by itself. */
async function send(path: string, body: object): Promise<void> {
  const answer = await doors.post(path, body);
  expect(answer.status).toBe(200);
  await bot.deps.queue.enqueue('count-events', {});
}

const group = (traits: object) =>
  send('/v1/group', {
    userId: 'ann',
    groupId: 'acme',
    traits: { name: 'Acme', ...traits },
    timestamp: now.toISOString(),
  });

function track(event: string, properties: object = {}, at = now) {
  const context = { groupId: 'acme' };
  return { type: 'track', userId: 'ann', event, properties, context, timestamp: at.toISOString() };
}

const daysAgo = (days: number) => new Date(start.getTime() - days * dayMs);
const direct = (user = maya) => bot.slack.messages(bot.slack.dm(user), user);
const said = (user = maya) => direct(user).map((message) => wordsOf(message).join('\n'));

describe('events that come in by the doors', () => {
  test('of a failed payment reach the CSM at once, once, with the amount', async () => {
    await send('/v1/track', track('payment failed', { amount: 412, currency: 'USD', attempt: 1 }));
    await send('/v1/track', track('signed in'));
    expect(said()).toHaveLength(1);
    expect(said()[0]).toContain('Acme');
    expect(said()[0]).toContain('412');
    expect(said()[0]).toContain('Reach out at once');
    expect(bot.failures).toEqual([]);
  });

  test('of a payment that succeeds after it edit that message, and post no other', async () => {
    await send('/v1/track', track('payment failed', { amount: 412 }));
    now = new Date(start.getTime() + 60_000);
    await send('/v1/track', track('payment succeeded', { amount: 412 }));
    const [message, ...others] = direct();
    expect(others).toEqual([]);
    expect(message?.edited).toBe(true);
    expect(wordsOf(message).join('\n')).toMatch(/resolved/i);
  });

  test('of an owner who is removed say who it was', async () => {
    await send('/v1/track', track('owner removed', { email: 'bill@acme.example' }));
    expect(said()[0]).toContain('bill@acme.example');
  });

  test('of a product that was never used before tell of the opportunity', async () => {
    const past = [30, 20, 10].map((days) => track('insight analyzed', {}, daysAgo(days)));
    await send('/v1/batch', { batch: [...past, track('insight analyzed')] });
    expect(said()).toEqual([]);
    await send('/v1/track', track('recording analyzed'));
    expect(said()).toHaveLength(1);
    expect(said()[0]).toContain('Session replay');
    expect(said()[0]).toContain('Opportunity');
  });

  test('with a forecast of less revenue open a task, too; exactly 10% less does not', async () => {
    await group({ forecasted_mrr: 900 });
    expect(said()).toEqual([]);
    await group({ forecasted_mrr: 899 });
    expect(said()).toHaveLength(1);
    expect(said()[0]).toContain('10.1%');
    const tasks = await database.db.selectFrom('tasks').select(['title', 'assignee_email']).execute();
    expect(tasks).toEqual([{ title: expect.stringContaining('MRR'), assignee_email: 'maya@bellwether.example' }]);
  });

  test('that stop for more than 14 days tell of inactivity', async () => {
    await send('/v1/track', track('signed in', {}, daysAgo(14)));
    expect(said().join('\n')).not.toContain('Inactivity');
    now = new Date(start.getTime() + dayMs);
    await bot.deps.queue.enqueue('compute-health', {});
    expect(said().join('\n')).toContain('Inactivity');
  });

  test('that make the health score fall a band tell why to look', async () => {
    const usage = { events: 100, recordings: 100, flag_requests: 100, rows_synced: 100 };
    // A week ago both of the 30 days that are compared had a report, today only the earlier ones.
    const reports = [60, 36].map((days) => track('usage reported', usage, daysAgo(days)));
    await send('/v1/batch', { batch: [...reports, track('signed in', {}, daysAgo(1))] });
    await bot.deps.queue.enqueue('compute-health', { from: '2026-11-16', to: '2026-11-24' });
    expect(said().join('\n')).toMatch(/health score fell by [\d.]+ points within 7 days \(bands lost: [12]\)/);
  });

  test('of an account without a CSM go to the fallback channel, with the reason', async () => {
    await send('/v1/group', { userId: 'bob', groupId: 'lone', traits: { name: 'Lone' }, timestamp: now.toISOString() });
    await send('/v1/track', { ...track('payment failed'), userId: 'bob', context: { groupId: 'lone' } });
    const words = bot.slack.messages(csTeam, tom).map((message) => wordsOf(message).join('\n'));
    expect(words).toHaveLength(1);
    expect(words[0]).toContain('Lone');
    expect(words[0]).toMatch(/no CSM/i);
  });
});
