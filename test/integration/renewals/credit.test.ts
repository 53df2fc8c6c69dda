import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FINISH_RENEWAL_TASK, RENEWED } from '../../../blocks/renewal-card.ts';
import { deliverMessages } from '../../../jobs/deliver-messages.ts';
import { remindRenewals } from '../../../jobs/remind-renewals.ts';
import type { PageMessage } from '../../../simulator/types.ts';
import { csTeam, maya, startTestBot, type TestBot, wordsOf } from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';
import { createTestPlaybook } from '../../playbook.ts';

let database: TestDatabase;
let bot: TestBot;
let time: Date;
beforeEach(async () => {
  database = await createTestDatabase();
  time = new Date('2027-06-30T10:00:00Z');
  bot = await startTestBot({ db: database.db, playbook: createTestPlaybook(), now: () => time }, { now: () => time });
});
afterEach(async () => {
  await bot.close();
  await database.drop();
});

type Traits = Record<string, unknown>;
const acme = (traits: Traits, given = {}) =>
  insertAccount(database.db, {
    id: 'acme',
    name: 'Acme Corp',
    csm_email: 'maya@bellwether.example',
    arr: 120_000,
    renewal_date: '2028-03-31',
    traits: JSON.stringify(traits),
    ...given,
  });
/** What an account of which Stripe tells has in its traits. */
const prepaid = {
  stripe_credit_left: 12_400,
  stripe_credit_burn: 200,
  stripe_credit_ends_on: '2027-08-31',
  stripe_card_on_file: true,
};
const setTraits = (traits: Traits) =>
  database.db
    .updateTable('accounts')
    .set({ traits: JSON.stringify(traits) })
    .execute();
const remind = () => remindRenewals.run({}, bot.deps);
async function deliver(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    time = new Date(time.getTime() + 2_000);
    await deliverMessages.run({}, bot.deps);
  }
}
/** Runs the job on each of these days, at ten. */
async function remindOn(...days: string[]): Promise<void> {
  for (const day of days) {
    time = new Date(`${day}T10:00:00Z`);
    await remind();
    await deliver();
  }
}
const dm = () => bot.slack.messages(bot.slack.dm(maya), maya).filter(({ bot_id }) => bot_id !== null);
const newest = (): PageMessage => {
  const found = dm().at(-1);
  if (!found) throw new Error('there is no message');
  return found;
};
const said = () => wordsOf(newest()).join('\n');
const steps = async () => {
  const rows = await database.db.selectFrom('renewal_steps').select(['step', 'outcome']).orderBy('at').execute();
  return rows.map(({ step, outcome }) => `${step} ${outcome}`);
};
const tasks = () => database.db.selectFrom('tasks').select(['due', 'done_at']).execute();

async function insertCustomer(): Promise<void> {
  await database.db
    .insertInto('stripe_customers')
    .values(
      ['cus_1', 'cus_2'].map((id) => ({
        id,
        account_id: 'acme',
        matched_by: 'metadata' as const,
        balance: 0,
        is_deleted: false,
        read_at: time.toISOString(),
      })),
    )
    .execute();
}

async function insertInvoice(
  id: string,
  given: { status?: 'open' | 'paid'; due: string; risk?: 'at_risk'; customer?: string },
) {
  const { status = 'open', due, risk, customer = 'cus_1' } = given;
  await database.db
    .insertInto('invoices')
    .values({
      id,
      customer_id: customer,
      label: id.toUpperCase(),
      status,
      currency: 'USD',
      total: 1500,
      total_before_tax: 1200,
      due: 1500,
      remaining: status === 'open' ? 1500 : 0,
      is_failed: false,
      needs_action: false,
      attempts: 0,
      due_at: `${due}T12:00:00Z`,
      created_at: '2027-05-01T00:00:00Z',
      lines: '[]',
      read_at: time.toISOString(),
      ...(risk ? { risk, risk_by: maya, risk_at: time.toISOString(), risk_note: 'a new owner' } : {}),
    })
    .execute();
}

