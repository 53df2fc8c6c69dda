import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSimulator } from '../../../simulator/simulator.ts';
import { readConfig } from '../../../src/config.ts';
import { startBellwether } from '../../../src/main.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { basic, writeKey } from '../../doors.ts';

const log = pino({ level: 'silent' });

/** The product, or one role of it, in Socket Mode. */
async function start(database: TestDatabase, ...roles: ('bot' | 'worker')[]) {
  const slack = createSimulator({ signingSecret: '0123456789abcdef', botToken: 'xoxb-test', appToken: 'xapp-test' });
  const { apiUrl } = await slack.listen();
  onTestFinished(() => slack.close());
  const env = {
    PORT: '0',
    DATABASE_URL: database.url,
    SLACK_API_URL: apiUrl,
    SLACK_BOT_TOKEN: 'xoxb-test',
    SLACK_APP_TOKEN: 'xapp-test',
    INGEST_WRITE_KEYS: `another-key, ${writeKey}`,
  };
  const bellwether = await startBellwether({ config: readConfig(env, roles), roles, log, host: '127.0.0.1' });
  onTestFinished(bellwether.close);
  const url = `http://127.0.0.1:${bellwether.port}`;
  const post = (path: string, body: object) =>
    fetch(url + path, { method: 'POST', headers: basic(writeKey), body: JSON.stringify(body) });
  return { bellwether, url, post };
}

async function database(): Promise<TestDatabase> {
  const made = await createTestDatabase();
  onTestFinished(made.drop);
  return made;
}

describe('the bot', () => {
  it('takes events in Socket Mode too, and stores them before it answers', async () => {
    const { bellwether, url, post } = await start(await database(), 'bot');
    expect((await post('/v1/group', { userId: 'u1', groupId: 'acme' })).status).toBe(200);
    expect((await post('/v1/track', { userId: 'u1', event: 'login' })).status).toBe(200);
    const { db } = bellwether.deps;
    expect(await db.selectFrom('events').select(['account_id', 'name']).execute()).toEqual([
      { account_id: 'acme', name: 'login' },
    ]);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'bellwether_ingest_calls_total{door="segment",outcome="accepted"} 2',
    );
  });

  it('refuses events of before the months that are kept', async () => {
    const { post } = await start(await database(), 'bot');
    const now = new Date();
    const kept = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 13, 1));
    const send = (timestamp: Date) => post('/v1/track', { userId: 'u1', event: 'login', timestamp });
    expect((await send(kept)).status).toBe(200);
    const refused = await send(new Date(kept.getTime() - 1));
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('timestamp is older than events are kept');
  });

  it('answers what it has begun to take before it closes', async () => {
    const data = await database();
    const { bellwether, post } = await start(data, 'bot');
    expect((await post('/v1/group', { userId: 'u1', groupId: 'acme' })).status).toBe(200);
    const answers = Array.from({ length: 20 }, (_, index) =>
      post('/v1/track', { userId: 'u1', event: 'login', messageId: `m${index}` }).then(
        ({ status }) => status,
        () => null,
      ),
    );
    await Promise.race(answers);
    await bellwether.close();
    const taken = (await Promise.all(answers)).filter((status) => status === 200);
    const stored = await data.db.selectFrom('events').select('id').execute();
    expect(taken.length).toBeGreaterThan(0);
    expect(stored.length).toBeGreaterThanOrEqual(taken.length);
  });
});

it('what the bot has stored is counted by a worker soon', async () => {
  const { bellwether, post } = await start(await database(), 'bot', 'worker');
  await post('/v1/group', { userId: 'u1', groupId: 'acme' });
  await post('/v1/track', { userId: 'u1', event: 'login' });
  const counted = () => bellwether.deps.db.selectFrom('event_names').select('name').execute();
  await expect.poll(counted, { timeout: 20_000 }).toEqual([{ name: 'login' }]);
});

it('a worker has no doors', async () => {
  const { post } = await start(await database(), 'worker');
  expect((await post('/v1/track', { userId: 'u1', event: 'login' })).status).toBe(404);
});
