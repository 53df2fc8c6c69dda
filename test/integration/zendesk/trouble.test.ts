import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createZendeskServer } from '../../../simulator/zendesk/server.ts';
import { credentials, first, newComment, newTicket, refusalOf, startZendesk, troubleOf } from './kit.ts';

describe('Zendesk that limits us', () => {
  test.each([
    [7, '2026-11-20T09:00:07Z'],
    ['Fri, 20 Nov 2026 09:01:00 GMT', '2026-11-20T09:01:00Z'],
  ])('says when to come back: %s', async (retryAfter, at) => {
    const { server, desk } = await startZendesk();
    server.fault({ request: '*', kind: 'rate_limited', retryAfter });
    const trouble = await troubleOf(desk.createTicket(newTicket(), first));
    expect(trouble).toMatchObject({ retryAt: new Date(at), mayBeDone: false });
    expect(server.ticketIds).toEqual([]);
  });

  test('takes no more requests a minute than it does, and again after that', async () => {
    const { desk, clock } = await startZendesk({ perMinute: 3 });
    await desk.createTicket(newTicket(), first);
    clock.at = new Date(clock.at.getTime() + 20_000);
    await desk.listGroups();
    await desk.listGroups();
    const { retryAt } = await troubleOf(desk.listGroups());
    expect(retryAt).toEqual(new Date('2026-11-20T09:01:00Z'));
    clock.at = retryAt ?? clock.at;
    await desk.listGroups();
  });

  test('takes 30 changes of a ticket in ten minutes', async () => {
    const { desk, clock } = await startZendesk({ perMinute: 700 });
    const { id } = await desk.createTicket(newTicket(), first);
    for (let index = 0; index < 30; index++) await desk.addComment(id, newComment({ key: `${index}` }), first);
    const { retryAt } = await troubleOf(desk.addComment(id, newComment(), first));
    clock.at = retryAt ?? clock.at;
    await desk.addComment(id, newComment(), first);
  });
});

