import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/ingest/types.ts';
import { parseSegment, type SegmentCall } from '../../../src/sources/segment.ts';

const receivedAt = new Date('2026-11-21T10:00:00Z');
const receipt = { receivedAt, earliest: new Date('2025-10-01T00:00:00Z') };

/** The one call that a body of this kind makes. */
function callOf(kind: SegmentCall, body: object): Call | undefined {
  const { calls, refusals } = parseSegment({ messageId: 'm1', ...body }, kind, receipt);
  expect(refusals).toEqual([]);
  expect(calls).toHaveLength(1);
  return calls[0];
}

/** Why the one call of a body is refused. */
function reasonOf(kind: SegmentCall, body: unknown): string | undefined {
  const { calls, refusals } = parseSegment(body, kind, receipt);
  expect(calls).toEqual([]);
  return refusals[0]?.reason;
}

const batch = (...items: unknown[]) => parseSegment({ batch: items }, 'batch', receipt);

describe('a call', () => {
  test('of track is an event of its user, in the account of its context', () => {
    const body = {
      userId: ' u1 ',
      anonymousId: 'a1',
      event: ' Ticket Purchased ',
      properties: { amount: 12.5 },
      context: { groupId: 'acme', ip: '203.0.113.9' },
      groupId: 'globex',
      timestamp: '2026-11-20T09:00:00Z',
    };
    expect(callOf('track', body)).toEqual({
      kind: 'event',
      messageId: 'm1',
      name: 'Ticket Purchased',
      occurredAt: new Date('2026-11-20T09:00:00Z'),
      properties: { amount: 12.5 },
      actor: { userId: 'u1', anonymousId: 'a1' },
      account: 'acme',
    });
  });

  test('of track without a context is of the account beside it, else of none', () => {
    expect(callOf('track', { userId: 'u1', event: 'e', groupId: 7 })).toMatchObject({ account: '7' });
    expect(callOf('track', { userId: 'u1', event: 'e', context: {} })).toMatchObject({ account: null });
  });

  test('of page and screen is an event that is named as what was viewed', () => {
    const page = { anonymousId: 'a1', name: 'Home', category: 'Docs', properties: { path: '/' } };
    expect(callOf('page', page)).toMatchObject({
      name: 'Viewed Home Page',
      properties: { path: '/', name: 'Home', category: 'Docs' },
    });
    expect(callOf('screen', { userId: 'u1', name: 'Search' })).toMatchObject({ name: 'Viewed Search Screen' });
    expect(callOf('page', { userId: 'u1', category: 'Docs' })).toMatchObject({ name: 'Viewed Docs Page' });
    expect(callOf('page', { userId: 'u1' })).toMatchObject({ name: 'Viewed Page', properties: {} });
  });

  test('of identify tells a user, with what its context says before', () => {
    const body = {
      userId: 42,
      traits: { plan: 'pro' },
      context: { groupId: 'acme', traits: { plan: 'free', role: 'owner' } },
    };
    expect(callOf('identify', body)).toEqual({
      kind: 'user',
      at: receivedAt,
      actor: { userId: '42', anonymousId: null },
      account: 'acme',
      traits: { plan: 'pro', role: 'owner' },
    });
  });

  test('of group tells an account and puts the user into it', () => {
    expect(callOf('group', { userId: 'u1', groupId: 'acme', traits: { name: 'Acme', seats: 5 } })).toEqual({
      kind: 'account',
      at: receivedAt,
      account: 'acme',
      actor: { userId: 'u1', anonymousId: null },
      traits: { name: 'Acme', seats: 5 },
    });
  });

  test('of alias says that two ids are one', () => {
    expect(callOf('alias', { previousId: 'a1', userId: 'u1' })).toEqual({
      kind: 'alias',
      at: receivedAt,
      previousId: 'a1',
      userId: 'u1',
    });
  });
});

