import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ESCALATION_FORM } from '../../../blocks/ticket-escalation.ts';
import { SAVE_TICKET_FORM, TICKET_GROUP, TICKET_SEVERITY } from '../../../blocks/ticket-form.ts';
import { ESCALATE_TICKET, SOLVE_TICKET, TAKE_TICKET } from '../../../blocks/ticket-mirror.ts';
import { noteUnpostedReplies } from '../../../jobs/note-unposted-replies.ts';
import { refreshDeskGroups } from '../../../jobs/refresh-desk-groups.ts';
import { remindTicketForms } from '../../../jobs/remind-ticket-forms.ts';
import type { PageMessage } from '../../../simulator/types.ts';
import { createZendeskServer } from '../../../simulator/zendesk/server.ts';
import type { ZendeskServer } from '../../../simulator/zendesk/types.ts';
import { replaceGroups } from '../../../src/db/desk-groups.ts';
import { acmeShared, csTeam, guest, maya, outsider, startTestBot, type TestBot, tom, wordsOf } from '../../bot.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { insertAccount, insertScore } from '../../factories.ts';
import { createTestPlaybook } from '../../playbook.ts';
import { insertTicket, insertTicketPost } from '../../ticket-factories.ts';

const support = 'C01SUPPORT0';
const jonas = 'U02JONASWEB';
const minute = 60_000;

let database: TestDatabase;
let zendesk: ZendeskServer;
let bot: TestBot;
let time: number;
let billing: string;
beforeEach(async () => {
  time = Date.now();
  const now = () => new Date(time);
  database = await createTestDatabase();
  zendesk = createZendeskServer({ email: 'bot@bellwether.example', apiToken: 'token', now });
  const { url } = await zendesk.listen();
  zendesk.addGroup('Support');
  billing = String(zendesk.addGroup('Billing'));
  zendesk.addPerson({ name: 'Maya Lindqvist', email: 'maya@bellwether.example', role: 'agent' });
  const playbook = createTestPlaybook();
  const env = {
    ZENDESK_URL: url,
    ZENDESK_EMAIL: 'bot@bellwether.example',
    ZENDESK_API_TOKEN: 'token',
    SUPPORT_CHANNEL: support,
  };
  bot = await startTestBot({ db: database.db, playbook, now, env }, { now });
  await insertAccount(database.db, {
    id: 'acme',
    name: 'Acme Corp',
    arr: 120_000,
    csm_email: 'maya@bellwether.example',
  });
  await insertScore(database.db, playbook, {
    account: 'acme',
    day: now().toISOString().slice(0, 10),
    metrics: { logins_7d: 2 },
  });
  await refreshDeskGroups.run({}, bot.deps);
});
afterEach(async () => {
  await bot.close();
  await zendesk.close();
  await database.drop();
});

/** Lets a second pass, and all that is due then happen. */
async function goOn(ms = 1_000): Promise<void> {
  for (let runs = 0; runs < 4; runs += 1) {
    time += runs === 0 ? ms : 1_000;
    await bot.deps.queue.enqueue('work-on-tickets', {});
    await bot.deps.queue.enqueue('deliver-messages', {});
  }
}

type Made = { id: number; deskId: string; root: string; card: () => PageMessage; mirror: () => PageMessage };

