import type { Updateable } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alertMessage } from '../../../blocks/alert-message.ts';
import { evaluateIndicators } from '../../../jobs/evaluate-indicators.ts';
import { changeAlert, openAlerts } from '../../../src/db/alerts.ts';
import { findMessageView } from '../../../src/db/message-view.ts';
import type { Database } from '../../../src/db/types.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import type { Playbook } from '../../../src/playbook/types.ts';
import { type Evaluating, packWith, startEvaluating } from '../../alerting.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount, insertMetricValues } from '../../factories.ts';
import { insertCustomer, insertInvoice } from '../../invoice-factories.ts';

let database: TestDatabase;
let playbook: Playbook;
beforeEach(async () => {
  database = await createTestDatabase();
  await insertAccount(database.db, { id: 'acme', name: 'Acme', csm_email: 'maya@bellwether.example' });
});
afterEach(() => database.drop());

const start = '2026-11-02T09:00:00Z';
const failing = `indicators:
  - id: failing
    name: Failing
    kind: risk
    severity: high
    for_each: invoice
    when: metric("invoice_is_failed")
    says: "{invoice_remaining} of {subject} stand open"
    action: Call
    without_invoices:
      when: metric("level") > 10
      says: Level {value}
`;

async function evaluating(given: Playbook | string = failing): Promise<Evaluating> {
  playbook = typeof given === 'string' ? await packWith(given) : given;
  return startEvaluating(database.db, playbook, start);
}

const change = (id: string, values: Updateable<Database['invoices']>) =>
  database.db.updateTable('invoices').set(values).where('id', '=', id).execute();
const failed = (attempts = 1) => ({ is_failed: true, attempts, fault: 'Your card was declined.' });
const alerts = () =>
  database.db.selectFrom('alerts').select(['indicator', 'subject', 'state', 'resolution']).orderBy('id').execute();
const messages = () =>
  database.db.selectFrom('messages').select(['id', 'status', 'version', 'hold_id']).orderBy('id').execute();
const versions = async () => (await messages()).map(({ version }) => version);

/** All that a message says, as it would be written at `now`. */
async function words(now: string, index = 0): Promise<string> {
  const { id } = (await messages())[index] as { id: number };
  const at = new Date(now);
  const today = now.slice(0, 10);
  const context = { now: at, today, timeZone: 'UTC', indicators: playbook.indicators.list };
  const view = await findMessageView(database.db, id, context);
  return JSON.stringify(view && alertMessage(view, { pack: playbook, now: at, today }));
}

/** Acme is a customer, and its invoices were looked at before. */
async function customer(evaluate: Evaluating['evaluate']): Promise<void> {
  await insertCustomer(database.db, { id: 'cus_acme' });
  await evaluate();
}

