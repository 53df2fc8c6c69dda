import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { startDoors, type TestDoors, writeKey } from '../../doors.ts';
import { runCli } from '../../run-cli.ts';

let database: TestDatabase;
let doors: TestDoors;
beforeEach(async () => {
  database = await createTestDatabase();
  doors = await startDoors(database);
});
afterEach(() => database.drop());

const bellwether = (...args: string[]) =>
  runCli(['ingest', 'status', ...args], { env: { DATABASE_URL: database.url } });
const today = () => new Date().toISOString().slice(0, 10);

/** Something of everything that can happen to a call. */
async function sendSome(): Promise<void> {
  const track = (userId: string, event: string, more = {}) => ({
    type: 'track',
    userId,
    event,
    messageId: event,
    ...more,
  });
  await doors.post('/v1/group', { userId: 'u1', groupId: 'acme', messageId: 'g' });
  await doors.post('/v1/batch', {
    batch: [
      track('u1', 'login'),
      track('u1', 'search'),
      track('u2', 'export', { groupId: 'globex' }),
      track('u2', 'share', { groupId: 'globex' }),
      track('u3', 'login-2'),
      { type: 'track', userId: 'u1', event: '\u001b[31mred', messageId: 'r', timestamp: '2999-01-01T00:00:00Z' },
    ],
  });
  await doors.post('/v1/track', track('u1', 'login'));
  await doors.post('/batch/', { api_key: writeKey, batch: [{ distinct_id: 'u1' }] }, {});
  await doors.post('/v1/batch', '{"batch":');
}

describe('ingest status', () => {
  test('tells what came, what was refused and why, what waits, and ends with 1', async () => {
    await sendSome();
    const { code, stdout, stderr } = await bellwether();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const lines = stdout.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
    expect(lines).toEqual(
      expect.arrayContaining([
        'day (UTC) door stored duplicate waiting applied refused',
        `${today()} segment 2 1 3 1 2`,
        `${today()} posthog 0 0 0 0 1`,
        '1 at segment: timestamp is more than 5 minutes in the future',
        '1 at segment: The body is not JSON.',
        '1 at posthog: event is missing',
        '3 events wait for an account, the oldest came just now:',
        '2 of account globex',
        '1 of user u3, who is in no account',
      ]),
    );
    expect(stdout).toContain('{"distinct_id":"u1"}');
    expect(stdout).toMatch(/batch(es are| is) not in the series yet/);
    expect(stdout).not.toContain('\u001b');
  });

  test('answers in JSON, for one door', async () => {
    await sendSome();
    const { code, stdout } = await bellwether('--json', '--door', 'posthog', '--days', '1');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      from: today(),
      days: [{ day: today(), door: 'posthog', stored: 0, duplicate: 0, waiting: 0, applied: 0, refused: 1 }],
      refusals: [
        { door: 'posthog', reason: 'event is missing', count: 1, samples: [{ sample: '{"distinct_id":"u1"}' }] },
      ],
      waiting: {
        events: 3,
        for: [
          { account: 'globex', events: 2 },
          { userId: 'u3', events: 1 },
        ],
      },
    });
  });

  test('tells of callers without a right key, but not what they sent', async () => {
    await doors.post('/v1/track', { userId: 'secret-user', event: 'login' }, { 'user-agent': 'curl/8' });
    const { code, stdout } = await bellwether();
    expect(code).toBe(1);
    expect(stdout).toContain('1 at segment: The write key is missing or wrong: it must be one of INGEST_WRITE_KEYS.');
    expect(stdout).toContain('POST /v1/track from curl/8');
    expect(stdout).not.toContain('secret-user');
  });

  test('ends with 0 when nothing was refused', async () => {
    const nothing = await bellwether();
    expect(nothing.code).toBe(0);
    expect(nothing.stdout).toMatch(
      /Nothing came in since [\s\S]*Nothing was refused[\s\S]*No events wait[\s\S]*in the series/,
    );
    await doors.post('/v1/group', { userId: 'u1', groupId: 'acme' });
    expect((await bellwether()).code).toBe(0);
  });

  test.each([
    [['--days', '0'], '--days must be a whole number, 1 to 366.'],
    [['--days', 'week'], '--days must be a whole number, 1 to 366.'],
    [['--door', 'front'], 'There is no door front; the doors are segment, posthog, posthog-webhook, import, tickets.'],
  ])('refuses %o', async (args, message) => {
    const { code, stderr } = await bellwether(...args);
    expect({ code, stderr: stderr.trim() }).toEqual({ code: 2, stderr: message });
  });
});