/** A ticket with both of its cards. */
async function openTicket(text = 'The export fails', channel = acmeShared): Promise<Made> {
  const author = channel === acmeShared ? outsider : maya;
  const said = await bot.slack.say(author, channel, text);
  if (!said.ok) throw new Error(said.error);
  const made = await bot.deps.desk.createTicket(
    {
      externalId: `test:${said.ts}`,
      subject: text,
      body: text,
      isPublic: true,
      requester: { name: 'Priya Nair', email: null, externalId: outsider },
      groupId: null,
      severity: null,
      fields: {},
      tags: [],
      attachments: [],
      followUpOf: null,
    },
    { isRetry: false },
  );
  const id = await insertTicket(database.db, {
    channel_id: channel,
    thread_ts: said.ts,
    subject: text,
    desk_ticket_id: made.id,
    desk_requester_id: made.requesterId,
    last_comment_id: made.commentId,
    created_at: bot.deps.now(),
    thread_read_at: bot.deps.now(),
    asked_at: bot.deps.now(),
  });
  await insertTicketPost(database.db, { kind: 'ticket', ticket_id: id, due_at: bot.deps.now() });
  await insertTicketPost(database.db, { kind: 'ticket_mirror', ticket_id: id, due_at: bot.deps.now() });
  await goOn();
  const find = (where: string, thread?: string) => () => {
    const number = `#${made.id}`;
    const found = bot.slack.messages(where, maya, thread).find((message) => wordsOf(message).join().includes(number));
    if (!found) throw new Error(`There is no card of ${number}`);
    return found;
  };
  return { id, deskId: made.id, root: said.ts ?? '', card: find(channel, said.ts), mirror: find(support) };
}

type Choice = { group?: string | null; severity?: string | null; value?: string };

/** Chooses in the form of a card and presses Save; returns what the person is told. */
async function save(user: string, card: PageMessage, { group = billing, severity = 'high' }: Choice = {}) {
  const before = told(user, card.channel);
  const block = card.blocks.find(({ type }) => type === 'actions');
  const blockId = block?.block_id ?? '';
  const option = (value: string) => ({ selected_option: { text: { type: 'plain_text', text: value }, value } });
  const outcome = await bot.slack.act(
    user,
    { channel: card.channel, ts: card.ts },
    { action_id: SAVE_TICKET_FORM, block_id: blockId },
    {
      [blockId]: {
        ...(group !== null && { [TICKET_GROUP]: option(group) }),
        ...(severity !== null && { [TICKET_SEVERITY]: option(severity) }),
      },
    },
  );
  if (!outcome.ok) throw new Error(outcome.error);
  await bot.slack.waitForIdle(20);
  return told(user, card.channel).slice(before.length);
}

/** What only this person was told, in the thread of a card or beside it. */
const told = (user: string, channel: string) =>
  bot.slack.journal.flatMap((entry) =>
    entry.kind === 'ephemeral' && entry.user === user && entry.channel === channel ? [entry.text] : [],
  );
const ticketRow = (id: number) =>
  database.db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const desk = (deskId: string) => zendesk.ticket(Number(deskId));

/** Posts an interaction to the bot as Slack signs it. */
async function forge(payload: Record<string, unknown>): Promise<void> {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = `v0=${createHmac('sha256', '0123456789abcdef').update(`v0:${timestamp}:${body}`).digest('hex')}`;
  const response = await fetch(bot.eventsUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
    },
    body,
  });
  await response.text();
  await bot.slack.waitForIdle(20);
}

