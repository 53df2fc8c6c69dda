import { expect, test } from 'vitest';
import { DAY, startStripe, startWebhook } from './kit.ts';

async function start(statuses?: number[]) {
  const { server, stripe } = await startStripe();
  const webhook = await startWebhook(server.now, statuses);
  server.connect(webhook.url);
  return { server, stripe, webhook, ids: () => webhook.received.map(({ id }) => id) };
}

test("each event is delivered once, in order, with a signature that Stripe's own package accepts", async () => {
  const { server, webhook } = await start();
  const customer = server.addCustomer({ name: 'Acme' });
  server.updateCustomer(customer, { name: 'Acme Ltd' });
  await server.waitForIdle();
  expect(webhook.refused).toEqual([]);
  expect(webhook.received.map(({ type, data }) => [type, data.previous_attributes])).toEqual([
    ['customer.created', undefined],
    ['customer.updated', { name: 'Acme' }],
  ]);
});

test('an event has the object as it was then', async () => {
  const { server, stripe, webhook } = await start();
  server.holdWebhooks();
  const customer = server.addCustomer({ name: 'Before' });
  server.updateCustomer(customer, { name: 'After' });
  await server.releaseWebhooks();
  expect(webhook.received[0]!.data.object).toMatchObject({ name: 'Before' });
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ name: 'After' });
});

test('what is not answered with 2xx is sent again later, and is found among what was not delivered', async () => {
  const { server, stripe, ids } = await start([500, 404]);
  server.addCustomer();
  await server.waitForIdle();
  const missed = async () => (await stripe.events.list({ delivery_success: false })).data.map(({ id }) => id);
  expect(await missed()).toEqual(['evt_000001']);
  await server.advance(60_000);
  await server.advance(300_000);
  expect(ids()).toEqual(['evt_000001', 'evt_000001', 'evt_000001']);
  expect(await missed()).toEqual([]);
  await server.advance(4 * DAY);
  expect(ids()).toHaveLength(3);
});

test('what nobody answers is given up after three days', async () => {
  const { server } = await startStripe();
  server.connect('http://127.0.0.1:9/');
  server.addCustomer();
  await server.advance(10 * DAY);
  expect(server.journal.filter(({ kind }) => kind === 'webhook')).toHaveLength(10);
});

test('what is held arrives doubled, shuffled or never, as arranged', async () => {
  const { server, ids } = await start();
  server.holdWebhooks();
  for (let count = 0; count < 3; count += 1) server.addCustomer();
  await server.waitForIdle();
  expect(ids()).toEqual([]);
  await server.releaseWebhooks(([one, , three]) => [three!, one!, three!]);
  expect(ids()).toEqual(['evt_000003', 'evt_000001', 'evt_000003']);
  await server.resend('evt_000002');
  expect(ids().at(-1)).toBe('evt_000002');
});

test('signatures that are wrong or dated in the past are refused', async () => {
  const { server, webhook } = await start();
  server.signWrongly('secret');
  server.signWrongly('past');
  server.addCustomer();
  server.addCustomer();
  await server.waitForIdle();
  expect(webhook.refused).toEqual([
    expect.stringContaining('No signatures found matching'),
    expect.stringContaining('Timestamp outside the tolerance zone'),
  ]);
});

test("a signature dated in the future is one that Stripe's package does not notice", async () => {
  const { server, webhook } = await start();
  server.signWrongly('future');
  server.addCustomer();
  await server.waitForIdle();
  expect([webhook.received.length, webhook.refused]).toEqual([1, []]);
});

