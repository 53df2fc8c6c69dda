import { describe, expect, test } from 'vitest';
import { accountType, keyInPosthogBody, parsePosthog } from '../../../src/sources/posthog.ts';

const receivedAt = new Date('2026-11-21T10:00:00Z');
const receipt = { receivedAt, earliest: new Date('2025-10-01T00:00:00Z') };

/** The calls that one event makes. */
function callsOf(event: object) {
  const { calls, refusals } = parsePosthog({ api_key: 'k', batch: [{ uuid: 'id-1', ...event }] }, receipt);
  expect(refusals).toEqual([]);
  return calls;
}

const reasonOf = (event: unknown) => parsePosthog({ batch: [event] }, receipt).refusals[0]?.reason;
const user = { userId: 'u1', anonymousId: null };

describe('an event', () => {
  test('is of its distinct id and of the account of its groups', () => {
    const properties = { plan: 'pro', $groups: { project: 'p1', company: 'acme' }, $lib: 'posthog-node', token: 'k' };
    expect(callsOf({ event: 'insight created', distinct_id: 'u1', properties })).toEqual([
      {
        kind: 'event',
        messageId: 'id-1',
        name: 'insight created',
        occurredAt: receivedAt,
        properties: { plan: 'pro', $lib: 'posthog-node' },
        actor: user,
        account: 'acme',
      },
    ]);
  });

  test('without groups is of no account, and without what tells of its user only an event', () => {
    expect(callsOf({ event: '$pageview', distinct_id: 7 })).toMatchObject([
      { kind: 'event', name: '$pageview', account: null, actor: { userId: '7' } },
    ]);
    expect(callsOf({ event: '$feature_flag_called', properties: { distinct_id: 'u1' } })).toMatchObject([
      { kind: 'event', actor: user, properties: {} },
    ]);
  });

  test.each([{ $is_identified: false }, { $process_person_profile: false }])(
    'of nobody in particular (%o) has no user',
    (said) => {
      const properties = { ...said, $groups: { company: 'acme' }, $set: { a: 1 } };
      expect(callsOf({ event: 'e', distinct_id: 'device', properties })).toMatchObject([
        { kind: 'event', actor: { userId: null, anonymousId: 'device' }, account: 'acme' },
      ]);
    },
  );

  test('sets traits of its user, but not the first values that clients add to each', () => {
    const properties = { $set: { plan: 'pro' }, $set_once: { $initial_referrer: 'x' } };
    expect(callsOf({ event: 'e', distinct_id: 'u1', properties })).toMatchObject([
      { kind: 'user', traits: { plan: 'pro' } },
      { kind: 'event', properties: {} },
    ]);
  });

  test('has its time corrected by when it was sent, unless it asks for that not to be done', () => {
    const event = { event: 'e', distinct_id: 'u1', timestamp: '2026-11-21T08:59:00Z' };
    const at = (properties: object) =>
      parsePosthog({ sent_at: '2026-11-21T09:00:00Z', batch: [{ ...event, properties }] }, receipt).calls[0];
    expect(at({})).toMatchObject({ occurredAt: new Date('2026-11-21T09:59:00Z') });
    expect(at({ $ignore_sent_at: true })).toMatchObject({ occurredAt: new Date('2026-11-21T08:59:00Z') });
  });

  test('without uuid has the id that it inserts by, else one made of what it says', () => {
    const event = { event: 'e', distinct_id: 'u1', timestamp: '2026-11-21T08:59:00Z' };
    expect(callsOf({ ...event, uuid: undefined, properties: { $insert_id: 'i1' } })).toMatchObject([
      { messageId: 'i1' },
    ]);
    const [made] = callsOf({ ...event, uuid: undefined });
    expect(made).toMatchObject({ messageId: expect.stringMatching(/^auto-/) });
    expect(callsOf({ ...event, uuid: undefined })).toEqual([made]);
  });
});