describe("the form in a ticket's thread", () => {
  test('may be filled by a customer; the help desk gets it, and all see who chose what', async () => {
    const ticket = await openTicket();
    expect(wordsOf(ticket.card()).slice(0, 2)).toEqual([
      `🎫 *Ticket #${ticket.deskId} is created*`,
      'Answers come here, in this thread.',
    ]);
    expect(await save(outsider, ticket.card())).toEqual([]);
    await goOn();
    expect(desk(ticket.deskId)).toMatchObject({ group_id: Number(billing), priority: 'high' });
    expect(wordsOf(ticket.card())).toContain(`Team *Billing*, urgency *High*, chosen by <@${outsider}>.`);
    expect(wordsOf(ticket.mirror()).join('\n')).toContain('urgency *High* · team *Billing*');
    expect(await ticketRow(ticket.id)).toMatchObject({ form: 'filled', form_by: outsider, wanted: null });
    expect(bot.failures).toEqual([]);
  });

  test('of two people at once takes the first, and tells the second what was chosen and by whom', async () => {
    const ticket = await openTicket();
    const card = ticket.card();
    const answers = await Promise.all([
      save(outsider, card, { severity: 'urgent' }),
      save(jonas, card, { severity: 'low' }),
    ]);
    const { form_by, severity } = await ticketRow(ticket.id);
    const second = answers.flat();
    expect(second).toHaveLength(1);
    expect(second[0]).toContain(`chosen by <@${form_by}>`);
    expect(second[0]).toContain(severity === 'urgent' ? 'Urgent' : 'Low');
    expect(answers[form_by === outsider ? 0 : 1]).toEqual([]);
  });

  test('sent twice by one is taken once', async () => {
    const ticket = await openTicket();
    const card = ticket.card();
    await Promise.all([save(outsider, card), save(outsider, card)]);
    await goOn();
    const asked = zendesk.journal.filter((entry) => entry.kind === 'request' && entry.method === 'PUT');
    expect(asked).toHaveLength(1);
    expect(await ticketRow(ticket.id)).toMatchObject({ form: 'filled', form_by: outsider });
  });

  test('says what is missing, and is not taken', async () => {
    const ticket = await openTicket();
    expect(await save(outsider, ticket.card(), { group: null })).toEqual([expect.stringContaining('choose a team')]);
    expect(await save(outsider, ticket.card(), { severity: null })).toEqual([expect.stringContaining('how urgent')]);
    expect(await ticketRow(ticket.id)).toMatchObject({ form: 'open' });
  });

  test('with a group that was deleted meanwhile gets a clear answer, and a list without it', async () => {
    const ticket = await openTicket();
    const card = ticket.card();
    zendesk.deleteGroup(Number(billing));
    // The list is known to be another; the card is not edited yet.
    await replaceGroups(database.db, 'Zendesk', await bot.deps.desk.listGroups(), bot.deps.now());
    expect(await save(outsider, card)).toEqual([expect.stringContaining('no longer there')]);
    await goOn();
    expect(JSON.stringify(ticket.card().blocks)).not.toContain('Billing');
    expect(await ticketRow(ticket.id)).toMatchObject({ form: 'open' });
  });

  test('with a group that is deleted before anybody noticed says so at the ticket', async () => {
    const ticket = await openTicket();
    zendesk.deleteGroup(Number(billing));
    expect(await save(outsider, ticket.card(), { severity: 'urgent' })).toEqual([]);
    await goOn();
    expect(desk(ticket.deskId)).toMatchObject({ priority: 'urgent', group_id: null });
    expect(wordsOf(ticket.mirror()).join('\n')).toContain('⚠️');
    expect(wordsOf(ticket.card())).toContain('⚠️ Support did not take the team that was chosen.');
  });

  test('with a value that it never offered is not taken', async () => {
    const ticket = await openTicket();
    await save(outsider, ticket.card(), { group: "1' or 1=1", severity: 'closed' });
    expect(await ticketRow(ticket.id)).toMatchObject({ form: 'open', severity: null, group_id: null });
  });

  test('is not acknowledged when it cannot be stored', async () => {
    const ticket = await openTicket();
    await database.db.schema.alterTable('tickets').renameColumn('form_by', 'form_of').execute();
    await expect(save(outsider, ticket.card())).rejects.toThrow('dispatch_failed');
    await database.db.schema.alterTable('tickets').renameColumn('form_of', 'form_by').execute();
    expect(await save(outsider, ticket.card())).toEqual([]);
    expect(await ticketRow(ticket.id)).toMatchObject({ form: 'filled' });
  });

  test('of a ticket that is solved is closed', async () => {
    const ticket = await openTicket();
    const card = ticket.card();
    await database.db.updateTable('tickets').set({ status: 'solved' }).execute();
    expect(await save(outsider, card)).toEqual([expect.stringContaining('solved')]);
    expect(await ticketRow(ticket.id)).toMatchObject({ form: 'open' });
  });
});

