import { describe, expect, test } from 'vitest';
import { BOT_TOKEN, CS_TEAM, type client, MAYA, refusal, SHARED, startSimulator } from './simulator-kit.ts';

describe('a fault', () => {
  const post = (web: ReturnType<typeof client>) => refusal(web.chat.postMessage({ channel: CS_TEAM, text: 'Once' }));

  test('of status, code or rate is answered and nothing is done', async () => {
    const { web, simulator } = await startSimulator();
    simulator.fault({ method: 'chat.postMessage', kind: 'status', status: 503 });
    simulator.fault({ method: 'chat.postMessage', kind: 'error', error: 'fatal_error' });
    simulator.fault({ method: '*', kind: 'rate_limited', retryAfter: 7 });
    await expect(web.chat.postMessage({ channel: CS_TEAM, text: 'a' })).rejects.toMatchObject({ statusCode: 503 });
    expect(await post(web)).toBe('fatal_error');
    await expect(web.chat.postMessage({ channel: CS_TEAM, text: 'a' })).rejects.toMatchObject({ retryAfter: 7 });
    expect(simulator.messages(CS_TEAM, MAYA)).toEqual([]);
    expect(await post(web)).toBe('ok');
  });

  test('that loses the answer leaves the message posted', async () => {
    const { web, simulator } = await startSimulator();
    simulator.fault({ method: 'chat.postMessage', kind: 'lost' });
    expect(await post(web)).toMatch(/fetch failed/);
    expect(simulator.messages(CS_TEAM, MAYA)).toMatchObject([{ text: 'Once' }]);
    expect(simulator.journal).toContainEqual(expect.objectContaining({ kind: 'answer', ok: true, lost: true }));
  });

  test('that hangs answers nothing until the caller gives up', async () => {
    const { apiUrl, simulator } = await startSimulator();
    simulator.fault({ method: 'auth.test', kind: 'hang', ms: 5000 });
    const answer = fetch(`${apiUrl}auth.test`, { method: 'POST', signal: AbortSignal.timeout(100) });
    await expect(answer).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('comes only after as many calls and as often as it was scripted', async () => {
    const { web, simulator } = await startSimulator();
    simulator.fault({ method: 'chat.postMessage', kind: 'error', error: 'fatal_error', after: 1, count: 2 });
    const answers = [];
    for (let call = 0; call < 4; call += 1) answers.push(await post(web));
    expect(answers).toEqual(['ok', 'fatal_error', 'fatal_error', 'ok']);
  });
});

test('posts above one a second and channel wait when rate limits are on', async () => {
  let at = Date.UTC(2026, 10, 2);
  const { web } = await startSimulator({ rateLimits: true, now: () => new Date(at) });
  const post = (channel: string) => web.chat.postMessage({ channel, text: 'a' });
  await post(CS_TEAM);
  await expect(post(CS_TEAM)).rejects.toMatchObject({ code: 'slack_webapi_rate_limited_error', retryAfter: 1 });
  await post(SHARED);
  at += 1000;
  await post(CS_TEAM);
});

test.each([
  ['users.info', { user: MAYA }, 100, 1],
  ['conversations.info', { channel: CS_TEAM }, 50, 2],
  ['users.list', {}, 20, 3],
])('calls of %s above its tier wait for Retry-After when rate limits are on', async (method, args, most, wait) => {
  let at = Date.UTC(2026, 10, 2);
  const { apiUrl, web, simulator } = await startSimulator({ rateLimits: true, now: () => new Date(at) });
  for (let call = 0; call < most; call += 1) expect(await refusal(web.apiCall(method, args))).toBe('ok');
  const headers = { authorization: `Bearer ${BOT_TOKEN}` };
  const refused = await fetch(`${apiUrl}${method}?${new URLSearchParams(args as never)}`, { headers });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, String(wait)]);
  expect(await refused.json()).toEqual({ ok: false, error: 'ratelimited' });
  expect(await refusal(web.auth.test()), 'another method').toBe('ok');
  at += wait * 1000;
  expect(await refusal(web.apiCall(method, args))).toBe('ok');
  expect(simulator.journal.filter((entry) => entry.kind === 'answer' && entry.status === 429)).toHaveLength(1);
});

test('nothing waits while rate limits are off', async () => {
  const { web } = await startSimulator();
  const answers = await Promise.all(Array.from({ length: 150 }, () => refusal(web.users.info({ user: MAYA }))));
  expect(new Set(answers)).toEqual(new Set(['ok']));
});
