import { expect, test } from 'vitest';
import { at, DAY, startStripe, startWebhook } from './kit.ts';

test('a subscription of 31 January renews on the last day of shorter months, for a year', async () => {
  const { server, stripe } = await startStripe({ start: '2026-01-31T10:00:00Z' });
  const customer = server.addCustomer();
  const price = server.addPrice({ unitAmount: 2500 });
  const subscription = server.subscribe({ customer, items: [{ price, quantity: 2 }] });
  await server.setTime(new Date('2027-01-31T12:00:00Z'));
  const invoices = await stripe.invoices.list({ subscription }).autoPagingToArray({ limit: 100 });
  expect(invoices.map(({ created }) => new Date(created * 1000).toISOString().slice(0, 10)).reverse()).toEqual([
    '2026-01-31',
    '2026-02-28',
    '2026-03-31',
    '2026-04-30',
    '2026-05-31',
    '2026-06-30',
    '2026-07-31',
    '2026-08-31',
    '2026-09-30',
    '2026-10-31',
    '2026-11-30',
    '2026-12-31',
    '2027-01-31',
  ]);
  expect(new Set(invoices.map(({ status, amount_paid }) => `${status} ${amount_paid}`))).toEqual(
    new Set(['paid 5000']),
  );
  const { items } = await stripe.subscriptions.retrieve(subscription);
  expect(items.data[0]).toMatchObject({
    quantity: 2,
    current_period_start: at('2027-01-31T10:00:00Z'),
    current_period_end: at('2027-02-28T10:00:00Z'),
  });
});

test('a renewal is a draft for an hour, then finalised and paid, and told in that order', async () => {
  const { server } = await startStripe();
  const webhook = await startWebhook(server.now);
  server.connect(webhook.url);
  const customer = server.addCustomer();
  server.subscribe({ customer, items: [{ price: server.addPrice() }] });
  await server.setTime(new Date('2026-12-20T09:00:00Z'));
  expect(webhook.refused).toEqual([]);
  const types = webhook.received.map(({ type }) => type);
  expect(types.slice(types.indexOf('invoice.upcoming'))).toEqual([
    'invoice.upcoming',
    'customer.subscription.updated',
    'invoice.created',
  ]);
  const draft = webhook.received.at(-1)!.data.object;
  expect(draft).toMatchObject({ status: 'draft', automatically_finalizes_at: at('2026-12-20T10:00:00Z') });
  await server.advance(3_600_000);
  expect(webhook.received.slice(types.length).map(({ type }) => type)).toEqual([
    'invoice.finalized',
    'invoice.updated',
    'invoice.paid',
    'invoice.payment_succeeded',
  ]);
  const upcoming = webhook.received.find(({ type }) => type === 'invoice.upcoming')!;
  expect(upcoming.created).toBe(at('2026-12-13T09:00:00Z'));
  expect(upcoming.data.object).not.toHaveProperty('id');
});

test('a declined card is tried again after 3, 5 and 7 days, and the subscription is past due until it is paid', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const subscription = server.subscribe({ customer, items: [{ price: server.addPrice() }] });
  server.setCard(customer, 'declined');
  await server.setTime(new Date('2026-12-20T10:00:00Z'));
  const failed = async () => (await stripe.invoices.list({ subscription, limit: 1 })).data[0]!;
  const first = await failed();
  expect(first).toMatchObject({ status: 'open', attempt_count: 1, attempted: true, amount_remaining: 1000 });
  expect(first.next_payment_attempt).toBe(at('2026-12-23T10:00:00Z'));
  expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('past_due');
  await server.advance(3 * DAY);
  expect((await failed()).next_payment_attempt).toBe(at('2026-12-28T10:00:00Z'));
  await server.advance(5 * DAY);
  expect(await failed()).toMatchObject({ attempt_count: 3, next_payment_attempt: at('2027-01-04T10:00:00Z') });
  server.setCard(customer, 'ok');
  await server.advance(7 * DAY);
  expect(await failed()).toMatchObject({ status: 'paid', attempt_count: 4, next_payment_attempt: null });
  expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('active');
});

