import { expect, test } from 'vitest';
import type { Tax } from '../../../simulator/stripe/types.ts';
import { at, DAY, startStripe } from './kit.ts';

const RENEWED = new Date('2026-12-20T10:00:00Z');

test('the coming invoice has the next period, and what was used in this one', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const seats = server.addPrice({ name: 'Seat', unitAmount: 4900 });
  const calls = server.addPrice({ name: 'Calls', isMetered: true, unitAmount: '0.25' });
  const subscription = server.subscribe({ customer, items: [{ price: seats, quantity: 3 }, { price: calls }] });
  server.reportUsage(subscription, 1000, new Date('2026-11-25T00:00:00Z'));
  server.reportUsage(subscription, 3, new Date('2026-12-19T23:59:59Z'));
  server.reportUsage(subscription, 7_777, new Date('2026-12-20T09:00:00Z'));
  const preview = await stripe.invoices.createPreview({ customer, subscription });
  expect(preview).toMatchObject({
    id: expect.stringMatching(/^upcoming_in_/),
    billing_reason: 'upcoming',
    status: 'draft',
    subtotal: 14_951,
    total: 14_951,
    amount_due: 14_951,
    parent: { subscription_details: { subscription } },
    created: at('2026-12-20T09:00:00Z'),
  });
  expect(preview.lines.data.map(({ amount, quantity, description }) => [amount, quantity, description])).toEqual([
    [251, 1003, '1003 × Calls'],
    [14_700, 3, '3 × Seat'],
  ]);
  expect(preview.lines.data[1]).toMatchObject({
    period: { start: at('2026-12-20T09:00:00Z'), end: at('2027-01-20T09:00:00Z') },
    pricing: { price_details: { price: seats } },
    parent: { subscription_item_details: { subscription, proration: false } },
  });
  await server.setTime(RENEWED);
  const [invoice] = (await stripe.invoices.list({ subscription })).data;
  expect(invoice).toMatchObject({ total: 14_951, billing_reason: 'subscription_cycle', amount_paid: 14_951 });
});

test('there is no coming invoice of a subscription that ends with its period', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const subscription = server.subscribe({ customer, items: [{ price: server.addPrice() }] });
  server.cancel(subscription, 'period_end');
  await expect(stripe.invoices.createPreview({ subscription })).rejects.toMatchObject({
    code: 'invoice_upcoming_none',
  });
  await server.advance(31 * DAY);
  expect(server.events.filter(({ type }) => type === 'invoice.upcoming')).toEqual([]);
});

test.each([
  ['added to the price', { percent: 19 }, { subtotal: 9999, total: 11_899, total_excluding_tax: 9999 }, 1900],
  [
    'within the price',
    { percent: 19, inclusive: true },
    { subtotal: 9999, total: 9999, total_excluding_tax: 8403 },
    1596,
  ],
  ['with decimals', { percent: 8.875 }, { subtotal: 9999, total: 10_886, total_excluding_tax: 9999 }, 887],
])('tax %s comes out in whole units', async (_, tax: Tax, totals, taxes) => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const price = server.addPrice({ unitAmount: 3333 });
  server.subscribe({ customer, items: [{ price, quantity: 3 }], tax });
  const [invoice] = (await stripe.invoices.list({ customer })).data;
  expect(invoice).toMatchObject({ ...totals, amount_paid: totals.total });
  expect(invoice!.total_taxes!.map(({ amount }) => amount)).toEqual([taxes]);
  expect(invoice!.lines.data[0]!.taxes).toMatchObject([
    { amount: taxes, tax_behavior: tax.inclusive ? 'inclusive' : 'exclusive' },
  ]);
});

test.each([
  ['JPY', 1500, 2, 3300],
  ['KWD', 12_345, 1, 13_580],
])('in %s the smallest unit is what amounts are in', async (currency, unitAmount, quantity, total) => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const price = server.addPrice({ currency, unitAmount });
  server.subscribe({ customer, items: [{ price, quantity }], tax: { percent: 10 } });
  const [invoice] = (await stripe.invoices.list({ customer })).data;
  expect(invoice).toMatchObject({ currency: currency.toLowerCase(), total, amount_paid: total });
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ currency: currency.toLowerCase() });
});

