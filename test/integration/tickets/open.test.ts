import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acmeShared, ana, csTeam, general, guest, maya, outsider, random } from '../../bot.ts';
import { insertAccount } from '../../factories.ts';
import { botUser, jonas, react, type Support, startSupport, support, write } from './kit.ts';

let office: Support;
beforeAll(async () => {
  office = await startSupport();
  await insertAccount(office.db, {
    id: 'acme',
    name: 'Acme Corp',
    csm_email: 'maya@bellwether.example',
    slack_channel_id: acmeShared,
  });
});
afterAll(() => office.close());

/** The only new ticket of Zendesk's after something was done. */
async function ticketOf(act: () => unknown) {
  const before = new Set(office.zendesk.ticketIds);
  await act();
  await office.settle();
  const made = office.zendesk.ticketIds.filter((id) => !before.has(id));
  expect(made).toHaveLength(1);
  const id = made[0] ?? 0;
  return { id, ticket: office.zendesk.ticket(id), comments: office.comments(id) };
}

/** What somebody newly sees as ephemerals, in a channel or a thread of it, and that no ticket was made. */
async function toldWithout(user: string, channel: string, act: () => unknown, thread?: string) {
  const seen = () => office.slack.messages(channel, user, thread).filter(({ ephemeral }) => ephemeral);
  const before = seen().map(({ ts }) => ts);
  const tickets = office.zendesk.ticketIds.length;
  await act();
  await office.settle();
  expect(office.zendesk.ticketIds).toHaveLength(tickets);
  return seen()
    .filter(({ ts }) => !before.includes(ts))
    .map(({ text }) => text);
}

const confirmations = (ts: string, channel = acmeShared) =>
  office.thread(ts, channel).filter(({ bot_id }) => bot_id !== null);

describe('a reaction makes a ticket', () => {
  test('of a root message, by the customer who wrote it: with what support needs to know', async () => {
    const ts = write(
      office,
      outsider,
      'The export *fails* for <@U01MAYALIND> &amp; me, see https://acme.example/x\nSince 9.',
    );
    const { id, ticket, comments } = await ticketOf(() => react(office, outsider, ts));
    expect(comments).toEqual([
      {
        id: expect.any(Number),
        public: true,
        author: 'Bellwether',
        files: [],
        body: [
          'The export *fails* for @Maya Lindqvist &amp; me, see https://acme.example/x',
          'Since 9.',
          '',
          '--',
          'From: Priya Nair',
          'Channel: #acme-shared',
          `In Slack: https://northwind-cs.slack.com/archives/C01ACMESHRD/p${ts.replace('.', '')}`,
          'Account: Acme Corp',
          'CSM: Maya Lindqvist',
        ].join('\n'),
      },
    ]);
    expect(ticket).toMatchObject({
      external_id: `bellwether:T01BELLWTHR:${acmeShared}:${ts}`,
      status: 'new',
      tags: ['bellwether', 'slack'],
    });
    expect(confirmations(ts).map(({ text }) => text)).toEqual([expect.stringContaining(`#${id}`)]);
    expect(office.slack.messages(support, ana).at(-1)?.text).toContain(`#${id}`);
  });

  test('of a reply: of its thread, with the reply as the body and the rest as comments, in order', async () => {
    const root = write(office, outsider, 'First');
    const reply = write(office, jonas, 'Second', { thread_ts: root });
    write(office, maya, 'Third', { thread_ts: root });
    const { ticket, comments } = await ticketOf(() => react(office, maya, reply));
    expect(ticket).toMatchObject({ external_id: `bellwether:T01BELLWTHR:${acmeShared}:${root}`, subject: 'Second' });
    expect(comments.map(({ body }) => body.split('\n--\n')[0]?.trim())).toEqual([
      'Second',
      'Priya Nair:\n\nFirst',
      'Maya Lindqvist:\n\nThird',
    ]);
    expect(comments[0]?.body).toContain('Asked for by: Maya Lindqvist');
    expect(confirmations(root)).toHaveLength(1);
  });

  test("of a bot's post: asked for by who reacted", async () => {
    const posted = await office.deps.slack.chat.postMessage({ channel: csTeam, text: 'Deploy 7 failed' });
    const { comments, ticket } = await ticketOf(() => react(office, ana, posted.ts ?? '', { channel: csTeam }));
    expect(comments[0]?.body).toContain('Deploy 7 failed');
    expect(ticket.subject).toBe('Deploy 7 failed');
    const row = await office.db
      .selectFrom('tickets')
      .select('requester_slack_id')
      .where('thread_ts', '=', posted.ts ?? '')
      .executeTakeFirst();
    expect(row?.requester_slack_id).toBe(ana);
  });

  test('of a file without text, which is copied', async () => {
    const file = { name: 'screen.txt', type: 'text/plain', bytes: Buffer.from('what I see') };
    const ts = write(office, outsider, '', { files: [file] });
    const { ticket, comments } = await ticketOf(() => react(office, outsider, ts));
    expect(ticket.subject).toBe('File: screen.txt');
    expect(comments).toMatchObject([
      { files: ['screen.txt'], body: expect.stringContaining('(a message without text)') },
    ]);
  });

  test('of what /me says', async () => {
    const ts = write(office, outsider, 'is stuck', { isMe: true });
    const { comments } = await ticketOf(() => react(office, maya, ts));
    expect(comments[0]?.body).toMatch(/^is stuck\n/);
  });

  test('of a reply that was also sent to the channel: of its thread', async () => {
    const root = write(office, outsider, 'A question');
    const broadcast = write(office, outsider, 'Still open', { thread_ts: root, broadcast: true });
    const { ticket } = await ticketOf(() => react(office, outsider, broadcast));
    expect(ticket).toMatchObject({ external_id: `bellwether:T01BELLWTHR:${acmeShared}:${root}` });
  });

  test('by a guest, in an internal channel', async () => {
    const ts = write(office, guest, 'I cannot log in', { channel: general });
    const { ticket } = await ticketOf(() => react(office, guest, ts, { channel: general }));
    expect(ticket.subject).toBe('I cannot log in');
  });

  test('with any skin tone', async () => {
    const ts = write(office, outsider, 'With a tone');
    const { ticket } = await ticketOf(() => react(office, outsider, ts, { emoji: 'ticket::skin-tone-3' }));
    expect(ticket.subject).toBe('With a tone');
  });

  test('by the shortcut, which says so to who pressed it', async () => {
    const ts = write(office, outsider, 'By the menu');
    const before = office.slack.ephemerals(acmeShared, maya).length;
    const { id } = await ticketOf(async () => {
      expect(await office.slack.shortcut(maya, 'create_ticket', { channel: acmeShared, ts })).toEqual({ ok: true });
    });
    expect(office.slack.ephemerals(acmeShared, maya).slice(before)).toMatchObject([
      { text: /a ticket of this thread/ },
    ]);
    expect(confirmations(ts)[0]?.text).toContain(`#${id}`);
  });
});

