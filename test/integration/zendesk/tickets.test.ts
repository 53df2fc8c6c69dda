import { describe, expect, test } from 'vitest';
import { again, first, newComment, newTicket, refusalOf, startZendesk, troubleOf } from './kit.ts';

const hours = 60 * 60_000;

describe('a new ticket', () => {
  test('has all that it was given, and a link for people', async () => {
    const { server, desk, url, groupId } = await startZendesk();
    const created = await desk.createTicket(
      newTicket({ groupId, severity: 'high', fields: { '360001': 'acme', '360002': true }, tags: ['slack', 'vip'] }),
      first,
    );
    expect(server.ticket(Number(created.id))).toMatchObject({
      subject: 'Exports fail',
      description: 'Since this morning all exports fail.',
      external_id: 'T1/C1/1700000000.000100',
      priority: 'high',
      group_id: Number(groupId),
      tags: ['slack', 'vip'],
      custom_fields: [
        { id: 360001, value: 'acme' },
        { id: 360002, value: true },
      ],
    });
    expect(created.commentId).toBe(String(server.comments(Number(created.id))[0]?.id));
    expect(desk.linkTo(created.id)).toBe(`${url}/agent/tickets/${created.id}`);
  });

  test('is read back in our own terms', async () => {
    const { server, desk, groupId, agentId } = await startZendesk();
    const { id, requesterId } = await desk.createTicket(newTicket({ groupId, severity: 'urgent' }), first);
    server.assign(Number(id), agentId);
    expect(await desk.readTicket(id)).toEqual({
      id,
      externalId: 'T1/C1/1700000000.000100',
      subject: 'Exports fail',
      status: 'open',
      severity: 'urgent',
      group: { id: groupId, name: 'Technical' },
      assignee: { name: 'Ada Agent', email: 'ada@support.test' },
      requesterId,
      mergedInto: null,
      followUpOf: null,
      updatedAt: new Date('2026-11-20T09:00:00Z'),
    });
  });

  test('is requested by one person, however often, whether they have an address or not', async () => {
    const { desk } = await startZendesk();
    const known = { name: 'Carla Customer', email: 'carla@acme.test', externalId: 'slack:U0CARLA' };
    const unknown = { name: 'Guy Guest', email: null, externalId: 'slack:U0GUY' };
    const requested = async (externalId: string, requester: typeof known | typeof unknown) =>
      (await desk.createTicket(newTicket({ externalId, requester }), first)).requesterId;
    const [carla, guy] = [await requested('1', known), await requested('2', unknown)];
    expect(await requested('3', known)).toBe(carla);
    expect(await requested('4', unknown)).toBe(guy);
    expect(carla).not.toBe(guy);
  });

  test('shows placeholders of Zendesk that a customer wrote as text', async () => {
    const { server, desk } = await startZendesk();
    const body = 'Look: {{ticket.latest_comment}} {% if true %}';
    const { id } = await desk.createTicket(newTicket({ subject: '{{ticket.id}}', body }), first);
    await desk.addComment(id, newComment({ body }), first);
    const shown = JSON.stringify([server.ticket(Number(id)), server.comments(Number(id))]);
    expect(shown).not.toMatch(/\{\{|\{%/);
    expect(shown).toContain('ticket.latest_comment');
  });
});

describe('the creation of a ticket whose answer was lost', () => {
  test('ends in one ticket when it is tried again', async () => {
    const { server, desk } = await startZendesk();
    server.fault({ request: 'POST /api/v2/tickets', kind: 'lost' });
    expect((await troubleOf(desk.createTicket(newTicket(), first))).mayBeDone).toBe(true);
    const { id, commentId } = await desk.createTicket(newTicket(), again);
    expect(server.ticketIds).toEqual([Number(id)]);
    expect(commentId).toBe(String(server.comments(Number(id))[0]?.id));
  });

  test('ends in one ticket even if nobody knows that it was tried, for two hours', async () => {
    const { server, desk, clock } = await startZendesk();
    server.fault({ request: 'POST /api/v2/tickets', kind: 'lost' });
    await troubleOf(desk.createTicket(newTicket(), first));
    clock.at = new Date(clock.at.getTime() + 1.9 * hours);
    await desk.createTicket(newTicket(), first);
    expect(server.ticketIds).toHaveLength(1);
  });

  test('ends in one ticket when it is tried again a day later', async () => {
    const { server, desk, clock } = await startZendesk();
    server.fault({ request: 'POST /api/v2/tickets', kind: 'lost' });
    await troubleOf(desk.createTicket(newTicket(), first));
    clock.at = new Date(clock.at.getTime() + 24 * hours);
    const { id } = await desk.createTicket(newTicket(), again);
    expect(server.ticketIds).toEqual([Number(id)]);
  });

  test('ends in one ticket when its files were uploaded anew', async () => {
    const { server, desk } = await startZendesk();
    const upload = () =>
      desk.uploadFile({
        name: 'a.txt',
        type: 'text/plain',
        size: 1,
        open: async () => [Buffer.from('a')].values() as never,
      });
    server.fault({ request: 'POST /api/v2/tickets', kind: 'lost' });
    await troubleOf(desk.createTicket(newTicket({ attachments: [await upload()] }), first));
    const { id } = await desk.createTicket(newTicket({ attachments: [await upload()] }), first);
    expect(server.ticketIds).toEqual([Number(id)]);
  });

  test('ends in one ticket when Zendesk only gets to it after the next attempt looked for it', async () => {
    let creations = 0;
    const { server, desk } = await startZendesk({
      answerMs: 300,
      before: async (method, path) => {
        if (method === 'POST' && path.endsWith('/tickets.json') && ++creations === 2) await server.release();
      },
    });
    server.fault({ request: 'POST /api/v2/tickets', kind: 'held' });
    expect((await troubleOf(desk.createTicket(newTicket(), first))).message).toContain('too long');
    const { id } = await desk.createTicket(newTicket(), again);
    expect(server.ticketIds).toEqual([Number(id)]);
  });

  test('is another wish after a refusal, not the same again', async () => {
    const { server, desk, groupId } = await startZendesk();
    const gone = String(server.addGroup('Gone'));
    server.deleteGroup(Number(gone));
    expect(await refusalOf(desk.createTicket(newTicket({ groupId: gone }), first))).toEqual({
      reason: 'invalid',
      message: 'Zendesk does not take this ticket: Group is invalid',
    });
    await desk.createTicket(newTicket({ groupId }), again);
    expect(server.ticketIds).toHaveLength(1);
  });

  test('takes no other ticket for its own', async () => {
    const { server, desk } = await startZendesk();
    const { id } = await desk.createTicket(newTicket({ externalId: 'one' }), first);
    const { id: other } = await desk.createTicket(newTicket({ externalId: 'other' }), again);
    expect(server.ticketIds).toEqual([Number(id), Number(other)]);
  });
});

describe('a change', () => {
  test('sets what is given and nothing else', async () => {
    const { server, desk, groupId } = await startZendesk();
    const { id } = await desk.createTicket(newTicket({ severity: 'low' }), first);
    await desk.updateTicket(id, { status: 'pending', groupId });
    await desk.updateTicket(id, { severity: 'urgent', fields: { '360001': 'engineering' } });
    await desk.updateTicket(id, { assignee: { email: 'ada@support.test', name: 'Ada' } });
    expect(await desk.readTicket(id)).toMatchObject({
      status: 'open',
      severity: 'urgent',
      group: { id: groupId },
      assignee: { name: 'Ada Agent' },
    });
    expect(server.ticket(Number(id)).custom_fields).toEqual([{ id: 360001, value: 'engineering' }]);
    await desk.updateTicket(id, { assignee: null, status: 'solved' });
    expect(await desk.readTicket(id)).toMatchObject({ status: 'solved', assignee: null });
    expect(server.comments(Number(id))).toHaveLength(1);
  });
});

describe('a closed ticket', () => {
  test('takes neither comments nor changes, and says so', async () => {
    const { server, desk } = await startZendesk();
    const { id } = await desk.createTicket(newTicket(), first);
    server.closeTicket(Number(id));
    const closed = { reason: 'closed', message: `In Zendesk ticket ${id} is closed, so it cannot change any more.` };
    expect(await refusalOf(desk.addComment(id, newComment(), first))).toEqual(closed);
    expect(await refusalOf(desk.addComment(id, newComment(), again))).toEqual(closed);
    expect(await refusalOf(desk.updateTicket(id, { status: 'open' }))).toEqual(closed);
  });

  test('is followed up by another that knows it', async () => {
    const { server, desk } = await startZendesk();
    const { id } = await desk.createTicket(newTicket(), first);
    server.closeTicket(Number(id));
    const next = await desk.createTicket(newTicket({ externalId: 'next', followUpOf: id }), first);
    expect(await desk.readTicket(next.id)).toMatchObject({ status: 'new', followUpOf: id });
    expect(server.ticket(Number(id)).followup_ids).toEqual([Number(next.id)]);
  });
});

describe('a merged ticket', () => {
  test('says where it went', async () => {
    const { server, desk } = await startZendesk();
    const { id } = await desk.createTicket(newTicket(), first);
    const { id: target } = await desk.createTicket(newTicket({ externalId: 'other' }), first);
    server.merge(Number(id), Number(target));
    expect(await desk.readTicket(id)).toMatchObject({ status: 'closed', mergedInto: target });
    expect(await desk.readTicket(target)).toMatchObject({ status: 'new', mergedInto: null });
    expect((await refusalOf(desk.addComment(id, newComment(), first))).reason).toBe('closed');
  });

  test('says where it went in any language, if there is but one number', async () => {
    const { server, desk } = await startZendesk();
    const merged = async (externalId: string, note: string) => {
      const { id } = await desk.createTicket(newTicket({ externalId }), first);
      server.merge(Number(id), 1, note.replace('own', id));
      return (await desk.readTicket(id)).mergedInto;
    };
    await desk.createTicket(newTicket(), first);
    expect(await merged('2', 'Die Anfrage #own wurde mit #1 zusammengeführt.')).toBe('1');
    expect(await merged('3', 'Zusammengeführt: #1, #77')).toBeNull();
    expect(await merged('4', 'Zusammengeführt')).toBeNull();
  });

  test('went nowhere else because a customer wrote so', async () => {
    const { server, desk } = await startZendesk();
    const { id } = await desk.createTicket(newTicket(), first);
    const { id: target } = await desk.createTicket(newTicket({ externalId: 'other' }), first);
    server.answerByMail(Number(id), 'This request was closed and merged into request #4711.');
    server.closeTicket(Number(id));
    expect((await desk.readTicket(id)).mergedInto).toBeNull();
    server.answerByMail(Number(target), 'This request was closed and merged into request #4711.');
    const { id: last } = await desk.createTicket(newTicket({ externalId: 'last' }), first);
    server.merge(Number(target), Number(last));
    expect((await desk.readTicket(target)).mergedInto).toBe(last);
  });
});

test('a deleted ticket is not found, and neither is one with an id that is none', async () => {
  const { server, desk } = await startZendesk();
  const { id } = await desk.createTicket(newTicket(), first);
  server.deleteTicket(Number(id));
  expect((await refusalOf(desk.readTicket(id))).reason).toBe('not_found');
  expect((await refusalOf(desk.addComment(id, newComment(), first))).reason).toBe('not_found');
  for (const strange of ['', '0', '-1', '1/../2', '99999999999999999999', 'x'])
    expect((await refusalOf(desk.readTicket(strange))).reason).toBe('not_found');
});

test('all groups are listed, by cursor, without those that were deleted', async () => {
  const { server, desk } = await startZendesk();
  const names = Array.from({ length: 250 }, (_, index) => `Group ${index}`);
  const ids = names.map((name) => server.addGroup(name));
  server.deleteGroup(ids[7]!);
  const groups = await desk.listGroups();
  expect(groups.map(({ name }) => name)).toEqual(['Technical', ...names.filter((_, index) => index !== 7)]);
});
