import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ParsedBody } from '../../../src/sources/calls.ts';
import { RequestFault } from '../../../src/sources/faults.ts';
import { parsePosthog } from '../../../src/sources/posthog.ts';
import { parsePosthogWebhook } from '../../../src/sources/posthog-webhook.ts';
import { parseSegment } from '../../../src/sources/segment.ts';

const receipt = { receivedAt: new Date('2026-11-21T10:00:00Z'), earliest: new Date('2025-10-01T00:00:00Z') };

/** Any JSON, rather what makes trouble. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      '',
      ' ',
      0,
      -0,
      1e308,
      Number.POSITIVE_INFINITY,
      2 ** 60,
      true,
      [],
      {},
      '\u0000',
      '\ud800',
      '__proto__',
    ),
    fc.constantFrom('u1', 'acme', '2026-11-21T09:00:00Z', '9999-12-31', '0001-01-01', 'company'),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('a', '$groups', 'groupId', '\u0000', '__proto__', 'constructor', 'company', 'id'),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
}));

const keys = [
  'type',
  'event',
  'userId',
  'anonymousId',
  'previousId',
  'groupId',
  'messageId',
  'timestamp',
  'sentAt',
  'originalTimestamp',
];
const posthogKeys = [
  'uuid',
  'distinct_id',
  '$set',
  '$set_once',
  '$unset',
  '$groups',
  '$group_key',
  '$group_type',
  'alias',
  '$anon_distinct_id',
];
const types = [
  'track',
  'identify',
  'group',
  'page',
  'screen',
  'alias',
  '$identify',
  '$groupidentify',
  '$create_alias',
  '$set',
  'e',
];

/** A call that looks right, with some of it replaced by anything. */
const call = fc
  .record({
    base: fc.record({ type: fc.constantFrom(...types), event: fc.constantFrom(...types) }),
    mixed: fc.dictionary(fc.constantFrom(...keys, ...posthogKeys, 'properties', 'traits', 'context'), value, {
      maxKeys: 4,
    }),
    inner: fc.dictionary(fc.constantFrom(...posthogKeys), value, { maxKeys: 3 }),
  })
  .map(({ base, mixed, inner }) => ({
    userId: 'u1',
    distinct_id: 'u1',
    groupId: 'acme',
    previousId: 'a1',
    properties: inner,
    ...base,
    ...mixed,
  }));

const item = fc.oneof({ arbitrary: call, weight: 5 }, { arbitrary: value, weight: 1 });
const body = fc.oneof(
  {
    arbitrary: fc.record({ batch: fc.array(item, { maxLength: 4 }), sentAt: value, sent_at: value, context: value }),
    weight: 4,
  },
  { arbitrary: item, weight: 1 },
  { arbitrary: fc.record({ event: item, person: value, groups: value }), weight: 2 },
  { arbitrary: fc.record({ hook: value, data: item }), weight: 1 },
);

const ids = (from: Record<string, unknown>) =>
  ['messageId', 'userId', 'previousId', 'account', 'name'].map((name) => from[name]);

function expectStorable(parsed: ParsedBody): void {
  for (const found of parsed.calls) {
    const actor = 'actor' in found ? found.actor : null;
    for (const id of [...ids(found), actor?.userId, actor?.anonymousId]) {
      if (id === null || id === undefined) continue;
      expect(id).toSatisfy(
        (text: string) => text.trim() !== '' && text.length <= 255 && text.isWellFormed() && !text.includes('\0'),
      );
    }
    const at = found.kind === 'event' ? found.occurredAt : found.at;
    expect(at.getTime()).toBeLessThanOrEqual(receipt.receivedAt.getTime());
    expect(at.getTime()).toBeGreaterThanOrEqual(found.kind === 'event' ? receipt.earliest.getTime() : 0);
    expect(JSON.stringify(found)).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i);
  }
  for (const { reason, sample } of parsed.refusals) {
    // By these refusals are counted, so there must not be one for each caller's own words.
    expect(reason).toMatch(
      /^(?:the call|type|event|name|person|groups|traits|timestamp|originalTimestamp|uuid|distinct_id|messageId|(?:user|anonymous|previous|group)Id|context|properties)\b[ .$\w,;]+$/,
    );
    expect(sample).toSatisfy((text: string) => text.length <= 1000 && text.isWellFormed() && !text.includes('\0'));
  }
}

test.each<[string, (given: unknown) => ParsedBody]>([
  ['Segment', (given) => parseSegment(given, 'batch', receipt)],
  ['PostHog', (given) => parsePosthog(given, receipt)],
  ["PostHog's webhook", (given) => parsePosthogWebhook(given, receipt)],
])('whatever comes in at the door of %s is refused, or can be stored', (_, parse) => {
  fc.assert(
    fc.property(body, (given) => {
      try {
        expectStorable(parse(given));
      } catch (error) {
        if (!(error instanceof RequestFault)) throw error;
      }
    }),
    { numRuns: 1500 },
  );
});
