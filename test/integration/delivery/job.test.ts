import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deliverMessages, deliverSoon } from '../../../jobs/deliver-messages.ts';
import type { Deps } from '../../../src/deps.ts';
import { createQueue } from '../../../src/queue/queue.ts';
import type { EnqueueOptions } from '../../../src/queue/types.ts';
import { startWorker } from '../../../src/queue/worker.ts';
import { alertsAt, insertAlertMessage } from '../../alert-factories.ts';
import { csTeam, maya, startTestBot, type TestBot, wordsOf } from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { createTestPlaybook } from '../../playbook.ts';

let database: TestDatabase;
let bot: TestBot;
let asked: EnqueueOptions[];
let deps: Deps;
beforeEach(async () => {
  database = await createTestDatabase();
  const now = () => alertsAt;
  bot = await startTestBot({ db: database.db, playbook: createTestPlaybook(), now }, { now });
  asked = [];
  const queue = {
    enqueue: async (_name: string, _payload: object, options: EnqueueOptions = {}) => {
      asked.push(options);
    },
  };
  deps = { ...bot.deps, queue };
});
afterEach(async () => {
  await bot.close();
  await database.drop();
});

const run = () => deliverMessages.run({}, deps);
const seen = (channel: string) => bot.slack.messages(channel, maya).map((message) => wordsOf(message).join('\n'));

test('the job posts what the message says; run twice it posts once', async () => {
  await insertAlertMessage(database.db);
  await insertAlertMessage(database.db, { kind: 'notice', notice: 'Much changed.', owner_email: null });
  expect(await deliverMessages.isDue?.(deps)).toBe(true);
  await run();
  await run();
  expect(seen(bot.slack.dm(maya))).toEqual([expect.stringContaining('account-1')]);
  expect(seen(csTeam)).toEqual(['Much changed.']);
  expect(await deliverMessages.isDue?.(deps)).toBe(false);
});

test('what is left it plans a run for, beside which others may be asked for, once for each second', async () => {
  await insertAlertMessage(database.db);
  await insertAlertMessage(database.db);
  await run();
  expect(asked).toMatchObject([{ notBefore: new Date(alertsAt.getTime() + 1000) }]);
  expect(asked[0]?.key).not.toBe(deliverSoon.key);
  await run();
  expect(asked[1]).toEqual(asked[0]);
});

test('a worker delivers all that is due, one a second, and what is asked for meanwhile', async () => {
  const real = { ...bot.deps, now: () => new Date() };
  const log = pino({ level: 'silent' });
  const settings = { databaseUrl: database.url, log };
  for (let count = 0; count < 3; count += 1) await insertAlertMessage(database.db, { severity: 'high' });
  const queue = await createQueue(settings);
  // The worker finds at its start that something is due.
  const deps = { ...real, queue };
  const worker = await startWorker({ ...settings, deps, jobs: [deliverMessages], concurrency: 2 });
  const posts = () => bot.slack.journal.filter(({ kind }) => kind === 'post').length;
  await bot.slack.waitFor(() => posts() === 1, 15_000);
  await insertAlertMessage(database.db, { severity: 'high', owner_email: 'tom@bellwether.example' });
  await queue.enqueue('deliver-messages', {}, deliverSoon);
  await bot.slack.waitFor(() => posts() === 4, 15_000);
  // A press in the second after a post is not left to the schedule.
  await database.db.updateTable('messages').set({ version: 2 }).execute();
  await queue.enqueue('deliver-messages', {}, deliverSoon);
  const edits = () => bot.slack.journal.filter(({ kind }) => kind === 'edit').length;
  await bot.slack.waitFor(() => edits() === 4, 10_000);
  await worker.close(5_000);
  await queue.close();
  expect(new Set(seen(bot.slack.dm(maya))).size).toBe(3);
});

test('by hand, with all that it enqueues, it ends although more is due soon', async () => {
  for (let count = 0; count < 3; count += 1) await insertAlertMessage(database.db);
  await bot.deps.queue.enqueue('deliver-messages', {}, deliverSoon);
  expect(seen(bot.slack.dm(maya))).toHaveLength(1);
});