describe('nothing becomes a ticket, and who asked is told why where that helps', () => {
  test('of a thread that has one: customers are told the number, colleagues also where it is', async () => {
    const root = write(office, outsider, 'Twice');
    const reply = write(office, jonas, 'Me too', { thread_ts: root });
    const { id } = await ticketOf(() => react(office, outsider, root));
    expect(await toldWithout(jonas, acmeShared, () => react(office, jonas, reply), root)).toEqual([
      `This thread is ticket #${id} already.`,
    ]);
    const link = office.deps.desk.linkTo(String(id));
    expect(await toldWithout(maya, acmeShared, () => react(office, maya, root))).toEqual([
      `This thread is ticket #${id} already. <${link}|Open it in Zendesk>`,
    ]);
    expect(confirmations(root)).toHaveLength(1);
    const pressed = () => office.slack.shortcut(ana, 'create_ticket', { channel: acmeShared, ts: root });
    expect(await toldWithout(ana, acmeShared, pressed)).toEqual([expect.stringContaining(`#${id} already`)]);
  });

  test("of a ticket's card in the support channel: it is told which ticket that is", async () => {
    const ts = write(office, outsider, 'With a card');
    const { id } = await ticketOf(() => react(office, outsider, ts));
    const card = office.slack.messages(support, ana).at(-1);
    const told = await toldWithout(ana, support, () => react(office, ana, card?.ts ?? '', { channel: support }));
    expect(told).toEqual([expect.stringContaining(`#${id} already`)]);
  });

  test('of a message that was deleted before it was read', async () => {
    const ts = write(office, outsider, 'Never mind');
    const told = await toldWithout(outsider, acmeShared, () => {
      react(office, outsider, ts);
      office.slack.takeBack(outsider, acmeShared, ts);
    });
    expect(told).toEqual([]);
  });

  test('in a direct message with the bot', async () => {
    const direct = office.slack.dm(maya);
    const ts = write(office, maya, 'Please help', { channel: direct });
    const told = await toldWithout(maya, direct, () => react(office, maya, ts, { channel: direct }));
    expect(told).toEqual([expect.stringContaining('Tickets are made of threads in channels')]);
  });

  test('where the bot is no member: the shortcut says what to do', async () => {
    const ts = write(office, maya, 'Over here', { channel: random });
    const told = await toldWithout(maya, random, async () => {
      react(office, maya, ts, { channel: random });
      expect(await office.slack.shortcut(maya, 'create_ticket', { channel: random, ts })).toEqual({ ok: true });
    });
    expect(told).toEqual([expect.stringContaining('/invite')]);
  });

  test("by another emoji, by the bot's own reaction, or by a reaction to a file", async () => {
    const ts = write(office, outsider, 'Look');
    const told = await toldWithout(outsider, acmeShared, async () => {
      react(office, outsider, ts, { emoji: 'admission_tickets' });
      react(office, botUser, ts);
      const item = { type: 'file', file: 'F0000000001' };
      await office.slack.sendEvent({ type: 'reaction_added', user: outsider, reaction: 'ticket', item });
    });
    expect(told).toEqual([]);
    const kept = await office.db
      .selectFrom('slack_events')
      .select('event_id')
      .where('handled_at', 'is', null)
      .execute();
    expect(kept).toEqual([]);
  });

  test('anew when the reaction is taken away and put there again; and nothing is deleted', async () => {
    const ts = write(office, outsider, 'On and off');
    const { id } = await ticketOf(() => react(office, outsider, ts));
    await toldWithout(outsider, acmeShared, () => react(office, outsider, ts, { remove: true }));
    expect(office.zendesk.ticket(id)).toMatchObject({ status: 'new' });
    await toldWithout(outsider, acmeShared, () => react(office, outsider, ts));
    expect(confirmations(ts)).toHaveLength(1);
  });
});

test('nothing failed meanwhile', async () => {
  expect(office.failures).toEqual([]);
  const kept = await office.db
    .selectFrom('slack_events')
    .select('last_error')
    .where('last_error', 'is not', null)
    .execute();
  expect(kept).toEqual([]);
});
