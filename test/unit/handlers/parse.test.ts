import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHealthRequest } from '../../../handlers/health/parse.ts';
import { UserError } from '../../../src/errors.ts';

const account = (text: string) => {
  const request = parseHealthRequest(text);
  if (request.kind !== 'account') throw new Error(`${text} was read as ${request.kind}`);
  return request;
};

describe('parseHealthRequest', () => {
  it.each(['', '   ', '\n'])('takes %j for a question after one’s own accounts', (text) => {
    expect(parseHealthRequest(text)).toEqual({ kind: 'mine' });
  });

  it.each(['help', ' HELP '])('takes %j for a call for help', (text) => {
    expect(parseHealthRequest(text)).toEqual({ kind: 'help' });
  });

  it.each([
    ['acme', 'acme', 'acme'],
    ['Acme  GmbH ', 'Acme GmbH', 'acme gmbh'],
    ['acme.com', 'acme.com', 'acme.com'],
    ['www.acme.com', 'www.acme.com', 'acme.com'],
    ['https://www.Acme.com/pricing?x=1', 'https://www.Acme.com/pricing?x=1', 'acme.com'],
    ['<http://acme.com|acme.com>', 'acme.com', 'acme.com'],
    ['<https://www.acme.com/>', 'https://www.acme.com/', 'acme.com'],
    ['<mailto:dana@acme.com|dana@acme.com>', 'dana@acme.com', 'acme.com'],
    ['“Acme GmbH”', 'Acme GmbH', 'acme gmbh'],
    ['Ben &amp; Jerry', 'Ben & Jerry', 'ben & jerry'],
    ['#acme-shared', 'acme-shared', 'acme-shared'],
  ])('reads %s as the name %s and the domain %s', (typed, text, domain) => {
    expect(account(typed)).toMatchObject({ text, keys: { id: text, name: text, channel: null, domain }, why: null });
  });

  it('reads a channel as the account of that channel', () => {
    expect(account('<#C01ACMESHRD|acme-shared>')).toMatchObject({
      text: 'acme-shared',
      keys: { channel: 'C01ACMESHRD', id: null, domain: null, alias: null, name: null },
    });
    expect(account('<#C01ACMESHRD|> why').why).toEqual({ days: 7 });
  });

  it.each([
    ['acme why', { days: 7 }],
    ['acme WHY 30d', { days: 30 }],
    ['acme why 14 days', { days: 14 }],
    ['"The Why Company" why 2026-11-01', { day: '2026-11-01' }],
  ])('reads the period of %s', (typed, why) => {
    expect(account(typed).why).toEqual(why);
  });

  it.each(['""', "''", '“”', '" "', '"'])('asks for a name where %s holds none', (typed) => {
    expect(() => parseHealthRequest(typed)).toThrow('There is no name between the quotes');
  });

  it('keeps a quoted name together, and a name that is only the word', () => {
    expect(account('"The Why Company"')).toMatchObject({ text: 'The Why Company', why: null });
    expect(account('why')).toMatchObject({ text: 'why', why: null });
  });

  it.each(['acme why tomorrow', 'acme why 0d', 'acme why 367d', 'acme why 2026-02-30', 'The Why Company'])(
    'tells what %s should have been',
    (typed) => {
      expect(() => parseHealthRequest(typed)).toThrow(UserError);
    },
  );

  it.each([
    ['acme trend', [['acme', '']]],
    ['acme trend nps_score 30d', [['acme', 'nps_score 30d']]],
    ['"Trend Micro" trend "NPS"', [['Trend Micro', '"NPS"']]],
    ['<#C01ACMESHRD|acme-shared> trend nps', [['acme-shared', 'nps']]],
    [
      'the trend shop trend nps',
      [
        ['the trend shop', 'nps'],
        ['the', 'shop trend nps'],
      ],
    ],
  ])('reads %s as a trend', (typed, readings) => {
    const request = parseHealthRequest(typed);
    if (request.kind !== 'trend') throw new Error(`${typed} was read as ${request.kind}`);
    expect(request.readings.map(({ account: { text }, rest }) => [text, rest])).toEqual(readings);
  });

  it.each(['trend', 'trend micro', '"global trend"', 'trendy shoes', 'up-trend ltd'])(
    'takes %s for a name',
    (typed) => {
      expect(account(typed).why).toBeNull();
    },
  );

  it('leaves the question why to an account with the word in its name', () => {
    expect(account('global trend why 30d')).toMatchObject({ text: 'global trend', why: { days: 30 } });
  });

  it('reads anything without failing otherwise, and cleans what a database would refuse', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (typed) => {
        try {
          const request = parseHealthRequest(typed);
          if (request.kind !== 'account') return;
          expect(request.text.length).toBeLessThanOrEqual(255);
          expect(request.text.isWellFormed()).toBe(true);
          expect(JSON.stringify(request.keys)).not.toContain('\\u0000');
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