describe('what a customer can do', () => {
  /** A press as Slack sends it, whatever in it is forged. */
  async function press(user: string, card: PageMessage, forged: object, action: object): Promise<void> {
    const teamId = bot.slack.workspace.users.find(({ id }) => id === user)?.team_id;
    await forge({
      type: 'block_actions',
      team: { id: teamId },
      user: { id: user, team_id: teamId },
      channel: { id: card.channel },
      container: { type: 'message', message_ts: card.ts, channel_id: card.channel, is_ephemeral: false },
      trigger_id: 'none',
      response_url: 'http://127.0.0.1:9/',
      actions: [{ type: 'button', block_id: 'b', ...action }],
      ...forged,
    });
  }

  test('reaches no ticket but that of the card', async () => {
    const ticket = await openTicket();
    const other = await openTicket('Secret of Globex', csTeam);
    const forms = {
      state: {
        values: {
          b: {
            [TICKET_SEVERITY]: { selected_option: { value: 'low' } },
            [TICKET_GROUP]: { selected_option: { value: billing } },
          },
        },
      },
    };
    // The value of the button, and the block, name the other ticket.
    await press(outsider, ticket.card(), forms, {
      action_id: SAVE_TICKET_FORM,
      value: String(other.id),
      block_id: `ticket-form ${other.id} x`,
    });
    expect(await ticketRow(ticket.id)).toMatchObject({ form: 'filled' });
    expect(await ticketRow(other.id)).toMatchObject({ form: 'open' });
    // Another message of the channel, and the mirror's card, are no forms.
    for (const seen of [
      { ...other.card(), channel: acmeShared },
      ticket.mirror(),
      { ...ticket.card(), ts: ticket.root },
    ])
      await press(outsider, seen, forms, { action_id: SAVE_TICKET_FORM, value: String(other.id) });
    expect(await ticketRow(other.id)).toMatchObject({ form: 'open' });
    // A card that a ticket no longer has, as its row says.
    await database.db
      .updateTable('tickets')
      .set({ thread_ts: '1790000000.000999', form: 'open', form_by: null, form_at: null })
      .where('id', '=', ticket.id)
      .execute();
    await press(outsider, ticket.card(), forms, { action_id: SAVE_TICKET_FORM });
    expect(await ticketRow(ticket.id)).toMatchObject({ form: 'open' });
  });

  test('is never to take, escalate or solve a ticket, nor to open an account', async () => {
    const ticket = await openTicket();
    for (const action_id of [TAKE_TICKET, ESCALATE_TICKET, SOLVE_TICKET, 'open_account']) {
      for (const user of [outsider, guest])
        await press(
          user,
          ticket.card(),
          {},
          { action_id, value: action_id === 'open_account' ? 'acme' : String(ticket.id) },
        );
      // A colleague in the customer's channel neither: others read along there.
      await press(
        maya,
        ticket.card(),
        {},
        { action_id, value: action_id === 'open_account' ? 'acme' : String(ticket.id) },
      );
    }
    expect(bot.slack.views(outsider)).toEqual([]);
    expect(await ticketRow(ticket.id)).toMatchObject({ status: 'new', wanted: null, escalated_at: null });
    await forge({
      type: 'view_submission',
      team: { id: 'T02ACMECORP' },
      user: { id: outsider, team_id: 'T02ACMECORP' },
      view: {
        id: 'V1',
        callback_id: ESCALATION_FORM,
        private_metadata: String(ticket.id),
        blocks: [{ type: 'input', block_id: 'why' }],
        state: {
          values: {
            why: { why: { value: 'x' } },
            tried: { tried: { value: 'x' } },
            reproduction: { reproduction: { value: 'x' } },
          },
        },
      },
    });
    expect(await ticketRow(ticket.id)).toMatchObject({ escalated_at: null });
  });

  test('is to read nothing of the account, whatever becomes of the ticket', async () => {
    const ticket = await openTicket();
    await save(outsider, ticket.card());
    await bot.press(maya, ticket.mirror(), TAKE_TICKET);
    await goOn();
    await bot.press(maya, ticket.mirror(), SOLVE_TICKET);
    await goOn();
    const journal = bot.slack.journal.filter((entry) => 'channel' in entry && entry.channel === acmeShared);
    expect(JSON.stringify(journal)).not.toMatch(
      /Acme Corp|120,000|\/ 10|Concerning|Healthy|Poor|agent\/tickets|bellwether\.example/,
    );
  });
});

