import { describe, expect, test } from 'vitest';
import { fingerprints } from '../../../src/billing/fingerprint.ts';
import { fingerprintOf } from '../../../src/indicators/invoice-metrics.ts';
import { makeInvoiceToRead } from '../../invoice-factories.ts';
import { makeInvoice } from './make.ts';

describe('the fingerprint of an invoice', () => {
  const { invoice: of } = fingerprints;
  const first = makeInvoice({ status: 'open' });

  test('is the same for what lists do not tell, and for another address of its page', () => {
    const whole = {
      isFailed: true,
      needsAction: true,
      fault: 'Declined.',
      lines: [],
      totalBeforeTax: 7,
      url: 'https://b',
    };
    expect(of({ ...first, ...whole })).toBe(of(first));
  });

  test.each([{ status: 'paid' as const }, { attempts: 9 }, { remaining: 7 }, { total: 7 }])(
    'changes with %j',
    (change) => {
      expect(of({ ...first, ...change })).not.toBe(of(first));
    },
  );
});

test('a card of an invoice is not written anew for another address of its page', () => {
  const [one, other] = ['https://a', 'https://b'].map((url) => fingerprintOf(makeInvoiceToRead({ url })));
  expect(one).toBe(other);
});
