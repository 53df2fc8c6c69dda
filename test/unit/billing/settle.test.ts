import { describe, expect, test } from 'vitest';
import { settleAccount, traitsOf } from '../../../src/billing/settle.ts';
import type { CreditGrant, CreditUse } from '../../../src/billing/types.ts';
import type { BillingFacts } from '../../../src/db/billing-facts.ts';

const grant: CreditGrant = {
  id: 'credgr_1',
  customerId: 'cus_1',
  name: null,
  category: 'paid',
  currency: 'USD',
  amount: 1000,
  remaining: 700,
  effectiveAt: new Date('2027-01-01'),
  expiresAt: null,
  voidedAt: null,
  priority: null,
};
const january: CreditUse = {
  id: 'cbtxn_1',
  customerId: 'cus_1',
  grantId: 'credgr_1',
  invoiceId: null,
  currency: 'USD',
  amount: 300,
  from: new Date('2027-01-01'),
  to: new Date('2027-01-31'),
};

/** What is written of the credit of an account whose contract ends on 1 March. */
function creditTraits({ grants = [grant], uses = [january] }: Partial<BillingFacts> = {}) {
  const facts: BillingFacts = {
    accountId: 'acme',
    currency: 'USD',
    arr: null,
    mrr: null,
    renewalDate: '2027-03-01',
    customers: [{ id: 'cus_1', currency: 'USD', balance: 0, hasCard: true }],
    subscriptions: [],
    invoices: [],
    grants,
    uses,
  };
  const traits = traitsOf(settleAccount(facts, { today: '2027-01-31', timeZone: 'UTC', usage: new Map() }));
  return [traits.stripe_credit_left, traits.stripe_credit_expiring];
}

describe('the traits of an account', () => {
  test('say what is left of its credit, and what would expire', () => {
    expect(creditTraits()).toEqual([700, 410]);
  });

  test('say that none would expire where it is used up before, and nothing where use is not known', () => {
    expect(creditTraits({ grants: [{ ...grant, remaining: 200 }] })).toEqual([200, 0]);
    const begun = { ...grant, effectiveAt: new Date('2027-01-30') };
    expect(creditTraits({ grants: [begun], uses: [] })).toEqual([700, null]);
  });

  test.each([
    ['voided', { grants: [{ ...grant, voidedAt: new Date('2027-01-20') }], uses: [] }],
    ['expired', { grants: [{ ...grant, expiresAt: new Date('2027-01-31') }], uses: [] }],
    ['a balance that was used', { grants: [], uses: [{ ...january, grantId: null }] }],
  ])('say that nothing is left and nothing would expire of credit that is over: %s', (_, facts) => {
    expect(creditTraits(facts)).toEqual([0, 0]);
  });

  test('say nothing of credit where there never was any, or where it is to come', () => {
    expect(creditTraits({ grants: [], uses: [] })).toEqual([null, null]);
    expect(creditTraits({ grants: [{ ...grant, effectiveAt: new Date('2027-06-01') }], uses: [] })).toEqual([
      null,
      null,
    ]);
  });
});