describe('a call is refused', () => {
  test.each<[SegmentCall, object, string]>([
    ['track', { event: 'e' }, 'userId and anonymousId are missing; one is needed'],
    ['track', { event: 'e', userId: ' ', anonymousId: '' }, 'userId and anonymousId are missing; one is needed'],
    ['track', { userId: 'u1' }, 'event is missing'],
    ['track', { userId: 'u1', event: '  ' }, 'event is missing'],
    ['track', { userId: 'u1', event: 5 }, 'event must be text'],
    ['track', { userId: 'u1', event: 'e'.repeat(256) }, 'event is longer than 255 characters'],
    ['track', { userId: 'u'.repeat(256), event: 'e' }, 'userId is longer than 255 characters'],
    ['track', { userId: ['u1'], event: 'e' }, 'userId must be text or a number'],
    ['track', { userId: 2 ** 60, event: 'e' }, 'userId is a number too large to keep exactly; send it as text'],
    ['track', { userId: 'a\u0000b', event: 'e' }, 'userId contains a control character or half of one'],
    ['track', { userId: 'a\ud800b', event: 'e' }, 'userId contains a control character or half of one'],
    ['track', { userId: 'u1', event: 'e', messageId: 'm'.repeat(256) }, 'messageId is longer than 255 characters'],
    ['track', { userId: 'u1', event: 'e', properties: [] }, 'properties must be an object'],
    ['track', { userId: 'u1', event: 'e', properties: 'x' }, 'properties must be an object'],
    ['track', { userId: 'u1', event: 'e', context: 'x' }, 'context must be an object'],
    ['track', { userId: 'u1', event: 'e', context: { groupId: {} } }, 'context.groupId must be text or a number'],
    ['track', { userId: 'u1', event: 'e', timestamp: 1 }, 'timestamp must be a date and time in ISO 8601'],
    [
      'track',
      { userId: 'u1', event: 'e', properties: { n: Number.POSITIVE_INFINITY } },
      'properties has a number that is too large',
    ],
    ['identify', { userId: 'u1', traits: 7 }, 'traits must be an object'],
    ['group', { userId: 'u1' }, 'groupId is missing'],
    ['alias', { userId: 'u1' }, 'previousId is missing'],
    ['alias', { previousId: 'a1' }, 'userId is missing'],
    ['alias', { previousId: 'u1', userId: 'u1' }, 'previousId and userId are the same'],
  ])('%s %o: %s', (kind, body, reason) => {
    expect(reasonOf(kind, body)).toBe(reason);
  });

  test('when it is larger than 32 kB, in bytes', () => {
    const body = (text: string) => ({ userId: 'u1', event: 'e', properties: { text } });
    expect(reasonOf('track', body('x'.repeat(33_000)))).toBe('the call is larger than 32 kB');
    expect(reasonOf('track', body('€'.repeat(11_000)))).toBe('the call is larger than 32 kB');
    expect(callOf('track', body('x'.repeat(32_000)))).toMatchObject({ name: 'e' });
  });

  test('when it is nested deep, however deep', () => {
    const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as object;
    expect(reasonOf('track', { userId: 'u1', event: 'e', properties: nested(21) })).toBe(
      'properties is nested more than 20 deep',
    );
    expect(reasonOf('track', { userId: 'u1', event: 'e', properties: nested(50_000) })).toMatch(/nested|larger/);
    expect(callOf('track', { userId: 'u1', event: 'e', properties: nested(20) })).toMatchObject({ name: 'e' });
  });
});

describe('text that the database would refuse', () => {
  test('is cleaned in names and properties', () => {
    const properties = { 'k\u0000': ['\ud83d', { deep: 'a\u0000b' }], fine: '👍' };
    expect(callOf('track', { userId: 'u1', event: 'e\u0000\udc00', properties })).toMatchObject({
      name: 'e�',
      properties: { k: ['�', { deep: 'ab' }], fine: '👍' },
    });
  });

  test('never comes out, whatever goes in, and __proto__ does neither', () => {
    const json = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown);
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), json, { maxKeys: 4 }),
        fc.string({ unit: 'binary' }),
        (properties, event) => {
          const body = JSON.parse(
            JSON.stringify({ userId: 'u1', event, properties }).replace('{', '{"__proto__":{"a":1},'),
          ) as object;
          for (const call of parseSegment(body, 'track', receipt).calls) {
            const text = JSON.stringify(call);
            expect(text).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i);
            expect(text).not.toContain('"__proto__":');
          }
        },
      ),
      { numRuns: 60 },
    );
    const hostile = JSON.parse(
      '{"userId":"u1","event":"e","properties":{"__proto__":{"isAdmin":true},"a":1}}',
    ) as object;
    const call = callOf('track', hostile);
    expect(call).toMatchObject({ properties: { a: 1 } });
    expect(Object.keys(call?.kind === 'event' ? call.properties : {})).toEqual(['a']);
  });
});

