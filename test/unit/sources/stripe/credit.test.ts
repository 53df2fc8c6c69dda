import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { toBalanceUse } from '../../../../src/sources/stripe/credit.ts';

/** A change of a customer's balance by the invoice in_1, in cents. */
function change(type: string, amount: number) {
  const given = { id: 'cbtxn_1', customer: 'cus_1', invoice: 'in_1', currency: 'usd', created: 1_800_000_000 };
  return toBalanceUse({ ...given, type, amount } as Stripe.CustomerBalanceTransaction, new Map());
}

describe('a change of a customer’s balance', () => {
  test.each([
    ['applied_to_invoice', 2_500, 25],
    ['unapplied_from_invoice', -2_500, -25],
  ])('by %s of %i cents is credit that was used', (type, amount, used) => {
    expect(change(type, amount)).toMatchObject({ amount: used, currency: 'USD', invoiceId: 'in_1' });
  });

  test.each([
    ['applied_to_invoice', -2_500],
    ['unapplied_from_invoice', 2_500],
    ['adjustment', 2_500],
  ])('by %s of %i cents is no use of credit', (type, amount) => {
    expect(change(type, amount)).toBeNull();
  });
});
