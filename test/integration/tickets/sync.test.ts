import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acmeShared, ana, guest, maya, outsider } from '../../bot.ts';
import { jonas, react, type Support, startSupport, support, webhookSecret, write } from './kit.ts';

let office: Support;
beforeAll(async () => {
  office = await startSupport();
});
afterAll(() => office.close());

type Opened = { ts: string; id: number };

/** A customer's message that is a ticket. */
async function open(text = 'The export fails', user = outsider): Promise<Opened> {
  const ts = write(office, user, text);
  react(office, user, ts);
  await office.settle();
  return { ts, id: office.zendesk.ticketIds.at(-1) ?? 0 };
}

const say = (user: string, { ts }: Opened, text: string, more: Parameters<typeof write>[3] = {}) =>
  write(office, user, text, { thread_ts: ts, ...more });

/** What a ticket's comments say after its body. */
const said = ({ id }: Opened) =>
  office
    .comments(id)
    .slice(1)
    .map(({ public: isPublic, author, body }) => ({ isPublic, author, body }));
/** What the bot says in a ticket's thread. */
const texts = ({ ts }: Opened) => office.thread(ts).flatMap(({ text, bot_id }) => (bot_id === null ? [] : [text]));
const card = ({ id }: Opened) => office.slack.messages(support, ana).find(({ text }) => text.includes(`#${id}`));
const faultOf = async ({ ts }: Opened) =>
  (await office.db.selectFrom('tickets').select('fault').where('thread_ts', '=', ts).executeTakeFirst())?.fault;

describe('what is said in the thread reaches the help desk', () => {
  test("the requester's as theirs, another customer's and our own with the name, all public", async () => {
    const ticket = await open();
    say(outsider, ticket, 'It says *timeout* &lt;now&gt;');
    say(jonas, ticket, 'For me as well');
    say(maya, ticket, 'Looking, <@U02PRIYANAI>');
    await office.settle();
    expect(said(ticket)).toEqual([
      { isPublic: true, author: 'Priya Nair', body: 'It says *timeout* &lt;now&gt;' },
      { isPublic: true, author: 'Bellwether', body: 'Jonas Weber:\n\nFor me as well' },
      { isPublic: true, author: 'Bellwether', body: 'Maya Lindqvist:\n\nLooking, @Priya Nair' },
    ]);
  });

  test('but what bots post as an internal note, and what is said in other threads and the channel not at all', async () => {
    const ticket = await open('With bots');
    const workspace = office.slack.workspace;
    const model = workspace.users.find(({ id }) => id === maya);
    if (!model) throw new Error('There is no Maya.');
    workspace.users.push({ ...model, id: 'U01PAGERBOT', name: 'pager', real_name: 'Pager', is_bot: true, email: null });
    workspace.channels.find(({ id }) => id === acmeShared)?.members.push('U01PAGERBOT');
    say('U01PAGERBOT', ticket, 'CPU at 100%');
    write(office, outsider, 'Elsewhere');
    await office.settle();
    expect(said(ticket)).toEqual([{ isPublic: false, author: 'Bellwether', body: 'Pager:\n\nCPU at 100%' }]);
  });

  test('edits and deletes as notes with before and after; what Slack unfurls is no edit', async () => {
    const ticket = await open('With edits');
    const ts = say(outsider, ticket, 'See https://acme.example');
    await office.settle();
    office.slack.unfurl(acmeShared, ts, [{ title: 'Acme', text: 'Home' }]);
    office.slack.rewrite(outsider, acmeShared, ts, 'See the page');
    await office.settle();
    office.slack.takeBack(outsider, acmeShared, ts);
    office.slack.rewrite(outsider, acmeShared, ticket.ts, 'With two edits');
    await office.settle();
    expect(said(ticket).slice(1)).toEqual([
      {
        isPublic: false,
        author: 'Bellwether',
        body: 'Priya Nair edited a message.\n\nBefore:\nSee https://acme.example\n\nAfter:\nSee the page',
      },
      { isPublic: false, author: 'Bellwether', body: 'Priya Nair deleted a message.\n\nIt said:\nSee the page' },
      {
        isPublic: false,
        author: 'Bellwether',
        body: 'Priya Nair edited a message.\n\nBefore:\nWith edits\n\nAfter:\nWith two edits',
      },
    ]);
  });

  test('files are copied; one that is too large, and one that is a page to sign in on, are linked', async () => {
    const ticket = await open('With files');
    const file = (name: string, bytes: Uint8Array, type = 'text/plain') => ({ name, type, bytes });
    const page = Buffer.from('<!DOCTYPE html><html><body>Sign in</body></html>');
    say(outsider, ticket, 'Here', {
      files: [
        file('log.txt', Buffer.from('a log')),
        file('large.bin', new Uint8Array(20_000_001), 'application/octet-stream'),
        file('picture.png', page, 'image/png'),
      ],
    });
    await office.settle();
    const [comment] = office.comments(ticket.id).slice(1);
    expect(comment?.files).toEqual(['log.txt']);
    expect(comment?.body).toMatch(/^Here\n\nFile: large\.bin: http\S+\nFile: picture\.png: http\S+$/);
    expect(await faultOf(ticket)).toBe(null);
  });

  test("a customer's answer opens a ticket that was solved; a colleague's does not", async () => {
    const ticket = await open('Solved too soon');
    office.zendesk.setStatus(ticket.id, 'solved');
    await office.settle();
    say(maya, ticket, 'Glad it works');
    await office.settle();
    expect(office.zendesk.ticket(ticket.id).status).toBe('solved');
    say(outsider, ticket, 'It does not');
    await office.settle();
    expect(office.zendesk.ticket(ticket.id).status).toBe('open');
  });

  test("a reply in the thread of the card becomes an internal note, and a guest's there does not", async () => {
    const ticket = await open('With a card');
    const { ts: thread_ts = '' } = card(ticket) ?? {};
    office.slack.workspace.channels.find(({ id }) => id === support)?.members.push(guest);
    write(office, ana, 'They pay late', { channel: support, thread_ts });
    write(office, guest, 'I am only here', { channel: support, thread_ts });
    await office.settle();
    expect(said(ticket)).toEqual([{ isPublic: false, author: 'Bellwether', body: 'Ana Ruiz:\n\nThey pay late' }]);
    expect(texts(ticket).join()).not.toContain('pay late');
  });
});

