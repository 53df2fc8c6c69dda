import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acmeShared, csTeam, maya, outsider } from '../../bot.ts';
import { insertTicket, insertTicketMessage, insertTicketPost } from '../../ticket-factories.ts';
import { type Office, openOffice, fallback as support } from './kit.ts';

const minute = 60_000;

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

/** A ticket of a thread that is there. */
async function ticketOf(text: string, given: Parameters<typeof insertTicket>[1] = {}): Promise<number> {
  const channel = given.channel_id ?? acmeShared;
  const said = await office.slack.say(outsider, channel, text);
  if (!said.ok) throw new Error(said.error);
  return insertTicket(office.db, { thread_ts: said.ts, ...given });
}

async function reply(ticketId: number, text: string): Promise<number> {
  const said = await insertTicketMessage(office.db, { ticket_id: ticketId, text });
  return insertTicketPost(office.db, { kind: 'ticket_reply', ticket_id: ticketId, ticket_message_id: said });
}

/** What cannot be posted is tried for ever. */
async function deliverTwice(options: Parameters<Office['deliver']>[0] = {}): Promise<void> {
  await office.deliver(options);
  office.turnTo(15 * minute);
  await office.deliver(options);
}

const botPosts = () => office.posts().filter(({ text }) => /\bticket(_\w+)? \d+: /.test(text));
const row = (id: number) => office.db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const ticketRow = (id: number) =>
  office.db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
/** What stands in the thread of a ticket but for its first message, with the name above it. */
async function thread(ticketId: number): Promise<string[]> {
  const { channel_id, thread_ts } = await ticketRow(ticketId);
  return office.slack
    .messages(channel_id, outsider, thread_ts)
    .filter(({ ts }) => ts !== thread_ts)
    .map(({ username, text }) => `${username ?? 'Bellwether'}: ${text}`);
}

describe('a message for the thread of a ticket', () => {
  test('is posted there, though customers read it; a reply under the name of the agent', async () => {
    const id = await ticketOf('It fails');
    const card = await insertTicketPost(office.db, { kind: 'ticket', ticket_id: id });
    const said = await reply(id, 'Please try again.');
    await office.deliverAll({ supportChannel: support });
    expect(await thread(id)).toEqual([
      `Bellwether: ticket ${card}: new`,
      `Ada Agent: ticket_reply ${said}: Please try again.`,
    ]);
    expect(botPosts()).toHaveLength(2);
  });

  test('is edited there when the ticket changes', async () => {
    const id = await ticketOf('It fails');
    const card = await insertTicketPost(office.db, { kind: 'ticket', ticket_id: id });
    await office.deliverAll();
    await office.db.updateTable('tickets').set({ status: 'pending' }).execute();
    await office.db.updateTable('messages').set({ version: 2 }).execute();
    office.turnTo(minute);
    await office.deliverAll();
    expect(await thread(id)).toEqual([`Bellwether: ticket ${card}: pending`]);
  });

  test.each([
    ['the channel of another ticket', { channel_id: csTeam }],
    ['another thread of the channel', { thread_ts: '1790000000.000999' }],
  ])('is never posted into %s', async (_where, moved) => {
    const id = await ticketOf('It fails');
    const card = await insertTicketPost(office.db, { kind: 'ticket', ticket_id: id });
    const said = await reply(id, 'Please try again.');
    await office.db.updateTable('tickets').set(moved).where('id', '=', id).execute();
    await deliverTwice();
    expect(botPosts()).toEqual([]);
    expect(await row(card)).toMatchObject({ status: 'waiting', posting_at: null });
    expect((await row(said)).last_error).toContain('does not belong');
  });

  test.each([
    ['is an internal note', { is_public: false }],
    ['is what a customer said', { author_kind: 'customer' as const }],
    ['is what we said', { author_kind: 'us' as const }],
    ['was said in the thread', { origin: 'thread' as const }],
    ["is of the mirror's thread", { origin: 'mirror' as const }],
  ])('is never posted where the reply %s, though it were rendered', async (_what, said) => {
    const id = await ticketOf('It fails');
    const post = await reply(id, 'Not for you');
    await sql`alter table ticket_messages disable trigger keep_ticket_message`.execute(office.db);
    await office.db.updateTable('ticket_messages').set(said).execute();
    await deliverTwice();
    expect(botPosts()).toEqual([]);
    expect(await row(post)).toMatchObject({ status: 'waiting', posting_at: null, ts: null });
  });

  test('is not edited any more where it does not belong by now', async () => {
    const id = await ticketOf('It fails');
    const card = await insertTicketPost(office.db, { kind: 'ticket', ticket_id: id });
    await office.deliverAll();
    await office.db.updateTable('messages').set({ thread_ts: '1790000000.000999', version: 2 }).execute();
    await office.db.updateTable('tickets').set({ status: 'solved' }).execute();
    await office.deliverAll();
    expect(await thread(id)).toEqual([`Bellwether: ticket ${card}: new`]);
  });
});

