import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { basic, createRecordingIngester, startDoors, type TestDoors, writeKey } from '../../doors.ts';

let ingester: ReturnType<typeof createRecordingIngester>;
let doors: TestDoors;
beforeEach(async () => {
  ingester = createRecordingIngester();
  doors = await startDoors({ ingester });
});

const track = { type: 'track', userId: 'u1', event: 'login', messageId: 'm1' };
const ok = { status: 200, body: { success: true }, retryAfter: null };
const refusal = (reason: string) => ({
  body: { success: false, accepted: 0, errors: [{ index: null, messageId: null, reason }] },
});
const namesTaken = () =>
  ingester.given.flatMap(({ parsed }) => parsed.calls.map((call) => (call.kind === 'event' ? call.name : call.kind)));
const reasonsNoted = () => ingester.given.flatMap(({ parsed }) => parsed.refusals.map(({ reason }) => reason));

describe('the write key', () => {
  test('is taken as the user name, whatever the password, or from the body', async () => {
    const withPassword = { authorization: `Basic ${Buffer.from(`${writeKey}:secret`).toString('base64')}` };
    expect(await doors.post('/v1/track', track)).toEqual(ok);
    expect(await doors.post('/v1/track', track, withPassword)).toEqual(ok);
    expect(await doors.post('/v1/track', track, basic('another-key'))).toEqual(ok);
    expect(await doors.post('/v1/track', { ...track, writeKey }, {})).toEqual(ok);
    expect(namesTaken()).toHaveLength(4);
  });

  test.each<[string, Record<string, string>, object]>([
    ['missing', {}, {}],
    ['wrong', basic('test-write-kez'), {}],
    ['wrong in the headers, whatever the body says', basic('wrong'), { writeKey }],
    ['a part of the right one', basic('test-write'), {}],
    ['wrong in the body', {}, { writeKey: 'wrong' }],
    ['not a text', {}, { writeKey: [writeKey] }],
    ['in a header of another kind', { authorization: `Bearer ${writeKey}` }, {}],
    ['in broken Basic auth', { authorization: 'Basic !!' }, {}],
  ])('is refused when it is %s', async (_, headers, extra) => {
    const answer = await doors.post('/v1/track', { ...track, ...extra }, headers);
    expect(answer).toMatchObject({
      status: 401,
      ...refusal('The write key is missing or wrong: it must be one of INGEST_WRITE_KEYS.'),
    });
    expect(namesTaken()).toEqual([]);
    expect(JSON.stringify(ingester.given)).not.toContain('login');
  });

  test('is asked to be configured when there is none', async () => {
    const none = await startDoors({ ingester }, { keys: [] });
    for (const headers of [basic(writeKey), basic(''), {}]) {
      const answer = await none.post('/v1/track', { ...track, writeKey: '' }, headers);
      expect(answer.status).toBe(401);
      expect(JSON.stringify(answer.body)).toContain('must set INGEST_WRITE_KEYS');
    }
    expect(namesTaken()).toEqual([]);
  });

  test('of a webhook is in a header, and nothing is read without', async () => {
    const body = { event: { event: 'e', distinct_id: 'u1' } };
    expect(await doors.post('/webhooks/posthog', body, { authorization: `Bearer ${writeKey}` })).toEqual(ok);
    expect(await doors.post('/webhooks/posthog', body, { 'x-bellwether-key': writeKey })).toEqual(ok);
    expect(await doors.post('/webhooks/posthog', { ...body, api_key: writeKey }, {})).toMatchObject({ status: 401 });
    expect(await doors.post('/webhooks/posthog', '{', {})).toMatchObject({ status: 401 });
    expect(await doors.post('/webhooks/posthog', body, { 'x-bellwether-key': 'wrong' })).toMatchObject({ status: 401 });
  });

  test('that is wrong is noted 60 times in a minute', async () => {
    let now = new Date('2026-11-21T10:00:00Z');
    const still = await startDoors({ ingester }, { now: () => now });
    for (let index = 0; index < 65; index += 1) await still.post('/v1/track', track, basic('wrong'));
    expect(reasonsNoted()).toHaveLength(60);
    now = new Date('2026-11-21T10:01:00Z');
    await still.post('/v1/track', track, basic('wrong'));
    expect(reasonsNoted()).toHaveLength(61);
  });
});