test('a discount in percent is spread over the lines before tax, and one of a month is gone after it', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const items = [{ price: server.addPrice({ unitAmount: 1001 }) }, { price: server.addPrice({ unitAmount: 502 }) }];
  const subscription = server.subscribe({
    customer,
    items,
    discount: { percentOff: 25, months: 1 },
    tax: { percent: 10 },
  });
  await server.setTime(RENEWED);
  const [second, first] = (await stripe.invoices.list({ customer })).data;
  // A quarter of 1503 is 375.75; of the rest, 751 and 376, a tenth is 75 and 38.
  expect(first).toMatchObject({ subtotal: 1503, total_excluding_tax: 1127, total: 1240 });
  expect(first!.total_discount_amounts).toMatchObject([{ amount: 376 }]);
  expect(first!.lines.data.map(({ discount_amounts }) => discount_amounts![0]!.amount)).toEqual([250, 126]);
  expect(second).toMatchObject({ subtotal: 1503, total: 1653, discounts: [] });
  expect((await stripe.subscriptions.retrieve(subscription)).discounts).toEqual([]);
});

test('a discount of an amount takes off no more than there is, and ends after its months', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const items = [{ price: server.addPrice({ unitAmount: 1000 }) }];
  server.subscribe({ customer, items, discount: { amountOff: 1200, months: 2 } });
  await server.setTime(new Date('2027-02-20T10:00:00Z'));
  const invoices = (await stripe.invoices.list({ customer })).data;
  expect(invoices.map(({ total }) => total).reverse()).toEqual([0, 0, 1000, 1000]);
});

test('tiers are a line each', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const tiers = [
    { upTo: 5, unitAmount: 100, flatAmount: 700 },
    { upTo: 20, unitAmount: 80 },
    { upTo: null, unitAmount: 50 },
  ];
  const subscribe = (tiersMode: 'graduated' | 'volume') =>
    server.subscribe({ customer, items: [{ price: server.addPrice({ tiers, tiersMode }), quantity: 12 }] });
  const linesOf = async (subscription: string) =>
    (await stripe.invoices.list({ subscription })).data[0]!.lines.data.map(({ amount }) => amount);
  expect(await linesOf(subscribe('graduated'))).toEqual([500, 700, 560]);
  expect(await linesOf(subscribe('volume'))).toEqual([960]);
});

test("the customer's balance pays first, and comes back when the invoice is void", async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  server.adjustBalance(customer, -3000, 'eur');
  const lines = [{ description: 'Setup', amount: 2000 }];
  const balance = async () => {
    const found = await stripe.customers.retrieve(customer);
    return found.deleted ? null : found.balance;
  };
  const first = await stripe.invoices.retrieve(server.addInvoice({ customer, lines }));
  expect(first).toMatchObject({ total: 2000, amount_due: 0, starting_balance: -3000, ending_balance: -1000 });
  expect([first.status, await balance()]).toEqual(['paid', -1000]);
  server.setCard(customer, 'declined');
  const second = server.addInvoice({ customer, lines });
  expect(await stripe.invoices.retrieve(second)).toMatchObject({ amount_due: 1000, amount_remaining: 1000 });
  expect(await balance()).toBe(0);
  server.voidInvoice(second);
  expect(await balance()).toBe(-1000);
  const transactions = (await stripe.customers.listBalanceTransactions(customer)).data;
  expect(transactions.map(({ type, amount }) => [type, amount])).toEqual([
    ['unapplied_from_invoice', -1000],
    ['applied_to_invoice', 1000],
    ['applied_to_invoice', 2000],
    ['adjustment', -3000],
  ]);
});

test('what a customer owes is added to the next invoice', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  server.adjustBalance(customer, 500);
  const id = server.addInvoice({ customer, lines: [{ description: 'Setup', amount: 2000 }] });
  expect(await stripe.invoices.retrieve(id)).toMatchObject({ total: 2000, amount_due: 2500, ending_balance: 0 });
});

test('a change of quantity is prorated on the next invoice', async () => {
  const { server, stripe } = await startStripe({ start: '2026-11-01T00:00:00Z' });
  const customer = server.addCustomer();
  const subscription = server.subscribe({
    customer,
    items: [{ price: server.addPrice({ unitAmount: 3000 }), quantity: 2 }],
  });
  await server.advance(10 * DAY);
  server.changeQuantity(subscription, 5);
  const preview = await stripe.invoices.createPreview({ subscription });
  expect(preview.lines.data.map(({ amount }) => amount)).toEqual([-4000, 10_000, 15_000]);
  expect(preview.lines.data[0]!.parent!.subscription_item_details!.proration).toBe(true);
  expect((await stripe.subscriptions.retrieve(subscription)).items.data[0]!.quantity).toBe(5);
});

