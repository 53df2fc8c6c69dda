import { sql } from 'kysely';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { evaluateIndicators } from '../../../jobs/evaluate-indicators.ts';
import { followCustomers } from '../../../jobs/sync-stripe.ts';
import { randomNumbers } from '../../../simulator/demo/random.ts';
import { insertStripeEvent } from '../../../src/db/stripe-events.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import type { Playbook } from '../../../src/playbook/types.ts';
import { startBilledBot } from '../../billing.ts';
import { maya, wordsOf } from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount, insertMetricValues } from '../../factories.ts';

const start = '2026-03-02T09:00:00Z';

let database: TestDatabase;
let playbook: Playbook;

beforeAll(async () => {
  playbook = await readPlaybook('product-usage');
});
beforeEach(async () => {
  database = await createTestDatabase();
  await insertAccount(database.db, {
    id: 'acme',
    name: 'Acme',
    domain: 'acme.example',
    csm_email: 'maya@bellwether.example',
    renewal_date: '2027-03-01',
  });
});
afterEach(() => database.drop());

const begin = (options?: Parameters<typeof startBilledBot>[1]) =>
  startBilledBot({ db: database.db, playbook, start }, options);

/** All that is stored of Stripe, but for when it was read. */
async function stored(): Promise<unknown> {
  const { rows } = await sql<{ all: unknown }>`
    select jsonb_build_object(
      'customers', (select jsonb_agg(to_jsonb(c) - 'read_at' order by id) from stripe_customers c),
      'subscriptions', (select jsonb_agg(to_jsonb(s) order by id) from subscriptions s),
      'invoices', (select jsonb_agg(to_jsonb(i) - 'read_at' order by id) from invoices i),
      'grants', (select jsonb_agg(to_jsonb(g) order by id) from credit_grants g),
      'uses', (select jsonb_agg(to_jsonb(u) order by id) from credit_uses u),
      'accounts', (select jsonb_agg(jsonb_build_object('id', id, 'mrr', mrr, 'traits', traits) order by id) from accounts)
    ) as all
  `.execute(database.db);
  return rows[0]?.all;
}

const account = () =>
  database.db
    .selectFrom('accounts')
    .select(['mrr', 'currency', 'traits'])
    .where('id', '=', 'acme')
    .executeTakeFirstOrThrow();

const alerts = () =>
  database.db
    .selectFrom('alerts')
    .select(['indicator', 'subject', 'state'])
    .where('indicator', 'in', ['payment_failed', 'upcoming_large_invoice', 'credit_running_out', 'payment_disputed'])
    .orderBy('id')
    .execute();

describe('a payment that fails', () => {
  test('is one message to the CSM at once, edited as it is tried again and when it is paid', async () => {
    const { stripe, bot, days, settle } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000 }) }] });
    await days(1);
    stripe.setCard(customer, 'declined');
    await days(31);
    const failed = () =>
      bot.slack
        .messages(bot.slack.dm(maya), maya)
        .filter((message) => wordsOf(message).join(' ').includes('Failed payment'));
    expect(failed()).toHaveLength(1);
    expect(wordsOf(failed()[0]).join('\n')).toMatch(/did not succeed; \$1,200 was open/);
    const tries = () => Number(/(\d+) attempts? failed/.exec(wordsOf(failed()[0]).join('\n'))?.[1]);
    expect(tries()).toBe(1);
    await days(4);
    expect(failed()).toHaveLength(1);
    expect(tries()).toBe(2);
    stripe.setCard(customer, 'ok');
    stripe.pay(stripe.ids('invoice').at(-1)!);
    await settle();
    expect(failed()).toHaveLength(1);
    expect(wordsOf(failed()[0]).join('\n')).toMatch(/Resolved[\s\S]*paid on 7 Apr 2026/);
    expect((await alerts()).map(({ state }) => state)).toEqual(['resolved']);
    expect(bot.failures).toEqual([]);
  });
});