describe('what tells of users and accounts is no event', () => {
  test('$identify tells a user and whose the anonymous id was', () => {
    const properties = {
      $set: { email: 'ana@acme.example' },
      $set_once: { email: 'old', since: 1 },
      $anon_distinct_id: 'a1',
    };
    expect(callsOf({ event: '$identify', distinct_id: 'u1', properties })).toEqual([
      { kind: 'user', at: receivedAt, actor: user, account: null, traits: { email: 'ana@acme.example', since: 1 } },
      { kind: 'alias', at: receivedAt, previousId: 'a1', userId: 'u1' },
    ]);
    expect(callsOf({ event: '$identify', distinct_id: 'u1' })).toMatchObject([{ kind: 'user', traits: {} }]);
  });

  test('$set tells traits, and $unset that they are gone', () => {
    expect(
      callsOf({ event: '$set', distinct_id: 'u1', properties: { $unset: ['plan'], $set: { role: 'owner' } } }),
    ).toMatchObject([{ kind: 'user', traits: { plan: null, role: 'owner' } }]);
    expect(callsOf({ event: '$set', distinct_id: 'u1' })).toEqual([]);
  });

  test('of an anonymous visitor may become known later', () => {
    const anonymous = { userId: null, anonymousId: 'a1' };
    const properties = { $is_identified: false, $set: { plan: 'pro' }, $group_type: 'company', $group_key: 'acme' };
    expect(callsOf({ event: '$set', distinct_id: 'a1', properties })).toMatchObject([
      { kind: 'user', actor: anonymous, traits: { plan: 'pro' } },
    ]);
    expect(callsOf({ event: '$groupidentify', distinct_id: 'a1', properties })).toMatchObject([
      { kind: 'account', actor: anonymous },
    ]);
    expect(callsOf({ event: '$identify', distinct_id: 'a1', properties })).toMatchObject([{ actor: { userId: 'a1' } }]);
  });

  test('$create_alias says that two ids are one', () => {
    expect(callsOf({ event: '$create_alias', distinct_id: 'u1', properties: { alias: 'u0' } })).toEqual([
      { kind: 'alias', at: receivedAt, previousId: 'u0', userId: 'u1' },
    ]);
  });

  test('$groupidentify tells an account, and who is in it unless the id is made up', () => {
    const properties = { $group_type: 'company', $group_key: 'acme', $group_set: { name: 'Acme', seats: 5 } };
    const account = { kind: 'account', at: receivedAt, account: 'acme', traits: { name: 'Acme', seats: 5 } };
    expect(callsOf({ event: '$groupidentify', distinct_id: '$company_acme', properties })).toEqual([
      { ...account, actor: null },
    ]);
    expect(callsOf({ event: '$groupidentify', distinct_id: 'u1', properties })).toEqual([{ ...account, actor: user }]);
  });
});

describe('an event is refused', () => {
  test.each<[unknown, string]>([
    [null, 'the call must be an object'],
    [{ distinct_id: 'u1' }, 'event is missing'],
    [{ event: 'e' }, 'distinct_id is missing'],
    [{ event: 'e', distinct_id: {} }, 'distinct_id must be text or a number'],
    [{ event: 'e', distinct_id: 'u1', properties: 'x' }, 'properties must be an object'],
    [{ event: 'e', distinct_id: 'u1', properties: { $groups: 'acme' } }, 'properties.$groups must be an object'],
    [{ event: 'e', distinct_id: 'u1', properties: { $set: [] } }, 'properties.$set must be an object'],
    [{ event: 'e', distinct_id: 'u1', timestamp: 'x' }, 'timestamp is not a date and time in ISO 8601'],
    [
      { event: '$groupidentify', distinct_id: 'u1', properties: { $group_type: 'company' } },
      'properties.$group_key is missing',
    ],
    [
      { event: '$groupidentify', distinct_id: 'u1', properties: { $group_key: 'acme' } },
      'properties.$group_type is missing',
    ],
    [{ event: '$create_alias', distinct_id: 'u1' }, 'properties.alias is missing'],
  ])('%o: %s', (event, reason) => {
    expect(reasonOf(event)).toBe(reason);
  });

  test('as a whole request when there is no list', () => {
    expect(() => parsePosthog({ api_key: 'k' }, receipt)).toThrow('The body must have "batch", a list of events.');
    expect(() => parsePosthog('x', receipt)).toThrow('The body must be a JSON object.');
  });
});

test('one event may be the body itself', () => {
  expect(parsePosthog({ api_key: 'k', event: 'e', distinct_id: 'u1' }, receipt)).toMatchObject({
    received: 1,
    refusals: [],
  });
});

test.each([
  [['project', 'team', 'company'], 'company'],
  [['customer', 'project'], 'customer'],
  [['project'], 'project'],
  [['project', 'region'], null],
  [[], null],
])('of the types of groups %o the account is %s', (types, expected) => {
  expect(accountType(types)).toBe(expected);
});

test.each([
  [{ api_key: 'k' }, 'k'],
  [{ token: 'k' }, 'k'],
  [[{ properties: { token: 'k' } }], 'k'],
  [{ batch: [] }, undefined],
  ['k', undefined],
])('the key of %o is %s', (body, expected) => {
  expect(keyInPosthogBody(body)).toBe(expected);
});