describe('an alert of an invoice', () => {
  test('is one message, edited as retries fail and when it is paid', async () => {
    const { evaluate, at } = await evaluating();
    await customer(evaluate);
    await insertInvoice(database.db, { id: 'in_1', label: 'INV-1', ...failed(1) });
    expect(await evaluate(['acme'])).toMatchObject({ opened: 1, ended: 0, edited: 0 });
    expect(await words(start)).toContain('1 attempt failed: Your card was declined.');

    at('2026-11-03T09:00:00Z');
    await change('in_1', { ...failed(2), next_attempt_at: '2026-11-06T09:00:00Z' });
    expect(await evaluate(['acme'])).toMatchObject({ opened: 0, edited: 1 });
    expect(await versions()).toEqual([2]);
    expect(await words('2026-11-03T09:00:00Z')).toContain('2 attempts failed');

    at('2026-11-06T10:00:00Z');
    await change('in_1', { is_failed: false, status: 'paid', remaining: 0, paid_at: '2026-11-06T09:00:00Z' });
    expect(await evaluate(['acme'])).toMatchObject({ opened: 0, ended: 1, edited: 0 });
    expect(await versions()).toEqual([3]);
    expect(await words('2026-11-06T10:00:00Z')).toContain('paid on 6 Nov 2026');
    expect(await alerts()).toEqual([
      { indicator: 'failing', subject: 'INV-1', state: 'resolved', resolution: 'cleared' },
    ]);
  });

  test('is not edited again by evaluations that find nothing new, nor by one that read an older state', async () => {
    const { evaluate } = await evaluating();
    await customer(evaluate);
    await insertInvoice(database.db, { id: 'in_1', ...failed(1) });
    await evaluate();
    await evaluate();
    await evaluate(['acme']);
    expect(await versions()).toEqual([1]);
    await change('in_1', { ...failed(2), read_at: '2026-11-02T08:30:00Z' });
    await Promise.all([evaluate(['acme']), evaluate(['acme'])]);
    expect(await versions()).toEqual([2]);
    await change('in_1', { ...failed(1), read_at: '2026-11-02T08:10:00Z' });
    expect(await evaluate(['acme'])).toMatchObject({ edited: 0 });
    expect(await versions()).toEqual([2]);
  });

  test('is not begun by an evaluation that read the invoice before somebody read it again', async () => {
    await insertCustomer(database.db, { id: 'cus_acme' });
    await insertInvoice(database.db, { id: 'in_1', status: 'paid', read_at: '2026-11-02T08:00:01Z' });
    const begun = (readAt: string) => {
      const mark = { id: 'in_1', currency: 'USD', shown: 'x', at: readAt };
      const evidence = { figures: [], previous: null, windowDays: null, dataAt: null, first: false, invoice: mark };
      const alert = { account: 'acme', indicator: 'failing', subject: 'in_1', evidence, task: null };
      return database.db.transaction().execute((transaction) =>
        openAlerts(transaction, [{ ...alert, kind: 'risk', severity: 'high' }], {
          now: new Date(start),
          holdId: null,
          taskDue: '2026-11-04',
        }),
      );
    };
    expect(await begun('2026-11-02T08:00:00.999Z')).toBe(0);
    expect(await begun('2026-11-02T08:00:01.000Z')).toBe(1);
  });

  test('is one of two, and what is done to one leaves the other', async () => {
    const { evaluate } = await evaluating();
    await customer(evaluate);
    await insertInvoice(database.db, { id: 'in_1', ...failed() });
    await insertInvoice(database.db, { id: 'in_2', ...failed() });
    expect(await evaluate()).toMatchObject({ opened: 2 });
    const [first] = await database.db.selectFrom('alerts').select('id').orderBy('id').execute();
    const snooze = { alertId: first?.id ?? 0, to: 'snoozed' as const, by: 'U1', now: new Date(start) };
    await changeAlert(database.db, snooze);
    await change('in_2', { status: 'void', is_failed: false });
    await evaluate();
    expect((await alerts()).map(({ subject, state }) => [subject, state])).toEqual([
      ['in_1', 'snoozed'],
      ['in_2', 'resolved'],
    ]);
    expect(await words(start, 1)).toContain('voided');
  });

  test('ends when the invoice is gone, or the account has no customer any more', async () => {
    const { evaluate } = await evaluating();
    await customer(evaluate);
    await insertInvoice(database.db, { id: 'in_1', ...failed() });
    await insertInvoice(database.db, { id: 'in_2', ...failed() });
    await evaluate();
    await database.db.deleteFrom('invoices').where('id', '=', 'in_1').execute();
    expect(await evaluate()).toMatchObject({ ended: 1 });
    expect(await words(start)).toContain('the invoice is no longer there');
    await database.db.updateTable('stripe_customers').set({ account_id: null, matched_by: null }).execute();
    expect(await evaluate()).toMatchObject({ ended: 1 });
    expect(await words(start, 1)).toContain('no longer applies to this account');
  });

  test('keeps its subject when the invoice gets a number, and two of one label are two', async () => {
    const { evaluate } = await evaluating();
    await customer(evaluate);
    await insertInvoice(database.db, { id: 'in_1', label: 'Draft', ...failed() });
    await insertInvoice(database.db, { id: 'in_2', label: 'Draft', ...failed() });
    expect(await evaluate()).toMatchObject({ opened: 2 });
    await change('in_1', { label: 'INV-1' });
    await insertInvoice(database.db, { id: 'in_3', label: `x${'🧾'.repeat(99)}`, status: 'open' });
    expect(await evaluate()).toMatchObject({ opened: 0, ended: 0, edited: 1 });
    expect((await alerts()).map(({ subject }) => subject)).toEqual(['Draft', 'Draft (in_2)']);
  });

  test('says that it was so already only where the account was never looked at', async () => {
    const { evaluate } = await evaluating();
    await insertCustomer(database.db, { id: 'cus_acme' });
    await insertInvoice(database.db, { id: 'in_1', ...failed() });
    await evaluate();
    await insertInvoice(database.db, { id: 'in_2', ...failed() });
    await evaluate();
    const rows = await database.db.selectFrom('alerts').select('evidence').orderBy('id').execute();
    expect(rows.map(({ evidence }) => evidence.first)).toEqual([true, false]);
  });

  test('is not of invoices that nobody has to hear of, and has their own money', async () => {
    const { evaluate } = await evaluating();
    await customer(evaluate);
    await insertInvoice(database.db, { id: 'in_1', status: 'draft', is_failed: true });
    await insertInvoice(database.db, { id: 'in_2', status: 'paid', is_failed: true });
    await insertInvoice(database.db, { id: 'in_3', currency: 'KWD', total: 1_200.125, ...failed() });
    expect(await evaluate()).toMatchObject({ opened: 1 });
    expect(await words(start)).toContain('KWD 1,200.125 of in');
  });

  test('leaves nothing behind of invoices of which nothing is told any more, and still knows that the account was looked at', async () => {
    const { evaluate } = await evaluating();
    await customer(evaluate);
    await insertInvoice(database.db, { id: 'in_1' });
    await insertInvoice(database.db, { id: 'in_2', ...failed() });
    await evaluate();
    const subjects = async () =>
      (await database.db.selectFrom('indicator_readings').select('subject').orderBy('subject').execute()).map(
        ({ subject }) => subject,
      );
    expect(await subjects()).toEqual(['every invoice', 'in_1', 'in_2']);
    await change('in_1', { status: 'paid' });
    await evaluate();
    expect(await subjects()).toEqual(['every invoice', 'in_2']);
    await change('in_2', { status: 'paid', is_failed: false });
    await evaluate();
    await evaluate();
    expect(await subjects()).toEqual(['every invoice']);
  });

  test('is read on the day alone: nothing is known of the invoices of a past one', async () => {
    const { evaluate, deps, at } = await evaluating();
    await customer(evaluate);
    await insertInvoice(database.db, { id: 'in_1', ...failed() });
    await evaluate();
    at('2026-11-05T09:00:00Z');
    await change('in_1', { is_failed: false });
    await evaluateIndicators.run({ day: '2026-11-04' }, deps);
    expect((await alerts())[0]?.state).toBe('active');
  });
});

