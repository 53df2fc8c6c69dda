import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { createDesk } from '../../../src/create-desk.ts';
import { addAgentComment, createBuiltInDesk } from '../../../src/db/built-in-desk.ts';
import type { HelpDesk } from '../../../src/helpdesk/types.ts';
import { createTestDatabase, type TestDatabase } from '../../database.ts';
import { again, first, newComment, newTicket, refusalOf } from '../zendesk/kit.ts';

const now = new Date('2026-11-24T10:00:00Z');
let database: TestDatabase;
let desk: HelpDesk;

beforeAll(async () => {
  database = await createTestDatabase();
  desk = createBuiltInDesk(database.db, () => now);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.deleteFrom('built_in_tickets').execute();
});

const agent = (key: string, isPublic = true) => ({ key, isPublic, authorName: 'Ada Agent', body: `From ${key}` });

test('is the help desk where Zendesk is not set, with the groups that are', async () => {
  const settings = readConfig({ TICKET_GROUPS: 'Billing, Engineering ,Billing' }, ['cli']);
  const given = { db: database.db, log: {} as never, now: () => now };
  const found = createDesk(settings, given);
  expect(found.name).toBe('Bellwether');
  expect(await found.listGroups()).toEqual([
    { id: 'Billing', name: 'Billing' },
    { id: 'Engineering', name: 'Engineering' },
  ]);
  expect((await desk.listGroups()).map(({ name }) => name)).toEqual(readConfig({}, ['cli']).ticketGroups);
  const zendesk = { ZENDESK_URL: 'https://a.zendesk.com', ZENDESK_EMAIL: 'a@a.example', ZENDESK_API_TOKEN: 'x' };
  expect(createDesk(readConfig(zendesk, ['cli']), given).name).toBe('Zendesk');
  for (const TICKET_GROUPS of ['a,,b', 'x'.repeat(76)])
    expect(() => readConfig({ TICKET_GROUPS }, ['cli'])).toThrow('TICKET_GROUPS');
});

test('shows a group that was taken off the list on its tickets, and gives it to no other', async () => {
  const { id } = await desk.createTicket(newTicket({ groupId: 'Engineering' }), first);
  const fewer = createBuiltInDesk(database.db, () => now, { groups: ['Support'] });
  expect((await fewer.readTicket(id)).group).toEqual({ id: 'Engineering', name: 'Engineering' });
  expect((await refusalOf(fewer.updateTicket(id, { groupId: 'Engineering' }))).reason).toBe('invalid');
  await fewer.updateTicket(id, { severity: 'high' });
});

test('comments that are added at once are all listed by who asks for those after the last, each once', async () => {
  const { id, commentId } = await desk.createTicket(newTicket(), first);
  const keys = Array.from({ length: 60 }, (_, index) => `k${index}`);
  const seen: string[] = [];
  let last = commentId;
  const look = async () => {
    for (const comment of await desk.listComments(id, last)) {
      seen.push(comment.id);
      last = comment.id;
    }
  };
  const adding = keys.flatMap((key, index) => [
    desk.addComment(id, newComment({ key }), again),
    index % 2 ? desk.addComment(id, newComment({ key }), again) : addAgentComment(database.db, id, agent(key), now),
  ]);
  let isOver = false;
  const all = Promise.all(adding).finally(() => {
    isOver = true;
  });
  while (!isOver) await look();
  await all;
  await look();
  expect(seen).toEqual((await desk.listComments(id, commentId)).map((comment) => comment.id));
  expect(seen).toHaveLength(90);
});

test('what a customer writes opens what was solved or waited for them; what we write does not, nor does a note', async () => {
  const { id, requesterId } = await desk.createTicket(newTicket(), first);
  const customer = { name: 'Carla Customer', personId: requesterId };
  const statusAfter = async (status: 'pending' | 'solved', over: Parameters<typeof newComment>[0]) => {
    await desk.updateTicket(id, { status });
    await desk.addComment(id, newComment({ key: crypto.randomUUID(), ...over }), first);
    return (await desk.readTicket(id)).status;
  };
  expect(await statusAfter('solved', { author: customer })).toBe('open');
  expect(await statusAfter('pending', { author: customer })).toBe('open');
  expect(await statusAfter('solved', { author: customer, isPublic: false })).toBe('solved');
  expect(await statusAfter('solved', { author: { name: 'Maya', personId: null } })).toBe('solved');
});

test('an agent’s comment is there once, is an agent’s, and opens what was new; a key of ours is another', async () => {
  const { id } = await desk.createTicket(newTicket(), first);
  const adding = Array.from({ length: 8 }, () => addAgentComment(database.db, id, agent('view:V1'), now));
  expect((await Promise.all(adding)).filter(({ isNew }) => isNew)).toHaveLength(1);
  await desk.addComment(id, newComment({ key: 'view:V1' }), first);
  const comments = (await desk.listComments(id, null)).slice(1);
  expect(comments.map(({ author }) => author.role)).toEqual(['agent', 'us']);
  expect((await desk.readTicket(id)).status).toBe('open');
  await desk.updateTicket(id, { status: 'closed' });
  expect(await addAgentComment(database.db, id, agent('view:V1'), now)).toEqual({ isNew: false });
  expect((await refusalOf(addAgentComment(database.db, id, agent('view:V2'), now))).reason).toBe('closed');
  expect((await refusalOf(addAgentComment(database.db, '77', agent('view:V2'), now))).reason).toBe('not_found');
});

test('text that no database takes is stored without what it does not take', async () => {
  const requester = { name: 'C\0arla \ud800', email: null, externalId: 'slack:U0CARLA' };
  const { id } = await desk.createTicket(newTicket({ subject: 'a\0b', body: 'c\0d \udfff', requester }), first);
  await desk.addComment(id, newComment({ body: '\0' }), first);
  expect((await desk.readTicket(id)).subject).toBe('ab');
  expect((await desk.listComments(id, null)).map(({ body }) => body)).toEqual(['cd \ufffd', '']);
});
