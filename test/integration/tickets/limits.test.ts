import { App } from '@slack/bolt';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { registerHandlers } from '../../../handlers/index.ts';
import { createSimulator } from '../../../simulator/simulator.ts';
import { findMessage } from '../../../src/slack/find-message.ts';
import { createReceiver } from '../../../src/slack/receiver.ts';
import { startSocketMode } from '../../../src/slack/socket-mode.ts';
import { acmeShared, outsider } from '../../bot.ts';
import { insertTicket, insertTicketMessage, insertTicketPost } from '../../ticket-factories.ts';
import { react, startSupport, write } from './kit.ts';

async function office(given: Parameters<typeof startSupport>[0] = {}) {
  const started = await startSupport(given);
  onTestFinished(() => started.close());
  return started;
}

test('where one way to read a message is over its rate another is taken, and a way is left alone as long as Slack says', async () => {
  const { slack, deps } = await office();
  const root = write({ slack }, outsider, 'First');
  const reply = write({ slack }, outsider, 'Second', { thread_ts: root });
  slack.fault({ method: 'conversations.replies', kind: 'rate_limited', retryAfter: 30 });
  slack.fault({ method: 'conversations.history', kind: 'rate_limited', retryAfter: 30 });
  const now = new Date();
  for (let round = 0; round < 4; round += 1) {
    expect(await findMessage(deps.slack, acmeShared, reply, now)).toMatchObject({ kind: 'found', threadTs: root });
    expect(await findMessage(deps.slack, acmeShared, root, now)).toMatchObject({ threadTs: root, isWhole: false });
  }
  const limited = slack.journal.flatMap((entry) =>
    entry.kind === 'answer' && entry.status === 429 ? [entry.method] : [],
  );
  expect(limited.sort()).toEqual(['conversations.history', 'conversations.replies']);
  slack.fault({ method: 'reactions.get', kind: 'rate_limited', retryAfter: 7 });
  await expect(findMessage(deps.slack, acmeShared, root, now)).rejects.toMatchObject({ retryAfter: 7 });
  // Nobody is asked while all are to be left alone.
  const before = slack.journal.length;
  await expect(findMessage(deps.slack, acmeShared, root, now)).rejects.toMatchObject({ retryAfter: 7 });
  expect(slack.journal.length).toBe(before);
  const later = new Date(now.getTime() + 31_000);
  expect(await findMessage(deps.slack, acmeShared, root, later)).toMatchObject({ kind: 'found' });
});

test('messages are found in every place, and known as whole only where that is certain', async () => {
  const { slack, deps } = await office();
  const now = new Date();
  const alone = write({ slack }, outsider, 'Alone');
  const root = write({ slack }, outsider, 'Root');
  const reply = write({ slack }, outsider, 'Reply', { thread_ts: root });
  const broadcast = write({ slack }, outsider, 'Both', { thread_ts: root, broadcast: true });
  // Each way has its turn.
  for (let round = 0; round < 4; round += 1) {
    expect(await findMessage(deps.slack, acmeShared, alone, now)).toMatchObject({ threadTs: alone, isWhole: true });
    expect(await findMessage(deps.slack, acmeShared, root, now)).toMatchObject({ threadTs: root, isWhole: false });
    expect(await findMessage(deps.slack, acmeShared, reply, now)).toMatchObject({ threadTs: root, isWhole: false });
    expect(await findMessage(deps.slack, acmeShared, broadcast, now)).toMatchObject({ threadTs: root });
    expect(await findMessage(deps.slack, acmeShared, '1.000001', now)).toEqual({ kind: 'gone' });
    expect(await findMessage(deps.slack, 'C01RANDOM00', alone, now)).toMatchObject({ kind: 'unseen' });
  }
});

test('a reaction that has to wait for its turn ever so often becomes a ticket all the same', async () => {
  const support = await office();
  for (const method of ['conversations.history', 'conversations.replies', 'reactions.get'])
    support.slack.fault({ method, kind: 'rate_limited', retryAfter: 1, count: 35 });
  const ts = write(support, outsider, 'Among very many');
  react(support, outsider, ts);
  await support.settle();
  expect(support.zendesk.ticketIds).toHaveLength(1);
  const [event] = await support.db.selectFrom('slack_events').select('attempts').execute();
  expect(event?.attempts).toBeGreaterThan(30);
});