describe('an account', () => {
  test('is told of as a whole without a customer at Stripe, and never twice with one', async () => {
    const { evaluate, set } = await evaluating();
    await set('acme', 'level', 12);
    await evaluate();
    expect(await alerts()).toEqual([{ indicator: 'failing', subject: '', state: 'active', resolution: null }]);
    expect(await words(start)).toContain('Level 12');
    await insertCustomer(database.db, { id: 'cus_acme' });
    await insertInvoice(database.db, { id: 'in_1', ...failed() });
    expect(await evaluate()).toMatchObject({ opened: 1, ended: 1 });
    expect(await alerts()).toEqual([
      { indicator: 'failing', subject: '', state: 'resolved', resolution: 'excluded' },
      { indicator: 'failing', subject: 'in_1', state: 'active', resolution: null },
    ]);
  });

  test('that has churned has no alerts of its invoices', async () => {
    const { evaluate } = await evaluating();
    await customer(evaluate);
    await insertInvoice(database.db, { id: 'in_1', ...failed() });
    await evaluate();
    await database.db.insertInto('account_segments').values({ account_id: 'acme', segment: 'churned' }).execute();
    expect(await evaluate()).toMatchObject({ ended: 1 });
    expect((await alerts())[0]?.resolution).toBe('excluded');
  });
});

test('alerts of invoices end when the pack reads them no more, and not before', async () => {
  const { evaluate } = await evaluating();
  await customer(evaluate);
  await insertInvoice(database.db, { id: 'in_1', ...failed() });
  await evaluate();
  await evaluate();
  expect((await alerts())[0]?.state).toBe('active');
  const other = await evaluating('indicators: []\n');
  await other.evaluate();
  expect((await alerts())[0]?.resolution).toBe('retired');
});