describe('a payment from a bank account', () => {
  test('is no failed one while it is under way, and is one when the bank refuses', async () => {
    const { stripe, days, settle } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000 }) }] });
    await days(1);
    stripe.setCard(customer, 'processing');
    await days(31);
    const invoice = await database.db
      .selectFrom('invoices')
      .select(['status', 'is_failed', 'attempts'])
      .where('status', '=', 'open')
      .executeTakeFirstOrThrow();
    expect(invoice).toEqual({ status: 'open', is_failed: false, attempts: 1 });
    expect(await alerts()).toEqual([]);
    for (const card of ['declined', 'processing', 'declined'] as const) {
      stripe.setCard(customer, card);
      stripe.attempt(stripe.ids('invoice').at(-1)!);
      await settle();
      expect(await alerts()).toMatchObject([{ indicator: 'payment_failed', state: 'active' }]);
    }
    stripe.pay(stripe.ids('invoice').at(-1)!);
    await settle();
    expect(await alerts()).toMatchObject([{ indicator: 'payment_failed', state: 'resolved' }]);
  });
});

describe('an invoice of many lines', () => {
  test('is stored as a whole, also where its payment failed, and is not found changed again', async () => {
    const { stripe, settle, sync } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example', card: 'declined' });
    const lines = Array.from({ length: 25 }, (_, index) => ({ description: `Line ${index}`, amount: 1_000 }));
    stripe.addInvoice({ customer, lines });
    await settle();
    const stored = await database.db
      .selectFrom('invoices')
      .select(['total_before_tax', 'lines', 'is_failed'])
      .execute();
    expect(stored).toMatchObject([{ total_before_tax: 250, is_failed: true }]);
    expect(stored[0]?.lines).toHaveLength(25);
    expect(await sync()).toMatchObject({ changed: 0 });
  });

  test('that is coming has all of them, so that none seems to have gone', async () => {
    const { stripe, settle } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    const items = Array.from({ length: 12 }, () => ({ price: stripe.addPrice({ unitAmount: 1_000 }) }));
    stripe.subscribe({ customer, items });
    await settle();
    const coming = await database.db.selectFrom('invoices').select('lines').where('status', '=', 'upcoming').execute();
    expect(coming[0]?.lines).toHaveLength(12);
  });
});

describe('a customer that is deleted', () => {
  test('is not read again and again, and nobody is told of its invoices any more', async () => {
    const { stripe, settle, sync, bot } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000 }) }] });
    await settle();
    stripe.setCard(customer, 'declined');
    stripe.addInvoice({ customer, lines: [{ description: 'Work', amount: 5_000 }] });
    await settle();
    expect(await alerts()).toMatchObject([{ indicator: 'payment_failed', state: 'active' }]);
    stripe.deleteCustomer(customer);
    await settle();
    expect(await alerts()).toMatchObject([{ indicator: 'payment_failed', state: 'resolved' }]);
    await sync();
    expect(await sync()).toMatchObject({ changed: 0, read: 0 });
    expect(bot.failures).toEqual([]);
  });

  test('before anything was read of it is read once', async () => {
    const { stripe, sync } = await begin({ hears: false });
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000 }) }] });
    stripe.deleteCustomer(customer);
    expect(await sync()).toMatchObject({ changed: 1, read: 1 });
    expect(await sync()).toMatchObject({ changed: 0, read: 0 });
  });
});

describe('what is known of an account', () => {
  test('goes with its customer, also where whoever took that away was stopped before it was told', async () => {
    const { stripe, settle, sync } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000 }) }] });
    await settle();
    expect((await account()).traits).toMatchObject({ stripe_card_on_file: true });
    stripe.updateCustomer(customer, { email: 'billing@elsewhere.example' });
    await sql`update stripe_customers set account_id = null, matched_by = null, email = null`.execute(database.db);
    await sync();
    // From which day on the MRR is not Stripe's any more.
    expect((await account()).traits).toEqual({ stripe_mrr_since: '2026-03-02' });
  });

  test('is what was stored last, however long somebody else took to work it out', async () => {
    const { stripe, bot, settle } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000 }) }] });
    await settle();
    const { db } = database;
    const slow = await db.transaction().execute(async (transaction) => {
      await sql`select from accounts where id = 'acme' for update`.execute(transaction);
      const running = followCustomers(bot.deps, [customer]);
      await waitUntilBlocked();
      await sql`update subscriptions set mrr = 700`.execute(db);
      return { running };
    });
    await slow.running;
    expect((await account()).mrr).toBe(700);
  });
});

