import { describe, expect, it } from 'vitest';
import { type KnownAccount, matchRecords } from '../../../src/crm/match.ts';
import type { CrmRecord } from '../../../src/crm/types.ts';

const account = (id: string, over: Partial<KnownAccount> = {}): KnownAccount => {
  return { id, name: id, domain: null, aliases: [], ...over };
};
const record = (id: string, over: Partial<CrmRecord> = {}): CrmRecord => {
  return { id, name: id, externalId: null, domain: null, said: {}, segments: null, ...over };
};
const all = ['id', 'domain', 'name'] as const;
const pairs = (result: ReturnType<typeof matchRecords>) =>
  result.matched.map(({ record: { id }, accountId }) => [id, accountId]);

describe('matchRecords', () => {
  it('finds accounts by id or alias, then by domain, then by name', () => {
    const accounts = [
      account('acme', { aliases: ['acme-inc'] }),
      account('bolt', { domain: 'bolt.test' }),
      account('c3', { name: 'Core  Ltd' }),
      account('001D'),
    ];
    const records = [
      record('001A', { externalId: 'ACME-Inc' }),
      record('001B', { domain: 'bolt.test' }),
      record('001C', { name: ' core ltd' }),
      record('001D'),
    ];
    const result = matchRecords(records, accounts, all);
    expect(pairs(result)).toEqual([
      ['001A', 'acme'],
      ['001B', 'bolt'],
      ['001C', 'c3'],
      ['001D', '001D'],
    ]);
    expect(result.unmatched).toEqual([]);
  });

  it('finds accounts by an id of Salesforce as its reports write it, which regard the case', () => {
    const accounts = [account('001D000000IqhSL')];
    const records = [record('001D000000IqhSLIAZ'), record('001D000000IqhSlIAJ')];
    const { matched, unmatched } = matchRecords(records, accounts, ['id']);
    expect(matched.map(({ record: { id } }) => id)).toEqual(['001D000000IqhSLIAZ']);
    expect(unmatched).toHaveLength(1);
    const named = [record('001D000000IqhSLIAZ', { externalId: 'acme' })];
    expect(matchRecords(named, accounts, ['id']).matched).toEqual([]);
  });

  it('leaves out what is not plain, and says why', () => {
    const accounts = [
      account('a', { domain: 'group.test' }),
      account('b', { domain: 'group.test' }),
      account('c', { domain: 'c.test', name: 'Core' }),
    ];
    const records = [
      record('1', { domain: 'group.test' }),
      record('2', { externalId: 'gone', name: 'a' }),
      record('3'),
      record('4', { domain: 'c.test' }),
      record('5', { name: 'Core' }),
      record('6', { name: 'b' }),
      record('7', { name: 'B' }),
    ];
    const { unmatched, ...result } = matchRecords(records, accounts, all);
    expect(pairs({ ...result, unmatched })).toEqual([['4', 'c']]);
    expect(unmatched.map(({ record: { id }, why, isNew }) => [id, why, isNew])).toEqual([
      ['1', 'its domain is that of a and of b', false],
      ['2', 'it names the account gone, which is not there', true],
      ['3', 'no account has its id, domain, name', true],
      ['5', '4 is c, too', false],
      ['6', '7 is b, too', false],
      ['7', '6 is b, too', false],
    ]);
  });
});