test('a flood of failing invoices is held back', async () => {
  const { evaluate } = await evaluating();
  for (let n = 1; n <= 6; n += 1) {
    await insertAccount(database.db, { id: `a${n}`, csm_email: 'maya@bellwether.example' });
    await insertCustomer(database.db, { id: `cus_${n}`, account_id: `a${n}` });
  }
  await evaluate();
  for (let n = 1; n <= 6; n += 1)
    await insertInvoice(database.db, { id: `in_${n}`, customer_id: `cus_${n}`, ...failed() });
  const { held } = await evaluate();
  expect(held).not.toBeNull();
  expect((await messages()).filter(({ hold_id }) => hold_id !== null)).toHaveLength(6);
});

describe('the shipped signals', () => {
  const shipped = async () => evaluating(await readPlaybook('product-usage'));
  const line = (what: string, amount: number) => ({ what, amount, quantity: 1, item: `si_${what}` });

  test('tell of a large invoice with the last three, what drives it and the forecast, and what it was made as', async () => {
    const { evaluate, at } = await shipped();
    await customer(evaluate);
    const before = [
      { id: 'in_4', created_at: '2026-08-01T08:00:00Z', total: 8_000 },
      { id: 'in_5', created_at: '2026-09-01T08:00:00Z', total: 1_000 },
      { id: 'in_6', created_at: '2026-10-01T08:00:00Z', total: 1_100 },
      {
        id: 'in_7',
        created_at: '2026-11-01T08:00:00Z',
        total: 1_200,
        lines: [line('Seats', 200), line('Events', 1_000)],
      },
      { id: 'in_8', created_at: '2026-11-01T09:00:00Z', total: 90_000, reason: 'manual' },
      { id: 'in_9', created_at: '2026-11-01T09:00:00Z', total: 90_000, status: 'void' as const },
      { id: 'in_10', created_at: '2026-11-01T09:00:00Z', total: 90_000, subscription_id: 'sub_other' },
    ];
    for (const each of before) await insertInvoice(database.db, { status: 'paid', ...each });
    const coming = {
      id: 'upcoming:sub_acme:2026-12-01',
      label: 'Coming 1 Dec',
      status: 'upcoming' as const,
      total: 1_650,
    };
    await insertInvoice(database.db, {
      ...coming,
      created_at: '2026-12-01T00:00:00Z',
      lines: [line('Events', 1_450), line('Seats', 200)],
    });
    await insertMetricValues(database.db, [
      { account: 'acme', metric: 'forecasted_mrr', day: '2026-11-02', value: 1_700 },
    ]);
    expect(await evaluate(['acme'])).toMatchObject({ opened: 0 });
    await change(coming.id, { total: 1_650.01 });
    expect(await evaluate(['acme'])).toMatchObject({ opened: 1 });
    const text = await words(start);
    expect(text).toContain('An invoice of $1,650.01 is coming (usually $1,100).');
    expect(text).toContain('Coming 1 Dec: *$1,650.01* comes 1 Dec 2026 (in 29 days)');
    expect(text).toContain(
      'The last 3: $1,200 (1 Nov 2026), $1,100 (1 Oct 2026), $1,000 (1 Sep 2026); mean *$1,100*, this one +50%',
    );
    expect(text).toContain('What drives it, against 1 Nov 2026: Events +$450 ($1,000 to $1,450)');
    expect(text).toContain('Forecasted MRR: *$1,700*');

    await change(coming.id, { total: 1_900 });
    expect(await evaluate(['acme'])).toMatchObject({ opened: 0, edited: 1 });
    expect(await words(start)).toContain('By now it is *$1,900*');

    at('2026-12-01T09:00:00Z');
    await database.db.deleteFrom('invoices').where('id', '=', coming.id).execute();
    await insertInvoice(database.db, {
      id: 'in_11',
      label: 'INV-11',
      total: 1_900,
      created_at: '2026-12-01T00:10:00Z',
    });
    expect(await evaluate(['acme'])).toMatchObject({ opened: 0, ended: 1 });
    expect(await words('2026-12-01T09:00:00Z')).toContain('it was made as INV-11: *$1,900* open.');
  });

  test('tell of an overdue, a disputed and a stuck invoice, each once, and no failed payment', async () => {
    const { evaluate } = await shipped();
    await customer(evaluate);
    await insertInvoice(database.db, { id: 'in_1', label: 'INV-1', due_at: '2026-10-30T08:00:00Z' });
    await insertInvoice(database.db, { id: 'in_2', label: 'INV-2', status: 'paid', is_disputed: true });
    await insertInvoice(database.db, { id: 'in_3', label: 'INV-3', status: 'draft', fault: 'No tax number.' });
    await evaluate();
    await evaluate();
    expect((await alerts()).map(({ indicator, subject }) => [indicator, subject]).sort()).toEqual([
      ['invoice_overdue', 'INV-1'],
      ['invoice_stuck', 'INV-3'],
      ['payment_disputed', 'INV-2'],
    ]);
    await database.db.updateTable('invoices').set({ is_disputed: false, status: 'paid', remaining: 0 }).execute();
    await evaluate();
    expect((await alerts()).every(({ state }) => state === 'resolved')).toBe(true);
  });

  test('tell of a changed MRR by what was kept 30 days ago, with a task', async () => {
    const { evaluate } = await shipped();
    await database.db.updateTable('accounts').set({ mrr: 1_101 }).execute();
    await insertMetricValues(database.db, [
      { account: 'acme', metric: 'current_mrr', day: '2026-10-03', value: 1_000 },
    ]);
    expect(await evaluate()).toMatchObject({ opened: 1 });
    expect(await alerts()).toMatchObject([{ indicator: 'mrr_change' }]);
    expect(await words(start)).toContain('MRR is $1,101, a change of 10.1% in 30 days.');
    expect(await database.db.selectFrom('tasks').select('title').execute()).toEqual([
      { title: 'Find out why the MRR changed' },
    ]);
  });

  test('tell of credit that ends before the renewal: when, what is left and used, and whether a card is on file', async () => {
    const { evaluate } = await shipped();
    const traits = { stripe_credit_left: 4_000, stripe_credit_burn: 100, stripe_credit_ends_on: '2026-12-12' };
    await database.db
      .updateTable('accounts')
      .set({
        renewal_date: '2027-02-01',
        currency: 'EUR',
        traits: JSON.stringify({ ...traits, stripe_card_on_file: false }),
      })
      .execute();
    const kept = { credit_days_left: 40, credit_days_before_renewal: 51, credit_left: 4_000, credit_burn: 100 };
    await insertMetricValues(database.db, [
      ...Object.entries(kept).map(([metric, value]) => ({ account: 'acme', metric, day: '2026-11-02', value })),
      { account: 'acme', metric: 'card_on_file', day: '2026-11-02', value: false },
    ]);
    expect(await evaluate()).toMatchObject({ opened: 1 });
    const text = await words(start);
    expect(text).toContain('At €100 a day, the remaining credit of €4,000 lasts 40 days.');
    expect(text).toContain('End of credit: *12 Dec 2026* (in 40 days)');
    expect(text).toContain('Credit ends before the renewal by: *51 days*');
    expect(text).toContain('Card on file: *no*');
    expect(text).toContain('Treat it as an early renewal');
  });
});

test('the shipped failed payment is of invoices, else of events', async () => {
  const { evaluate } = await evaluating(await readPlaybook('product-usage'));
  await customer(evaluate);
  await insertAccount(database.db, { id: 'other', traits: JSON.stringify({ payment_failed: true }) });
  await insertInvoice(database.db, { id: 'in_1', label: 'INV-1', ...failed() });
  await database.db
    .updateTable('accounts')
    .set({ traits: JSON.stringify({ payment_failed: true }) })
    .execute();
  await evaluate();
  expect(await alerts()).toEqual([
    { indicator: 'payment_failed', subject: 'INV-1', state: 'active', resolution: null },
    { indicator: 'payment_failed', subject: '', state: 'active', resolution: null },
  ]);
  expect(await words(start)).toContain('The payment of invoice INV-1 did not succeed; $1,200 was open.');
});
