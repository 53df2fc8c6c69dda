import { describe, expect, test } from 'vitest';
import { parsePosthogWebhook } from '../../../src/sources/posthog-webhook.ts';

const receivedAt = new Date('2026-11-21T10:00:00Z');
const receipt = { receivedAt, earliest: new Date('2025-10-01T00:00:00Z') };
const at = new Date('2026-11-21T09:00:00Z');
const actor = { userId: 'u1', anonymousId: null };

const event = {
  uuid: 'id-1',
  event: 'insight created',
  distinct_id: 'u1',
  properties: { plan: 'pro', $groups: { company: 'acme' } },
  timestamp: at.toISOString(),
};
const person = { id: 'p1', name: 'Ana', properties: { email: 'ana@acme.example' } };
const told = [
  { kind: 'user', at, actor, account: 'acme', traits: { email: 'ana@acme.example' } },
  {
    kind: 'event',
    messageId: 'id-1',
    name: 'insight created',
    occurredAt: at,
    properties: { plan: 'pro' },
    actor,
    account: 'acme',
  },
];

describe('a delivery', () => {
  test('of an event and a person is an event and its user', () => {
    expect(parsePosthogWebhook({ event, person }, receipt)).toEqual({ calls: told, refusals: [], received: 1 });
    expect(parsePosthogWebhook({ event, person: null, groups: {} }, receipt).calls.at(-1)).toEqual(told[1]);
  });

  test('has 32 kB for the event, and as much each for the person and the groups', () => {
    const large = { note: 'x'.repeat(32_000) };
    const groups = { company: { id: 'acme', properties: large } };
    const taken = parsePosthogWebhook({ event, person: { properties: large }, groups }, receipt);
    expect(taken).toMatchObject({ calls: [{ kind: 'account' }, { kind: 'user' }, { kind: 'event' }], refusals: [] });
    const larger = { note: 'x'.repeat(33_000) };
    for (const body of [
      { event: { ...event, properties: larger } },
      { event, person: { properties: larger } },
      { event, groups: { company: { id: 'acme', properties: larger } } },
    ])
      expect(parsePosthogWebhook(body, receipt)).toMatchObject({
        calls: [],
        refusals: [{ reason: 'the call is larger than 32 kB' }],
      });
  });

  test.each(['id', 'key'])('with groups tells the account, by its %s', (name) => {
    const groups = {
      project: { [name]: 'p1', type: 'project', index: 1, properties: {} },
      company: { [name]: 'acme', type: 'company', index: 0, properties: { seats: 5 } },
    };
    const bare = { ...event, properties: { plan: 'pro' } };
    expect(parsePosthogWebhook({ event: bare, person, groups }, receipt).calls).toEqual([
      { kind: 'account', at, account: 'acme', actor: null, traits: { seats: 5 } },
      ...told,
    ]);
  });

  test('of the older shape says the same', () => {
    const data = {
      eventUuid: 'id-1',
      event: 'insight created',
      teamId: 1,
      distinctId: 'u1',
      properties: event.properties,
      timestamp: event.timestamp,
      person: { uuid: 'p1', properties: person.properties },
    };
    const hook = { id: 'h1', event: 'action_performed', target: 'https://bellwether.example/webhooks/posthog' };
    expect(parsePosthogWebhook({ hook, data }, receipt).calls).toEqual(told);
    const { eventUuid: uuid, distinctId: distinct_id, ...rest } = data;
    expect(parsePosthogWebhook({ hook, data: { ...rest, uuid, distinct_id } }, receipt).calls).toEqual(told);
    expect(parsePosthogWebhook({ ...rest, uuid, distinct_id }, receipt).calls).toEqual(told);
  });
});

describe('a delivery is refused', () => {
  test.each<[object, string]>([
    [{ event: { ...event, distinct_id: null } }, 'distinct_id is missing'],
    [{ event, person: 'Ana' }, 'person must be an object'],
    [{ event, groups: { company: 'acme' } }, 'groups must be an object'],
    [
      { event, person: { properties: { a: Number.POSITIVE_INFINITY } } },
      'properties.$set has a number that is too large',
    ],
    [{ event: { ...event, timestamp: '2026-11-21T11:00:00Z' } }, 'timestamp is more than 5 minutes in the future'],
  ])('%o: %s', (body, reason) => {
    expect(parsePosthogWebhook(body, receipt).refusals).toMatchObject([{ index: 0, reason }]);
  });

  test.each([[{}], [[]], ['x'], [{ hook: {}, data: {} }], [{ data: { event: 7 } }]])(
    'as a whole when it is %o',
    (body) => {
      expect(() => parsePosthogWebhook(body, receipt)).toThrow(/The body must/);
    },
  );
});
