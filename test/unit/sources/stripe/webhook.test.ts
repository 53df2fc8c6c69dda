import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { readStripeWebhook } from '../../../../src/sources/stripe/webhook.ts';

const secret = 'whsec_for_tests';
const now = new Date('2026-11-28T12:00:00Z');
const seconds = now.getTime() / 1000;

function delivery(given: { event?: object; at?: number; secret?: string; change?: (header: string) => string } = {}) {
  const object = { id: 'in_1', object: 'invoice', customer: 'cus_1' };
  const event = given.event ?? { id: 'evt_1', type: 'invoice.paid', created: seconds, data: { object } };
  const payload = JSON.stringify(event);
  const header = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret: given.secret ?? secret,
    timestamp: given.at ?? seconds,
  });
  return { body: Buffer.from(payload), signature: given.change?.(header) ?? header, secret, now };
}

/** What a delivery about `object` is read as. */
function about(object: object) {
  const event = { id: 'evt_1', type: 'x', created: seconds, data: { object } };
  const read = readStripeWebhook(delivery({ event }));
  return read.kind === 'event' ? read.event : read;
}

describe('a webhook of Stripe’s', () => {
  test('that is signed is an event', () => {
    expect(readStripeWebhook(delivery())).toEqual({
      kind: 'event',
      event: {
        id: 'evt_1',
        type: 'invoice.paid',
        objectId: 'in_1',
        customerId: 'cus_1',
        subscriptionId: null,
        createdAt: now,
      },
    });
  });

  test.each([
    ['without a signature', { ...delivery(), signature: undefined }, 'unsigned'],
    ['where no secret is set', { ...delivery(), secret: '' }, 'unsigned'],
    ['with another secret', delivery({ secret: 'whsec_other' }), 'wrong_signature'],
    ['whose body was changed', { ...delivery(), body: Buffer.from('{"id":"evt_2"}') }, 'wrong_signature'],
    ['whose signature is no such thing', { ...delivery(), signature: 'nonsense' }, 'wrong_signature'],
    ['that was signed 301 s ago', delivery({ at: seconds - 301 }), 'wrong_time'],
    ['that is dated 301 s ahead', delivery({ at: seconds + 301 }), 'wrong_time'],
    // The client verifies the last time and reads digits before anything else; the first must not count instead.
    [
      'of old whose header names the time of now as well',
      delivery({ at: seconds - 9000, change: (header) => `t=${seconds},${header.replace(/t=(\d+)/, 't=$1x')}` }),
      'wrong_signature',
    ],
    [
      'of old that names two times',
      delivery({ at: seconds - 9000, change: (header) => `t=${seconds},${header}` }),
      'wrong_signature',
    ],
    ['that is no event', delivery({ event: { hello: 'world' } }), 'no_event'],
    [
      'with an id that cannot be stored',
      delivery({ event: { id: 'evt_\u0000', type: 'x', created: seconds, data: { object: { object: 'invoice' } } } }),
      'no_event',
    ],
  ])('%s is refused', (_, given, why) => {
    expect(readStripeWebhook(given)).toEqual({ kind: 'refused', why });
  });

  test.each([300, -300])('that is signed %i s from now is taken', (skew) => {
    expect(readStripeWebhook(delivery({ at: seconds + skew })).kind).toBe('event');
  });

  test('about a customer names it', () => {
    expect(about({ id: 'cus_1', object: 'customer' })).toMatchObject({ customerId: 'cus_1', objectId: 'cus_1' });
  });

  test('about an invoice that is coming, which has no id, names customer and subscription', () => {
    const parent = { subscription_details: { subscription: { id: 'sub_1' } } };
    expect(about({ object: 'invoice', customer: { id: 'cus_1' }, parent })).toMatchObject({
      objectId: null,
      customerId: 'cus_1',
      subscriptionId: 'sub_1',
    });
  });

  test('about a transaction of credit names the grant', () => {
    const object = { id: 'cbtxn_1', object: 'billing.credit_balance_transaction', credit_grant: 'credgr_1' };
    expect(about(object)).toMatchObject({ objectId: 'credgr_1', customerId: null });
  });

  test('about something else, in which names mean something else, is taken all the same', () => {
    const read = about({ id: 'x_1', object: 'x', customer: 7, parent: 'x_0', credit_grant: { amount: 1 } });
    expect(read).toMatchObject({ objectId: 'x_1', customerId: null, subscriptionId: null });
  });

  test('about a dispute names it', () => {
    expect(about({ id: 'du_1', object: 'dispute', charge: 'ch_1' })).toMatchObject({ objectId: 'du_1' });
  });
});