describe('a body', () => {
  test('may be gzip, whether or not the headers say so, of any type and with a byte order mark', async () => {
    const packed = gzipSync(JSON.stringify(track));
    expect(await doors.post('/v1/track', packed, { ...basic(writeKey), 'content-encoding': 'gzip' })).toEqual(ok);
    expect(await doors.post('/v1/track', packed, { ...basic(writeKey), 'content-type': 'text/plain' })).toEqual(ok);
    expect(await doors.post('/v1/track', `\uFEFF${JSON.stringify(track)}`)).toEqual(ok);
    expect(namesTaken()).toEqual(['login', 'login', 'login']);
  });

  test.each([
    ['broken JSON', '{"batch": [', 'The body is not JSON.'],
    ['empty', '', 'The body is not JSON.'],
    ['no JSON at all', Buffer.from([0xff, 0xfe, 0, 1]), 'The body is not JSON.'],
    [
      'gzip that was cut off',
      gzipSync(JSON.stringify({ batch: [track] })).subarray(0, 30),
      'The body is not what gzip makes; it may have been cut off.',
    ],
    ['a list', '[]', 'The body must be a JSON object.'],
    ['without a batch', '{}', 'The body must have "batch", a list of calls.'],
    [
      'larger than 500 kB',
      JSON.stringify({ batch: [], pad: 'x'.repeat(513_000) }),
      'The body is larger than 500 kB; send less at once.',
    ],
    ['a gzip bomb', gzipSync(Buffer.alloc(100_000_000, ' ')), 'The body is larger than 500 kB; send less at once.'],
  ])('that is %s is refused as a whole, and noted', async (_, body, reason) => {
    expect(await doors.post('/v1/batch', body)).toMatchObject({ status: 400, ...refusal(reason) });
    expect(namesTaken()).toEqual([]);
    expect(reasonsNoted()).toEqual([reason]);
  });

  test('of PostHog that cannot be read is refused before its key is known', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    expect(await doors.post('/batch/', bomb, { 'content-encoding': 'gzip' })).toMatchObject({ status: 400 });
    expect(await doors.post('/batch/', '{"api_key":', {})).toMatchObject({ status: 400 });
    expect(reasonsNoted()).toHaveLength(2);
  });

  test('with more than 2,500 events is refused as a whole', async () => {
    const batch = (length: number) => ({
      batch: Array.from({ length }, (_, index) => ({ ...track, messageId: `m${index}` })),
    });
    expect(await doors.post('/v1/batch', batch(2501))).toMatchObject({ status: 400, body: { accepted: 0 } });
    expect(await doors.post('/v1/batch', batch(2500))).toEqual(ok);
    expect(namesTaken()).toHaveLength(2500);
  });

  test('with some calls that cannot be taken: the others are, and each reason is told', async () => {
    const batch = [
      track,
      { ...track, messageId: 'm2', userId: null },
      { ...track, messageId: 'm3', properties: { text: 'x'.repeat(40_000) } },
      { type: 'identify', userId: 'u1' },
    ];
    expect(await doors.post('/v1/batch', { batch })).toEqual({
      status: 400,
      body: {
        success: false,
        accepted: 2,
        errors: [
          { index: 1, messageId: 'm2', reason: 'userId and anonymousId are missing; one is needed' },
          { index: 2, messageId: 'm3', reason: 'the call is larger than 32 kB' },
        ],
      },
      retryAfter: null,
    });
    expect(namesTaken()).toEqual(['login', 'user']);
  });

  test('nested as deep as it can be is refused, and the doors stay open', async () => {
    const deep = `{"batch":[{"type":"track","userId":"u1","event":"e","properties":${'[{"a":'.repeat(60_000)}1${'}]'.repeat(60_000)}}]}`;
    expect(await doors.post('/v1/batch', deep)).toMatchObject({
      status: 400,
      body: { accepted: 0, errors: [{ index: 0 }] },
    });
    expect(await doors.post('/v1/batch', `{"batch":${'['.repeat(200_000)}`)).toMatchObject({ status: 400 });
    expect(await doors.post('/v1/track', track)).toEqual(ok);
  });

  test('with numbers too large is refused, and __proto__ in it changes nothing', async () => {
    const event = (properties: string) => `{"userId":"u1","event":"login","properties":${properties}}`;
    expect(await doors.post('/v1/track', event('{"a":1e400}'))).toMatchObject({ status: 400 });
    expect(
      await doors.post('/v1/track', event('{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}}')),
    ).toEqual(ok);
    expect(({} as { admin?: boolean; x?: number }).admin ?? ({} as { x?: number }).x).toBeUndefined();
  });
});

