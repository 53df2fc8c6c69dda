import { setTimeout as sleep } from 'node:timers/promises';
import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { at, DAY, startStripe } from './kit.ts';

test('lists page through with cursors, newest first, and the client walks through them by itself', async () => {
  const { server, stripe } = await startStripe();
  const made = Array.from({ length: 25 }, (_, index) => server.addCustomer({ name: `Customer ${index}` }));
  const first = await stripe.customers.list({ limit: 3 });
  expect([first.data.map(({ id }) => id), first.has_more]).toEqual([made.slice(-3).reverse(), true]);
  const next = await stripe.customers.list({ limit: 3, starting_after: first.data[2]!.id });
  expect(next.data.map(({ id }) => id)).toEqual(made.slice(-6, -3).reverse());
  const before = await stripe.customers.list({ limit: 2, ending_before: next.data[0]!.id });
  expect([before.data.map(({ id }) => id), before.has_more]).toEqual([made.slice(-3, -1).reverse(), true]);
  const everyOne = await stripe.customers.list().autoPagingToArray({ limit: 1000 });
  expect(everyOne.map(({ id }) => id)).toEqual(made.toReversed());
});

test('lists are filtered by when things were made', async () => {
  const { server, stripe } = await startStripe();
  const old = server.addCustomer({ email: 'old@acme.test' });
  await server.advance(DAY);
  const recent = server.addCustomer();
  const noon = at('2026-11-20T12:00:00Z');
  const idsOf = async (params: Stripe.CustomerListParams) =>
    (await stripe.customers.list(params)).data.map(({ id }) => id);
  expect(await idsOf({ created: { gte: noon } })).toEqual([recent]);
  expect(await idsOf({ created: { lt: noon } })).toEqual([old]);
  expect(await idsOf({ email: 'old@acme.test' })).toEqual([old]);
});

test('subscriptions that were cancelled are listed only where asked for', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const price = server.addPrice();
  const kept = server.subscribe({ customer, items: [{ price }] });
  const ended = server.subscribe({ customer, items: [{ price }] });
  server.cancel(ended);
  const idsOf = async (params: Stripe.SubscriptionListParams) =>
    (await stripe.subscriptions.list({ customer, ...params })).data.map(({ id }) => id);
  expect(await idsOf({})).toEqual([kept]);
  expect(await idsOf({ status: 'all' })).toEqual([ended, kept]);
  expect(await idsOf({ status: 'canceled' })).toEqual([ended]);
});

test('what is asked to be expanded is there instead of its id, in lists and deeply', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer({ name: 'Acme' });
  const price = server.addPrice({
    tiers: [
      { upTo: 10, unitAmount: 100 },
      { upTo: null, unitAmount: '0.5' },
    ],
  });
  server.subscribe({ customer, items: [{ price, quantity: 12 }], discount: { percentOff: 10, name: 'Friends' } });
  const expand = [
    'data.customer.invoice_settings.default_payment_method',
    'data.discounts.source.coupon',
    'data.items.data.price.tiers',
    'data.latest_invoice.payments.data.payment.payment_intent',
  ];
  const [subscription] = (await stripe.subscriptions.list({ expand })).data;
  expect(subscription).toMatchObject({
    customer: { name: 'Acme', invoice_settings: { default_payment_method: { card: { last4: '4242' } } } },
    discounts: [{ source: { coupon: { percent_off: 10, name: 'Friends', duration: 'forever' } } }],
    latest_invoice: { payments: { data: [{ status: 'paid', payment: { payment_intent: { status: 'succeeded' } } }] } },
  });
  const tiers = subscription!.items.data[0]!.price.tiers!;
  expect(tiers.map(({ unit_amount, unit_amount_decimal }) => [unit_amount, String(unit_amount_decimal)])).toEqual([
    [100, '100'],
    [null, '0.5'],
  ]);
  const plain = await stripe.subscriptions.retrieve(subscription!.id);
  expect(await stripe.customers.retrieve(customer)).toMatchObject({
    invoice_settings: { default_payment_method: expect.stringMatching(/^pm_/) },
  });
  expect(plain).toMatchObject({ customer, discounts: [expect.stringMatching(/^di_/)] });
  expect(plain.items.data[0]).toMatchObject({ discounts: [] });
  expect(plain.items.data[0]!.price).not.toHaveProperty('tiers');
});

