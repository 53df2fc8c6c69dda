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

/** What is written of an account whose contract ends on 1 March. */
function traitsWith(given: Partial<BillingFacts>) {
  const facts: BillingFacts = {
    accountId: 'acme',
    currency: 'USD',
    arr: null,
    mrr: null,
    renewalDate: '2027-03-01',
    mrrSince: null,
    hadCustomer: true,
    customers: [{ id: 'cus_1', currency: 'USD', balance: 0, hasCard: true }],
    subscriptions: [],
    invoices: [],
    coming: [],
    grants: [],
    uses: [],
    ...given,
  };
  return traitsOf(settleAccount(facts, { today: '2027-01-31', timeZone: 'UTC', usage: new Map() }));
}

/** What is written of its credit. */
function creditTraits({ grants = [grant], uses = [january] }: Partial<BillingFacts> = {}) {
  const traits = traitsWith({ grants, uses });
  return [traits.stripe_credit_left, traits.stripe_credit_expiring];
}

const monthly = {
  id: 'sub_1',
  status: 'active',
  isPaused: false,
  currency: 'USD',
  mrr: 1000,
  periodStart: new Date('2027-01-05'),
  periodEnd: new Date('2027-02-05'),
};
/** The invoices of the last months, of 1,000 each. */
const billed = [0, 1, 2, 3, 4].map((back) => ({
  subscriptionId: 'sub_1',
  status: 'paid' as const,
  reason: 'subscription_cycle',
  currency: 'USD',
  totalBeforeTax: 1000,
  periodStart: new Date(Date.UTC(2026, 11 - 4 + back, 5)),
  periodEnd: new Date(Date.UTC(2026, 12 - 4 + back, 5)),
}));

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

describe('the balance of a customer', () => {
  const balanceOf = (balance: number, uses: CreditUse[] = []) =>
    traitsWith({
      subscriptions: [monthly],
      customers: [{ id: 'cus_1', currency: 'USD', balance, hasCard: true }],
      uses,
    }).stripe_credit_left;

  test('is prepaid where it came to two months’ bills, what was used of it included', () => {
    expect(balanceOf(-2000)).toBe(2000);
    expect(balanceOf(-500, [{ ...january, grantId: null, amount: 1500 }])).not.toBeNull();
  });

  test('is a refund or goodwill where it is less, and no credit', () => {
    expect(balanceOf(-1999)).toBeNull();
    expect(balanceOf(-10, [{ ...january, grantId: null, amount: 490 }])).toBeNull();
  });
});

describe('the forecast', () => {
  const forecastWith = (coming: number) => {
    const traits = traitsWith({
      subscriptions: [monthly],
      invoices: billed,
      coming: [{ subscriptionId: 'sub_1', totalBeforeTax: coming }],
    });
    return [traits.stripe_forecasted_mrr, traits.stripe_forecast_error];
  };

  test('is what the method says while less would be billed by now', () => {
    expect(forecastWith(400)).toEqual([1000, 0]);
  });

  test('is not less than what would be billed by now, and its error is what the method missed', () => {
    expect(forecastWith(4000)).toEqual([4000, 75]);
  });
});

describe('since when Stripe tells the MRR', () => {
  test('is from the day on which the account has its first customer, or has none any more', () => {
    expect(traitsWith({ hadCustomer: false }).stripe_mrr_since).toBe('2027-01-31');
    expect(traitsWith({ customers: [], mrrSince: '2026-05-01' }).stripe_mrr_since).toBe('2027-01-31');
  });

  test('stays while nothing changes', () => {
    expect(traitsWith({ mrrSince: '2026-05-01' }).stripe_mrr_since).toBe('2026-05-01');
    expect(traitsWith({ customers: [], hadCustomer: false }).stripe_mrr_since).toBeNull();
  });
});
