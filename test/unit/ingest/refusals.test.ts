import { describe, expect, it } from 'vitest';
import { kindOfReason, sampleOf } from '../../../src/ingest/refusals.ts';

describe('kindOfReason', () => {
  it.each([
    ['timestamp is missing', 'timestamp is missing'],
    ['"plan type" is not a text', '… is not a text'],
    ['the batch has 2,501 events', 'the batch has n,n events'],
    ['2027-01-01T00:00:00Z is in the future', 'n is in the future'],
    ['', 'no reason given'],
    ['a\0b\ud800', 'a�b�'],
  ])('of %j is %j', (reason, kind) => {
    expect(kindOfReason(reason)).toBe(kind);
  });

  it('is short', () => {
    expect(kindOfReason('word '.repeat(1000)).length).toBeLessThanOrEqual(200);
  });
});

describe('sampleOf', () => {
  it('cuts what is long and can be stored, whatever is in it', () => {
    const sample = sampleOf({ index: 0, messageId: null, reason: 'r\0', sample: `${'x'.repeat(999)}🚀` });
    expect(sample).toEqual({ reason: 'r�', sample: `${'x'.repeat(999)}�` });
  });
});