describe('a card for colleagues, or a reminder', () => {
  test('goes to the support channel as it is set now, and to the CSM at any time of day', async () => {
    office.turnTo('2026-11-29T02:00:00Z');
    const id = await ticketOf('It fails');
    const due_at = office.now();
    const card = await insertTicketPost(office.db, {
      kind: 'ticket_mirror',
      ticket_id: id,
      recipient: '#C01OLD00000',
      due_at,
    });
    const reminder = await insertTicketPost(office.db, { kind: 'ticket_reminder', ticket_id: id, due_at });
    const quiet = {
      quietHours: { from: '19:00', to: '08:00' },
      quietWeekend: true,
      digestAt: '09:00',
      holdAbovePercent: 20,
      holdFromAccounts: 10,
    };
    await office.deliverAll({ supportChannel: support, fallbackChannel: csTeam, settings: quiet });
    expect(office.seen(support)).toEqual([`ticket_mirror ${card}: new`]);
    expect(office.seen(maya)).toEqual([`ticket_reminder ${reminder}: new`]);
  });

  test('is never posted into a channel that is shared with customers, beside which their threads go on', async () => {
    const id = await ticketOf('It fails');
    const card = await insertTicketPost(office.db, { kind: 'ticket', ticket_id: id });
    const mirror = await insertTicketPost(office.db, {
      kind: 'ticket_mirror',
      ticket_id: id,
      recipient: `#${acmeShared}`,
    });
    const reminder = await insertTicketPost(office.db, {
      kind: 'ticket_reminder',
      ticket_id: id,
      owner_email: null,
    });
    await deliverTwice({ supportChannel: acmeShared, fallbackChannel: acmeShared });
    expect(botPosts()).toHaveLength(1);
    expect(await thread(id)).toEqual([`Bellwether: ticket ${card}: new`]);
    for (const post of [mirror, reminder])
      expect(await row(post)).toMatchObject({ status: 'waiting', posting_at: null });
  });

  test('without a support channel there is no card, and nothing that waits', async () => {
    const id = await ticketOf('It fails');
    const card = await insertTicketPost(office.db, { kind: 'ticket_mirror', ticket_id: id, recipient: null });
    const done = await office.deliver();
    expect(done).toMatchObject({ posted: 0, blocked: 0, next: null });
    await office.deliverAll({ supportChannel: csTeam });
    expect(office.seen(csTeam)).toEqual([`ticket_mirror ${card}: new`]);
  });

  test('without a CSM a reminder goes to the fallback channel', async () => {
    const id = await ticketOf('It fails');
    const reminder = await insertTicketPost(office.db, { kind: 'ticket_reminder', ticket_id: id, owner_email: null });
    await office.deliverAll();
    expect(office.seen(support)).toEqual([`ticket_reminder ${reminder}: new`]);
    expect(await row(reminder)).toMatchObject({ detour: 'the account has no CSM' });
  });
});

