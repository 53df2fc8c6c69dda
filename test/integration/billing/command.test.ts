import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createStripeServer } from '../../../simulator/stripe/server.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';
import { runCli } from '../../run-cli.ts';

const apiKey = 'rk_test_bellwether';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await insertAccount(database.db, { id: 'acme', name: 'Acme', domain: 'acme.example' });
});
afterEach(() => database.drop());

async function startStripe() {
  const stripe = createStripeServer({ apiKey });
  const { url } = await stripe.listen();
  onTestFinished(() => stripe.close());
  const env = { DATABASE_URL: database.url, STRIPE_API_KEY: apiKey, STRIPE_API_URL: url };
  return { stripe, bellwether: (...args: string[]) => runCli(args, { env }) };
}

describe('bellwether sync stripe', () => {
  test('reads everything, tells of customers that are nobody’s, and then finds nothing new', async () => {
    const { stripe, bellwether } = await startStripe();
    const customer = stripe.addCustomer({ name: 'Acme', email: 'billing@acme.example' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 120_000 }) }] });
    stripe.addCustomer({ id: 'cus_other', name: 'Other\u001b[31m', metadata: { account_id: 'gone' } });
    const first = await bellwether('sync', 'stripe', '--json');
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({
      changed: 2,
      read: 2,
      accounts: 1,
      failed: [],
      unmatched: [{ id: 'cus_other', namedAccount: 'gone' }],
    });
    const again = await bellwether('sync', 'stripe');
    expect(again.stdout).toMatch(/had changed: 0; read: 0\n[\s\S]*no account's: 1;/);
    const unmatched = await bellwether('billing', 'unmatched');
    expect(unmatched.stdout).toContain('cus_other  Other [31m, names account gone, which is not there');
    expect(unmatched.code).toBe(1);
    const shown = await bellwether('billing', 'show', 'acme');
    expect(shown.stdout).toMatch(/MRR {8}\$1,200\n[\s\S]*card {7}on file\n/);
    const { mrr } = await database.db.selectFrom('accounts').select('mrr').executeTakeFirstOrThrow();
    expect(mrr).toBe(1200);
  });

  test('without a key, or with a wrong one, says what to set', async () => {
    const none = await runCli(['sync', 'stripe'], { env: { DATABASE_URL: database.url } });
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toMatch(/^STRIPE_API_KEY is not set/);
    const { stripe } = await startStripe();
    const env = { DATABASE_URL: database.url, STRIPE_API_KEY: 'rk_test_wrong', STRIPE_API_URL: stripe.url };
    const wrong = await runCli(['sync', 'stripe', '--json'], { env });
    expect(wrong.code).toBe(2);
    expect(JSON.parse(wrong.stderr).error.message).toMatch(/^Stripe does not accept STRIPE_API_KEY/);
    expect(wrong.stderr).not.toContain('rk_test_wrong');
  });

  test('says in a line that Stripe is in trouble, and that the next one tries again', async () => {
    const { stripe, bellwether } = await startStripe();
    stripe.fault({ request: '*', kind: 'error', status: 503, shouldRetry: false, count: 10 });
    const { code, stdout, stderr } = await bellwether('sync', 'stripe');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Stripe could not be asked \(503\).*The next sync tries again\.\n$/);
  });

  test('reads the others where one customer cannot be read', async () => {
    const { stripe, bellwether } = await startStripe();
    stripe.addCustomer({ id: 'cus_1', name: 'One', metadata: { account_id: 'acme' } });
    stripe.addCustomer({ id: 'cus_2', name: 'Two', metadata: { account_id: 'acme' } });
    stripe.fault({ request: 'GET /v1/customers/cus_1', kind: 'error', status: 400, code: 'odd', message: 'No.' });
    const { code, stdout } = await bellwether('sync', 'stripe', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ read: 1, failed: [{ id: 'cus_1' }], unmatched: [] });
    expect((await bellwether('sync', 'stripe')).code).toBe(0);
  });
});

describe('bellwether billing link', () => {
  test('gives a customer to an account, whose figures follow, and unlink takes it back', async () => {
    const { stripe, bellwether } = await startStripe();
    const customer = stripe.addCustomer({ id: 'cus_1', name: 'Somebody' });
    stripe.subscribe({ customer, items: [{ price: stripe.addPrice({ unitAmount: 50_000 }) }] });
    await bellwether('sync', 'stripe');
    expect(await bellwether('billing', 'show', 'acme')).toMatchObject({ code: 1, stdout: '' });
    const linked = await bellwether('billing', 'link', 'cus_1', 'Acme');
    expect(linked).toMatchObject({ code: 0, stdout: "cus_1 is Acme's now.\n" });
    expect((await bellwether('billing', 'show', 'acme')).stdout).toContain('found by person');
    expect((await bellwether('sync', 'stripe')).code).toBe(0);
    expect((await bellwether('billing', 'unlink', 'cus_1')).code).toBe(0);
    expect((await bellwether('billing', 'unmatched')).code).toBe(1);
    const { traits } = await database.db.selectFrom('accounts').select('traits').executeTakeFirstOrThrow();
    expect(traits).not.toHaveProperty('stripe_card_on_file');
  });

  test('of a customer or an account that is not there says so', async () => {
    const { bellwether } = await startStripe();
    const customer = await bellwether('billing', 'link', 'cus_none', 'acme', '--json');
    expect(customer.code).toBe(1);
    expect(JSON.parse(customer.stderr).error.code).toBe('no_customer');
    const account = await bellwether('billing', 'link', 'cus_none', 'nobody');
    expect(account.code).toBe(1);
    expect(account.stderr).toContain('There is no account "nobody"');
    expect((await bellwether('billing', 'link', 'cus_none')).code).toBe(2);
  });
});

test('bellwether billing show has days of the deployment’s time zone', async () => {
  const stripe = createStripeServer({ apiKey, now: () => new Date('2026-11-20T20:00:00Z') });
  const { url } = await stripe.listen();
  onTestFinished(() => stripe.close());
  const customer = stripe.addCustomer({ name: 'Acme', metadata: { account_id: 'acme' } });
  stripe.addInvoice({ customer, lines: [{ description: 'Work', amount: 5_000 }] });
  const env = {
    DATABASE_URL: database.url,
    STRIPE_API_KEY: apiKey,
    STRIPE_API_URL: url,
    TIMEZONE: 'Pacific/Auckland',
  };
  await runCli(['sync', 'stripe'], { env });
  expect((await runCli(['billing', 'show', 'acme'], { env })).stdout).toMatch(/\$50, paid, 21 Nov 2026\n/);
});
