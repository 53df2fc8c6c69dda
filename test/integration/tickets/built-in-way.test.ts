import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ADD_INTERNAL_NOTE,
  ASSIGN_DESK_TICKET,
  REPLY_TO_CUSTOMER,
  SOLVE_DESK_TICKET,
} from '../../../blocks/ticket-list.ts';
import { REPLY_TEXT } from '../../../blocks/ticket-reply-form.ts';
import type { PageMessage } from '../../../simulator/types.ts';
import { acmeShared, csTeam, maya, outsider, startTestBot, type TestBot, wordsOf } from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';
import { createTestPlaybook } from '../../playbook.ts';

let database: TestDatabase;
let bot: TestBot;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTestBot({ db: database.db, playbook: createTestPlaybook() });
});
afterAll(async () => {
  await bot.close();
  await database.drop();
});

/** Lets all that is due happen, as the worker does. */
async function settle(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await bot.slack.waitForIdle();
    for (const job of ['handle-slack-events', 'work-on-tickets', 'deliver-messages'])
      await bot.deps.queue.enqueue(job, {});
    // Slack takes a post a second and channel; and what a person writes may not be all they write.
    await database.db.updateTable('recipients').set({ next_at: null }).execute();
    await database.db.updateTable('tickets').set({ due_at: new Date() }).where('due_at', 'is not', null).execute();
  }
  await bot.slack.waitForIdle();
}

async function write(card: PageMessage, button: string, text: string): Promise<void> {
  expect(await bot.slack.press(maya, card, button)).toEqual({ ok: true });
  await bot.slack.waitForIdle();
  const [view] = bot.slack.views(maya).slice(-1);
  const given = { [REPLY_TEXT]: { [REPLY_TEXT]: { value: text } } };
  expect(await bot.slack.submitView(maya, view?.id ?? '', given)).toEqual({ ok: true });
  await settle();
}

test('a reaction becomes a ticket that is worked on in Slack: replies reach the customer, notes never do', async () => {
  await insertAccount(database.db, { id: 'acme', name: 'Acme Corp' });
  const { ts = '' } = bot.slack.say(outsider, acmeShared, 'Our exports <fail> since today');
  bot.slack.say(outsider, acmeShared, 'All of them', { thread_ts: ts });
  bot.slack.react(outsider, acmeShared, ts, 'ticket');
  await settle();
  const thread = () => bot.slack.messages(acmeShared, outsider, ts).map((message) => wordsOf(message).join('\n'));
  const row = await database.db.selectFrom('tickets').selectAll().executeTakeFirstOrThrow();
  expect(row).toMatchObject({ desk: 'Bellwether', account_id: 'acme', status: 'new' });
  expect(thread().join('\n')).toContain(`#${row.desk_ticket_id}`);

  const [list] = await bot.ask(maya, csTeam, '/cs tickets all');
  expect(wordsOf(list).join('\n')).toContain('Our exports &lt;fail&gt; since today');
  const [card] = await bot.ask(maya, csTeam, `/cs tickets #${row.desk_ticket_id}`);
  expect(wordsOf(card).join('\n')).toContain('All of them');
  const [mine] = await bot.press(maya, card!, ASSIGN_DESK_TICKET);
  await write(mine!, REPLY_TO_CUSTOMER, 'We look into it.');
  await write(mine!, ADD_INTERNAL_NOTE, 'Their disk is full again.');
  const said = thread().join('\n');
  expect(said).toContain('We look into it.');
  expect(said).toContain('Maya Lindqvist is on it.');
  expect(said).not.toContain('@bellwether.example');
  expect(bot.slack.journal.filter((entry) => JSON.stringify(entry).includes('Their disk is full'))).not.toEqual([]);
  for (const user of [outsider, maya])
    expect(JSON.stringify(bot.slack.messages(acmeShared, user, ts))).not.toContain('Their disk is full');
  expect(JSON.stringify(await database.db.selectFrom('ticket_messages').selectAll().execute())).not.toContain('disk');

  const [solved] = await bot.press(maya, mine!, SOLVE_DESK_TICKET);
  await settle();
  expect(wordsOf(solved)[0]).toBe('It is solved.');
  expect(thread().join('\n')).toContain('Solved');
  bot.slack.say(outsider, acmeShared, 'It still fails', { thread_ts: ts });
  await settle();
  const [again] = await bot.ask(maya, csTeam, '/cs tickets');
  expect(wordsOf(again)[0]).toBe('Your tickets: 1 open');
  const events = await database.db.selectFrom('events').select('name').where('account_id', '=', 'acme').execute();
  expect(events).toEqual([{ name: 'ticket created' }]);
  expect(bot.failures).toEqual([]);
});
