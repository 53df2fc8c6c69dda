import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Simulator } from '../../simulator/types.ts';
import { CS_TEAM, MAYA, SIGNING_SECRET, startBolt, startSimulator } from './simulator-kit.ts';

type Heard = { headers: IncomingHttpHeaders; body: string };
type Reply = { status: number; headers?: Record<string, string>; body?: string };

/** A bot that writes down what it hears, and answers what `answer` says to the nth request, counted from 0. */
async function startEar(simulator: Simulator, answer: (nth: number, heard: Heard) => Reply): Promise<Heard[]> {
  const heard: Heard[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const request = { headers: req.headers, body: Buffer.concat(chunks).toString() };
    const { status, headers, body } = answer(heard.push(request) - 1, request);
    res.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  simulator.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  return heard;
}

const replies = (simulator: Simulator) => simulator.journal.filter(({ kind }) => kind === 'reply').length;
/** Lets what is under way end; timers stand still meanwhile. */
async function settled(simulator: Simulator, count: number): Promise<void> {
  while (replies(simulator) < count) await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('an event', () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  const startAtSlacksPace = () => startSimulator({ eventRetryDelaysMs: undefined as never });
  const retries = (heard: Heard[]) =>
    heard.map(({ headers }) => [headers['x-slack-retry-num'], headers['x-slack-retry-reason']]);

  test('that is refused comes again at once, after a minute and after five, then never', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { simulator } = await startAtSlacksPace();
    const heard = await startEar(simulator, () => ({ status: 500 }));
    simulator.say(MAYA, CS_TEAM, 'Hello?');
    await settled(simulator, 1);
    vi.advanceTimersByTime(0);
    await settled(simulator, 2);
    vi.advanceTimersByTime(59_999);
    await settled(simulator, 2);
    expect(heard).toHaveLength(2);
    vi.advanceTimersByTime(1);
    await settled(simulator, 3);
    vi.advanceTimersByTime(299_999);
    await settled(simulator, 3);
    expect(heard).toHaveLength(3);
    vi.advanceTimersByTime(1);
    await settled(simulator, 4);
    vi.advanceTimersByTime(86_400_000);
    await settled(simulator, 4);
    expect(retries(heard)).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_error'],
      ['3', 'http_error'],
    ]);
    expect(new Set(heard.map(({ body }) => (JSON.parse(body) as { event_id: string }).event_id)).size).toBe(1);
  });

  test.each([
    ['200 at the first attempt', [200], 1],
    ['204, as Slack takes any 2xx', [204], 1],
    ['200 at the second', [500, 200], 2],
    ['200 at the third', [500, 404, 200], 3],
  ])('that is answered with %s comes no more', async (_what, statuses, attempts) => {
    const { simulator } = await startSimulator();
    const heard = await startEar(simulator, (nth) => ({ status: statuses[nth] ?? 200 }));
    simulator.say(MAYA, CS_TEAM, 'Hello?');
    await simulator.waitFor(() => replies(simulator) === attempts);
    await simulator.waitForIdle();
    expect(heard).toHaveLength(attempts);
  });

  test('that is refused with x-slack-no-retry comes no more', async () => {
    const { simulator } = await startSimulator();
    const heard = await startEar(simulator, () => ({ status: 500, headers: { 'x-slack-no-retry': '1' } }));
    simulator.say(MAYA, CS_TEAM, 'Hello?');
    await simulator.waitFor(() => replies(simulator) === 1);
    await simulator.waitForIdle();
    expect(heard).toHaveLength(1);
  });

  test('that is answered too late comes again with http_timeout', async () => {
    const { simulator } = await startSimulator({ answerTimeoutMs: 50 });
    const heard: Heard['headers'][] = [];
    const server = createServer((req, res) => {
      heard.push(req.headers);
      if (heard.length > 1) res.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    simulator.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    simulator.say(MAYA, CS_TEAM, 'Hello?');
    await simulator.waitFor(() => replies(simulator) === 2);
    expect(heard[1]).toMatchObject({ 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' });
  });
});

describe('what Slack sends', () => {
  const isSigned = ({ headers, body }: Heard) => {
    const base = `v0:${String(headers['x-slack-request-timestamp'])}:${body}`;
    return headers['x-slack-signature'] === `v0=${createHmac('sha256', SIGNING_SECRET).update(base).digest('hex')}`;
  };
  const age = ({ headers }: Heard) => Math.abs(Date.now() / 1000 - Number(headers['x-slack-request-timestamp']));

  test('is signed over its body and dated now, each kind in its own form', async () => {
    const { simulator } = await startSimulator();
    const heard = await startEar(simulator, () => ({ status: 200 }));
    await simulator.command(MAYA, CS_TEAM, '/health Zoë & Söhne 🍋');
    await simulator.shortcut(MAYA, 'new_ticket');
    await simulator.sendEvent({ type: 'team_join' });
    expect(heard.map(isSigned)).toEqual([true, true, true]);
    expect(Math.max(...heard.map(age))).toBeLessThan(60);
    expect(heard.map(({ headers }) => headers['content-type'])).toEqual([
      'application/x-www-form-urlencoded',
      'application/x-www-form-urlencoded',
      'application/json',
    ]);
    expect(new URLSearchParams(heard[0]?.body).get('text')).toBe('Zoë &amp; Söhne 🍋');
    expect(JSON.parse(new URLSearchParams(heard[1]?.body).get('payload') ?? '')).toMatchObject({ type: 'shortcut' });
    expect(JSON.parse(heard[2]?.body ?? '')).toMatchObject({ type: 'event_callback', event: { type: 'team_join' } });
  });

  test('is signed with another secret or an hour old when told so, once', async () => {
    const { simulator } = await startSimulator();
    const heard = await startEar(simulator, () => ({ status: 200 }));
    simulator.signWrongly('secret');
    simulator.signWrongly('timestamp');
    for (let time = 0; time < 3; time += 1) await simulator.command(MAYA, CS_TEAM, '/health');
    expect(heard.map(isSigned)).toEqual([false, true, true]);
    expect(heard.map((each) => age(each) > 3000)).toEqual([false, true, false]);
  });

  test.each([[500], [404], [302], [201]])('as a command must be answered with 200, not %i', async (status) => {
    const { simulator } = await startSimulator();
    const heard = await startEar(simulator, () => ({ status }));
    expect(await simulator.command(MAYA, CS_TEAM, '/health')).toEqual({ ok: false, error: 'dispatch_failed' });
    expect(heard, 'commands are never sent again').toHaveLength(1);
  });
});

describe('the request URL', () => {
  test('of a Bolt app proves itself', async () => {
    const { simulator, apiUrl } = await startSimulator();
    await startBolt(simulator, apiUrl);
    expect(await simulator.verifyUrl()).toEqual({ ok: true });
  });

  test.each<[what: string, answer: (challenge: string) => string, error: string | null]>([
    ['the challenge as text', (challenge) => challenge, null],
    ['the challenge as JSON', (challenge) => JSON.stringify({ challenge }), null],
    ['nothing', () => '', 'challenge_failed'],
    ['null', () => 'null', 'challenge_failed'],
    ['another challenge', () => '{"challenge":"made up"}', 'challenge_failed'],
  ])('that answers %s is taken or refused', async (_what, answer, error) => {
    const { simulator } = await startSimulator();
    await startEar(simulator, (_nth, { body }) => {
      const { type, challenge } = JSON.parse(body) as { type: string; challenge: string };
      return { status: type === 'url_verification' ? 200 : 400, body: answer(challenge) };
    });
    expect(await simulator.verifyUrl()).toEqual(error === null ? { ok: true } : { ok: false, error });
  });

  test('that is away is refused', async () => {
    const { simulator } = await startSimulator();
    simulator.connect('http://127.0.0.1:9/slack/events');
    expect(await simulator.verifyUrl()).toEqual({ ok: false, error: 'connection_failed' });
  });
});