describe('when Slack does not take it', () => {
  test.each([
    ['is archived', 'is_archived'],
    ['lost the bot', 'not_in_channel'],
  ])(
    "where the channel %s it stays, the ticket's card says so, and once it can be posted it is",
    async (what, code) => {
      const id = await ticketOf('It fails');
      const mirror = await insertTicketPost(office.db, { kind: 'ticket_mirror', ticket_id: id });
      const post = await reply(id, 'Please try again.');
      const channel = office.slack.workspace.channels.find((each) => each.id === acmeShared);
      if (what === 'is archived') Object.assign(channel ?? {}, { is_archived: true });
      else office.slack.leave('U01BELLBOT0', acmeShared);
      await office.deliver({ supportChannel: support });
      expect(await row(post)).toMatchObject({ status: 'waiting', attempts: 1 });
      expect((await row(post)).last_error).toContain(code);
      expect(await row(mirror)).toMatchObject({ version: 2 });
      if (what === 'is archived') Object.assign(channel ?? {}, { is_archived: false });
      else office.slack.join('U01BELLBOT0', acmeShared);
      office.turnTo(15 * minute);
      await office.deliver({ supportChannel: support });
      expect(await thread(id)).toEqual([`Ada Agent: ticket_reply ${post}: Please try again.`]);
      expect(await row(mirror)).toMatchObject({ version: 3 });
    },
  );

  test('a lost answer is looked for in the thread, under whichever name it stands there', async () => {
    const id = await ticketOf('It fails');
    await insertTicketPost(office.db, { kind: 'ticket', ticket_id: id });
    const said = await reply(id, 'Please try again.');
    for (let index = 0; index < 230; index += 1) {
      const { thread_ts } = await ticketRow(id);
      await office.slack.say(outsider, acmeShared, `and ${index}`, { thread_ts });
    }
    office.slack.fault({ method: 'chat.postMessage', kind: 'lost', count: 2 });
    await office.deliverAll();
    expect(botPosts()).toHaveLength(2);
    expect(await row(said)).toMatchObject({ status: 'sent' });
    const standing = botPosts().find(({ text }) => text.startsWith('ticket_reply'));
    expect((await row(said)).ts).toBe(standing?.ts);
  });

  test('a post that Slack did not take is made again', async () => {
    const id = await ticketOf('It fails');
    const said = await reply(id, 'Please try again.');
    office.slack.fault({ method: 'chat.postMessage', kind: 'status' });
    await office.deliverAll();
    expect(await thread(id)).toEqual([`Ada Agent: ticket_reply ${said}: Please try again.`]);
  });

  test('a name that it refuses, or leaves out without a word, stands in what is said', async () => {
    await office.close();
    office = await openOffice({
      scopes: [
        'chat:write',
        'channels:read',
        'channels:history',
        'users:read',
        'users:read.email',
        'im:write',
        'im:read',
      ],
    });
    const id = await ticketOf('It fails');
    const refused = await reply(id, 'One.');
    await office.deliverAll();
    expect(await thread(id)).toEqual([`Bellwether: Ada Agent says ticket_reply ${refused}: One.`]);

    const silent = office.client(async () => undefined);
    const { postMessage } = silent.chat;
    silent.chat.postMessage = (({ username: _, ...rest }: Record<string, unknown>) =>
      postMessage.call(silent.chat, rest as never)) as unknown as typeof postMessage;
    const leftOut = await reply(id, 'Two.');
    office.turnTo(minute);
    await office.deliverAll({ slack: silent });
    const later = await reply(id, 'Three.');
    office.turnTo(minute);
    await office.deliverAll({ slack: silent });
    expect((await thread(id)).slice(1)).toEqual([
      `Bellwether: Ada Agent says ticket_reply ${leftOut}: Two.`,
      `Bellwether: Ada Agent says ticket_reply ${later}: Three.`,
    ]);
    const edits = office.slack.journal.filter(({ kind }) => kind === 'edit');
    expect(edits).toHaveLength(1);
  });
});

describe('replies of one thread', () => {
  test('keep their order when the first is refused; those of another thread do not wait', async () => {
    const id = await ticketOf('It fails');
    const other = await ticketOf('Something else');
    const first = await reply(id, 'One.');
    const second = await reply(id, 'Two.');
    const elsewhere = await reply(other, 'Three.');
    office.slack.fault({ method: 'chat.postMessage', kind: 'error', error: 'msg_too_long' });
    await office.deliver();
    office.turnTo(minute);
    const third = await reply(id, 'Four.');
    await office.deliver();
    expect(await thread(other)).toEqual([`Ada Agent: ticket_reply ${elsewhere}: Three.`]);
    expect(await thread(id)).toEqual([]);
    await office.deliverAll();
    expect(await thread(id)).toEqual([
      `Ada Agent: ticket_reply ${first}: One.`,
      `Ada Agent: ticket_reply ${second}: Two.`,
      `Ada Agent: ticket_reply ${third}: Four.`,
    ]);
  });

  test('do not wait for ever for one that Slack refuses again and again', async () => {
    const id = await ticketOf('It fails');
    const poison = await reply(id, 'One.');
    const good = await reply(id, 'Two.');
    const render = office.client(async () => undefined);
    const { postMessage } = render.chat;
    render.chat.postMessage = ((given: { text: string }) =>
      given.text.includes('One.')
        ? postMessage.call(render.chat, { ...given, thread_ts: '1.1' } as never)
        : postMessage.call(render.chat, given as never)) as typeof postMessage;
    for (let count = 0; count < 5; count += 1) {
      office.turnTo(15 * minute);
      await office.deliver({ slack: render });
    }
    expect(await row(poison)).toMatchObject({ status: 'waiting' });
    expect(await thread(id)).toEqual([`Ada Agent: ticket_reply ${good}: Two.`]);
  });

  test('that come while a worker dies between noting and posting are posted once, in order', async () => {
    const id = await ticketOf('It fails');
    const ids: number[] = [];
    for (const text of ['One.', 'Two.', 'Three.']) ids.push(await reply(id, text));
    office.slack.fault({ method: 'chat.postMessage', kind: 'lost', count: 3 });
    await office.deliverAll();
    expect(await thread(id)).toEqual(
      ids.map((post, index) => `Ada Agent: ticket_reply ${post}: ${['One.', 'Two.', 'Three.'][index]}`),
    );
  });
});