test('a deleted customer answers that it is, and is in no list', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer({ name: 'Acme' });
  const subscription = server.subscribe({ customer, items: [{ price: server.addPrice() }] });
  server.deleteCustomer(customer);
  const answer = await stripe.customers.retrieve(customer);
  expect({ ...answer, lastResponse: undefined }).toEqual({ id: customer, object: 'customer', deleted: true });
  expect((await stripe.customers.list()).data).toEqual([]);
  expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('canceled');
  await expect(stripe.customers.listPaymentMethods(customer)).rejects.toMatchObject({ code: 'resource_missing' });
  expect(server.events.at(-1)).toMatchObject({ type: 'customer.deleted', data: { object: { name: 'Acme' } } });
});

test('more than ten lines of an invoice page through its lines', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const lines = Array.from({ length: 12 }, (_, index) => ({ description: `Line ${index}`, amount: index }));
  const invoice = server.addInvoice({ customer, lines });
  const shown = await stripe.invoices.retrieve(invoice);
  expect([shown.lines.data.length, shown.lines.has_more, shown.total]).toEqual([10, true, 66]);
  const rest = await stripe.invoices.listLineItems(invoice, { starting_after: shown.lines.data[9]!.id });
  expect(rest.data.map(({ description }) => description)).toEqual(['Line 10', 'Line 11']);
});

test('more than ten lines of a preview page through its lines too', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const items = Array.from({ length: 11 }, () => ({ price: server.addPrice() }));
  const subscription = server.subscribe({ customer, items });
  const preview = await stripe.invoices.createPreview({ customer, subscription });
  const lines = await stripe.invoices.listLineItems(preview.id).autoPagingToArray({ limit: 100 });
  expect([preview.lines.data.length, lines.length]).toEqual([10, 11]);
});

test("an invoice's page says what is due, and pays it", async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer({ card: null });
  const lines = [{ description: 'Setup', amount: 12_345 }];
  const id = server.addInvoice({ customer, lines, currency: 'kwd', collection: 'send_invoice' });
  const address = (await stripe.invoices.retrieve(id)).hosted_invoice_url!;
  expect(await (await fetch(address)).text()).toMatch(/KWD.12\.345, open/);
  await fetch(address, { method: 'POST' });
  expect((await stripe.invoices.retrieve(id)).status).toBe('paid');
});

test('what is not of the part that is spoken is refused, and left to others where it is mounted', async () => {
  const { server, stripe } = await startStripe();
  await expect(stripe.payouts.list()).rejects.toMatchObject({ statusCode: 404, type: 'StripeInvalidRequestError' });
  expect(server.journal).toEqual([]);
});

test('what was tried on an invoice is found by its payments, and what was paid by its charge', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer({ card: 'declined' });
  const invoice = server.addInvoice({ customer, lines: [{ description: 'Setup', amount: 5000 }] });
  const [payment] = (await stripe.invoicePayments.list({ invoice })).data;
  const intentId = String(payment!.payment.payment_intent);
  expect((await stripe.paymentIntents.retrieve(intentId)).last_payment_error).toMatchObject({
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  });
  server.setCard(customer, 'requires_action');
  server.attempt(invoice);
  expect((await stripe.paymentIntents.retrieve(intentId)).status).toBe('requires_action');
  server.pay(invoice);
  const disputeId = server.dispute(invoice, { reason: 'product_not_received' });
  const [dispute] = (await stripe.disputes.list({ created: { gte: at('2026-11-20T00:00:00Z') } })).data;
  expect(dispute).toMatchObject({ id: disputeId, amount: 5000, status: 'needs_response' });
  const charge = await stripe.charges.retrieve(String(dispute!.charge));
  expect(charge).toMatchObject({ payment_intent: intentId, disputed: true, paid: true });
  const back = await stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: intentId } });
  expect(back.data.map((each) => each.invoice)).toEqual([invoice]);
});

test('events are kept for thirty days, and are found by type and by time', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  await server.advance(20 * DAY);
  server.updateCustomer(customer, { name: 'Acme Ltd' });
  const types = ['customer.created', 'customer.updated'];
  const listed = async () => (await stripe.events.list({ types })).data;
  expect((await listed()).map(({ type }) => type)).toEqual(['customer.updated', 'customer.created']);
  await server.advance(15 * DAY);
  const [event, ...others] = await listed();
  expect([event!.type, others]).toEqual(['customer.updated', []]);
  expect(event!.data.previous_attributes).toEqual({ name: null });
  expect(await stripe.events.retrieve(event!.id)).toMatchObject({ type: 'customer.updated' });
});