test('credit pays what is metered, before tax: what expires first is used first', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const items = [
    { price: server.addPrice({ unitAmount: 1000 }) },
    { price: server.addPrice({ isMetered: true, unitAmount: 10 }) },
  ];
  const subscription = server.subscribe({ customer, items, tax: { percent: 10 } });
  const late = server.grantCredit({ customer, amount: 5000, expiresAt: new Date('2027-06-01T00:00:00Z') });
  const soon = server.grantCredit({
    customer,
    amount: 300,
    category: 'promotional',
    expiresAt: new Date('2027-01-01T00:00:00Z'),
  });
  server.reportUsage(subscription, 80);
  const preview = await stripe.invoices.createPreview({ subscription });
  expect(preview).toMatchObject({ subtotal: 1800, total_excluding_tax: 1000, total: 1100 });
  expect(preview.total_pretax_credit_amounts).toEqual([
    { type: 'credit_balance_transaction', amount: 800, credit_balance_transaction: null },
  ]);
  await server.setTime(RENEWED);
  const [invoice] = (await stripe.invoices.list({ customer })).data;
  expect(invoice).toMatchObject({ subtotal: 1800, total: 1100, amount_paid: 1100 });
  expect(invoice!.total_pretax_credit_amounts!.map(({ amount }) => amount)).toEqual([300, 500]);
  const used = (await stripe.billing.creditBalanceTransactions.list({ customer })).data.filter(
    ({ type }) => type === 'debit',
  );
  expect(used.map(({ credit_grant, debit }) => [credit_grant, debit!.amount.monetary!.value])).toEqual([
    [late, 500],
    [soon, 300],
  ]);
  expect(used[0]!.debit!.credits_applied).toEqual({
    invoice: invoice!.id,
    invoice_line_item: invoice!.lines.data[0]!.id,
  });
  const available = async (filter: { type: 'credit_grant'; credit_grant: string } | null = null) => {
    const summary = await stripe.billing.creditBalanceSummaries.retrieve({
      customer,
      filter: filter ?? { type: 'applicability_scope', applicability_scope: { price_type: 'metered' } },
    });
    return summary.balances.map(({ available_balance }) => available_balance.monetary);
  };
  expect(await available()).toEqual([{ currency: 'usd', value: 4500 }]);
  expect(await available({ type: 'credit_grant', credit_grant: soon })).toEqual([{ currency: 'usd', value: 0 }]);
});

test('credit is used from when it is effective, and what is left when it expires is gone', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const grant = server.grantCredit({
    customer,
    amount: 1000,
    currency: 'usd',
    effectiveAt: new Date('2026-12-01T00:00:00Z'),
    expiresAt: new Date('2027-02-01T00:00:00Z'),
  });
  const filter = { type: 'credit_grant' as const, credit_grant: grant };
  const value = async () =>
    (await stripe.billing.creditBalanceSummaries.retrieve({ customer, filter })).balances[0]!.available_balance
      .monetary!.value;
  expect(await value()).toBe(0);
  await server.setTime(new Date('2026-12-01T00:00:00Z'));
  expect(await value()).toBe(1000);
  await server.setTime(new Date('2027-02-01T00:00:00Z'));
  expect(await value()).toBe(0);
  const [gone] = (await stripe.billing.creditBalanceTransactions.list({ customer, credit_grant: grant })).data;
  expect(gone).toMatchObject({
    type: 'debit',
    debit: { type: 'credits_expired', amount: { monetary: { value: 1000 } } },
  });
});

test('a void invoice gives its credit back, and a void grant is worth nothing', async () => {
  const { server, stripe } = await startStripe();
  const customer = server.addCustomer();
  const items = [{ price: server.addPrice({ isMetered: true, unitAmount: 10 }) }];
  const subscription = server.subscribe({ customer, items });
  const grant = server.grantCredit({ customer, amount: 300 });
  server.reportUsage(subscription, 80);
  server.setCard(customer, 'declined');
  await server.setTime(RENEWED);
  const [invoice] = (await stripe.invoices.list({ customer })).data;
  expect(invoice).toMatchObject({ status: 'open', total: 500 });
  server.voidInvoice(invoice!.id);
  server.voidCredit(grant);
  const transactions = (await stripe.billing.creditBalanceTransactions.list({ customer })).data;
  expect(transactions.map(({ credit, debit }) => credit?.type ?? debit?.type)).toEqual([
    'credits_voided',
    'credits_application_invoice_voided',
    'credits_applied',
    'credits_granted',
  ]);
  expect(await stripe.billing.creditGrants.retrieve(grant)).toMatchObject({ voided_at: RENEWED.getTime() / 1000 });
});
