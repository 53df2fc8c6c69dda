import type { StripeInvoice, StripeSubscription } from '../../../src/billing/types.ts';

/** A monthly subscription that is paid for. */
export function makeSubscription(overrides: Partial<StripeSubscription> = {}): StripeSubscription {
  return {
    id: 'sub_1',
    customerId: 'cus_1',
    status: 'active',
    isPaused: false,
    currency: 'USD',
    items: [],
    discount: { share: 1, monthly: 0 },
    periodStart: new Date('2027-05-01'),
    periodEnd: new Date('2027-06-01'),
    cancelAt: null,
    endedAt: null,
    ...overrides,
  };
}

/** The paid invoice of April of that subscription. */
export function makeInvoice(overrides: Partial<StripeInvoice> = {}): StripeInvoice {
  return {
    id: 'in_1',
    customerId: 'cus_1',
    subscriptionId: 'sub_1',
    label: 'A-1',
    status: 'paid',
    reason: 'subscription_cycle',
    currency: 'USD',
    total: 0,
    totalBeforeTax: 0,
    due: 0,
    remaining: 0,
    isFailed: false,
    needsAction: false,
    attempts: 1,
    nextAttemptAt: null,
    fault: null,
    dueAt: null,
    periodStart: new Date('2027-04-01'),
    periodEnd: new Date('2027-05-01'),
    createdAt: new Date('2027-05-01'),
    paidAt: null,
    url: null,
    lines: [],
    ...overrides,
  };
}
