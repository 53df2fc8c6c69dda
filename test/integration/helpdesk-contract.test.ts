import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBuiltInDesk } from '../../src/db/built-in-desk.ts';
import type { HelpDesk, TicketStatus } from '../../src/helpdesk/types.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { again, fileOf, first, newComment, newTicket, refusalOf, startZendesk } from './zendesk/kit.ts';

/** A help desk, one of its groups, and what agents do on it. */
type Started = {
  desk: HelpDesk;
  groupId: string;
  agentEmail: string;
  set(ticketId: string, status: TicketStatus): Promise<void>;
};

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.deleteFrom('built_in_tickets').execute();
});

const desks: [string, () => Promise<Started>][] = [
  [
    'Zendesk',
    async () => {
      const { desk, server, groupId } = await startZendesk();
      return {
        desk,
        groupId,
        agentEmail: 'ada@support.test',
        set: async (ticketId, status) => {
          if (status === 'closed') server.closeTicket(Number(ticketId));
          else await desk.updateTicket(ticketId, { status });
        },
      };
    },
  ],
  [
    'the built-in desk',
    async () => {
      const desk = createBuiltInDesk(database.db, () => new Date('2026-11-20T09:00:00Z'));
      const set = (ticketId: string, status: TicketStatus) => desk.updateTicket(ticketId, { status });
      return { desk, groupId: 'Engineering', agentEmail: 'ada@support.test', set };
    },
  ],
];

