import { describe, expect, it } from 'vitest';
import { RowFault } from '../../../src/importing/faults.ts';
import { toMoney } from '../../../src/importing/money.ts';
import { toCurrency, toDomain, toEmail, toList, toProperty } from '../../../src/importing/values.ts';

describe('money', () => {
  it.each([
    ['1200', '1200'],
    ['1200.5', '1200.5'],
    ['1234.567', '1234.567'],
    ['0.125', '0.125'],
    ['0', '0'],
    ['1,200', '1200'],
    ['1,200.50', '1200.50'],
    ['1,234,567', '1234567'],
    ['1200,50', '1200.50'],
    ['1.200,50', '1200.50'],
    ['1.234.567', '1234567'],
    ["1'200.50", '1200.50'],
    ['1 200,50', '1200.50'],
    ['1\u00a0200\u202f300', '1200300'],
    ['$1,200', '1200'],
    ['$ 1200', '1200'],
    ['1200 USD', '1200'],
    ['usd 1200', '1200'],
  ])('reads %s', (text, amount) => {
    expect(toMoney(text, 'USD', false)).toBe(amount);
  });

  it.each([
    ['1.200', 'could mean 1200 or 1.200: write 1200 or 1.20'],
    ['12.345', 'could mean 12345 or 12.345'],
    ['-5', 'is negative'],
    ['$-5', 'is negative'],
    ['1,20,0', 'is not an amount of money'],
    ['12,3456', 'is not an amount of money'],
    ['1.2.3', 'is not an amount of money'],
    ['about 5', 'is not an amount of money'],
    ['1e3', 'is not an amount of money'],
    ['NaN', 'is not an amount of money'],
    ['5k', 'is not an amount of money'],
    ['99999999999999', 'is too large an amount'],
    ['€5', "is in EUR but the row's currency is USD; give a currency column"],
    ['5 GBP', "is in GBP but the row's currency is USD"],
  ])('refuses %s', (text, reason) => {
    expect(() => toMoney(text, 'USD', false)).toThrow(reason);
  });

  it('takes the point of a JSON number as a decimal point', () => {
    expect(toMoney('1.234', 'USD', true)).toBe('1.234');
  });

  it('takes the sign of the row’s currency', () => {
    expect(toMoney('€1.200,50', 'EUR', false)).toBe('1200.50');
  });
});

describe('values of accounts', () => {
  it.each([
    ['acme.com', 'acme.com'],
    ['https://www.Acme.com/', 'acme.com'],
    ['WWW.ACME.CO.UK', 'acme.co.uk'],
    ['http://acme.com:8080/path?x', 'acme.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('makes a bare domain of %s', (text, domain) => {
    expect(toDomain(text)).toBe(domain);
  });

  it.each(['acme', 'a b.com', 'mailto:x@acme.com', '127.0.0.1/x y', 'https://'])('refuses the domain %s', (text) => {
    expect(() => toDomain(text)).toThrow('is not a domain');
  });

  it('lowers emails and refuses what is none', () => {
    expect(toEmail('Ann@Acme.COM')).toBe('ann@acme.com');
    for (const text of ['ann', '@acme.com', 'ann@', 'a b@c.d', 'Ann <ann@acme.com>', 'a@b.c;d@e.f']) {
      expect(() => toEmail(text)).toThrow('is not an email address');
    }
  });

  it('knows currencies', () => {
    expect(toCurrency('eur')).toBe('EUR');
    expect(() => toCurrency('XYZ')).toThrow('is not a currency code');
    expect(() => toCurrency('$')).toThrow('is not a currency code');
  });

  it('reads lists from text and JSON, without empty and repeated items', () => {
    expect(toList(' a; b;;a ;', 10)).toEqual(['a', 'b']);
    expect(toList(['a', ' b', 'a'], 10)).toEqual(['a', 'b']);
    expect(toList('', 10)).toEqual([]);
    expect(toList(null, 10)).toEqual([]);
    expect(() => toList('abc', 2)).toThrow('is longer than 2 characters');
    expect(() => toList([{}], 10)).toThrow('is a list of something else than text');
  });
});

describe('a property from CSV', () => {
  it.each([
    ['5', 5],
    ['-0.50', -0.5],
    ['9007199254740991', 9007199254740991],
    ['true', true],
    ['FALSE', false],
    ['', undefined],
    [' ', undefined],
  ])('gets the type that %j has', (text, value) => {
    expect(toProperty(text)).toBe(value);
  });

  it.each([
    '007',
    '+49',
    '1e5',
    '9007199254740993',
    '12345678901234567890',
    '1,5',
    '2026-01-31',
    'yes',
    ' 5',
    'NaN',
    '-',
  ])('stays text: %s', (text) => {
    expect(toProperty(text)).toBe(text);
  });
});

describe('a cell of a megabyte', () => {
  it.each([
    ['money', (text: string) => toMoney(text, 'USD', false)],
    ['domain', toDomain],
    ['email', toEmail],
  ])('is refused at once where it is to be %s', (_, parse) => {
    for (const text of ['1'.repeat(1e6), `a${' '.repeat(1e6)}b`, `${'1'.repeat(1e6)}x`, `${'a.'.repeat(5e5)}!`]) {
      expect(() => parse(text)).toThrow(RowFault);
    }
  });
});
