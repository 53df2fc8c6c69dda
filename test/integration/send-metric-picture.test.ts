import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendMetricPicture } from '../../jobs/send-metric-picture.ts';
import { readPlaybook } from '../../src/playbook/read.ts';
import { csTeam, maya, startTestBot, type TestBot } from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount, insertMetricValues } from '../factories.ts';

const today = '2026-11-21';
const now = () => new Date(`${today}T14:00:00Z`);
const playbook = await readPlaybook('new-vs-established');

let database: TestDatabase;
let bot: TestBot;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTestBot({ db: database.db, playbook, now });
  await insertAccount(database.db, { id: 'acme' });
  const values = { account: 'acme', metric: 'nps_score' };
  await insertMetricValues(database.db, [
    { ...values, day: '2026-11-20', value: 5 },
    { ...values, day: today, value: 9 },
  ]);
});
afterAll(async () => {
  await bot.close();
  await database.drop();
});

const ask = (line: string) => bot.ask(maya, csTeam, line);
const images = (message: { blocks: { type: string }[] } | undefined) =>
  message?.blocks.filter(({ type }) => type === 'image').length;

describe('send-metric-picture', () => {
  const payload = (responseUrl: string, changes: object = {}) => ({
    accountId: 'acme',
    userId: maya,
    metric: 'nps_score',
    days: 90,
    target: {
      responseUrl,
      replace: false,
      asked: null,
      until: new Date(now().getTime() + 60_000).toISOString(),
    },
    ...changes,
  });
  const uploads = () => bot.slack.journal.filter((entry) => entry.kind === 'file' && entry.state === 'ready').length;

  async function urlOf(line: string): Promise<string> {
    await ask(line);
    const delivery = bot.slack.journal.findLast((entry) => entry.kind === 'delivery' && entry.what === 'command');
    return String(delivery?.kind === 'delivery' && delivery.body.response_url);
  }

  test('uploads once when it is run twice', async () => {
    const url = await urlOf('/health acme trend');
    const before = uploads();
    const first = await sendMetricPicture.run(payload(url), bot.deps);
    expect(await sendMetricPicture.run(payload(url), bot.deps)).toEqual(first);
    expect(uploads()).toBe(before + 1);
  });

  test('does nothing when nobody waits any more, or there is nothing to draw', async () => {
    const url = await urlOf('/health acme trend');
    const late = payload(url);
    late.target.until = now().toISOString();
    expect(await sendMetricPicture.run(late, bot.deps)).toEqual({ skipped: 'nobody waits for it any more' });
    for (const changes of [{ accountId: 'gone' }, { metric: 'gone' }, { metric: 'surveys_total' }])
      expect(await sendMetricPicture.run(payload(url, changes), bot.deps)).toEqual({
        skipped: 'there is nothing to draw',
      });
  });

  test('leaves the figures alone when Slack refuses the bytes', async () => {
    bot.slack.fault({ method: 'upload', kind: 'status', status: 500, count: 3 });
    expect((await ask('/health acme trend nps 30d')).map(images)).toEqual([0]);
  });
});
