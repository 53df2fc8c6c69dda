import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { noSources } from '../../src/crm/settings.ts';
import { findHalfSet } from '../../src/half-set.ts';
import { salesforceMapping, vitallyMapping } from '../crm.ts';

const key = { STRIPE_API_KEY: 'rk_test_1' };
const secret = { STRIPE_WEBHOOK_SECRET: 'whsec_1' };
const salesforce = {
  SALESFORCE_URL: 'https://acme.my.salesforce.com',
  SALESFORCE_CLIENT_ID: 'key',
  SALESFORCE_CLIENT_SECRET: 'secret',
};
const vitally = { VITALLY_URL: 'https://acme.rest.vitally.io', VITALLY_API_KEY: 'key' };

function halfSetOf(env: Record<string, string>, sources = noSources): string[] {
  return findHalfSet(readConfig(env, ['cli']), { sources });
}

describe('findHalfSet', () => {
  it('says nothing of what is not set at all, or set as a whole', () => {
    expect(halfSetOf({})).toEqual([]);
    const mapped = { ...noSources, salesforce: salesforceMapping(), vitally: vitallyMapping() };
    expect(halfSetOf({ ...key, ...secret, ...salesforce, ...vitally }, mapped)).toEqual([]);
  });

  it.each([
    ['a webhook of Stripe without a key', secret, /^STRIPE_WEBHOOK_SECRET is set without STRIPE_API_KEY: .*waits/],
    ['a key of Stripe without a webhook', key, /^STRIPE_API_KEY is set without STRIPE_WEBHOOK_SECRET: .*four hours/],
    ['Salesforce without a mapping', salesforce, /^SALESFORCE_URL .*sources\.yml .*no section salesforce: nothing/],
    ['Vitally without a mapping', vitally, /^VITALLY_URL .*sources\.yml .*no section vitally: nothing/],
  ])('warns once of %s', (_what, env, warning) => {
    expect(halfSetOf(env)).toEqual([expect.stringMatching(warning)]);
  });

  it('minds the mapping of the one that is set', () => {
    expect(halfSetOf(vitally, { ...noSources, salesforce: salesforceMapping() })).toHaveLength(1);
  });
});
