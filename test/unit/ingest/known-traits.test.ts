import { describe, expect, it } from 'vitest';
import { readAccountTraits, readUserTraits } from '../../../src/ingest/known-traits.ts';

describe('readUserTraits', () => {
  it('tells columns from traits', () => {
    const traits = { email: ' Ann@Acme.com', name: ' Ann ', createdAt: '2026-01-02T03:04:05Z', plan: 'pro' };
    expect(readUserTraits(traits)).toEqual({
      email: 'ann@acme.com',
      name: 'Ann',
      createdAt: new Date('2026-01-02T03:04:05Z'),
      traits: { plan: 'pro' },
    });
  });

  it.each([
    ['email', 'ann'],
    ['email', null],
    ['email', ['a@b.c']],
    ['name', ''],
    ['name', 'x'.repeat(501)],
    ['createdAt', 'yesterday'],
    ['createdAt', Number.MAX_VALUE],
    ['createdAt', '2026-13-45'],
    ['constructor', 1],
    ['toString', 1],
  ])('leaves %s %j a trait', (name, value) => {
    expect(readUserTraits({ [name]: value })).toEqual({ traits: { [name]: value } });
  });
});

describe('readAccountTraits', () => {
  it.each([
    [{ website: 'https://www.Acme.com/about' }, { domain: 'acme.com' }],
    [{ domain: 'acme.com', website: 'other.com' }, { domain: 'acme.com' }],
    [{ arr: 1200 }, { arr: '1200' }],
    [{ mrr: '99.50' }, { mrr: '99.50' }],
    [{ currency: 'eur' }, { currency: 'EUR' }],
    [{ renewalDate: '2027-03-01T10:00:00Z' }, { renewalDate: '2027-03-01' }],
    [{ created_at: 1_760_000_000 }, { createdAt: new Date(1_760_000_000_000) }],
    [{ createdAt: 1_760_000_000_000 }, { createdAt: new Date(1_760_000_000_000) }],
  ])('reads %j', (traits, facts) => {
    expect(readAccountTraits(traits)).toEqual({ ...facts, traits: {} });
  });

  it.each([
    ['arr', -1],
    ['arr', '1e5'],
    ['arr', Number.POSITIVE_INFINITY],
    ['mrr', 1e15],
    ['currency', 'euros'],
    ['domain', 'http://'],
    ['domain', 'localhost'],
    ['website', 'a b.com'],
    ['csm_email', 'Bob'],
    ['renewal_date', 'soon'],
  ])('leaves %s %j a trait', (name, value) => {
    expect(readAccountTraits({ [name]: value })).toEqual({ traits: { [name]: value } });
  });
});