describe.each(desks)('%s', (_name, start) => {
  test('has a name and at least one group, each with an id that fits a menu', async () => {
    const { desk, groupId } = await start();
    const groups = await desk.listGroups();
    expect(desk.name).not.toBe('');
    expect(groups.map(({ id }) => id)).toContain(groupId);
    for (const { id, name } of groups) expect(id.length * name.length).toBeGreaterThan(0);
    for (const { id } of groups) expect(id.length).toBeLessThanOrEqual(75);
  });

  test('keeps what a ticket was created with, and reads it back', async () => {
    const { desk, groupId } = await start();
    const created = await desk.createTicket(newTicket({ groupId, severity: 'urgent' }), first);
    expect(await desk.readTicket(created.id)).toMatchObject({
      id: created.id,
      externalId: 'T1/C1/1700000000.000100',
      subject: 'Exports fail',
      status: 'new',
      severity: 'urgent',
      group: { id: groupId },
      assignee: null,
      requesterId: created.requesterId,
      mergedInto: null,
      followUpOf: null,
    });
    expect(await desk.listComments(created.id, null)).toMatchObject([
      { id: created.commentId, isPublic: true, author: { role: 'us' }, body: newTicket().body, attachments: [] },
    ]);
  });

  test('creates one ticket for an external id, the first that was asked for', async () => {
    const { desk } = await start();
    const created = await desk.createTicket(newTicket(), first);
    expect(await desk.createTicket(newTicket(), first)).toEqual(created);
    expect(await desk.createTicket(newTicket({ subject: 'Other', severity: 'low' }), again)).toEqual(created);
    expect((await desk.readTicket(created.id)).subject).toBe('Exports fail');
    expect(await desk.listComments(created.id, null)).toHaveLength(1);
    const other = await desk.createTicket(newTicket({ externalId: 'other' }), first);
    expect(other.id).not.toBe(created.id);
  });

  test('creates one ticket when many ask at once', async () => {
    const { desk } = await start();
    const asked = Array.from({ length: 20 }, () => desk.createTicket(newTicket(), first).catch(() => null));
    const ids = (await Promise.all(asked)).flatMap((created) => created?.id ?? []);
    const { id } = await desk.createTicket(newTicket(), again);
    expect(new Set(ids.concat(id)).size).toBe(1);
  });

  test('refuses a group that is none', async () => {
    const { desk } = await start();
    expect((await refusalOf(desk.createTicket(newTicket({ groupId: '9999' }), first))).reason).toMatch(/invalid|found/);
    const { id } = await desk.createTicket(newTicket(), again);
    expect((await refusalOf(desk.updateTicket(id, { groupId: '9999' }))).reason).toMatch(/invalid|found/);
  });

  test('adds a comment once for a key, in the order in which they were added', async () => {
    const { desk } = await start();
    const { id, commentId } = await desk.createTicket(newTicket(), first);
    const one = await desk.addComment(id, newComment({ key: '1', body: 'one' }), first);
    const two = await desk.addComment(id, newComment({ key: '2', body: 'two', isPublic: false }), first);
    expect(await desk.addComment(id, newComment({ key: '1', body: 'changed' }), again)).toEqual(one);
    const comments = await desk.listComments(id, null);
    expect(comments.map((comment) => comment.id)).toEqual([commentId, one.commentId, two.commentId]);
    expect(comments.map(({ isPublic }) => isPublic)).toEqual([true, true, false]);
    expect(comments.map(({ author }) => author.role)).toEqual(['us', 'us', 'us']);
    expect(comments[1]?.body).toMatch(/one$/);
  });

  test('takes the same key, and the ticket’s own id, on each ticket anew', async () => {
    const { desk } = await start();
    const one = await desk.createTicket(newTicket(), first);
    const other = await desk.createTicket(newTicket({ externalId: 'other' }), first);
    const key = newTicket().externalId;
    await desk.addComment(one.id, newComment({ key }), again);
    await desk.addComment(other.id, newComment({ key }), again);
    expect(await desk.listComments(one.id, null)).toHaveLength(2);
    expect(await desk.listComments(other.id, null)).toHaveLength(2);
  });

  test('lists what follows the known comment, nothing after the last, and all where it knows none such', async () => {
    const { desk } = await start();
    const { id, commentId } = await desk.createTicket(newTicket(), first);
    const { commentId: second } = await desk.addComment(id, newComment({ key: '1' }), first);
    const { commentId: third } = await desk.addComment(id, newComment({ key: '2' }), first);
    const other = await desk.createTicket(newTicket({ externalId: 'other' }), first);
    const listAfter = async (known: string) => (await desk.listComments(id, known)).map((comment) => comment.id);
    expect(await listAfter(commentId)).toEqual([second, third]);
    expect(await listAfter(second)).toEqual([third]);
    expect(await listAfter(third)).toEqual([]);
    for (const strange of [other.commentId, '999999999', 'x'])
      expect(await listAfter(strange)).toEqual([commentId, second, third]);
  });

  test('changes what is given and nothing else; who takes a ticket opens it', async () => {
    const { desk, groupId, agentEmail } = await start();
    const { id } = await desk.createTicket(newTicket({ severity: 'low' }), first);
    await desk.updateTicket(id, { assignee: { email: agentEmail, name: 'Ada Agent' } });
    expect(await desk.readTicket(id)).toMatchObject({
      status: 'open',
      severity: 'low',
      assignee: { email: agentEmail, name: 'Ada Agent' },
    });
    await desk.updateTicket(id, { groupId, severity: 'urgent' });
    await desk.updateTicket(id, { status: 'solved', assignee: null });
    expect(await desk.readTicket(id)).toMatchObject({
      status: 'solved',
      severity: 'urgent',
      group: { id: groupId },
      assignee: null,
    });
    await desk.updateTicket(id, { status: 'open' });
    expect((await desk.readTicket(id)).status).toBe('open');
  });

  test('refuses changes and comments of a closed ticket, but finds what was added before, and follows it up', async () => {
    const { desk, set } = await start();
    const { id } = await desk.createTicket(newTicket(), first);
    const added = await desk.addComment(id, newComment({ key: '1' }), first);
    await set(id, 'closed');
    expect((await refusalOf(desk.addComment(id, newComment({ key: '2' }), first))).reason).toBe('closed');
    expect((await refusalOf(desk.updateTicket(id, { status: 'open' }))).reason).toBe('closed');
    expect(await desk.addComment(id, newComment({ key: '1' }), again)).toEqual(added);
    const next = await desk.createTicket(newTicket({ externalId: 'next', followUpOf: id }), first);
    expect(await desk.readTicket(next.id)).toMatchObject({ status: 'new', followUpOf: id });
  });

  test('does not follow up what is not closed', async () => {
    const { desk } = await start();
    const { id } = await desk.createTicket(newTicket(), first);
    const next = await desk.createTicket(newTicket({ externalId: 'next', followUpOf: id }), first);
    expect((await desk.readTicket(next.id)).followUpOf).toBeNull();
  });

  test('finds no ticket of an id that is none', async () => {
    const { desk } = await start();
    for (const strange of ['', '0', '-1', '1/../2', '99999999999999999999', '77777', 'x']) {
      expect((await refusalOf(desk.readTicket(strange))).reason).toBe('not_found');
      expect((await refusalOf(desk.listComments(strange, null))).reason).toBe('not_found');
      expect((await refusalOf(desk.updateTicket(strange, { status: 'open' }))).reason).toBe('not_found');
      expect((await refusalOf(desk.addComment(strange, newComment(), first))).reason).toBe('not_found');
    }
  });

  test('attaches a file, or says at once that it takes none such', async () => {
    const { desk } = await start();
    const { id } = await desk.createTicket(newTicket(), first);
    const token = await desk.uploadFile(fileOf(Buffer.from('a log'))).catch((error: unknown) => error);
    if (typeof token !== 'string') {
      expect(token).toMatchObject({ code: 'help_desk_refused', reason: 'too_large' });
      return;
    }
    await desk.addComment(id, newComment({ attachments: [token] }), first);
    expect((await desk.listComments(id, null)).at(-1)?.attachments).toMatchObject([{ name: 'log.txt', size: 5 }]);
  });

  test('has a page for each ticket, or none', async () => {
    const { desk } = await start();
    const { id } = await desk.createTicket(newTicket(), first);
    expect(desk.linkTo(id) ?? `https://none/${id}`).toContain(id);
  });
});
