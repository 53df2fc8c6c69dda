import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ADD_INTERNAL_NOTE,
  ASSIGN_DESK_TICKET,
  NEXT_DESK_TICKETS,
  OPEN_DESK_TICKET,
  REOPEN_DESK_TICKET,
  REPLY_TO_CUSTOMER,
  SOLVE_DESK_TICKET,
} from '../../../blocks/ticket-list.ts';
import { REPLY_TEXT } from '../../../blocks/ticket-reply-form.ts';
import type { PageMessage } from '../../../simulator/types.ts';
import { BUILT_IN_DESK, createBuiltInDesk } from '../../../src/db/built-in-desk.ts';
import type { HelpDesk, Severity } from '../../../src/helpdesk/types.ts';
import { createZendesk } from '../../../src/sources/zendesk.ts';
import {
  acmeShared,
  csTeam,
  general,
  guest,
  maya,
  outsider,
  startTestBot,
  type TestBot,
  tom,
  wordsOf,
} from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount } from '../../factories.ts';
import { createTestPlaybook } from '../../playbook.ts';
import { insertTicket, insertTicketMessage } from '../../ticket-factories.ts';
import { newComment, newTicket } from '../zendesk/kit.ts';

const now = new Date('2026-11-24T11:00:00Z');
const mayaEmail = 'maya@bellwether.example';

let database: TestDatabase;
let bot: TestBot;
let desk: HelpDesk;
let number = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  desk = createBuiltInDesk(database.db, () => now);
  bot = await startTestBot({ db: database.db, playbook: createTestPlaybook(), now: () => now });
});
afterAll(async () => {
  await bot.close();
  await database.drop();
});
beforeEach(async () => {
  for (const table of ['tickets', 'built_in_tickets', 'accounts'] as const)
    await database.db.deleteFrom(table).execute();
  await insertAccount(database.db, { id: 'acme', name: 'Acme Corp' });
  bot.failures.length = 0;
});

type Given = Parameters<typeof insertTicket>[1] & { words?: string; severity?: Severity | null };

/** A ticket of the built-in desk and of a thread; `id` is ours, `number` the desk's. */
async function ticket(subject: string, { words, ...given }: Given = {}): Promise<{ id: number; number: string }> {
  number += 1;
  const created = await desk.createTicket(
    newTicket({ externalId: `test:${number}`, subject, severity: given.severity ?? null }),
    { isRetry: false },
  );
  const sourceTs = `${1_780_000_000 + number}.000100`;
  const id = await insertTicket(database.db, {
    subject,
    desk: BUILT_IN_DESK,
    desk_ticket_id: created.id,
    last_comment_id: created.commentId,
    source_ts: sourceTs,
    thread_ts: sourceTs,
    created_at: new Date(now.getTime() - 3_600_000),
    ...given,
  });
  if (words !== undefined)
    await insertTicketMessage(database.db, { ticket_id: id, key: `slack:${number}`, text: words, ts: sourceTs });
  return { id, number: created.id };
}

const ask = async (line: string, user = maya) => (await bot.ask(user, csTeam, line))[0];
const stored = (id: number) =>
  database.db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const commentsOf = async (id: string) => (await desk.listComments(id, null)).slice(1);
const subjects = (message: PageMessage | undefined) =>
  message?.text
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^#\d+ Acme Corp: /, ''));

/** Opens a form by a button, and returns the id of the modal. */
async function openForm(user: string, card: PageMessage, button: string): Promise<string> {
  expect(await bot.slack.press(user, card, button)).toEqual({ ok: true });
  await bot.slack.waitForIdle();
  const [view] = bot.slack.views(user).slice(-1);
  return view?.id ?? '';
}

const text = (value: string) => ({ [REPLY_TEXT]: { [REPLY_TEXT]: { value } } });

