import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintPlaybook, readPlaybook } from '../../../src/playbook/read.ts';
import { readOwners } from '../../../src/playbook/read-sources.ts';
import { makePack } from '../../pack.ts';

const whole = `
owners: { renewal_date: salesforce, csm_email: salesforce, arr: salesforce, mrr: stripe }
salesforce:
  account: { id: External_Id__c, domain: Website, where: "Type = 'Customer'", match: [id, domain, name] }
  owner: Owner.Email
  arr: Annual_Recurring__c
  renewal: { object: Opportunity, date: CloseDate, amount: Amount, where: "Type = 'Renewal' AND IsClosed = false" }
  traits: { industry: Industry }
vitally:
  match: [externalId, name]
  csm: csmId
  people: [Maya@Bellwether.test]
  renewal_date: nextRenewalDate
  arr: traits.sfdc.ARR__c
  traits: { plan: traits.Plan }
  segments: true
  create_accounts: true
stripe: { metadata: customer_no }
`;

describe('sources.yml', () => {
  it('need not be there', async () => {
    expect((await readPlaybook(makePack())).sources).toEqual({
      owners: {},
      salesforce: null,
      vitally: null,
      stripe: { metadata: 'account_id' },
    });
  });

  it('says who owns what and how each source is read', async () => {
    const { sources } = await readPlaybook(makePack({ 'sources.yml': whole }));
    expect(sources).toEqual({
      owners: { renewal_date: 'salesforce', csm_email: 'salesforce', arr: 'salesforce', mrr: 'stripe' },
      salesforce: {
        id: 'External_Id__c',
        name: 'Name',
        domain: 'Website',
        where: "Type = 'Customer'",
        match: ['id', 'domain', 'name'],
        createAccounts: false,
        owner: 'Owner.Email',
        arr: 'Annual_Recurring__c',
        mrr: null,
        renewal: {
          kind: 'object',
          object: 'Opportunity',
          date: 'CloseDate',
          account: 'AccountId',
          amount: 'Amount',
          where: "Type = 'Renewal' AND IsClosed = false",
        },
        traits: { industry: 'Industry' },
      },
      vitally: {
        domain: null,
        match: ['id', 'name'],
        createAccounts: true,
        csm: 'csmId',
        people: ['maya@bellwether.test'],
        renewalDate: 'nextRenewalDate',
        arr: 'traits.sfdc.ARR__c',
        mrr: null,
        traits: { plan: 'traits.Plan' },
        segments: true,
      },
      stripe: { metadata: 'customer_no' },
    });
  });

  it('of a pack goes before those that it extends: by owner, and by source', async () => {
    const base = makePack({ 'sources.yml': whole });
    const pack = makePack({
      'pack.yml': `name: Own\nextends: ${base}\n`,
      'sources.yml': 'owners: { arr: files }\nvitally: { renewal_date: traits.renewal, traits: [Plan] }\n',
    });
    const { owners, salesforce, vitally, stripe } = (await readPlaybook(pack)).sources;
    expect(owners).toEqual({ renewal_date: 'salesforce', csm_email: 'salesforce', arr: 'files', mrr: 'stripe' });
    expect(salesforce?.arr).toBe('Annual_Recurring__c');
    expect(vitally).toMatchObject({
      match: ['id'],
      renewalDate: 'traits.renewal',
      traits: { Plan: 'traits.Plan' },
      csm: null,
    });
    expect(stripe.metadata).toBe('customer_no');
    expect(await readOwners(pack)).toEqual(owners);
  });

  it.each([
    ['owners: { arr: hubspot }', '"arr" must be one of salesforce, vitally, stripe, files, people', 1],
    ['owners:\n  name: files', '"name" is not a known key', 2],
    ['salesforce: {}', '"account" is missing', 1],
    ["salesforce:\n  account: { id: 'Id; DELETE' }", '"id" must be the name of a field', 2],
    ['salesforce:\n  account: { id: Id }\n  owner: Owner.Email FROM User', '"owner" must be the name of a field', 3],
    ['salesforce:\n  account:\n    match: [domain]', '"domain" must name the field', 3],
    ['salesforce:\n  account: { match: [phone] }', 'match[0] must be one of id, domain, name', 2],
    [
      "salesforce:\n  account: {}\n  renewal:\n    object: Opportunity\n    date: CloseDate\n    where: \"A = 'b') OR (C = 'd'\"",
      '"where" closes a bracket that it does not open',
      6,
    ],
    ['salesforce:\n  account: {}\n  renewal: { field: A__c, date: B__c }', '"date" is not a known key', 3],
    [
      'salesforce:\n  account: {}\n  renewal: { object: "Opp x", date: B__c }',
      '"object" must be the name of an object',
      3,
    ],
    ['salesforce:\n  account: {}\n  renewal: soon', '"renewal" must be a mapping', 3],
    ['vitally:\n  renewal_date: traits', null, 0],
    ['vitally:\n  renewal_date: "next renewal"', '"renewal_date" must be an attribute', 2],
    ['vitally:\n  match: [domain]', '"domain" must name the attribute', 2],
    ['vitally:\n  people: [maya]', 'people[0] must be an email address', 2],
    ['vitally:\n  traits: 5', '"traits" must be a list of traits', 2],
    ['stripe: { metadata: "" }', '"metadata" must be the key of metadata', 1],
  ])('with %s is refused where it is wrong', async (text, expected, line) => {
    const { playbook, findings } = await lintPlaybook(makePack({ 'sources.yml': `${text}\n` }));
    if (expected === null) return expect(findings).toEqual([]);
    expect(playbook).toBeNull();
    expect(findings[0]).toMatchObject({ severity: 'error', file: 'sources.yml', line });
    expect(findings.map(({ message }) => message).join()).toContain(expected);
  });

  it('is explained by examples that hold', async () => {
    const text = readFileSync(path.resolve(import.meta.dirname, '../../../docs/crm.md'), 'utf8');
    const examples = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, example = '']) => example);
    expect(examples).toHaveLength(3);
    const { findings } = await lintPlaybook(makePack({ 'sources.yml': examples.join('') }));
    expect(findings).toEqual([]);
    for (const [, renewal] of text.matchAll(/^\| `(\{.*\})` \|/gm)) {
      const file = `salesforce:\n  account: {}\n  renewal: ${renewal?.replace('…', '"IsClosed = false"')}\n`;
      expect((await lintPlaybook(makePack({ 'sources.yml': file }))).findings).toEqual([]);
    }
  });

  it('warns of an owner that is not read for what it owns', async () => {
    const text = 'owners: { arr: salesforce, mrr: stripe }\nsalesforce:\n  account: { id: Id }\n';
    const { playbook, findings } = await lintPlaybook(makePack({ 'sources.yml': text }));
    expect(playbook).not.toBeNull();
    expect(findings).toMatchObject([{ severity: 'warning', code: 'silent-owner', line: 1 }]);
  });

  it.each([
    ['renewal_date: salesforce', true],
    ['renewal_date: vitally', true],
    ['arr: stripe', true],
    ['csm_email: people', true],
    ['mrr: stripe', false],
    ['renewal_date: people', false],
    ['arr: files', false],
  ])('of which nothing is read, with the owner %s: warns %s', async (owner, warns) => {
    const { findings } = await lintPlaybook(makePack({ 'sources.yml': `owners: { ${owner} }\n` }));
    expect(findings.map(({ code }) => code)).toEqual(warns ? ['silent-owner'] : []);
  });

  it('may name an owner that another pack reads', async () => {
    const base = makePack({ 'sources.yml': 'salesforce: { account: {}, arr: Arr__c }\n' });
    const own = (field: string) =>
      makePack({ 'pack.yml': `name: Own\nextends: ${base}\n`, 'sources.yml': `owners: { ${field}: salesforce }\n` });
    expect((await lintPlaybook(own('arr'))).findings).toEqual([]);
    const { findings } = await lintPlaybook(own('mrr'));
    expect(findings).toMatchObject([{ code: 'silent-owner', file: 'sources.yml', line: 1 }]);
  });
});
