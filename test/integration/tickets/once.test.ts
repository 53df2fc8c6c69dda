import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acmeShared, ana, maya, outsider } from '../../bot.ts';
import { jonas, react, type Support, startSupport, write } from './kit.ts';

let office: Support;
beforeAll(async () => {
  office = await startSupport();
});
afterAll(() => office.close());

const signingSecret = '0123456789abcdef';

/** Sends an event's body to the bot, signed as Slack does; answers with the status. */
async function send(body: object): Promise<number> {
  const text = JSON.stringify(body);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${text}`).digest('hex')}`;
  const response = await fetch(office.eventsUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
    },
    body: text,
  });
  return response.status;
}

const reaction = (eventId: string, user: string, ts: string) => ({
  type: 'event_callback',
  event_id: eventId,
  team_id: 'T01BELLWTHR',
  token: 'an old proof',
  event: { type: 'reaction_added', user, reaction: 'ticket', item: { type: 'message', channel: acmeShared, ts } },
});

const botSays = (ts: string) => office.thread(ts).filter(({ bot_id }) => bot_id !== null);

test('fifty identical deliveries at once end in one ticket, and are all acknowledged', async () => {
  const ts = write(office, outsider, 'Fifty times');
  const statuses = await Promise.all(Array.from({ length: 50 }, () => send(reaction('EvSAME', outsider, ts))));
  expect(new Set(statuses)).toEqual(new Set([200]));
  await office.settle();
  expect(office.zendesk.ticketIds).toHaveLength(1);
  expect(botSays(ts)).toHaveLength(1);
  const stored = await office.db.selectFrom('slack_events').select('body').execute();
  expect(stored).toHaveLength(1);
  expect(JSON.stringify(stored)).not.toContain('an old proof');
});

test('many people who react in the same second end in one ticket, and the others are told of it', async () => {
  const ts = write(office, outsider, 'All at once');
  const people = [outsider, jonas, maya, ana];
  const events = people.flatMap((user) => [1, 2, 3].map((number) => reaction(`Ev${user}${number}`, user, ts)));
  const tickets = office.zendesk.ticketIds.length;
  await Promise.all(events.map(send));
  await office.settle();
  expect(office.zendesk.ticketIds).toHaveLength(tickets + 1);
  expect(botSays(ts)).toHaveLength(1);
  const told = people.map((user) => office.slack.ephemerals(acmeShared, user).length);
  expect(told.reduce((sum, count) => sum + count)).toBe(events.length - 1);
});

test('an event that cannot be stored is not acknowledged, and stored when Slack tells of it again', async () => {
  const ts = write(office, outsider, 'While the database is away');
  await office.db.schema.alterTable('slack_events').renameTo('slack_events_away').execute();
  const tickets = office.zendesk.ticketIds.length;
  expect(await send(reaction('EvAWAY', outsider, ts))).toBe(500);
  await office.db.schema.alterTable('slack_events_away').renameTo('slack_events').execute();
  expect(office.failures.splice(0)).toHaveLength(1);
  expect(await send(reaction('EvAWAY', outsider, ts))).toBe(200);
  await office.settle();
  expect(office.zendesk.ticketIds).toHaveLength(tickets + 1);
});

test('a thread of a thousand replies is read by cursor, in order, each once, while more is said', async () => {
  const root = write(office, outsider, 'A long story');
  for (let number = 1; number <= 1000; number += 1)
    write(office, number % 3 === 0 ? maya : outsider, `line-${number}-`, { thread_ts: root });
  const before = office.slack.journal.length;
  react(office, outsider, root);
  for (let number = 1001; number <= 1005; number += 1) write(office, jonas, `line-${number}-`, { thread_ts: root });
  await office.settle();
  const id = office.zendesk.ticketIds.at(-1) ?? 0;
  const all = office
    .comments(id)
    .map(({ body }) => body)
    .join('\n');
  const lines = [...all.matchAll(/line-(\d+)-/g)].map(([, number]) => Number(number));
  expect(lines).toEqual(Array.from({ length: 1005 }, (_, index) => index + 1));
  expect(office.comments(id).every((comment) => comment.public)).toBe(true);
  const pages = office.slack.journal
    .slice(before)
    .filter((entry) => entry.kind === 'call' && entry.method === 'conversations.replies' && entry.args.cursor);
  expect(pages.length).toBeGreaterThanOrEqual(5);
  // Zendesk takes thirty changes of a ticket in ten minutes.
  expect(office.comments(id).length).toBeLessThan(30);
});

test('a reply that is written while a ticket is being made is not lost', async () => {
  const faults = [];
  for (let round = 0; round < 10; round += 1) {
    const root = write(office, outsider, `Round ${round}`);
    react(office, outsider, root);
    for (let step = 0; step < round * 3; step += 1) await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, round * 6));
    write(office, jonas, 'Me too', { thread_ts: root });
    await office.settle();
    const bodies = office.comments(office.zendesk.ticketIds.at(-1)).map(({ body }) => body);
    if (bodies.filter((body) => body.includes('Me too')).length !== 1) faults.push([round, bodies]);
  }
  expect(faults).toEqual([]);
});

test('nothing failed meanwhile', () => {
  expect(office.failures).toEqual([]);
});