describe('a batch', () => {
  test('keeps what is good and tells of the rest', () => {
    const { calls, refusals, received } = batch(
      { type: 'track', userId: 'u1', event: 'one', messageId: 'm1' },
      { type: 'track', event: 'two', messageId: 'm2' },
      'three',
      { type: 'toString', userId: 'u1' },
      null,
      { type: 'identify', userId: 'u1' },
    );
    expect(calls.map(({ kind }) => kind)).toEqual(['event', 'user']);
    expect(refusals.map(({ index, messageId, reason }) => [index, messageId, reason])).toEqual([
      [1, 'm2', 'userId and anonymousId are missing; one is needed'],
      [2, null, 'the call must be an object'],
      [3, null, 'type must be track, identify, group, page, screen or alias'],
      [4, null, 'the call must be an object'],
    ]);
    expect(refusals[0]?.sample).toBe('{"type":"track","event":"two","messageId":"m2"}');
    expect(received).toBe(6);
  });

  test('says for all its calls when it was sent and in which account', () => {
    const body = {
      sentAt: '2026-11-21T09:00:00Z',
      context: { groupId: 'acme' },
      batch: [{ type: 'track', userId: 'u1', event: 'e', timestamp: '2026-11-21T08:59:00Z' }],
    };
    expect(parseSegment(body, 'batch', receipt).calls[0]).toMatchObject({
      occurredAt: new Date('2026-11-21T09:59:00Z'),
      account: 'acme',
    });
  });

  test.each([[null], [[]], ['x'], [{}], [{ batch: {} }], [{ batch: null }]])('that is %o cannot be read', (body) => {
    expect(() => parseSegment(body, 'batch', receipt)).toThrow(/The body must/);
  });

  test('has at most 2,500 events', () => {
    const item = { type: 'track', userId: 'u1', event: 'e' };
    expect(batch(...Array.from({ length: 2500 }, () => item)).calls).toHaveLength(2500);
    expect(() => batch(...Array.from({ length: 2501 }, () => item))).toThrow('at most 2500 events');
  });
});

describe('an event without a messageId', () => {
  const idsOf = (body: object, at = receivedAt) =>
    parseSegment(body, 'batch', { ...receipt, receivedAt: at }).calls.map((call) =>
      call.kind === 'event' ? call.messageId : '',
    );
  const event = { type: 'track', userId: 'u1', event: 'e', timestamp: '2026-11-21T08:59:00Z' };

  test('has the same id when it is sent again, even at another time', () => {
    const [first] = idsOf({ batch: [event], sentAt: '2026-11-21T09:00:00Z' });
    const [again] = idsOf({ batch: [{ ...event, sentAt: '2026-11-21T09:05:00Z' }] }, new Date('2026-11-21T11:00:00Z'));
    expect(first).toMatch(/^auto-/);
    expect(again).toBe(first);
  });

  test('is told apart from others that say the same in one request, and from those that say something else', () => {
    const ids = idsOf({ batch: [event, event, { ...event, event: 'f' }] });
    expect(new Set(ids).size).toBe(3);
    expect(idsOf({ batch: [event, event, { ...event, event: 'f' }] })).toEqual(ids);
  });

  test('and without a time is another one each time, for it may have happened again', () => {
    const untimed = { batch: [{ ...event, timestamp: undefined }] };
    expect(new Set([...idsOf(untimed), ...idsOf(untimed)]).size).toBe(2);
  });
});
