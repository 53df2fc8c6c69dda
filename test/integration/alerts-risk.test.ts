import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ALERT_MENU } from '../../blocks/alert-list.ts';
import { alertMessage } from '../../blocks/alert-message.ts';
import { PICK_PAYMENT_RISK, RISK_FIELD, RISK_NOTE_FIELD, SET_INVOICE_RISK } from '../../blocks/payment-risk.ts';
import type { PageMessage } from '../../simulator/types.ts';
import { findUnpaidInvoices } from '../../src/db/invoice-view.ts';
import { findMessageView } from '../../src/db/message-view.ts';
import { postMessage } from '../../src/slack/messages.ts';
import { alertsAt, insertAlert, insertAlertMessage } from '../alert-factories.ts';
import { acmeShared, csTeam, general, guest, maya, startTestBot, type TestBot, tom, wordsOf } from '../bot.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { insertAccount } from '../factories.ts';
import { makeIndicator, makeIndicators } from '../indicators.ts';
import { insertCustomer, insertInvoice } from '../invoice-factories.ts';
import { createTestPlaybook } from '../playbook.ts';

const playbook = { ...createTestPlaybook(), indicators: makeIndicators([makeIndicator()]) };
const now = new Date(alertsAt.getTime() + 60 * 60_000);
const today = '2026-11-24';

let database: TestDatabase;
let bot: TestBot;
beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTestBot({ db: database.db, playbook, now: () => now });
});
afterAll(async () => {
  await bot.close();
  await database.drop();
});
beforeEach(async () => {
  await database.db.deleteFrom('accounts').execute();
  await database.db.deleteFrom('stripe_customers').execute();
  await database.db.deleteFrom('messages').execute();
  for (const user of [maya, tom]) for (const { id } of bot.slack.views(user)) await bot.slack.closeView(user, id);
  await insertAccount(database.db, { id: 'acme', name: 'Acme', csm_email: 'maya@bellwether.example' });
  await insertCustomer(database.db, { id: 'cus_acme' });
  await insertInvoice(database.db, { id: 'in_1', label: 'INV-1', is_failed: true, attempts: 1 });
  bot.failures.length = 0;
});

const invoice = { id: 'in_1', currency: 'USD', shown: 'as it was', at: now.toISOString() };

/** An alert of the invoice, in a message that stands in a channel; of several alerts unless `others` is 0. */
async function posted(
  { others = 0, ...given }: Parameters<typeof insertAlert>[1] & { others?: number } = {},
  channel = csTeam,
) {
  const alertId = await insertAlert(database.db, { subject: 'INV-1', evidence: { invoice }, ...given });
  const more = [];
  for (let n = 0; n < others; n += 1) more.push(await insertAlert(database.db, { account_id: `other-${n}` }));
  const alertIds = [alertId, ...more];
  const { id } = await insertAlertMessage(database.db, { alertIds, kind: others > 0 ? 'group' : 'alert' });
  const ts = await postMessage(bot.deps.slack, channel, await drawn(id));
  await database.db
    .updateTable('messages')
    .set({ status: 'sent', channel_id: channel, ts, posted_at: now, shown_version: 1, recipient: `#${channel}` })
    .where('id', '=', id)
    .execute();
  const seen = bot.slack.messages(channel, maya).find((message) => message.ts === ts) as PageMessage;
  return { alertId, messageId: id, seen };
}

async function drawn(id: number) {
  const context = { now, today, timeZone: 'UTC', indicators: playbook.indicators.list };
  const view = await findMessageView(database.db, id, context);
  if (!view) throw new Error('the message is gone');
  return alertMessage(view, { pack: playbook, now, today });
}