describe('what agents say reaches the thread', () => {
  test('their public replies do, under their names, each once however often the webhook tells of it', async () => {
    const ticket = await open('Please answer');
    office.zendesk.holdWebhooks();
    office.zendesk.reply(ticket.id, 'First & <!channel>\nsecond line');
    office.zendesk.reply(ticket.id, 'An internal word', { public: false });
    office.zendesk.reply(ticket.id, 'Second');
    await office.zendesk.releaseWebhooks((deliveries) => [...deliveries.toReversed(), ...deliveries]);
    await office.settle();
    const replies = office.thread(ticket.ts).slice(1);
    expect(replies.map(({ text, username }) => [username, text])).toEqual([
      ['Ada Agent', expect.stringContaining('second line')],
      ['Ada Agent', expect.stringContaining('Second')],
    ]);
    expect(JSON.stringify(office.slack.journal)).not.toContain('An internal word');
    const stored = await office.db
      .selectFrom('ticket_messages')
      .select('text')
      .where('is_public', '=', false)
      .execute();
    expect(stored.map(({ text }) => text).join()).not.toContain('An internal word');
    const pings = office.slack.journal.flatMap((entry) => (entry.kind === 'post' ? entry.pings : []));
    expect(pings).not.toContain('!channel');
  });

  test('what they attach is copied into the thread after their reply, once; what is too large or harmful is not', async () => {
    const ticket = await open('Please send the file');
    const file = (name: string, bytes: Uint8Array) => ({ name, type: 'text/plain', bytes });
    office.slack.fault({ method: 'files.completeUploadExternal', kind: 'lost' });
    office.zendesk.reply(ticket.id, 'Here they are', {
      files: [
        file('manual.txt', Buffer.from('do this')),
        file('huge.bin', new Uint8Array(20_000_001)),
        file('eicar.txt', Buffer.from('harm')),
      ],
    });
    office.zendesk.reply(ticket.id, 'An internal file', {
      public: false,
      files: [file('secret.txt', Buffer.from('secret'))],
    });
    await office.settle();
    const inThread = office.thread(ticket.ts).slice(1);
    expect(inThread.map(({ text, files }) => [text, files.map(({ name }) => name)])).toEqual([
      ['Here they are', []],
      ['', ['manual.txt']],
    ]);
    const reply = JSON.stringify(inThread[0]);
    expect(reply).toMatch(/<http[^|]+\|huge\.bin>/);
    expect(reply).not.toMatch(/<http[^|]+\|eicar\.txt>/);
    const named = office.slack.journal.flatMap((entry) => (entry.kind === 'file' ? [entry.name] : []));
    expect(named).not.toContain('secret.txt');
  });

  test('while Slack does not take a reply, the help desk is not asked all the time for its file, which follows it', async () => {
    const ticket = await open('And this file');
    office.slack.fault({ method: 'chat.postMessage', kind: 'error', error: 'restricted_action' });
    office.zendesk.reply(ticket.id, 'Here it is', {
      files: [{ name: 'late.txt', type: 'text/plain', bytes: Buffer.from('late') }],
    });
    await office.settle();
    expect(texts(ticket).join()).not.toContain('Here it is');
    const before = office.zendesk.journal.length;
    for (let looks = 0; looks < 20; looks += 1) {
      office.pass(2_000);
      await office.deps.queue.enqueue('work-on-tickets', {});
    }
    expect(office.zendesk.journal.slice(before).filter(({ kind }) => kind === 'request')).toEqual([]);
    office.pass(15 * 60_000);
    await office.deps.queue.enqueue('deliver-messages', {});
    await office.settle();
    const inThread = office.thread(ticket.ts).slice(1);
    expect(inThread.map(({ text, files }) => [text, files.map(({ name }) => name)])).toEqual([
      ['Here it is', []],
      ['', ['late.txt']],
    ]);
  });

  test('without a webhook they do, too, some minutes later', async () => {
    const ticket = await open('Without webhooks');
    office.zendesk.holdWebhooks();
    office.zendesk.reply(ticket.id, 'Nobody tells of this');
    await office.settle();
    expect(texts(ticket).join()).not.toContain('Nobody tells');
    office.pass(5 * 60_000 + 1000);
    await office.deps.queue.enqueue('work-on-tickets', {});
    await office.settle();
    expect(texts(ticket).join()).toContain('Nobody tells');
    await office.zendesk.releaseWebhooks(() => []);
  });

  test("what a customer answers by mail is not shown again, and status and assignee show in the thread's card", async () => {
    const ticket = await open('By mail');
    office.zendesk.answerByMail(ticket.id, 'From my phone');
    office.zendesk.assign(ticket.id, office.agent);
    office.zendesk.setStatus(ticket.id, 'pending');
    await office.settle();
    expect(texts(ticket)).toHaveLength(1);
    const row = await office.db.selectFrom('tickets').selectAll().where('thread_ts', '=', ticket.ts).executeTakeFirst();
    expect(row).toMatchObject({ status: 'pending', assignee_name: 'Ada Agent', assignee_email: 'ada@support.example' });
    expect(office.slack.journal.some((entry) => entry.kind === 'edit' && entry.thread_ts === ticket.ts)).toBe(true);
  });

  test('the webhook takes what Zendesk signed, and nothing else', async () => {
    const body = JSON.stringify({ ticket_id: '987654' });
    const timestamp = office.now().toISOString();
    const post = async (signature: string, at = timestamp) =>
      (
        await fetch(office.webhook, {
          method: 'POST',
          headers: { 'x-zendesk-webhook-signature': signature, 'x-zendesk-webhook-signature-timestamp': at },
          body,
        })
      ).status;
    const signed = (at: string) =>
      createHmac('sha256', webhookSecret)
        .update(at + body)
        .digest('base64');
    const old = new Date(office.now().getTime() - 301_000).toISOString();
    // A ticket that is none of ours is no fault.
    expect(await post(signed(timestamp))).toBe(200);
    expect(await post('wrong')).toBe(401);
    expect(await post(signed(old), old)).toBe(401);
  });
});

