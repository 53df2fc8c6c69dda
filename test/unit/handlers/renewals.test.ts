import { describe, expect, it } from 'vitest';
import { parseRenewalsRequest, parseRenewRequest } from '../../../handlers/renewals/parse.ts';

const today = '2027-06-30';

describe('parseRenewalsRequest', () => {
  it.each([
    ['', 'mine', 4],
    ['  Mine ', 'mine', 4],
    ['all', 'all', 4],
    ['next 6 months', 'mine', 6],
    ['the next 6 months', 'mine', 6],
    ['all next 12 months', 'all', 12],
    ['12m', 'mine', 12],
    ['next 1 month', 'mine', 1],
  ])('reads %j', (text, list, months) => {
    expect(parseRenewalsRequest(text)).toEqual({ list, months });
  });

  it.each(['yours', 'next', 'next 0 months', 'next 37 months', 'all of them', '4 weeks'])('refuses %j', (text) => {
    expect(() => parseRenewalsRequest(text)).toThrow();
  });
});

describe('parseRenewRequest', () => {
  it.each([
    ['acme renewed', { account: 'acme', state: 'renewed', date: null, note: null }],
    ['Acme Corp RENEWED 2028-08-31', { account: 'Acme Corp', state: 'renewed', date: '2028-08-31', note: null }],
    ['acme renewed until 2028-08-31 a note', { account: 'acme', state: 'renewed', date: '2028-08-31', note: 'a note' }],
    ['acme renewed for less', { account: 'acme', state: 'renewed', date: null, note: 'for less' }],
    [
      'acme lost 2028-08-31 says it all',
      { account: 'acme', state: 'lost', date: null, note: '2028-08-31 says it all' },
    ],
    ['acme moved to 2027-10-01', { account: 'acme', state: 'moved', date: '2027-10-01', note: null }],
    ['“The Lost Boys” lost for good', { account: 'The Lost Boys', state: 'lost', date: null, note: 'for good' }],
  ])('reads %j', (text, expected) => {
    expect(parseRenewRequest(text, today)).toEqual([expected]);
  });

  it('gives each way to read several such words', () => {
    expect(parseRenewRequest('The Lost Boys renewed', today).map(({ account, state }) => [account, state])).toEqual([
      ['The', 'lost'],
      ['The Lost Boys', 'renewed'],
    ]);
    // "moved" has no date where it is part of the name.
    expect(parseRenewRequest('The Moved Co lost', today)).toEqual([
      { account: 'The Moved Co', state: 'lost', date: null, note: null },
    ]);
  });

  it('cuts a note', () => {
    expect(parseRenewRequest(`acme lost ${'🍦'.repeat(900)}`, today)[0]?.note?.length).toBeLessThanOrEqual(1000);
  });

  it.each([
    '',
    'renewed',
    'acme',
    'acme moved',
    'acme moved 2027-13-01',
    'acme moved 2027-6-1',
    'acme renewed 2026-01-01',
  ])('refuses %j', (text) => {
    expect(() => parseRenewRequest(text, today)).toThrow();
  });
});
