import fc from 'fast-check';
import { expect, test } from 'vitest';
import { METHODS } from '../../simulator/methods/index.ts';
import { BOT_TOKEN, CS_TEAM, MAYA, startSimulator } from './simulator-kit.ts';

const NAMES = [
  ...['channel', 'text', 'blocks', 'attachments', 'metadata', 'thread_ts', 'ts', 'user', 'users', 'user_id', 'view'],
  ...['view_id', 'trigger_id', 'hash', 'cursor', 'limit', 'types', 'oldest', 'latest', 'timestamp', 'name', 'file'],
  ...[
    'files',
    'filename',
    'length',
    'channel_id',
    'channels',
    'email',
    'markdown_text',
    'reply_broadcast',
    '__proto__',
  ],
];
const ts = '1700000000.000100';
const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(CS_TEAM, MAYA, ts, '[]', '{', '-1', 1e300, null));
const args = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 6 }).map((pairs) => {
  const json = pairs.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`);
  return `{${json.join()}}`;
});

test('any arguments to any method are answered or refused, never stumbled over', async () => {
  const { apiUrl, simulator } = await startSimulator({ appToken: BOT_TOKEN, events: [] });
  simulator.say(MAYA, CS_TEAM, 'Hello');
  const headers = { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/json' };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...METHODS.keys()), args, async (method, body) => {
      const response = await fetch(apiUrl + method, { method: 'POST', headers, body });
      expect(response.status).toBe(200);
      const answer = (await response.json()) as { ok: boolean; error?: string };
      expect(answer.ok ? undefined : typeof answer.error).toBe(answer.ok ? undefined : 'string');
    }),
    { numRuns: 400 },
  );
});

test.each([
  'message',
  'reaction',
  'action',
  'view',
  'options',
  'shortcut',
  'open',
  'fault',
  'constructor',
  '__proto__',
])('anything at all sent to the page’s /sim/%s is answered or refused, never stumbled over', async (name) => {
  const { url, simulator } = await startSimulator({ events: [], commands: [] });
  const { ts: said = '' } = simulator.say(MAYA, CS_TEAM, 'Hello');
  const field = fc.constantFrom('user', 'channel', 'ts', 'text', 'name', 'action', 'view_id', 'state', 'other', 'kind');
  const known = fc.constantFrom(MAYA, CS_TEAM, said, 'U0NOBODY', '/nothing', 'eyes', { action_id: 'a' }, true);
  const body = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.oneof(known, fc.jsonValue())));
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/sim/${name}`, { method: 'POST', headers, body: JSON.stringify(sent) });
      expect(await response.text()).not.toMatch(/TypeError|RangeError/);
      expect([200, 400, 404]).toContain(response.status);
    }),
    { numRuns: 60 },
  );
});