test('what is tried by hand neither counts nor moves the next retry', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer({ card: 'declined' });
  const invoice = server.addInvoice({ customer, lines: [{ description: 'Setup', amount: 700 }] });
  const before = await stripe.invoices.retrieve(invoice);
  await server.advance(DAY);
  server.attempt(invoice);
  const { attempt_count, next_payment_attempt } = await stripe.invoices.retrieve(invoice);
  expect([attempt_count, next_payment_attempt]).toEqual([1, before.next_payment_attempt]);
  await server.advance(2 * DAY);
  expect(await stripe.invoices.retrieve(invoice)).toMatchObject({ attempt_count: 2 });
});

test('after the last retry nothing more is tried', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const price = server.addPrice({ interval: 'year' });
  server.subscribe({ customer, items: [{ price }] });
  server.setCard(customer, 'declined');
  await server.setTime(new Date('2027-12-20T10:00:00Z'));
  const [invoice] = (await stripe.invoices.list({ customer, status: 'open' })).data;
  expect(invoice).toMatchObject({ attempt_count: 4, next_payment_attempt: null });
  expect(server.events.filter(({ type }) => type === 'invoice.payment_failed')).toHaveLength(4);
});

test('an invoice that is sent becomes overdue at its due date, and is told so once', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const items = [{ price: server.addPrice({ interval: 'year' }) }];
  const subscription = server.subscribe({ customer, items, collection: 'send_invoice', daysUntilDue: 14 });
  const due = at('2026-12-04T09:00:00Z');
  const [invoice] = (await stripe.invoices.list({ customer })).data;
  expect(invoice).toMatchObject({ status: 'open', attempted: false, due_date: due, next_payment_attempt: null });
  await server.advance(60 * DAY);
  const overdue = server.events.filter(({ type }) => type === 'invoice.overdue');
  expect(overdue.map(({ created }) => created)).toEqual([due]);
  expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('past_due');
  server.pay(invoice!.id);
  expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('active');
});

test('a first invoice that nobody pays ends the subscription after 23 hours', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer({ card: 'declined' });
  const subscription = server.subscribe({ customer, items: [{ price: server.addPrice() }] });
  expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('incomplete');
  await server.advance(DAY);
  expect((await stripe.subscriptions.retrieve(subscription)).status).toBe('incomplete_expired');
  expect((await stripe.invoices.list({ customer })).data.map(({ status }) => status)).toEqual(['void']);
});

test('a subscription that is cancelled for the end of its period bills what was used, and ends', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const items = [{ price: server.addPrice() }, { price: server.addPrice({ isMetered: true, unitAmount: '0.5' }) }];
  const subscription = server.subscribe({ customer, items });
  server.reportUsage(subscription, 301, new Date('2026-11-30T00:00:00Z'));
  server.cancel(subscription, 'period_end');
  expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({
    status: 'active',
    cancel_at_period_end: true,
    cancel_at: at('2026-12-20T09:00:00Z'),
  });
  await server.setTime(new Date('2027-03-01T00:00:00Z'));
  expect(await stripe.subscriptions.retrieve(subscription)).toMatchObject({
    status: 'canceled',
    ended_at: at('2026-12-20T09:00:00Z'),
  });
  const invoices = (await stripe.invoices.list({ customer })).data;
  expect(invoices.map(({ total }) => total)).toEqual([151, 1000]);
});

test('the clock does not go back once something happened', async () => {
  const { server } = await startStripe();
  await server.setTime(new Date('2020-01-01T00:00:00Z'));
  server.addCustomer();
  await expect(server.setTime(new Date('2019-12-31T00:00:00Z'))).rejects.toThrow('only moves on');
});

test('what is not paid of a subscription that was cancelled is not tried again', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const subscription = server.subscribe({ customer, items: [{ price: server.addPrice() }] });
  server.setCard(customer, 'declined');
  await server.setTime(new Date('2026-12-20T10:00:00Z'));
  server.cancel(subscription);
  await server.advance(30 * DAY);
  const [invoice] = (await stripe.invoices.list({ customer })).data;
  expect(invoice).toMatchObject({ status: 'open', attempt_count: 1, next_payment_attempt: null });
});

test('a clock that runs goes on running after it was moved', async () => {
  let real = Date.UTC(2026, 10, 20);
  const { server } = await startStripe({ now: () => new Date(real) });
  server.addCustomer();
  await server.advance(DAY);
  real += 5000;
  expect(server.now()).toEqual(new Date('2026-11-21T00:00:05Z'));
  await server.setTime(server.now());
  expect(server.now()).toEqual(new Date('2026-11-21T00:00:05Z'));
});