describe('the answer', () => {
  test('is given when the calls are stored, and not before', async () => {
    const stored = Promise.withResolvers<void>();
    const slow = await startDoors({ ingester: { ...createRecordingIngester(), ingest: () => stored.promise } });
    let answered = false;
    const answer = slow.post('/v1/track', track).then((got) => {
      answered = true;
      return got;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(answered).toBe(false);
    stored.resolve();
    expect(await answer).toEqual(ok);
  });

  test('asks to send again when they could not be stored', async () => {
    const failing = { ...createRecordingIngester(), ingest: () => Promise.reject(new Error('no database')) };
    const answers = [
      await (await startDoors({ ingester: failing })).post('/v1/track', track),
      await (await startDoors({ ingester }, { findHorizon: () => Promise.reject(new Error('no database')) })).post(
        '/v1/track',
        track,
      ),
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 503,
        retryAfter: '5',
        ...refusal('The events could not be stored; send them again.'),
      });
  });

  test('asks to send again, unread, while too much waits', async () => {
    const full = await startDoors({ ingester: { ...ingester, isFull: () => true } });
    expect(await full.post('/v1/track', '{broken')).toMatchObject({ status: 503, retryAfter: '5' });
    expect(ingester.given).toEqual([]);
  });

  test('is that another method is needed when it is no POST', async () => {
    expect((await fetch(`${doors.url}/v1/track`)).status).toBe(405);
    expect((await fetch(`${doors.url}/batch/`, { method: 'HEAD' })).status).toBe(405);
  });
});

test('a key is not shown with what is refused', async () => {
  await doors.post('/v1/track', { userId: 'u1', writeKey }, {});
  await doors.post('/v1/track', `{"writeKey":"${writeKey}",`);
  await doors.post('/capture/', { api_key: writeKey, event: 'e' }, {});
  await doors.post('/capture/', [{ event: 'e', properties: { token: writeKey } }], {});
  await doors.post('/batch/', { api_key: writeKey, batch: {} }, {});
  await doors.post(`/capture/?api_key=${writeKey}`, { api_key: 'wrong' }, {});
  expect(reasonsNoted()).toHaveLength(6);
  expect(JSON.stringify(ingester.given)).not.toContain(writeKey);
});

test('calls are counted by door and outcome', async () => {
  await doors.post('/v1/batch', { batch: [track, track, { ...track, event: null }] });
  await doors.post('/batch/', { api_key: writeKey, batch: [{ event: 'e', distinct_id: 'u1' }] }, {});
  await doors.post('/v1/track', track, {});
  const figures = await doors.metrics();
  expect(figures).toContain('bellwether_ingest_calls_total{door="segment",outcome="accepted"} 2');
  expect(figures).toContain('bellwether_ingest_calls_total{door="segment",outcome="refused"} 1');
  expect(figures).toContain('bellwether_ingest_calls_total{door="segment",outcome="unauthorized"} 1');
  expect(figures).toContain('bellwether_ingest_calls_total{door="posthog",outcome="accepted"} 1');
});
