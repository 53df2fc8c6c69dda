import { afterEach, beforeEach, expect, test } from 'vitest';
import { PICK_PAYMENT_RISK, RISK_NOTE_FIELD } from '../../../blocks/payment-risk.ts';
import { evaluateIndicators } from '../../../jobs/evaluate-indicators.ts';
import type { PageMessage } from '../../../simulator/types.ts';
import { readPlaybook } from '../../../src/playbook/read.ts';
import { maya, startTestBot, type TestBot, wordsOf } from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';
import { insertCustomer, insertInvoice } from '../../invoice-factories.ts';

let database: TestDatabase;
let bot: TestBot;
let now: Date;
beforeEach(async () => {
  // A Sunday night, at which only what is severe is said.
  now = new Date('2026-11-01T23:00:00Z');
  database = await createTestDatabase();
  bot = await startTestBot({ db: database.db, playbook: await readPlaybook('product-usage'), now: () => now });
  await insertAccount(database.db, { id: 'acme', name: 'Acme', csm_email: 'maya@bellwether.example' });
  await insertCustomer(database.db, { id: 'cus_acme' });
  await evaluate();
});
afterEach(async () => {
  await bot.close();
  await database.drop();
});

/** What the job does after a sync of the account, and all that follows from it. */
const evaluate = () => evaluateIndicators.run({ accountIds: ['acme'] }, bot.deps);
const inDirectMessages = (): PageMessage[] => bot.slack.messages(bot.slack.dm(maya), maya);
const calls = (method: string) => bot.slack.journal.filter((entry) => JSON.stringify(entry).includes(method)).length;

test('a failed payment is one message at once, edited by each retry and by what a person says, until it is paid', async () => {
  await insertInvoice(database.db, { id: 'in_1', label: 'INV-1', is_failed: true, attempts: 1, fault: 'Declined.' });
  await evaluate();
  await evaluate();
  const [message] = inDirectMessages();
  expect(wordsOf(message).join('\n')).toContain('1 attempt failed: Declined.');
  expect(calls('chat.update')).toBe(0);

  const [alert] = await database.db.selectFrom('alerts').select('id').execute();
  await bot.choose(maya, message as PageMessage, PICK_PAYMENT_RISK, `${alert?.id} at_risk`);
  const view = bot.slack.views(maya).at(-1)?.id ?? '';
  const note = { [RISK_NOTE_FIELD]: { [RISK_NOTE_FIELD]: { value: 'Waits for a PO' } } };
  expect(await bot.slack.submitView(maya, view, note)).toMatchObject({ ok: true });

  now = new Date('2026-11-04T09:00:00Z');
  await database.db.updateTable('invoices').set({ attempts: 2, read_at: now }).execute();
  await evaluate();
  const edits = calls('chat.update');
  expect(edits).toBeGreaterThan(0);
  await evaluate();
  expect(calls('chat.update')).toBe(edits);
  const words = wordsOf(inDirectMessages()[0]).join('\n');
  expect(words).toContain('2 attempts failed');
  expect(words).toContain('Waits for a PO');

  now = new Date('2026-11-07T09:00:00Z');
  const paid = { status: 'paid', is_failed: false, remaining: 0, paid_at: now, read_at: now } as const;
  await database.db.updateTable('invoices').set(paid).execute();
  await evaluate();
  await evaluate();
  expect(inDirectMessages()).toHaveLength(1);
  const last = wordsOf(inDirectMessages()[0]).join('\n');
  expect(last).toContain('✅ Resolved · Acme');
  expect(last).toContain('*paid on 7 Nov 2026*, $1,200.');
  expect(last).toContain('Waits for a PO');
  expect(bot.failures).toEqual([]);
});