/** The message about a renewal of Acme that is to be decided. */
async function renewalMessage(): Promise<number> {
  const { id: renewal_id } = await database.db
    .insertInto('renewals')
    .values({
      account_id: 'acme',
      armed_for: '2027-01-01',
      renewal_date: '2027-01-01',
      state: 'open',
      opened_at: now,
      changed_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id } = await database.db
    .insertInto('messages')
    .values({ key: 'renewal', kind: 'renewal', renewal_id, severity: 'medium', due_at: now, created_at: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

const saying = async (id: number) => JSON.stringify(await drawn(id));
const row = () =>
  database.db
    .selectFrom('invoices')
    .select(['risk', 'risk_note', 'risk_by', 'risk_at'])
    .where('id', '=', 'in_1')
    .executeTakeFirstOrThrow();
const version = async (id: number) =>
  (await database.db.selectFrom('messages').select('version').where('id', '=', id).executeTakeFirstOrThrow()).version;
const given = (risk: string | null, note: string | null) => ({
  ...(risk !== null && {
    [RISK_FIELD]: { [RISK_FIELD]: { selected_option: { value: risk, text: { type: 'plain_text', text: risk } } } },
  }),
  [RISK_NOTE_FIELD]: { [RISK_NOTE_FIELD]: { value: note } },
});
const form = (user: string) => bot.slack.views(user).at(-1)?.id ?? '';

describe('the payment risk', () => {
  test('is chosen on the card with a note, and shown with who says so in each message of the invoice', async () => {
    const first = await posted();
    const ended = await posted({ indicator: 'other', state: 'resolved' });
    await bot.choose(maya, first.seen, PICK_PAYMENT_RISK, `${first.alertId} at_risk`);
    expect(await bot.slack.submitView(maya, form(maya), given(null, ' Waits for a <PO>. '))).toMatchObject({
      ok: true,
    });
    expect(await row()).toEqual({ risk: 'at_risk', risk_note: 'Waits for a <PO>.', risk_by: maya, risk_at: now });
    for (const { messageId } of [first, ended]) {
      expect(await version(messageId)).toBe(2);
      expect(await saying(messageId)).toContain(
        `🟡 Payment risk: *At risk*: “Waits for a &lt;PO&gt;.” (<@${maya}>, <!date`,
      );
    }
    expect(await findUnpaidInvoices(database.db, 'acme', 'UTC')).toMatchObject([
      { id: 'in_1', risk: { risk: 'at_risk', note: 'Waits for a <PO>.', by: maya } },
    ]);
    expect(bot.failures).toEqual([]);
  });

  test('asked for by somebody else begins with the newest, and their word takes its place', async () => {
    const { seen, alertId } = await posted();
    await bot.choose(maya, seen, PICK_PAYMENT_RISK, `${alertId} at_risk`);
    await bot.slack.submitView(maya, form(maya), given(null, 'A PO'));
    await bot.choose(tom, seen, PICK_PAYMENT_RISK, `${alertId} likely`);
    const shown = JSON.stringify(bot.slack.views(tom).at(-1));
    expect(shown).toContain('A PO');
    expect(shown).toContain('Payment risk: *At risk*');
    expect(await bot.slack.submitView(tom, form(tom), given(null, null))).toMatchObject({ ok: true });
    expect(await row()).toMatchObject({ risk: 'likely', risk_note: null, risk_by: tom });
  });

  test('has the message about the renewal written anew, which lists what is open', async () => {
    const { seen, alertId } = await posted();
    const messageId = await renewalMessage();
    await bot.choose(maya, seen, PICK_PAYMENT_RISK, `${alertId} likely`);
    await bot.slack.submitView(maya, form(maya), given(null, null));
    expect(await version(messageId)).toBe(2);
  });

  test('can be taken back', async () => {
    await database.db.updateTable('invoices').set({ risk: 'likely', risk_by: tom, risk_at: now }).execute();
    const { messageId, alertId, seen } = await posted();
    expect(await saying(messageId)).toContain('Payment risk:');
    await bot.choose(maya, seen, PICK_PAYMENT_RISK, `${alertId} clear`);
    expect(await row()).toEqual({ risk: null, risk_note: null, risk_by: null, risk_at: null });
    expect(await saying(messageId)).not.toContain('Payment risk:');
  });

  test('is asked for in a message of several alerts, too', async () => {
    const { seen, alertId } = await posted({ others: 1 });
    await bot.choose(maya, seen, ALERT_MENU, `risk ${alertId}`);
    expect(await bot.slack.submitView(maya, form(maya), given('unlikely', 'Bankrupt'))).toMatchObject({ ok: true });
    expect(await row()).toMatchObject({ risk: 'unlikely', risk_note: 'Bankrupt' });
  });

  test('is refused where nothing was chosen', async () => {
    const { seen, alertId } = await posted({ others: 1 });
    await bot.choose(maya, seen, ALERT_MENU, `risk ${alertId}`);
    const outcome = await bot.slack.submitView(maya, form(maya), given(null, 'Why not'));
    expect(outcome).toMatchObject({ ok: false });
    expect(await row()).toMatchObject({ risk: null });
  });

  test('is not for guests, nor in a channel that is shared with outsiders', async () => {
    const open = await posted({}, general);
    const [answer] = await bot.choose(guest, open.seen, PICK_PAYMENT_RISK, `${open.alertId} at_risk`);
    expect(answer?.text).toMatch(/^Sorry, .*guest/);
    const shared = await posted({ indicator: 'other' }, acmeShared);
    const [told] = await bot.choose(maya, shared.seen, PICK_PAYMENT_RISK, `${shared.alertId} at_risk`);
    expect(told?.text).toMatch(/^Sorry, .*shared with people outside/);
    expect([...bot.slack.views(guest), ...bot.slack.views(maya)]).toEqual([]);
  });

  test('says so where the invoice is gone meanwhile', async () => {
    const { seen, alertId } = await posted();
    await bot.choose(maya, seen, PICK_PAYMENT_RISK, `${alertId} at_risk`);
    await database.db.deleteFrom('invoices').execute();
    expect(await bot.slack.submitView(maya, form(maya), given(null, null))).toMatchObject({
      errors: { [RISK_FIELD]: 'The invoice is no longer there, so there is nothing to expect of it.' },
    });
    const [answer] = await bot.choose(maya, seen, PICK_PAYMENT_RISK, `${alertId} likely`);
    expect(wordsOf(answer)).toEqual(['The invoice is no longer there, so there is nothing to expect of it.']);
  });
});

describe('/cs invoices', () => {
  beforeEach(async () => {
    await insertAccount(database.db, { id: 'globex', name: 'Globex', csm_email: 'tom@bellwether.example' });
    await insertCustomer(database.db, { id: 'cus_globex', account_id: 'globex' });
    await insertInvoice(database.db, { id: 'in_2', customer_id: 'cus_globex', label: 'INV-2', currency: 'EUR' });
    await insertInvoice(database.db, { id: 'in_3', label: 'INV-3', status: 'paid' });
    await insertInvoice(database.db, { id: 'upcoming:sub_acme:2026-12-01', label: 'Coming', status: 'upcoming' });
  });
  const asked = async (words: string) => wordsOf((await bot.ask(maya, csTeam, `/cs invoices ${words}`))[0]).join('\n');

  test('has the open and coming ones of the person, of all, or of an account', async () => {
    const mine = await asked('');
    expect(mine).toContain('Your invoices, open and coming: 2');
    expect(mine).toContain('Open: *$1,200*');
    expect(mine).toContain('*Acme* · INV-1: *$1,200* open · 1 attempt failed');
    expect(mine).toContain('Coming: *$1,200* comes 1 Dec 2026 (in 7 days)');
    expect(mine).not.toMatch(/INV-[23]/);
    expect(await asked('all')).toContain('All invoices, open and coming: 3');
    expect(await asked('globex')).toContain('Invoices of Globex, open and coming: 1');
    expect(await asked('"Globex"')).toContain('INV-2: *€1,200* open');
    expect(await asked('nobody at all')).toContain('I found no account called “nobody at all”.');
  });

  test('takes a payment risk back, too, in a form that says whose invoice of how much it is', async () => {
    const [list] = await bot.ask(maya, csTeam, '/cs invoices');
    const open = () => bot.press(maya, list as PageMessage, SET_INVOICE_RISK, 'in_1\ninvoices 1 mine');
    await open();
    const first = JSON.stringify(bot.slack.views(maya).at(-1));
    expect(first).toContain('*Acme* · INV-1: *$1,200*');
    expect(first).not.toContain('Take it back');
    await bot.slack.submitView(maya, form(maya), given('at_risk', 'A PO'));
    await open();
    expect(JSON.stringify(bot.slack.views(maya).at(-1))).toContain('Take it back');
    expect(await bot.slack.submitView(maya, form(maya), given('clear', 'A PO'))).toMatchObject({ ok: true });
    expect(await row()).toEqual({ risk: null, risk_note: null, risk_by: null, risk_at: null });
    expect(wordsOf(bot.slack.ephemerals(csTeam, maya).at(-1)).join()).not.toContain('At risk');
    expect(bot.failures).toEqual([]);
  });

  test('leaves out what is coming with nothing to pay', async () => {
    await insertInvoice(database.db, { id: 'upcoming:sub_2:2026-12-01', label: 'Free', status: 'upcoming', total: 0 });
    const credit = { id: 'upcoming:sub_3:2026-12-01', label: 'Credit pays', total: 500, due: 0, remaining: 0 };
    await insertInvoice(database.db, { status: 'upcoming', ...credit });
    const mine = await asked('');
    expect(mine).toContain('Your invoices, open and coming: 2');
    expect(mine).not.toMatch(/Free|Credit pays/);
  });

  test('takes the payment risk of each, and shows it at once', async () => {
    const [list] = await bot.ask(maya, csTeam, '/cs invoices');
    const value = 'upcoming:sub_acme:2026-12-01\ninvoices 1 mine';
    await bot.press(maya, list as PageMessage, SET_INVOICE_RISK, value);
    expect(await bot.slack.submitView(maya, form(maya), given('unlikely', null))).toMatchObject({ ok: true });
    const now = bot.slack.ephemerals(csTeam, maya).at(-1);
    expect(wordsOf(now).join()).toContain('comes 1 Dec 2026 (in 7 days) · 🔴 Unlikely to be paid');
    expect(bot.failures).toEqual([]);
  });
});