test('a reaction whose message Slack does not let be read is given up after a day, and not before', async () => {
  const support = await office();
  for (const method of ['conversations.history', 'conversations.replies', 'reactions.get'])
    support.slack.fault({ method, kind: 'error', error: 'missing_scope', count: 5 });
  const ts = write(support, outsider, 'While the app is broken');
  react(support, outsider, ts);
  await support.slack.waitForIdle(20);
  const tries = (hours: number) =>
    support.db
      .updateTable('slack_events')
      .set({ attempts: 50, received_at: new Date(support.now().getTime() - hours * 3_600_000), due_at: support.now() })
      .execute();
  await tries(23);
  await support.deps.queue.enqueue('handle-slack-events', {});
  const state = () =>
    support.db.selectFrom('slack_events').select(['handled_at', 'last_error']).executeTakeFirstOrThrow();
  expect(await state()).toMatchObject({ handled_at: null });
  await tries(25);
  await support.deps.queue.enqueue('handle-slack-events', {});
  expect(await state()).toMatchObject({
    handled_at: expect.any(Date),
    last_error: expect.stringContaining('missing_scope'),
  });
});

test("an emoji of one's own makes a ticket where it is set, and the usual one does not", async () => {
  const support = await office({ env: { TICKET_EMOJI: ':help_us:' } });
  const ts = write(support, outsider, 'Please help');
  react(support, outsider, ts);
  await support.settle();
  expect(support.zendesk.ticketIds).toEqual([]);
  react(support, outsider, ts, { emoji: 'help_us' });
  await support.settle();
  expect(support.zendesk.ticketIds).toHaveLength(1);
});

test('in Socket Mode, too, an event is acknowledged when it is stored, and comes again when it was not', async () => {
  const { db, deps } = await office();
  const log = pino({ level: 'silent' });
  const secrets = { signingSecret: '0123456789abcdef', botToken: 'xoxb-test-token', appToken: 'xapp-test' };
  const slack = createSimulator({
    ...secrets,
    eventRetryDelaysMs: [600],
    answerTimeoutMs: 300,
    events: ['reaction_added'],
  });
  const { apiUrl } = await slack.listen();
  onTestFinished(() => slack.close());
  const receiver = createReceiver(() => undefined);
  const app = new App({ receiver, authorize: async () => ({ botToken: secrets.botToken }) });
  registerHandlers(app, { ...deps, queue: { enqueue: async () => undefined } });
  const socket = await startSocketMode({ appToken: secrets.appToken, apiUrl, receiver, log });
  onTestFinished(() => socket.close());
  await db.schema.alterTable('slack_events').renameTo('slack_events_away').execute();
  const { ts = '' } = slack.say(outsider, acmeShared, 'Help');
  slack.react(outsider, acmeShared, ts, 'ticket');
  const statuses = () => slack.journal.flatMap((entry) => (entry.kind === 'reply' ? [entry.status] : []));
  await slack.waitFor(() => statuses().length === 1);
  await db.schema.alterTable('slack_events_away').renameTo('slack_events').execute();
  await slack.waitFor(() => statuses().length === 2);
  expect(statuses()).toEqual([null, 200]);
  expect(await db.selectFrom('slack_events').select('type').execute()).toEqual([{ type: 'reaction_added' }]);
});

test('the database takes no reply for a thread but what an agent said in public', async () => {
  const { db } = await office();
  const ticket_id = await insertTicket(db);
  const wrong = [
    { is_public: false },
    { author_kind: 'customer' as const },
    { author_kind: 'us' as const },
    { origin: 'mirror' as const, author_kind: 'staff' as const },
    { origin: 'thread' as const },
  ];
  for (const over of wrong) {
    const ticket_message_id = await insertTicketMessage(db, { ticket_id, ...over });
    await expect(insertTicketPost(db, { kind: 'ticket_reply', ticket_id, ticket_message_id })).rejects.toThrow(
      /only what an agent said in public/,
    );
  }
  const ofAnother = await insertTicketMessage(db, { ticket_id: await insertTicket(db) });
  await expect(insertTicketPost(db, { kind: 'ticket_reply', ticket_id, ticket_message_id: ofAnother })).rejects.toThrow(
    /only what an agent/,
  );
  const note = await insertTicketMessage(db, { ticket_id, is_public: false });
  const right = await insertTicketMessage(db, { ticket_id });
  const post = await insertTicketPost(db, { kind: 'ticket_reply', ticket_id, ticket_message_id: right });
  await expect(
    db.updateTable('messages').set({ ticket_message_id: note }).where('id', '=', post).execute(),
  ).rejects.toThrow(/only what an agent/);
  await expect(
    db.updateTable('ticket_messages').set({ is_public: true }).where('id', '=', note).execute(),
  ).rejects.toThrow(/does not change/);
});