describe("a ticket's card for colleagues", () => {
  test('shows whose it is, and is taken by who presses', async () => {
    const ticket = await openTicket();
    expect(wordsOf(ticket.mirror()).slice(0, 3)).toEqual([
      `🎫 #${ticket.deskId} The export fails`,
      expect.stringMatching(/^\*Acme Corp\* · .+ \/ 10 \w+ · ARR \*\$120,000\* · CSM maya@bellwether\.example$/),
      'New · no urgency · no team · nobody has it · form open',
    ]);
    expect(await bot.press(maya, ticket.mirror(), TAKE_TICKET)).toEqual([]);
    await goOn();
    expect(wordsOf(ticket.mirror()).join('\n')).toContain('with *Maya Lindqvist*');
    expect(wordsOf(ticket.card())[1]).toContain('Maya Lindqvist is on it');
    const [again] = await bot.press(maya, ticket.mirror(), TAKE_TICKET);
    expect(wordsOf(again)).toEqual(['You have this ticket already.']);
  });

  test('says so where the help desk does not know who presses', async () => {
    const ticket = await openTicket();
    await bot.press(tom, ticket.mirror(), TAKE_TICKET);
    await goOn();
    expect(wordsOf(ticket.mirror()).join('\n')).toContain('⚠️');
    // Customers do not read what colleagues do in vain, nor how the help desk calls them.
    expect(wordsOf(ticket.card()).join('\n')).not.toMatch(/⚠️|Zendesk|tom@/);
    expect(await ticketRow(ticket.id)).toMatchObject({ assignee_name: null, wanted: null });
  });

  test('is solved by a press, once', async () => {
    const ticket = await openTicket();
    const before = ticket.mirror();
    expect(await bot.press(maya, before, SOLVE_TICKET)).toEqual([]);
    await goOn();
    expect(desk(ticket.deskId)).toMatchObject({ status: 'solved' });
    expect(wordsOf(ticket.card())[1]).toBe('✅ Solved. If something is left, write here.');
    expect(JSON.stringify(ticket.mirror().blocks)).not.toContain(SOLVE_TICKET);
  });

  test('is escalated with why, what was tried and how to see it, once', async () => {
    const ticket = await openTicket();
    const before = ticket.mirror();
    await bot.press(maya, before, ESCALATE_TICKET);
    await bot.press(tom, before, ESCALATE_TICKET);
    const values = (why: string) => ({
      why: { why: { value: why } },
      tried: { tried: { value: 'Twice' } },
      reproduction: { reproduction: { value: 'Press <!channel>' } },
    });
    const form = (user: string) => bot.slack.views(user)[0]?.id ?? '';
    expect(await bot.slack.submitView(maya, form(maya), values('All exports'))).toMatchObject({ ok: true });
    expect(await bot.slack.submitView(tom, form(tom), values('Me too'))).toMatchObject({
      ok: false,
      errors: { why: expect.stringContaining('escalated this already') },
    });
    await goOn();
    expect(wordsOf(ticket.mirror())).toEqual(
      expect.arrayContaining(['*Why:* All exports', '*Tried:* Twice', '*Reproduction:* Press &lt;!channel&gt;']),
    );
    const [note] = zendesk.comments(Number(ticket.deskId)).filter(({ body }) => body.includes('All exports'));
    expect(note).toMatchObject({ public: false });
    expect(JSON.stringify(bot.slack.messages(acmeShared, outsider, ticket.root))).not.toContain('All exports');
    const [late] = await bot.press(tom, before, ESCALATE_TICKET).catch(() => []);
    expect(late === undefined || wordsOf(late).join().includes('escalated this already')).toBe(true);
  });

  test('asks to press again where the form to escalate came too late', async () => {
    const ticket = await openTicket();
    bot.slack.fault({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    const [answer] = await bot.press(maya, ticket.mirror(), ESCALATE_TICKET);
    expect(wordsOf(answer)).toEqual(['Sorry, that took too long to open. Please press it again.']);
    await bot.press(maya, ticket.mirror(), ESCALATE_TICKET);
    expect(bot.slack.views(maya)).toHaveLength(1);
  });

  test('of a ticket that is gone says so', async () => {
    const ticket = await openTicket();
    const before = ticket.mirror();
    await database.db.deleteFrom('tickets').execute();
    for (const action of [TAKE_TICKET, SOLVE_TICKET, ESCALATE_TICKET])
      expect(wordsOf((await bot.press(maya, before, action))[0])).toEqual(['This ticket is no longer there.']);
  });
});

describe('a form that nobody fills', () => {
  const seen = (user: string) =>
    bot.slack.messages(bot.slack.dm(user), user).map((message) => wordsOf(message).join('\n'));
  const remind = async (after: number) => {
    await goOn(after);
    await remindTicketForms.run({}, bot.deps);
    await goOn();
  };

  test('reminds the CSM after ten minutes, once; after an hour the defaults hold, and the thread says so', async () => {
    const ticket = await openTicket();
    await remind(9 * minute);
    expect(seen(maya)).toEqual([]);
    await remind(minute);
    await remind(minute);
    expect(seen(maya)).toEqual([expect.stringContaining(`Ticket #${ticket.deskId} of *Acme Corp*: The export fails`)]);
    await remind(50 * minute);
    expect(wordsOf(ticket.card())).toContain('Team *Support*, urgency *Normal*, since nobody chose in time.');
    expect(seen(maya)).toEqual([expect.stringContaining('since nobody chose in time')]);
    expect(desk(ticket.deskId)).toMatchObject({ priority: 'normal' });
    expect(await save(outsider, ticket.card()).catch(String)).toContain('no_such_element');
  });

  test('is filled in time, or its ticket solved: nobody is reminded', async () => {
    const ticket = await openTicket();
    await save(outsider, ticket.card());
    const solved = await openTicket('Another');
    await bot.press(maya, solved.mirror(), SOLVE_TICKET);
    await remind(70 * minute);
    expect(seen(maya)).toEqual([]);
    expect(await ticketRow(solved.id)).toMatchObject({ form: 'open' });
  });

  test('of an account without a CSM reminds in the fallback channel', async () => {
    await database.db.updateTable('accounts').set({ csm_email: null }).execute();
    const ticket = await openTicket();
    await remind(11 * minute);
    const texts = bot.slack.messages(csTeam, maya).map((message) => wordsOf(message).join('\n'));
    expect(texts.join('\n')).toContain(`Ticket #${ticket.deskId}`);
  });
});

describe("an agent's reply that Slack does not take", () => {
  test('is told at both sides: in the card, and by one internal note', async () => {
    const ticket = await openTicket();
    const channel = bot.slack.workspace.channels.find(({ id }) => id === acmeShared);
    Object.assign(channel ?? {}, { is_archived: true });
    zendesk.reply(Number(ticket.deskId), 'Please try again.');
    await database.db.updateTable('tickets').set({ due_at: bot.deps.now() }).execute();
    await goOn();
    for (let minutes = 0; minutes < 3; minutes += 1) {
      await noteUnpostedReplies.run({}, bot.deps);
      await goOn(16 * minute);
    }
    expect(wordsOf(ticket.mirror())).toContain(
      '⚠️ 1 message did not reach the thread: the channel is archived. It is tried again.',
    );
    const notes = zendesk.comments(Number(ticket.deskId)).filter(({ body }) => body.includes('could not be posted'));
    expect(notes).toMatchObject([{ public: false, body: expect.stringContaining('the channel is archived') }]);
    Object.assign(channel ?? {}, { is_archived: false });
    await goOn(16 * minute);
    expect(wordsOf(ticket.mirror()).join()).not.toContain('⚠️');
    const thread = bot.slack.messages(acmeShared, outsider, ticket.root);
    expect(thread.map(({ username }) => username)).toContain('Maya Lindqvist');
  });
});