test('each act tells what Stripe would', async () => {
  const { server } = await startStripe();
  const seen = (act: () => unknown) => {
    const before = server.events.length;
    act();
    return server.events.slice(before).map(({ type }) => type);
  };
  const customer = server.addCustomer();
  const items = [{ price: server.addPrice() }];
  const lines = [{ description: 'Setup', amount: 700 }];
  let subscription = '';
  let invoice = '';
  expect(seen(() => (subscription = server.subscribe({ customer, items })))).toEqual([
    'customer.subscription.created',
    'invoice.created',
    'invoice.finalized',
    'invoice.updated',
    'invoice.paid',
    'invoice.payment_succeeded',
    'customer.subscription.updated',
  ]);
  expect(seen(() => server.pause(subscription, { collection: 'void' }))).toEqual(['customer.subscription.updated']);
  expect(seen(() => server.resume(subscription))).toEqual(['customer.subscription.updated']);
  expect(seen(() => server.pause(subscription))).toEqual(['customer.subscription.paused']);
  expect(seen(() => server.resume(subscription))[0]).toBe('customer.subscription.resumed');
  server.setCard(customer, 'requires_action');
  expect(seen(() => (invoice = server.addInvoice({ customer, lines })))).toEqual([
    'invoice.created',
    'invoice.finalized',
    'invoice.payment_action_required',
    'invoice.payment_failed',
    'invoice.updated',
  ]);
  expect(seen(() => server.markUncollectible(invoice))).toEqual(['invoice.updated', 'invoice.marked_uncollectible']);
  expect(seen(() => server.pay(invoice))).toContain('invoice.paid');
  expect(seen(() => server.closeDispute(server.dispute(invoice), 'lost'))).toEqual([
    'charge.dispute.created',
    'charge.dispute.closed',
  ]);
  server.failFinalization(customer);
  expect(seen(() => (invoice = server.addInvoice({ customer, lines })))).toEqual([
    'invoice.created',
    'invoice.finalization_failed',
  ]);
  expect(server.object(invoice)).toMatchObject({
    status: 'draft',
    last_finalization_error: { code: 'customer_tax_location_invalid' },
  });
  expect(seen(() => server.finalize(invoice))[0]).toBe('invoice.finalized');
  expect(seen(() => server.voidInvoice(invoice))).toEqual(['invoice.updated', 'invoice.voided']);
  expect(seen(() => server.voidCredit(server.grantCredit({ customer, amount: 5 })))).toEqual([
    'billing.credit_grant.created',
    'billing.credit_balance_transaction.created',
    'billing.credit_balance_transaction.created',
    'billing.credit_grant.updated',
  ]);
  expect(seen(() => server.cancel(subscription))).toEqual(['customer.subscription.deleted']);
  expect(seen(() => server.deleteCustomer(customer))).toEqual(['customer.deleted']);
});

test.each([
  ['void', 'void'],
  ['mark_uncollectible', 'uncollectible'],
  ['keep_as_draft', 'draft'],
] as const)('while collection is paused (%s) what renews is %s', async (collection, status) => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const subscription = server.subscribe({ customer, items: [{ price: server.addPrice() }] });
  server.pause(subscription, { collection, resumesAt: new Date('2027-01-01T00:00:00Z') });
  await server.setTime(new Date('2027-01-21T00:00:00Z'));
  const invoices = (await stripe.invoices.list({ customer })).data;
  expect(invoices.map((invoice) => invoice.status)).toEqual(['paid', status, 'paid']);
});

test('a paused subscription makes no invoices until it is resumed', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const subscription = server.subscribe({ customer, items: [{ price: server.addPrice() }] });
  server.pause(subscription);
  await server.setTime(new Date('2027-03-05T00:00:00Z'));
  expect((await stripe.invoices.list({ customer })).data).toHaveLength(1);
  server.resume(subscription);
  await server.setTime(new Date('2027-04-06T00:00:00Z'));
  expect((await stripe.invoices.list({ customer })).data.map(({ created }) => created)).toEqual([
    Date.UTC(2027, 3, 5) / 1000,
    Date.UTC(2027, 2, 5) / 1000,
    Date.UTC(2026, 10, 20, 9) / 1000,
  ]);
});