/** Waits until somebody waits for a lock. */
async function waitUntilBlocked(): Promise<void> {
  await expect
    .poll(async () => {
      const { rows } = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      `.execute(database.db);
      return rows.length;
    })
    .toBeGreaterThan(0);
}

describe('what is stored', () => {
  test.each([1, 2, 3, 4])('ends alike however events are shuffled, doubled and lost (seed %i)', async (seed) => {
    const { stripe, days, settle, sync } = await begin();
    const random = randomNumbers(seed);
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    const subscription = stripe.subscribe({
      customer,
      items: [{ price: stripe.addPrice({ unitAmount: 50_000 }), quantity: 2 }],
      tax: { percent: 19 },
    });
    stripe.holdWebhooks();
    stripe.changeQuantity(subscription, 3);
    stripe.setCard(customer, 'declined');
    await days(33);
    stripe.adjustBalance(customer, -5_000);
    stripe.grantCredit({ customer, amount: 100_000 });
    await stripe.releaseWebhooks((deliveries) =>
      [...deliveries, ...deliveries]
        .filter(() => random() > 0.2)
        .map((delivery) => ({ delivery, place: random() }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ delivery }) => delivery),
    );
    await settle();
    // Whoever lost every event of the last change finds it by comparing.
    await sync();
    const told = await stored();
    await sql`delete from stripe_customers`.execute(database.db);
    await sync();
    expect(await stored()).toEqual(told);
  });

  test('is not replaced by an older state that arrives late', async () => {
    const { stripe, settle, sync } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    await settle();
    stripe.fault({ request: `GET /v1/customers/${customer}`, kind: 'held' });
    stripe.updateCustomer(customer, { name: 'Acme Old' });
    const late = settle();
    await new Promise((resolve) => setTimeout(resolve, 300));
    stripe.updateCustomer(customer, { name: 'Acme New' });
    await sync();
    await stripe.release();
    await late;
    const row = await database.db.selectFrom('stripe_customers').select('name').executeTakeFirst();
    expect(row?.name).toBe('Acme New');
  });

  test('is found by comparing when no webhook was ever told', async () => {
    const { stripe, days, sync } = await begin({ hears: false });
    const customer = stripe.addCustomer({ name: 'Acme', metadata: { account_id: 'acme' } });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000 }) }] });
    await days(3);
    expect(await sync()).toMatchObject({ changed: 1, read: 1, failed: [] });
    expect(await sync()).toMatchObject({ changed: 0 });
    expect((await account()).mrr).toBe(1200);
    stripe.setCard(customer, 'declined');
    await days(30);
    await sync();
    expect(await alerts()).toMatchObject([{ indicator: 'payment_failed', state: 'active' }]);
  });

  test('is all but what is coming where Stripe refuses to say that', async () => {
    const { stripe, settle } = await begin();
    const code = 'customer_tax_location_invalid';
    stripe.fault({ request: 'POST /v1/invoices/create_preview', kind: 'error', status: 400, code, count: 99 });
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000 }) }] });
    await settle();
    expect((await account()).mrr).toBe(1200);
    const invoices = await database.db.selectFrom('invoices').select('status').execute();
    expect(invoices).toEqual([{ status: 'paid' }]);
  });

  test('waits while Stripe cannot be asked, and nothing is lost', async () => {
    const { stripe, settle, days } = await begin();
    stripe.fault({ request: 'GET /v1/customers/*', kind: 'error', status: 500, count: 4, shouldRetry: false });
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    await settle();
    expect(await database.db.selectFrom('stripe_customers').selectAll().execute()).toEqual([]);
    stripe.clearFaults();
    await days(1);
    const rows = await database.db.selectFrom('stripe_customers').select(['id', 'account_id']).execute();
    expect(rows).toEqual([{ id: customer, account_id: 'acme' }]);
    const open = await database.db.selectFrom('stripe_events').select('id').where('handled_at', 'is', null).execute();
    expect(open).toEqual([]);
  });
});

test('a key that may not see credit, previews and disputes still tells of customers and invoices', async () => {
  const { stripe, settle, sync } = await begin();
  for (const request of ['GET /v1/billing/*', 'POST /v1/invoices/create_preview', 'GET /v1/disputes*'])
    stripe.fault({ request, kind: 'error', status: 403, count: 100 });
  const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
  stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000 }) }] });
  await settle();
  expect((await account()).mrr).toBe(1200);
  expect(await sync()).toMatchObject({ failed: [] });
  expect(await database.db.selectFrom('invoices').select('status').execute()).toEqual([{ status: 'paid' }]);
});

test('an event about a customer that Stripe does not know, of the other mode, is done with', async () => {
  const { stripe, bot, settle } = await begin();
  stripe.fault({ request: 'GET /v1/customers/*', kind: 'error', status: 404, code: 'resource_missing' });
  stripe.addCustomer({ name: 'Of live mode' });
  await settle();
  const open = await database.db.selectFrom('stripe_events').select('id').where('handled_at', 'is', null).execute();
  expect(open).toEqual([]);
  expect(await database.db.selectFrom('stripe_customers').select('id').execute()).toEqual([]);
  expect(bot.failures).toEqual([]);
});

describe('MRR', () => {
  test('adds subscriptions up, by the month, without taxes and after discounts', async () => {
    const { stripe, settle } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    const yearly = stripe.addPrice({ unitAmount: 1_200_000, interval: 'year' });
    const seats = stripe.addPrice({ unitAmount: '1050.5' });
    stripe.subscribe({ customer, items: [{ price: yearly }], tax: { percent: 19 } });
    stripe.subscribe({ customer, items: [{ price: seats, quantity: 20 }], discount: { percentOff: 10 } });
    await settle();
    // 12,000 a year and 20 seats of 10.505 less a tenth.
    expect((await account()).mrr).toBe(1189.09);
  });

  test('is of all items of a subscription that has more than lists show, and which is not found changed again', async () => {
    const { stripe, settle, sync } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    const items = Array.from({ length: 12 }, () => ({ price: stripe.addPrice({ unitAmount: 1_000 }) }));
    stripe.subscribe({ customer, items });
    await settle();
    expect((await account()).mrr).toBe(120);
    expect(await sync()).toMatchObject({ changed: 0 });
  });

  test('of a currency without decimals is in whole units, and of one with three in thousandths', async () => {
    const { stripe, settle } = await begin();
    await sql`update accounts set currency = 'JPY'`.execute(database.db);
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000, currency: 'jpy' }) }] });
    const other = stripe.addCustomer({ name: 'Acme Kuwait', metadata: { account_id: 'acme' } });
    stripe.subscribe({ customer: other, items: [{ price: stripe.addPrice({ unitAmount: 1_500, currency: 'kwd' }) }] });
    await settle();
    expect(await account()).toMatchObject({ mrr: 120_000, currency: 'JPY' });
    const invoices = await database.db.selectFrom('invoices').select(['currency', 'total']).orderBy('total').execute();
    expect(invoices).toContainEqual({ currency: 'KWD', total: 1.5 });
    expect(invoices).toContainEqual({ currency: 'JPY', total: 120_000 });
  });

  test('that Stripe tells from now on, and a file told before, has not changed', async () => {
    const { stripe, bot, settle } = await begin();
    await insertMetricValues(database.db, [
      { account: 'acme', metric: 'current_mrr', day: '2026-01-31', value: 17_500 },
    ]);
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 29_000 }) }] });
    await settle();
    expect((await account()).mrr).toBe(290);
    await evaluateIndicators.run({}, bot.deps);
    const opened = await database.db.selectFrom('alerts').select('indicator').execute();
    expect(opened.map(({ indicator }) => indicator)).not.toContain('mrr_change');
  });

  test('becomes nothing when the subscription ends', async () => {
    const { stripe, settle } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    const subscription = stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 10_000 }) }] });
    await settle();
    expect((await account()).mrr).toBe(100);
    stripe.cancel(subscription);
    await settle();
    expect((await account()).mrr).toBe(0);
  });
});

describe('other states of Stripe', () => {
  const indicators = async () =>
    (await database.db.selectFrom('alerts').select(['indicator', 'state']).orderBy('id').execute()).map(
      ({ indicator, state }) => `${indicator} ${state}`,
    );

  test('a paused subscription brings nothing until it is resumed', async () => {
    const { stripe, settle } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    const subscription = stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 10_000 }) }] });
    await settle();
    stripe.pause(subscription);
    await settle();
    expect((await account()).mrr).toBe(0);
    stripe.resume(subscription);
    await settle();
    expect((await account()).mrr).toBe(100);
  });

  test('an invoice that could not be finished, and one that is overdue, are told of until they are settled', async () => {
    const { stripe, days, settle, sync } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    const lines = [{ description: 'Training', amount: 50_000 }];
    const draft = stripe.addInvoice({ customer, lines, draft: true });
    stripe.failFinalization(draft);
    await settle();
    expect(await indicators()).toContain('invoice_stuck active');
    const sent = stripe.addInvoice({ customer, lines, collection: 'send_invoice', daysUntilDue: 14 });
    await days(16);
    await sync();
    expect(await indicators()).toContain('invoice_overdue active');
    stripe.voidInvoice(sent);
    await settle();
    expect(await indicators()).toContain('invoice_overdue resolved');
  });
});

describe('a large invoice that is coming', () => {
  test('is told of from what was used so far, with what is usual', async () => {
    const { stripe, days } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    const metered = stripe.addPrice({ name: 'Events', unitAmount: 10, isMetered: true });
    const subscription = stripe.subscribe({ customer, items: [{ price: metered }] });
    for (let month = 0; month < 4; month += 1) {
      stripe.reportUsage(subscription, 10_000);
      await days(31);
    }
    expect(await alerts()).toEqual([]);
    stripe.reportUsage(subscription, 30_000);
    // Stripe announces it a week before.
    await days(25);
    expect(await alerts()).toMatchObject([{ indicator: 'upcoming_large_invoice', state: 'active' }]);
    await days(10);
    expect((await alerts()).map(({ state }) => state)).toEqual(['resolved']);
  });
});

describe('prepaid credit', () => {
  test('that ends before the renewal is told of, with when', async () => {
    const { stripe, days, sync } = await begin();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    const metered = stripe.addPrice({ name: 'Events', unitAmount: 10, isMetered: true });
    const subscription = stripe.subscribe({ customer, items: [{ price: metered }] });
    stripe.grantCredit({ customer, amount: 500_000, category: 'paid' });
    for (let month = 0; month < 3; month += 1) {
      stripe.reportUsage(subscription, 10_000);
      await days(31);
    }
    await sync();
    const { traits } = await account();
    expect(traits).toMatchObject({ stripe_card_on_file: true });
    // Three months of 1,000 are billed, and some days are used beyond.
    expect(traits.stripe_credit_left).toBeGreaterThan(1900);
    expect(traits.stripe_credit_left).toBeLessThanOrEqual(2000);
    expect(traits.stripe_credit_burn).toBeCloseTo(1000 / 31, 2);
    expect(String(traits.stripe_credit_ends_on)).toMatch(/^2026-0[78]-/);
    expect(await alerts()).toMatchObject([{ indicator: 'credit_running_out', state: 'active' }]);
  });
});

test('an event of a dispute that is not there any more is done with', async () => {
  const { stripe, settle } = await begin();
  const at = stripe.now();
  const none = { customerId: null, subscriptionId: null, createdAt: at };
  await insertStripeEvent(
    database.db,
    { id: 'evt_1', type: 'charge.dispute.closed', objectId: 'du_gone', ...none },
    at,
  );
  await settle();
  const event = await database.db.selectFrom('stripe_events').select('handled_at').executeTakeFirst();
  expect(event?.handled_at).toEqual(at);
});

test.each(['won', 'lost'] as const)('a disputed payment is told of until the dispute is %s', async (end) => {
  const { stripe, settle } = await begin();
  const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
  stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 10_000 }) }] });
  await settle();
  const dispute = stripe.dispute(stripe.ids('invoice').at(-1)!);
  await settle();
  expect(await alerts()).toMatchObject([{ indicator: 'payment_disputed', state: 'active' }]);
  stripe.closeDispute(dispute, end);
  await settle();
  expect(await alerts()).toMatchObject([{ indicator: 'payment_disputed', state: 'resolved' }]);
});
