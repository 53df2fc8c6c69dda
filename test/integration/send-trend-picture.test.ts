import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sendTrendPicture } from '../../jobs/send-trend-picture.ts';
import { readPlaybook } from '../../src/playbook/read.ts';
import { csTeam, maya, startTestBot, type TestBot, tom, wordsOf } from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount, insertScore } from '../factories.ts';

const today = '2026-11-21';
const now = () => new Date(`${today}T14:00:00Z`);
const playbook = await readPlaybook('new-vs-established');

let database: TestDatabase;
let bot: TestBot;

beforeAll(async () => {
  database = await createTestDatabase();
  await insertAccount(database.db, { id: 'acme', name: 'Acme' });
  await insertScore(database.db, playbook, { account: 'acme', day: today, metrics: { nps_score: 9 } });
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.deleteFrom('trend_pictures').execute();
  await database.db.deleteFrom('picture_threads').execute();
  bot = await startTestBot({ db: database.db, playbook, now });
  return () => bot.close();
});

const uploads = () => bot.slack.journal.filter((entry) => entry.kind === 'file' && entry.state === 'ready').length;
const images = (message: { blocks: { type: string }[] } | undefined) =>
  message?.blocks.filter(({ type }) => type === 'image').length;

/** A command whose picture failed, and with it a response_url that still works. */
async function urlOf(user: string): Promise<string> {
  bot.slack.fault({ method: 'conversations.open', kind: 'error', error: 'fatal_error' });
  await bot.ask(user, csTeam, '/health acme');
  const delivery = bot.slack.journal.findLast((entry) => entry.kind === 'delivery' && entry.what === 'command');
  return String(delivery?.kind === 'delivery' && delivery.body.response_url);
}

function payload(responseUrl: string, until = new Date(now().getTime() + 60_000)) {
  const target = { kind: 'answer' as const, responseUrl, replace: false, asked: null, until: until.toISOString() };
  return { accountId: 'acme', userId: maya, target };
}

describe('send-trend-picture', () => {
  test('uploads once when it is run twice', async () => {
    const url = await urlOf(maya);
    const first = await sendTrendPicture.run(payload(url), bot.deps);
    expect(await sendTrendPicture.run(payload(url), bot.deps)).toEqual(first);
    expect(uploads()).toBe(1);
  });

  test('does nothing when nobody waits any more, or there is nothing to draw', async () => {
    const url = await urlOf(maya);
    expect(await sendTrendPicture.run(payload(url, now()), bot.deps)).toMatchObject({ skipped: expect.any(String) });
    const gone = { ...payload(url), accountId: 'gone' };
    expect(await sendTrendPicture.run(gone, bot.deps)).toEqual({ skipped: 'there is nothing to draw' });
    expect(uploads()).toBe(0);
  });

  test('opens one thread for a person although two jobs begin at once', async () => {
    const url = await urlOf(maya);
    await Promise.all([sendTrendPicture.run(payload(url), bot.deps), sendTrendPicture.run(payload(url), bot.deps)]);
    const dm = bot.slack.dm(maya);
    expect(bot.slack.messages(dm, maya).filter(({ text }) => text.includes('kept in this thread'))).toHaveLength(1);
  });

  test('waits until Slack has processed the file, through faults while looking', async () => {
    const slow = await startTestBot({ db: database.db, playbook, now }, { fileDelayMs: 400 });
    slow.slack.fault({ method: 'files.info', kind: 'status', status: 500 });
    slow.slack.fault({ method: 'files.info', kind: 'rate_limited', retryAfter: 1 });
    const answers = await slow.ask(tom, csTeam, '/health acme');
    expect(answers.map(images)).toEqual([0, 1]);
    await slow.close();
  });

  test('leaves the card alone and fails when Slack refuses the bytes', async () => {
    bot.slack.fault({ method: 'upload', kind: 'status', status: 500, count: 3 });
    expect((await bot.ask(maya, csTeam, '/health acme')).map(images)).toEqual([0]);
    const url = await urlOf(maya);
    await expect(sendTrendPicture.run(payload(url), bot.deps)).rejects.toThrow(/refused the bytes/);
  });

  test('draws a new one when somebody has deleted the picture, and the card goes out all the same', async () => {
    expect((await bot.ask(maya, csTeam, '/health acme')).map(images)).toEqual([0, 1]);
    await database.db.updateTable('trend_pictures').set({ file_id: 'F0DELETED00' }).execute();
    const answers = await bot.ask(maya, csTeam, '/health acme');
    expect(wordsOf(answers[0])[0]).toBe('Acme · 10.0 / 10 🟢 Healthy');
    expect(answers.map(images)).toEqual([0, 1]);
    expect((await bot.ask(maya, csTeam, '/health acme')).map(images)).toEqual([1]);
  });

  test('gives each person a picture in their own direct messages', async () => {
    await bot.ask(maya, csTeam, '/health acme');
    await bot.ask(tom, csTeam, '/health acme');
    const rows = await database.db.selectFrom('trend_pictures').selectAll().execute();
    expect(new Set(rows.map(({ slack_user_id }) => slack_user_id))).toEqual(new Set([maya, tom]));
    expect(new Set(rows.map(({ file_id }) => file_id)).size).toBe(2);
  });
});
