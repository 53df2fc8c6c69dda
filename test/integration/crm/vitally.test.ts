import { describe, expect, it } from 'vitest';
import { startVitally } from '../../crm.ts';

const accountsPath = 'GET /resources/accounts';

describe('reading Vitally', () => {
  it('reads next renewal, CSM, ARR, traits and segments', async () => {
    const { server, read } = await startVitally();
    const maya = server.addAdmin({ name: 'Maya', email: 'Maya@Bellwether.test' });
    const id = server.put({
      externalId: 'acme',
      name: 'Acme',
      nextRenewalDate: '2027-01-31T00:00:00.000Z',
      csmId: maya,
      traits: { arr: '120000', Plan: 'Scale' },
      segments: ['Enterprise', ' EMEA '],
    });
    const { records, faults, quota } = await read(['tom@bellwether.test', 'maya@bellwether.test']);
    expect(records).toEqual([
      {
        id,
        name: 'Acme',
        externalId: 'acme',
        domain: null,
        said: {
          renewal_date: '2027-01-31',
          csm_email: 'maya@bellwether.test',
          arr: 120_000,
          'traits.plan': 'Scale',
        },
        segments: ['Enterprise', 'EMEA'],
      },
    ]);
    expect(faults).toEqual([]);
    expect(quota).toEqual({ kind: 'minute', remaining: 997, limit: 1000 });
  });

  it('says nothing of a CSM whose address is not known, and tells', async () => {
    const { server, read } = await startVitally();
    const csmId = server.addAdmin({ name: 'New', email: 'new@bellwether.test' });
    server.put({ name: 'Acme', csmId });
    server.put({ name: 'Bolt' });
    const { records, faults } = await read();
    expect(records.map(({ name, said }) => [name, said.csm_email])).toEqual([
      ['Bolt', null],
      ['Acme', undefined],
    ]);
    expect(faults).toEqual([expect.stringContaining(`its CSM is ${csmId}, whose address we do not know`)]);
    const named = await startVitally({ mapping: { people: ['new@bellwether.test'] } });
    named.server.put({ name: 'Acme', csmId: named.server.addAdmin({ name: 'New', email: 'new@bellwether.test' }) });
    expect((await named.read()).records[0]?.said.csm_email).toBe('new@bellwether.test');
  });

  it.each([
    [404, undefined],
    [200, null],
    [200, { results: [] }],
  ])('takes an address for unknown where Vitally answers %i %j', async (status, body) => {
    const { server, read } = await startVitally();
    server.put({ name: 'Acme', csmId: 'c1' });
    server.fault({ request: 'GET /resources/admins/search', kind: 'status', status, body });
    const { records, faults } = await read(['tom@bellwether.test']);
    expect(records[0]?.said.csm_email).toBeUndefined();
    expect(faults).toHaveLength(1);
  });

  it('reads all pages, and those who churned', async () => {
    const { server, read } = await startVitally({ pageSize: 2 });
    for (let count = 0; count < 5; count++)
      server.put({ name: `${count}`, status: count === 1 ? 'churned' : 'active' });
    expect((await read()).records.map(({ name }) => name)).toEqual(['4', '3', '2', '1', '0']);
  });

  it('waits before the requests of the minute are used up, and when they are', async () => {
    const { server, read, pauses } = await startVitally({ pageSize: 1, perMinute: 4 });
    for (let count = 0; count < 6; count++) server.put({ name: `${count}` });
    expect((await read()).records).toHaveLength(6);
    expect(pauses.length).toBeGreaterThan(0);
    expect(server.journal().map(({ status }) => status)).not.toContain(429);
    server.fault({ request: accountsPath, kind: 'status', status: 429, headers: { 'ratelimit-reset': '11' } });
    pauses.length = 0;
    expect((await read()).records).toHaveLength(6);
    expect(pauses[0]).toBe(11_000);
    // Each answer says when the minute is over; trouble is no reason to wait for that.
    server.fault({ request: accountsPath, kind: 'status', status: 502, headers: { 'ratelimit-reset': '59' } });
    pauses.length = 0;
    await read();
    expect(pauses[0]).toBe(500);
  });

  it('says what to do when it is refused', async () => {
    const { read } = await startVitally({ clientKey: 'secret-key' });
    await expect(read()).rejects.toThrow('Vitally does not accept our key. Check VITALLY_API_KEY and VITALLY_URL.');
    await expect(read()).rejects.not.toThrow('secret-key');
    const other = await startVitally();
    other.server.fault({ request: '*', kind: 'sign_in' });
    await expect(other.read()).rejects.toThrow('is not Vitally’s API. Check VITALLY_URL.');
    other.server.fault({ request: '*', kind: 'status', status: 400, body: {} });
    await expect(other.read()).rejects.toThrow('Vitally refuses the request (status 400)');
    other.server.fault({ request: '*', kind: 'status', status: 200, body: { results: [{}] } });
    await expect(other.read()).rejects.toThrow('Vitally’s answer cannot be read (results.0.id)');
  });
});