describe('credit that ends before the renewal date', () => {
  test('begins the renewal two months before that, with a task that is due by then', async () => {
    await acme(prepaid);
    await remindOn('2027-06-29');
    expect(dm()).toHaveLength(0);
    await remindOn('2027-06-30', '2027-06-30');
    expect(dm()).toHaveLength(1);
    for (const part of [
      'Renews *31 Mar 2028 (in 275 days)*',
      '⚠️ *Early renewal*: the credit runs out 31 Aug 2027 (in 62 days), before that date · card on file: yes',
      'Credit left: *$12,400* · used: $200 a day · a year at that needs *$73,000*',
      'due 31 Aug 2027 (in 62 days)',
    ])
      expect(said()).toContain(part);
    expect(await tasks()).toEqual([{ due: '2027-08-31', done_at: null }]);
    expect(bot.failures).toEqual([]);
  });

  test('is what the deployment itself says, where it says so', async () => {
    await acme({ ...prepaid, credit_ends_on: '2027-07-14', credit_left: 2800, card_on_file: 'false' });
    await remindOn('2027-06-30');
    expect(said()).toContain('the credit runs out 14 Jul 2027 (in 14 days), before that date · card on file: *no*');
    expect(said()).toContain('Credit left: *$2,800*');
    expect(await steps()).toEqual(['2 weeks sent']);
  });

  test('that is bought again in between goes back to the renewal date', async () => {
    await acme(prepaid);
    await remindOn('2027-06-30');
    await setTraits({ stripe_credit_left: 90_000, stripe_credit_burn: 200, stripe_card_on_file: true });
    await remindOn('2027-07-30', '2027-08-17', '2027-09-01', '2028-01-31');
    expect(dm()).toHaveLength(1);
    await remindOn('2028-02-29');
    expect(dm()).toHaveLength(2);
    expect(said()).not.toContain('Early renewal');
    expect(said()).toContain('card on file: yes');
    expect(await steps()).toEqual(['first sent', '1 month sent']);
    expect(await tasks()).toEqual([{ due: '2028-03-31', done_at: null }]);
  });

  test('stays quiet once the task is done, and once it is renewed, though the credit is still said to end', async () => {
    await acme(prepaid);
    await remindOn('2027-06-30');
    await bot.press(maya, newest(), FINISH_RENEWAL_TASK);
    await remindOn('2027-07-30');
    expect(dm()).toHaveLength(1);
    await bot.press(maya, newest(), RENEWED);
    await remindOn('2027-08-02', '2027-08-17', '2027-09-02');
    expect(dm()).toHaveLength(1);
    expect(await database.db.selectFrom('renewals').select(['armed_for', 'state']).execute()).toEqual([
      { armed_for: '2028-03-31', state: 'renewed' },
    ]);
  });

  test.each(['soon', '2027-02-30', '', 7, null, '2027-13-01', { day: 1 }])(
    'on a day that is none (%j) changes nothing',
    async (end) => {
      await acme({ stripe_credit_ends_on: end });
      await remindOn('2027-06-30');
      expect(dm()).toHaveLength(0);
      await bot.ask(maya, csTeam, '/cs renewals');
      expect(bot.failures).toEqual([]);
    },
  );

  test('is read by the day of the time zone where it comes with an hour', async () => {
    await acme({ stripe_credit_ends_on: '2027-08-31T23:30:00Z' });
    await remindOn('2027-06-30');
    expect(said()).toContain('the credit runs out 31 Aug 2027');
  });
});

describe('credit that would expire', () => {
  test('begins the renewal three months before the date and says how much', async () => {
    await acme(
      { stripe_credit_left: 9000, stripe_credit_expiring: 4000, stripe_credit_expires_on: '2027-09-30' },
      { renewal_date: '2027-09-30' },
    );
    await acme({ credit_expiring: 0, stripe_credit_expiring: 4000 }, { id: 'other', renewal_date: '2027-09-30' });
    await remindOn('2027-06-29');
    expect(dm()).toHaveLength(0);
    await remindOn('2027-06-30');
    expect(dm()).toHaveLength(1);
    expect(said()).toContain(
      'Credit left: *$9,000*\n⚠️ *$4,000* of the credit would expire unused 30 Sep 2027 (in 92 days)',
    );
  });
});

describe('open invoices', () => {
  test('are in the brief, those first that are due first, with their payment risk', async () => {
    await acme({ stripe_card_on_file: false }, { renewal_date: '2027-08-31' });
    await insertCustomer();
    await insertInvoice('in_4', { due: '2027-07-20' });
    await insertInvoice('in_1', { due: '2027-06-10', risk: 'at_risk', customer: 'cus_2' });
    await insertInvoice('in_2', { due: '2027-06-20', status: 'paid' });
    await insertInvoice('in_3', { due: '2027-07-10' });
    await insertInvoice('in_5', { due: '2027-07-30' });
    await remindOn('2027-06-30');
    expect(said()).toContain(
      'Open invoices: IN_1 *$1,500*, due 10 Jun 2027 (20 days ago), ⚠️ at risk (a new owner); ' +
        'IN_3 *$1,500*, due 10 Jul 2027 (in 10 days); IN_4 *$1,500*, due 20 Jul 2027 (in 20 days); and 1 more · card on file: *no*',
    );
  });

  test('are said to be none where a customer is known, and not mentioned where none is', async () => {
    await acme({}, { renewal_date: '2027-08-31' });
    await remindOn('2027-06-30');
    expect(said()).not.toContain('nvoices');
    await insertCustomer();
    await remindOn('2027-07-30');
    expect(said()).toContain('Open invoices: none');
  });
});

describe('/cs renewals', () => {
  test('lists and marks what is early, by the day on which the credit ends', async () => {
    await acme(prepaid);
    await acme({ stripe_credit_ends_on: '2027-11-30' }, { id: 'later', name: 'Later' });
    await acme({}, { id: 'usual', name: 'Usual', renewal_date: '2027-10-15' });
    await acme({ credit_ends_on: '2027-06-15' }, { id: 'over', name: 'Over', renewal_date: '2027-12-31' });
    const ask = async (line: string) => wordsOf((await bot.ask(maya, csTeam, line))[0]);
    const lines = (words: string[]) => words.filter((line) => line.startsWith('*'));
    expect(lines(await ask('/cs renewals'))).toEqual([
      '*Over* · 31 Dec 2027 (in 184 days) · ⚠️ early: the credit ran out 15 Jun 2027 (15 days ago)',
      '*Acme Corp* · 31 Mar 2028 (in 275 days) · ⚠️ early: the credit runs out 31 Aug 2027 (in 62 days)',
      '*Usual* · 15 Oct 2027 (in 107 days)',
    ]);
    expect((await ask('/cs renewals next 6 months'))[0]).toBe('Your renewals in the next 6 months: 4');
    await bot.ask(maya, csTeam, '/cs renew acme renewed');
    expect(lines(await ask('/cs renewals'))).toHaveLength(2);
  });
});