describe('where a ticket ends or the help desk fails', () => {
  test('a closed ticket is followed by another, which the thread says', async () => {
    const ticket = await open('Closed');
    say(maya, ticket, 'Is it done?');
    await office.settle();
    office.zendesk.closeTicket(ticket.id);
    await office.settle();
    say(maya, ticket, 'It is closed');
    await office.settle();
    expect(office.zendesk.ticketIds.at(-1)).toBe(ticket.id);
    const chosen = {
      group_id: String(office.zendesk.addGroup('Billing')),
      group_name: 'Billing',
      severity: 'high' as const,
    };
    await office.db.updateTable('tickets').set(chosen).where('thread_ts', '=', ticket.ts).execute();
    say(outsider, ticket, 'It fails again');
    await office.settle();
    const next = office.zendesk.ticketIds.at(-1) ?? 0;
    expect(office.zendesk.ticket(next)).toMatchObject({
      via: { source: { rel: 'follow_up', from: { ticket_id: ticket.id } } },
      external_id: `bellwether:T01BELLWTHR:${acmeShared}:${ticket.ts}:2`,
      // What was chosen for the closed one holds for this.
      group_id: Number(chosen.group_id),
      priority: 'high',
    });
    expect(office.comments(next).map(({ body }) => body.split('\n--\n')[0]?.trim())).toEqual([
      'It fails again',
      'Maya Lindqvist:\n\nIt is closed',
    ]);
    expect(texts(ticket)).toEqual([expect.stringContaining(`#${next}`)]);
    office.zendesk.reply(next, 'On it');
    await office.settle();
    expect(texts(ticket).at(-1)).toContain('On it');
  });

  test('a closed ticket whose group is gone is followed by one that has the rest', async () => {
    const ticket = await open('Closed, and reorganised');
    office.zendesk.closeTicket(ticket.id);
    await office.settle();
    const group = office.zendesk.addGroup('Short-lived');
    office.zendesk.deleteGroup(group);
    const chosen = { group_id: String(group), group_name: 'Short-lived', severity: 'urgent' as const };
    await office.db.updateTable('tickets').set(chosen).where('thread_ts', '=', ticket.ts).execute();
    say(outsider, ticket, 'It fails again');
    await office.settle();
    const next = office.zendesk.ticketIds.at(-1) ?? 0;
    expect(office.zendesk.ticket(next)).toMatchObject({
      via: { source: { from: { ticket_id: ticket.id } } },
      priority: 'urgent',
    });
    expect(office.zendesk.ticket(next).group_id).not.toBe(group);
  });

  test('a ticket that was merged goes on in the other, without what was said there before', async () => {
    const [one, other] = [await open('One'), await open('Other')];
    office.zendesk.reply(other.id, 'Only for the other');
    await office.settle();
    office.pass(2000);
    office.zendesk.merge(one.id, other.id);
    await office.settle();
    office.pass(2000);
    office.zendesk.reply(other.id, 'For both');
    await office.settle();
    expect(texts(one).slice(1).join()).toContain('For both');
    expect(texts(one).slice(1).join()).not.toContain('Only for the other');
    expect(
      texts(other)
        .slice(1)
        .filter((text) => text.includes('For both')),
    ).toHaveLength(1);
    say(outsider, one, 'Thanks');
    await office.settle();
    expect(said(other).at(-1)).toEqual({ isPublic: true, author: 'Priya Nair', body: 'Thanks' });
  });

  test('a ticket that was merged into one of somebody else says so, and shows nothing from there', async () => {
    const ticket = await open('Merged away');
    const general = 'C01GENERAL0';
    const elsewhere = write(office, maya, 'Of another customer', { channel: general });
    react(office, maya, elsewhere, { channel: general });
    await office.settle();
    const target = office.zendesk.ticketIds.at(-1) ?? 0;
    office.pass(2000);
    office.zendesk.merge(ticket.id, target);
    await office.settle();
    office.pass(2000);
    office.zendesk.reply(target, 'A secret of the other');
    await office.settle();
    expect(texts(ticket).join()).not.toContain('A secret');
    expect(await faultOf(ticket)).toContain(String(target));
    // Whose ticket it went to is for colleagues to know.
    expect(texts(ticket).join()).not.toContain(`ticket ${target}`);
    // What the customer says next is a ticket of its own.
    say(outsider, ticket, 'Hello?');
    await office.settle();
    expect(office.zendesk.ticketIds.at(-1)).toBeGreaterThan(target);
  });

  test('a message that the help desk does not take is said on both sides, and the next one goes', async () => {
    const ticket = await open('Refused');
    office.zendesk.fault({ request: `PUT /api/v2/tickets/${ticket.id}`, kind: 'status', status: 422, count: 2 });
    say(outsider, ticket, 'Refused for good');
    await office.settle();
    say(outsider, ticket, 'Taken');
    await office.settle();
    expect(said(ticket).map(({ body }) => body)).toEqual(['Taken']);
    expect(await faultOf(ticket)).toContain('did not reach the help desk');
    const row = await office.db
      .selectFrom('ticket_messages')
      .select('error')
      .where('state', '=', 'failed')
      .executeTakeFirst();
    expect(row?.error).toBeTruthy();
  });

  test('what is said while the help desk is away reaches it later, once and in order', async () => {
    const ticket = await open('Away');
    office.zendesk.fault({ request: '*', kind: 'dropped', count: 3 });
    const lost = { request: `PUT /api/v2/tickets/${ticket.id}`, kind: 'lost' as const, after: 1 };
    office.zendesk.fault(lost);
    for (const text of ['one', 'two', 'three']) say(outsider, ticket, text);
    await office.settle();
    expect(said(ticket).map(({ body }) => body)).toEqual(['one', 'two', 'three']);
    expect(await faultOf(ticket)).toBe(null);
  });

  test('a thread whose ticket the help desk cannot make yet says so, and has it later', async () => {
    const tickets = office.zendesk.ticketIds.length;
    office.zendesk.fault({ request: 'POST /api/v2/users/create_or_update', kind: 'status', status: 503, count: 3 });
    const ts = write(office, outsider, 'While it is down');
    react(office, outsider, ts);
    await office.settle();
    expect(office.zendesk.ticketIds).toHaveLength(tickets + 1);
    const posts = office.slack.journal.flatMap((entry) =>
      (entry.kind === 'post' || entry.kind === 'edit') && entry.thread_ts === ts ? [entry.text] : [],
    );
    expect(posts.at(-1)).toContain(`#${office.zendesk.ticketIds.at(-1)}`);
    expect(office.thread(ts)).toHaveLength(1);
  });

  test('when the help desk wants to be left alone nobody asks it meanwhile', async () => {
    const ticket = await open('Limited');
    office.zendesk.fault({ request: '*', kind: 'rate_limited', retryAfter: 20 });
    say(outsider, ticket, 'Later');
    await office.slack.waitForIdle(20);
    office.pass(1000);
    const before = office.zendesk.journal.length;
    for (let runs = 0; runs < 3; runs += 1) {
      say(outsider, ticket, 'Later still');
      await office.slack.waitForIdle(20);
      office.pass(1000);
      await office.deps.queue.enqueue('work-on-tickets', {});
    }
    const asked = office.zendesk.journal.slice(before).filter(({ kind }) => kind === 'request');
    expect(asked).toHaveLength(1);
    await office.settle();
    expect(said(ticket).map(({ body }) => body)).toEqual(['Later', 'Later still', 'Later still', 'Later still']);
  });
});

test('nothing failed meanwhile', () => {
  expect(office.failures).toEqual([]);
});
