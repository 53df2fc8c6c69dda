import { describe, expect, it } from 'vitest';
import { CrmRefused, CrmUnavailable } from '../../../src/crm/errors.ts';
import { startSalesforce } from '../../crm.ts';

const queryPath = 'GET /services/data/*';

describe('reading Salesforce', () => {
  it('reads owner, ARR, traits and the renewal that counts of each account', async () => {
    const { server, read } = await startSalesforce();
    const owner = server.put('User', { Email: 'Maya@Bellwether.test' });
    const acme = server.put('Account', {
      Name: 'Acme',
      External_Id__c: 'acme',
      Website: 'https://www.Acme.test/about',
      Owner: owner,
      Annual_Recurring__c: 120_000.456,
      Industry: 'Retail',
    });
    const bolt = server.put('Account', { Name: 'Bolt' });
    for (const [AccountId, CloseDate, Type, IsClosed] of [
      [acme, '2028-01-31', 'Renewal', false],
      [acme, '2027-01-31', 'Renewal', false],
      [acme, '2026-10-01', 'Renewal', false],
      [acme, '2026-12-01', 'New Business', false],
      [acme, '2026-12-02', 'Renewal', true],
      [bolt, '2026-08-31', 'Renewal', false],
      [bolt, '2026-09-30', 'Renewal', false],
    ] as const)
      server.put('Opportunity', { AccountId, CloseDate, Type, IsClosed, Amount: 90_000 });
    const { records, faults, quota } = await read();
    expect(records).toEqual([
      {
        id: acme,
        name: 'Acme',
        externalId: 'acme',
        domain: 'acme.test',
        said: {
          renewal_date: '2027-01-31',
          csm_email: 'maya@bellwether.test',
          arr: 120_000.46,
          'traits.industry': 'Retail',
          'traits.renewal_amount': 90_000,
        },
        segments: null,
      },
      {
        id: bolt,
        name: 'Bolt',
        externalId: null,
        domain: null,
        said: {
          renewal_date: '2026-09-30',
          csm_email: null,
          arr: null,
          'traits.industry': null,
          'traits.renewal_amount': 90_000,
        },
        segments: null,
      },
    ]);
    expect(faults).toEqual([]);
    expect(quota).toEqual({ kind: 'day', used: 2, limit: 15_000 });
  });

  it.each([
    [
      'of a contract',
      { kind: 'object', object: 'Contract', date: 'EndDate', account: 'AccountId', amount: null, where: null },
    ],
    ['of a field of the account', { kind: 'field', field: 'Renewal_Date__c' }],
  ] as const)('reads the renewal date %s', async (_of, renewal) => {
    const { server, read } = await startSalesforce({ mapping: { renewal } });
    const AccountId = server.put('Account', { Name: 'Acme', Renewal_Date__c: '2027-03-31' });
    server.put('Contract', { AccountId, EndDate: '2027-03-31' });
    expect((await read()).records[0]?.said.renewal_date).toBe('2027-03-31');
  });

  it('reads all pages', async () => {
    const { server, read } = await startSalesforce({ pageSize: 2, mapping: { renewal: null } });
    for (let count = 0; count < 5; count++) server.put('Account', { Name: `Account ${count}` });
    expect((await read()).records.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4].map((count) => `Account ${count}`));
    expect(server.journal().filter(({ path }) => /\/query\/01g/.test(path))).toHaveLength(2);
  });

  it('tells of what it cannot read, and leaves it out', async () => {
    const { server, read } = await startSalesforce({
      fields: { Account: { External_Id__c: 'string', Annual_Recurring__c: 'string', Renewal_Date__c: 'date' } },
      mapping: { renewal: null },
    });
    const id = server.put('Account', { Name: 'Acme', Annual_Recurring__c: 'plenty' });
    const { records, faults } = await read();
    expect(records[0]?.said).not.toHaveProperty('arr');
    expect(faults).toEqual([`Acme (${id}): arr is "plenty", which is not an amount of money`]);
  });

  it('begins a session anew when it is over, once', async () => {
    const { server, read } = await startSalesforce({ pageSize: 1, mapping: { renewal: null } });
    server.put('Account', { Name: 'Acme' });
    server.put('Account', { Name: 'Bolt' });
    server.fault({
      request: queryPath,
      after: 1,
      kind: 'status',
      status: 401,
      body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
    });
    expect((await read()).records).toHaveLength(2);
    expect(server.journal().filter(({ path }) => path.endsWith('/token'))).toHaveLength(2);
    server.fault({
      request: queryPath,
      count: 2,
      kind: 'status',
      status: 401,
      body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
    });
    await expect(read()).rejects.toThrow('Salesforce does not accept its own token');
  });

  it('stops before the requests of the day are used up', async () => {
    const { server, read } = await startSalesforce({ limit: 100 });
    server.use(95);
    await expect(read()).rejects.toMatchObject({
      reason: 'quota',
      message: expect.stringContaining('96 of 100 requests'),
    });
    server.use(5);
    await expect(read()).rejects.toThrow('are used up');
  });

  it.each([
    ['a wrong secret', { clientSecret: 'wrong' }, 'Salesforce does not let us in (invalid client credentials)'],
    ['a field that is not there', { mapping: { arr: 'Arr__c' } }, "No such column 'Arr__c' on entity 'Account'"],
    [
      'a condition that Salesforce refuses',
      { mapping: { where: "Name = 'A' AND Name = 'B' OR Name = 'C'" } },
      '[MALFORMED_QUERY]. Mend the mapping in sources.yml',
    ],
    [
      'an object that is not there',
      {
        mapping: {
          renewal: { kind: 'object', object: 'Deal__c', date: 'D__c', account: 'A__c', amount: null, where: null },
        },
      },
      "sObject type 'Deal__c' is not supported",
    ],
  ] as const)('says what to do about %s', async (_what, given, expected) => {
    const { read } = await startSalesforce(given);
    await expect(read()).rejects.toThrow(expected);
    await expect(read()).rejects.toBeInstanceOf(CrmRefused);
  });

  it.each([
    [403, 'REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.'],
    [400, 'QUERY_TIMEOUT', 'Your query request was running for too long.'],
    [400, 'INVALID_QUERY_LOCATOR', 'invalid query locator'],
  ])('leaves to the next sync what passes: %i %s', async (status, errorCode, message) => {
    const { server, read } = await startSalesforce();
    server.fault({ request: queryPath, kind: 'status', status, body: [{ message, errorCode }] });
    const error = await read().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CrmUnavailable);
    expect(String(error)).toContain(message);
  });

  it('never shows its secret', async () => {
    const { server, read } = await startSalesforce({ clientSecret: 'very-secret' });
    await expect(read()).rejects.not.toThrow('very-secret');
    server.fault({ request: '*', kind: 'dropped', count: 9 });
    await expect(read()).rejects.not.toThrow('very-secret');
  });

  it('comes again after passing trouble, as late as it is asked to', async () => {
    const { server, read, pauses } = await startSalesforce();
    server.fault({ request: queryPath, kind: 'status', status: 503, headers: { 'retry-after': '7' } });
    server.fault({ request: queryPath, kind: 'dropped' });
    server.fault({ request: queryPath, kind: 'status', status: 429, headers: { 'retry-after': '3' } });
    await read();
    expect(pauses).toEqual([7000, 1000, 3000]);
  });

  it('gives up when trouble does not pass', async () => {
    const { server, read } = await startSalesforce({ answerMs: 200 });
    server.fault({ request: queryPath, kind: 'status', status: 503, headers: { 'retry-after': '3600' } });
    await expect(read()).rejects.toThrow('Salesforce is in trouble (status 503). The next sync tries again.');
    server.fault({ request: queryPath, kind: 'hang', count: 4 });
    await expect(read()).rejects.toBeInstanceOf(CrmUnavailable);
  });

  it.each([
    [{ kind: 'sign_in' }, 'is not Salesforce’s API. Check SALESFORCE_URL.'],
    [{ kind: 'redirect', location: 'https://acme.my.salesforce.com/x' }, 'sends us to https://acme.my.salesforce.com'],
  ] as const)('knows that something else answers: %o', async (fault, expected) => {
    const { server, read } = await startSalesforce();
    server.fault({ request: queryPath, ...fault });
    await expect(read()).rejects.toThrow(expected);
  });
});
