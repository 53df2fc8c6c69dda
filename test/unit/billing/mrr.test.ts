import { describe, expect, it } from 'vitest';
import { accountMrr, subscriptionMrr } from '../../../src/billing/mrr.ts';
import { makeInvoice, makeSubscription } from './make.ts';

const seats = { id: 'si_seats', monthly: 100, what: 'Seats' };
const metered = { id: 'si_metered', monthly: null, what: 'Events' };
const lines = (amount: number) => [
  { what: 'Events', amount, quantity: null, item: 'si_metered' },
  { what: 'Seats', amount: 100, quantity: 10, item: 'si_seats' },
];
const april = makeInvoice({ id: 'in_april', lines: lines(60), createdAt: new Date('2027-05-01') });

describe('subscriptionMrr', () => {
  it('adds up what the items cost a month, less discounts', () => {
    const items = [seats, { ...seats, id: 'si_2', monthly: 50 }];
    expect(subscriptionMrr(makeSubscription({ items }), [])).toBe(150);
    expect(subscriptionMrr(makeSubscription({ items, discount: { share: 0.8, monthly: 5 } }), [])).toBe(115);
    expect(subscriptionMrr(makeSubscription({ items, discount: { share: 1, monthly: 500 } }), [])).toBe(0);
  });

  it.each<[string, number]>([
    ['active', 100],
    ['past_due', 100],
    ['trialing', 0],
    ['incomplete', 0],
    ['incomplete_expired', 0],
    ['unpaid', 0],
    ['canceled', 0],
    ['paused', 0],
  ])('of a subscription that is %s is %d', (status, mrr) => {
    expect(subscriptionMrr(makeSubscription({ status, items: [seats] }), [])).toBe(mrr);
  });

  it('is nothing while collection is paused', () => {
    expect(subscriptionMrr(makeSubscription({ isPaused: true, items: [seats] }), [])).toBe(0);
  });

  it('takes from the last invoice what only that tells', () => {
    const march = makeInvoice({ id: 'in_march', lines: lines(999), createdAt: new Date('2027-04-01') });
    const subscription = makeSubscription({ items: [seats, metered] });
    expect(subscriptionMrr(subscription, [march, april])).toBe(160);
    expect(subscriptionMrr(subscription, [april, march])).toBe(160);
  });

  it('takes off an amount in the part that the invoice has not taken off already', () => {
    // 100 of 160 is priced: so are 10 of 16.
    const subscription = makeSubscription({ items: [seats, metered], discount: { share: 1, monthly: 16 } });
    expect(subscriptionMrr(subscription, [april])).toBe(150);
  });

  it('makes a month of a quarter and of a week', () => {
    const subscription = makeSubscription({ items: [metered], periodStart: null, periodEnd: null });
    const quarter = makeInvoice({
      lines: lines(60),
      periodStart: new Date('2027-01-01'),
      periodEnd: new Date('2027-04-01'),
    });
    expect(subscriptionMrr(subscription, [quarter])).toBe(20);
    const week = { ...quarter, periodStart: new Date('2027-03-25') };
    expect(subscriptionMrr(subscription, [week])).toBeCloseTo((60 * 365.25) / 12 / 7);
  });

  it.each([
    ['of a part of a month', makeInvoice({ periodStart: new Date('2027-04-20'), lines: lines(5) })],
    ['that is a draft', makeInvoice({ status: 'draft', lines: lines(5) })],
    ['that is void', makeInvoice({ status: 'void', lines: lines(5) })],
    ['that is coming', makeInvoice({ status: 'upcoming', lines: lines(5) })],
    ['of a change', makeInvoice({ reason: 'subscription_update', lines: lines(5) })],
    ['made by hand', makeInvoice({ reason: 'manual', lines: lines(5) })],
    ['of another subscription', makeInvoice({ subscriptionId: 'sub_2', lines: lines(5) })],
    ['without a period', makeInvoice({ periodStart: null, lines: lines(5) })],
  ])('passes over an invoice %s', (_, invoice) => {
    const newer = { ...invoice, createdAt: new Date('2027-05-02') };
    expect(subscriptionMrr(makeSubscription({ items: [metered] }), [newer, april])).toBe(60);
    expect(subscriptionMrr(makeSubscription({ items: [metered] }), [newer])).toBeNull();
  });

  it('is without the item that the last invoice has nothing of', () => {
    expect(subscriptionMrr(makeSubscription({ items: [seats, { ...metered, id: 'si_new' }] }), [april])).toBe(100);
  });
});

describe('accountMrr', () => {
  it('adds up what is in the currency of the account, and says what is not', () => {
    const subscriptions = [
      { currency: 'USD', mrr: 100 },
      { currency: 'EUR', mrr: 70 },
      { currency: 'USD', mrr: 50 },
      { currency: 'EUR', mrr: null },
      { currency: 'GBP', mrr: 0 },
    ];
    expect(accountMrr(subscriptions, 'USD')).toEqual({ mrr: 150, leftOut: ['EUR'] });
    expect(accountMrr(subscriptions, 'EUR')).toEqual({ mrr: null, leftOut: ['USD'] });
    expect(accountMrr(subscriptions, 'CHF')).toEqual({ mrr: null, leftOut: ['EUR', 'USD'] });
    expect(accountMrr([], 'USD')).toEqual({ mrr: null, leftOut: [] });
  });
});