describe('Zendesk in trouble', () => {
  test('may have done what it answered with 500, and says when to come back if it knows', async () => {
    const { server, desk } = await startZendesk();
    server.fault({ request: '*', kind: 'status', status: 503, retryAfter: 30 });
    expect(await troubleOf(desk.createTicket(newTicket(), first))).toMatchObject({
      message: 'Zendesk is in trouble (status 503).',
      retryAt: new Date('2026-11-20T09:00:30Z'),
      mayBeDone: true,
    });
    server.fault({ request: '*', kind: 'status' });
    expect(await troubleOf(desk.listGroups())).toMatchObject({ retryAt: null, mayBeDone: false });
  });

  test('that does not answer is not waited for', async () => {
    const { server, desk } = await startZendesk({ answerMs: 200 });
    server.fault({ request: '*', kind: 'hang' });
    expect(await troubleOf(desk.createTicket(newTicket(), first))).toMatchObject({
      message: 'Zendesk took too long to answer.',
      mayBeDone: true,
    });
  });

  test('that is not there did nothing', async () => {
    const { server, desk } = await startZendesk();
    await server.close();
    expect(await troubleOf(desk.createTicket(newTicket(), first))).toMatchObject({
      message: 'Zendesk cannot be reached (ECONNREFUSED).',
      mayBeDone: false,
    });
  });

  test('shows a page in the place of an answer, which is trouble too', async () => {
    const { server, desk } = await startZendesk();
    server.fault({ request: '*', kind: 'sign_in' });
    expect((await troubleOf(desk.listGroups())).message).toMatch(/^What answers at 127.0.0.1:\d+ is not Zendesk's API/);
  });

  test('answers what cannot be read', async () => {
    const { url } = await serveJson(200, { ticket: { id: 'seven' } });
    const { desk } = await startZendeskAt(url);
    expect((await troubleOf(desk.readTicket('7'))).message).toBe(
      "Zendesk's answer about ticket 7 cannot be read (ticket.id).",
    );
  });
});

describe('a refusal', () => {
  test('of credentials says what to check', async () => {
    const { desk, server } = await startZendesk({ clientToken: 'an old one' });
    expect(await refusalOf(desk.createTicket(newTicket(), first))).toEqual({
      reason: 'unauthorized',
      message:
        'Zendesk does not accept our credentials. Check ZENDESK_EMAIL and ZENDESK_API_TOKEN, and that the Admin Center allows token access.',
    });
    expect(server.ticketIds).toEqual([]);
  });

  test('of permission names the permission', async () => {
    const { server, desk } = await startZendesk();
    server.fault({ request: '*', kind: 'status', status: 403 });
    expect(await refusalOf(desk.readTicket('7'))).toEqual({
      reason: 'forbidden',
      message:
        'Zendesk does not let us have ticket 7. The user of ZENDESK_EMAIL must be an agent who may see and change all tickets.',
    });
  });

  test('of a whole Zendesk that does not exist says what to check', async () => {
    const { server, desk } = await startZendesk();
    server.fault({ request: '*', kind: 'status', status: 404 });
    expect((await refusalOf(desk.listGroups())).message).toMatch(/^There is no Zendesk at .* Check ZENDESK_URL\.$/);
  });

  test('of what was sent has Zendesk’s words', async () => {
    const { desk } = await startZendesk();
    const { id } = await desk.createTicket(newTicket(), first);
    expect(
      await refusalOf(desk.updateTicket(id, { assignee: { email: 'nobody@support.test', name: 'Nobody' } })),
    ).toEqual({
      reason: 'invalid',
      message: `Zendesk does not take ticket ${id}: Assignee is invalid`,
    });
    expect((await refusalOf(desk.addComment(id, newComment({ attachments: ['used up'] }), first))).message).toContain(
      'Attachment token is invalid',
    );
  });

  test.each([
    [{ error: { title: 'Forbidden', message: 'No seat' } }, 'No seat'],
    [{ description: 'So it is' }, 'So it is'],
    [{ error: 'SomeCode', details: null }, 'SomeCode'],
    [{ details: { base: [{ description: 'One' }, { description: 'Two' }], odd: 5 } }, 'One; Two'],
    [['what?'], 'status 422'],
  ])('in whatever form has words: %j', async (body, words) => {
    const { desk } = await startZendeskAt((await serveJson(422, body)).url);
    expect((await refusalOf(desk.readTicket('7'))).message).toBe(`Zendesk does not take ticket 7: ${words}`);
  });
});

test('our credentials go nowhere else when Zendesk sends us on, and nothing is sent there', async () => {
  const elsewhere = await serveJson(200, {});
  const { server, desk } = await startZendesk();
  for (const location of [`${elsewhere.url}/api/v2/tickets.json`, '/api/v2/groups.json']) {
    server.fault({ request: '*', kind: 'redirect', location });
    const { reason, message } = await refusalOf(desk.createTicket(newTicket(), first));
    expect([reason, message]).toEqual(['moved', expect.stringContaining('set ZENDESK_URL')]);
  }
  expect(elsewhere.requests).toEqual([]);
  expect(server.journal.filter(({ kind }) => kind === 'request')).toHaveLength(2);
});

test('a Zendesk can be mounted below a path', async () => {
  const host = createServer((req, res) => {
    void zendesk.handle(req, res).then((isServed) => isServed || res.writeHead(404).end());
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void host.close());
  const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/zendesk`;
  const zendesk = createZendeskServer({ ...credentials, url });
  const { desk } = await startZendeskAt(`${url}/`);
  const { id } = await desk.createTicket(newTicket(), first);
  expect(zendesk.ticketIds).toEqual([Number(id)]);
  expect(desk.linkTo(id)).toBe(`${url}/agent/tickets/${id}`);
});

/** A client of another address than its own server's. */
async function startZendeskAt(url: string) {
  return startZendesk({ clientUrl: url });
}

async function serveJson(status: number, body: unknown) {
  const requests: string[] = [];
  const server = createServer((req, res) => {
    requests.push(`${req.method} ${req.url} ${req.headers.authorization ?? ''}`);
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