describe('/cs tickets', () => {
  test('lists mine, or all: urgent ones first, then the oldest, without those that are done', async () => {
    const mine = { assignee_name: 'Maya', assignee_email: mayaEmail };
    await ticket('young and urgent', { severity: 'urgent', created_at: new Date('2026-11-24T10:30:00Z') });
    await ticket('old and urgent', { severity: 'urgent', created_at: new Date('2026-11-22T10:00:00Z'), ...mine });
    await ticket('nobody said', { created_at: new Date('2026-11-20T10:00:00Z'), ...mine });
    await ticket('low', { severity: 'low', created_at: new Date('2026-11-01T10:00:00Z') });
    await ticket('high', { severity: 'high', wanted: { assignee: { email: mayaEmail, name: 'Maya' } } });
    await ticket('done', { severity: 'urgent', status: 'solved', ...mine });
    await ticket('just done', { severity: 'urgent', wanted: { status: 'solved' }, ...mine });
    const all = await ask('/cs tickets all');
    expect(wordsOf(all)[0]).toBe('All tickets: 5 open, 2 urgent');
    expect(subjects(all)).toEqual(['old and urgent', 'young and urgent', 'high', 'nobody said', 'low']);
    const own = await ask('/cs tickets');
    expect(wordsOf(own)[0]).toBe('Your tickets: 3 open, 1 urgent');
    expect(subjects(own)).toEqual(['old and urgent', 'high', 'nobody said']);
    expect(wordsOf(own).join('\n')).toContain('with Maya · 2 days ago · from Priya Nair in <#C01ACMESHRD>');
    expect(wordsOf(await ask('/cs tickets', tom)).join()).toContain('No ticket is given to you; 5 are open');
  });

  test('shows what the customer wrote, and nothing in it does anything', async () => {
    await ticket('Hello', { words: '<!channel> *ring* <https://evil.example|us>\n`x`', account_id: null });
    const shown = wordsOf(await ask('/cs tickets all')).join('\n');
    expect(shown).toContain('Unknown account');
    expect(shown).toContain('&lt;!channel&gt; ∗ring∗');
    expect(shown).not.toContain('<!channel>');
    expect(shown).not.toContain('<https://evil');
  });

  test('turns pages in place', async () => {
    for (let index = 10; index < 21; index++)
      await ticket(`t${index}`, { created_at: new Date(`2026-11-${index}T10:00:00Z`) });
    const first = await ask('/cs tickets all');
    expect(subjects(first)).toHaveLength(8);
    const [second] = await bot.press(maya, first!, NEXT_DESK_TICKETS);
    expect(second?.ts).toBe(first?.ts);
    expect(subjects(second)).toEqual(['t18', 't19', 't20']);
  });

  test('with another help desk, lists with links and says where they are answered', async () => {
    const { number: taken } = await ticket('An old one', { severity: 'urgent' });
    await insertTicket(database.db, { subject: 'There', desk: 'Zendesk', desk_ticket_id: '77' });
    await insertTicket(database.db, { subject: 'On its way', desk: 'Zendesk', desk_ticket_id: null });
    const own = bot.deps.desk;
    bot.deps.desk = createZendesk({
      url: 'https://acme.zendesk.test',
      email: 'bot@acme.test',
      apiToken: 'x',
      now: () => now,
      log: pino({ level: 'silent' }),
    });
    try {
      const list = await ask('/cs tickets all');
      const shown = wordsOf(list).join('\n');
      expect(shown).toContain('<https://acme.zendesk.test/agent/tickets/77|#77> Acme Corp');
      expect(shown).toContain('They are answered in Zendesk');
      expect(shown).toContain('(not in Zendesk yet)');
      expect(wordsOf(await ask('/cs tickets #77')).join('\n')).toContain('answered in <https://acme.zendesk.test');
      expect(wordsOf(await ask(`/cs tickets #${taken}`)).join()).toContain(`no ticket #${taken}`);
      // One that was begun here goes on here.
      const [card] = await bot.press(maya, list!, OPEN_DESK_TICKET);
      expect(card?.blocks.some(({ type }) => type === 'actions')).toBe(true);
    } finally {
      bot.deps.desk = own;
    }
  });

  test.each([
    ['/cs tickets #999999', /no ticket #999999/],
    ['/cs tickets soon', /I understand `\/cs tickets`/],
  ])('answers %s with what can be done', async (line, answer) => {
    expect(wordsOf(await ask(line)).join()).toMatch(answer);
  });

  test.each([
    [guest, general, /guest/],
    [maya, acmeShared, /shared with people outside/],
    [outsider, acmeShared, /own workspace/],
  ])('refuses %s in %s', async (user, channel, reason) => {
    const { number: secret } = await ticket('secret');
    for (const line of ['/cs tickets all', `/cs tickets #${secret}`]) {
      const [answer] = await bot.ask(user, channel, line);
      expect(answer?.text).toMatch(reason);
      expect(JSON.stringify(answer)).not.toContain('secret');
    }
  });
});

describe('an open ticket', () => {
  test('shows what was said, newest last, notes as notes, cut and without effect', async () => {
    const { number: id } = await ticket('Exports <fail>', { severity: 'urgent' });
    for (let index = 0; index < 14; index++)
      await desk.addComment(id, newComment({ key: `${index}`, body: `Message ${index}` }), { isRetry: false });
    await desk.addComment(id, newComment({ key: 'note', isPublic: false, body: `<!here> ${'long '.repeat(900)}` }), {
      isRetry: false,
    });
    const card = await ask(`/cs tickets #${id}`);
    const shown = wordsOf(card).join('\n');
    expect(shown).toContain(`🎫 #${id} Exports ‹fail›`);
    expect(shown).toContain('4 earlier');
    expect(shown).toContain('> Message 13');
    expect(shown).not.toContain('Message 2\n');
    expect(shown.indexOf('🔒 internal note')).toBeGreaterThan(shown.indexOf('Message 13'));
    expect(shown).not.toContain('<!here>');
    expect(JSON.stringify(card?.blocks).length).toBeLessThan(12_000);
  });

  test('is assigned to whoever takes it; a second one is told, and can take it over', async () => {
    const { id, number: shown } = await ticket('Take me');
    const card = await ask(`/cs tickets #${shown}`);
    const [mine] = await bot.press(maya, card!, ASSIGN_DESK_TICKET);
    expect(mine?.ts).toBe(card?.ts);
    expect(wordsOf(mine)[0]).toBe('You have it now.');
    expect(wordsOf(mine).join()).toContain('with Maya Lindqvist');
    const { wanted, assignee_email, due_at } = await stored(id);
    expect(wanted?.assignee?.email ?? assignee_email).toBe(mayaEmail);
    if (wanted) expect(due_at).toEqual(now);
    expect(wordsOf(await ask('/cs tickets'))[0]).toBe('Your tickets: 1 open');
    const toms = await ask(`/cs tickets #${shown}`, tom);
    const [taken] = await bot.press(tom, toms!, ASSIGN_DESK_TICKET);
    expect(wordsOf(taken).join()).toContain('with Tom');
  });

  test('is solved and opened again', async () => {
    const { number: id } = await ticket('Solve me', { status: 'open' });
    const card = await ask(`/cs tickets #${id}`);
    const [solved] = await bot.press(maya, card!, SOLVE_DESK_TICKET);
    expect(wordsOf(solved)[0]).toBe('It is solved.');
    expect(wordsOf(await ask('/cs tickets all'))[0]).toBe('All tickets: none');
    const [reopened] = await bot.press(maya, solved!, REOPEN_DESK_TICKET);
    expect(wordsOf(reopened)[0]).toBe('It is open again.');
    expect(wordsOf(reopened).join()).toContain('· Open,');
    expect(bot.failures).toEqual([]);
  });

  test('that is closed takes nothing more', async () => {
    const { id, number: shown } = await ticket('Close me');
    const card = await ask(`/cs tickets #${shown}`);
    await desk.updateTicket(shown, { status: 'closed' });
    await database.db.updateTable('tickets').set({ status: 'closed' }).where('id', '=', id).execute();
    const view = await openForm(maya, card!, REPLY_TO_CUSTOMER);
    const outcome = await bot.slack.submitView(maya, view, text('Too late'));
    expect(outcome.errors?.[REPLY_TEXT]).toContain('closed, so it cannot change');
    expect(await commentsOf(shown)).toEqual([]);
    expect((await ask(`/cs tickets #${shown}`))?.blocks.some(({ type }) => type === 'actions')).toBe(false);
  });

  test('that is gone is said to be', async () => {
    const { id, number: shown } = await ticket('Gone');
    const card = await ask(`/cs tickets #${shown}`);
    await database.db.deleteFrom('tickets').where('id', '=', id).execute();
    const [answer] = await bot.press(maya, card!, SOLVE_DESK_TICKET);
    expect(answer?.text).toContain('no longer there');
  });
});

describe('what an agent writes', () => {
  test.each([
    ['Reply to customer', REPLY_TO_CUSTOMER, true, 'The customer reads it', 'Sent to the customer.'],
    ['Internal note', ADD_INTERNAL_NOTE, false, 'does not read it', 'Noted, for colleagues only.'],
  ])('by %s is stored once, as what it is, and the card shows it', async (title, button, isPublic, says, told) => {
    const { id, number: shown } = await ticket('Answer me');
    const card = await ask(`/cs tickets #${shown}`);
    const viewId = await openForm(maya, card!, button);
    const view = bot.slack.views(maya).find((each) => each.id === viewId);
    expect(view?.title).toBe(title);
    expect(JSON.stringify(view?.blocks)).toContain(says);
    const sent = [1, 2].map(() => bot.slack.submitView(maya, viewId, text('Please <try> again.\nThanks!')));
    expect((await Promise.all(sent))[0]).toEqual({ ok: true });
    await bot.slack.waitForIdle();
    expect(await commentsOf(shown)).toMatchObject([
      { isPublic, author: { role: 'agent', name: 'Maya Lindqvist' }, body: 'Please <try> again.\nThanks!' },
    ]);
    // The work on tickets took it to the outbox, or never will.
    const replies = await database.db
      .selectFrom('messages')
      .select('key')
      .where('ticket_id', '=', id)
      .where('kind', '=', 'ticket_reply')
      .execute();
    expect(replies).toHaveLength(isPublic ? 1 : 0);
    const again = bot.slack.ephemerals(csTeam, maya).find(({ ts }) => ts === card?.ts);
    expect(wordsOf(again)[0]).toBe(told);
    expect(wordsOf(again).join('\n')).toContain('> Please &lt;try&gt; again.\n> Thanks!');
    expect(bot.failures).toEqual([]);
  });

  test('is not taken from somebody who is a guest by now, nor empty', async () => {
    const { number: shown } = await ticket('Answer me');
    const card = await ask(`/cs tickets #${shown}`, tom);
    const view = await openForm(tom, card!, REPLY_TO_CUSTOMER);
    expect((await bot.slack.submitView(tom, view, text('   '))).errors?.[REPLY_TEXT]).toBeDefined();
    bot.slack.fault({ method: 'users.info', kind: 'error', error: 'user_not_found' });
    const outcome = await bot.slack.submitView(tom, view, text('Let me in'));
    expect(outcome.errors?.[REPLY_TEXT]).toMatch(/could not check with Slack who you are/);
    expect(await commentsOf(shown)).toEqual([]);
  });

  test('cannot be written in a form that opens too late', async () => {
    const { number: shown } = await ticket('Answer me');
    const card = await ask(`/cs tickets #${shown}`);
    bot.slack.fault({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    const [answer] = await bot.press(maya, card!, REPLY_TO_CUSTOMER);
    expect(answer?.text).toContain('took too long to open');
    expect(bot.failures).toEqual([]);
  });
});