test.each([
  [
    'of a parameter that Stripe does not know',
    (stripe: Stripe) => stripe.customers.list({ segment: 'x' } as Stripe.CustomerListParams),
    { statusCode: 400, code: 'parameter_unknown', param: 'segment' },
  ],
  [
    'of a nested parameter that Stripe does not know',
    (stripe: Stripe) => stripe.customers.list({ created: { since: 5 } as Stripe.RangeQueryParam }),
    { statusCode: 400, code: 'parameter_unknown', param: 'created[since]' },
  ],
  [
    'of a page that is too long',
    (stripe: Stripe) => stripe.customers.list({ limit: 101 }),
    { statusCode: 400, param: 'limit' },
  ],
  [
    'of a customer that is not there',
    (stripe: Stripe) => stripe.customers.retrieve('cus_none'),
    { statusCode: 404, code: 'resource_missing', param: 'id', message: "No such customer: 'cus_none'" },
  ],
  [
    'of a property that cannot be expanded',
    (stripe: Stripe) => stripe.customers.list({ expand: ['data.health'] }),
    { statusCode: 400, message: 'This property cannot be expanded (data.health).' },
  ],
  [
    'to write',
    (stripe: Stripe) => stripe.customers.create({ name: 'Acme' }),
    { statusCode: 404, type: 'StripeInvalidRequestError' },
  ],
  [
    'of a preview without a subscription',
    (stripe: Stripe) => stripe.invoices.createPreview({ customer: 'cus_000001' }),
    { statusCode: 400, code: 'parameter_missing', param: 'subscription' },
  ],
  [
    'of credit without saying which',
    (stripe: Stripe) => stripe.billing.creditBalanceTransactions.list(),
    { statusCode: 400, code: 'parameter_missing', param: 'customer' },
  ],
])('a request %s is refused in the words of Stripe', async (_, ask, error) => {
  const { server, stripe } = await startStripe();
  server.addCustomer();
  await expect(ask(stripe)).rejects.toMatchObject({ ...error, requestId: expect.stringMatching(/^req_/) });
});

test('a wrong key is refused, and is not in the journal', async () => {
  const { server, stripe } = await startStripe({ clientKey: 'sk_test_of_another' });
  await expect(stripe.customers.list()).rejects.toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
  expect(server.journal.find(({ kind }) => kind === 'request')).toMatchObject({ auth: 'wrong' });
  expect(JSON.stringify(server.journal)).not.toContain('sk_test_of_another');
});

test('requests fail as scripted, so often and no more', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  server.fault({ request: 'GET /v1/customers/*', kind: 'rate_limited' });
  await expect(stripe.customers.retrieve(customer)).rejects.toBeInstanceOf(Stripe.errors.StripeRateLimitError);
  server.fault({ request: '*', kind: 'error', status: 503, count: 2, after: 1 });
  await stripe.customers.list();
  await expect(stripe.customers.list()).rejects.toBeInstanceOf(Stripe.errors.StripeAPIError);
  await expect(stripe.customers.list()).rejects.toMatchObject({ statusCode: 503 });
  // A connection that was closed is tried once more by the client, whatever it was told.
  server.fault({ request: '*', kind: 'lost', count: 2 });
  await expect(stripe.customers.list()).rejects.toBeInstanceOf(Stripe.errors.StripeConnectionError);
  server.fault({ request: '*', kind: 'garbage' });
  await expect(stripe.customers.list()).rejects.toThrow('Invalid JSON');
  server.fault({ request: '*', kind: 'slow', ms: 5 });
  expect((await stripe.customers.list()).data).toHaveLength(1);
  server.fault({ request: 'GET /v1/invoices', kind: 'lost' });
  server.clearFaults();
  expect((await stripe.invoices.list()).data).toEqual([]);
});

test('an answer that is held says what was so when it was asked', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer({ name: 'Before' });
  server.fault({ request: `GET /v1/customers/${customer}`, kind: 'held' });
  const late = stripe.customers.retrieve(customer);
  while (!server.journal.some(({ kind }) => kind === 'fault')) await sleep(5);
  server.updateCustomer(customer, { name: 'After' });
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ name: 'After' });
  await server.release();
  expect(await late).toMatchObject({ name: 'Before' });
});
