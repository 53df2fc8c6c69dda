import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideClaim, type Standing } from '../../../src/crm/decide.ts';
import type { ClaimSource, ClaimValue } from '../../../src/crm/types.ts';
import { createField } from '../../claim-field.ts';

const early = new Date('2026-11-01T00:00:00Z');
const late = new Date('2026-11-02T00:00:00Z');
const standing = (over: Partial<Standing> = {}): Standing => ({
  current: 'a',
  before: null,
  personSince: null,
  owner: 'salesforce',
  takesBack: false,
  ...over,
});
const said = (value: ClaimValue, asOwner = true) => ({ value, saidAt: early, asOwner });

describe('a word of the owner', () => {
  it.each([
    ['is taken when it is the first', standing(), 'b', true],
    ['is taken when it is new', standing({ before: said('a') }), 'b', true],
    ['is not taken again', standing({ before: said('b') }), 'b', false],
    ['is taken again when the account has nothing', standing({ before: said('b'), current: null }), 'b', true],
    ['is taken when it has become the owner since', standing({ before: said('b', false) }), 'b', true],
    [
      'is not taken when it has become the owner since a person said otherwise',
      standing({ before: said('b', false), personSince: late }),
      'b',
      false,
    ],
    ['takes back what it said itself', standing({ before: said('a') }), null, true],
    ['does not take back what others have put there', standing({ before: said('b') }), null, false],
    ['clears nothing when it never said anything', standing(), null, false],
  ])('%s', (_name, known, value, write) => {
    expect(decideClaim('salesforce', value, known).write).toBe(write);
  });
});

describe('a word of another', () => {
  it.each([
    ['is not taken', 'vitally', standing(), 'b', false],
    ['is not taken where the account has nothing', 'files', standing({ current: null }), 'b', false],
    ['is taken when a person says it', 'people', standing(), 'b', true],
    ['is taken when a person says it once more', 'people', standing({ before: said('b') }), 'b', true],
    ['is taken when nobody owns the field', 'vitally', standing({ owner: null }), 'b', true],
    [
      'is not taken again when nobody owns the field',
      'vitally',
      standing({ owner: null, before: said('b') }),
      'b',
      false,
    ],
    ['clears nothing when nobody owns the field', 'vitally', standing({ owner: null, before: said('a') }), null, false],
  ] as const)('%s', (_name, source, known, value, write) => {
    expect(decideClaim(source, value, known).write).toBe(write);
  });
});

const sources = ['salesforce', 'vitally', 'stripe', 'files', 'people'] as const;
const anyValue = fc.constantFrom('a', 'b', 'c', null);
const anyOwner = fc.constantFrom(...sources, null);
const history = fc.array(fc.record({ source: fc.constantFrom(...sources), value: anyValue }), { maxLength: 30 });

describe('a trait that a source no longer names', () => {
  it('goes where it is the word of the source, and stays where another has put something else', () => {
    const trait = standing({ owner: null, takesBack: true, before: said('a', false) });
    expect(decideClaim('vitally', null, trait).write).toBe(true);
    expect(decideClaim('vitally', null, { ...trait, current: 'b' }).write).toBe(false);
  });
});

describe('a field, whatever sources have said in whatever order', () => {
  it('does not change while each source only repeats itself', () => {
    fc.assert(
      fc.property(
        anyOwner,
        history,
        fc.array(fc.constantFrom(...sources), { maxLength: 20 }),
        (owner, words, order) => {
          const field = createField(owner);
          const last = new Map<ClaimSource, ClaimValue | null>();
          for (const { source, value } of words) {
            field.say(source, value);
            last.set(source, value);
          }
          // The first round may be the one in which a field that was cleared is filled again.
          for (const source of sources)
            if (last.has(source) && source !== 'people') field.say(source, last.get(source)!);
          const settled = field.value();
          for (const source of order) {
            // People do not repeat themselves by themselves.
            if (source === 'people' || !last.has(source)) continue;
            expect(field.say(source, last.get(source)!)).toBe(false);
          }
          expect(field.value()).toBe(settled);
        },
      ),
    );
  });

  it('has what its owner said last, unless a person said otherwise since', () => {
    fc.assert(
      fc.property(fc.constantFrom('salesforce', 'vitally', 'stripe', 'files' as const), history, (owner, words) => {
        const field = createField(owner);
        let expected: ClaimValue | null = null;
        let before: ClaimValue | null = null;
        for (const { source, value } of words) {
          field.say(source, value);
          if (source === 'people' && value !== null) expected = value;
          if (source !== owner) continue;
          if (value === null ? expected === before : value !== before || expected === null) expected = value;
          before = value;
        }
        expect(field.value()).toBe(expected);
      }),
    );
  });
});
