import { expect, test } from 'vitest';
import { toUnits } from '../../../../src/sources/stripe/money.ts';

test.each([
  [1999, 'usd', 19.99],
  [-50, 'eur', -0.5],
  [5000, 'jpy', 5000],
  [5000, 'KRW', 5000],
  [1234, 'kwd', 1.234],
  // Of old without decimals, and given by Stripe with two.
  [500, 'isk', 5],
  [500, 'ugx', 5],
  [500, 'huf', 5],
])('%i of %s are %d', (amount, currency, units) => {
  expect(toUnits(amount, currency)).toBe(units);
});
