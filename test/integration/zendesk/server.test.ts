import { expect, test } from 'vitest';
import { credentials, first, newTicket, startZendesk } from './kit.ts';

const authorization = `Basic ${Buffer.from(`${credentials.email}/token:${credentials.apiToken}`).toString('base64')}`;

async function call(url: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/api/v2/${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as never };
}

const ticket = (body: string) => ({ ticket: { subject: 'A', comment: { body } } });

test('the local Zendesk answers a key as before, and refuses it with another body', async () => {
  const { server, url } = await startZendesk();
  const create = (body: string) => call(url, 'POST', 'tickets', ticket(body), { 'idempotency-key': 'one' });
  const [one, same, other] = [await create('A'), await create('A'), await create('B')];
  expect([one.status, same.status, same.body]).toEqual([201, 201, one.body]);
  expect([one, same].map(({ headers }) => headers.get('x-idempotency-lookup'))).toEqual(['miss', 'hit']);
  expect([other.status, other.body]).toEqual([
    400,
    { error: 'IdempotentRequestError', description: "Request parameters don't match the given idempotency key" },
  ]);
  expect(server.ticketIds).toHaveLength(1);
});

test('the local Zendesk makes a comment public that does not say, as Zendesk does', async () => {
  const { server, url } = await startZendesk();
  await call(url, 'POST', 'tickets.json', ticket('A'));
  expect(server.comments(1)).toMatchObject([{ public: true }]);
});

test.each([
  ['without a comment', { ticket: { subject: 'A' } }, 'comment'],
  ['with a blank comment', ticket(' '), 'base'],
  ['of an unknown group', { ticket: { ...ticket('A').ticket, group_id: 5 } }, 'group'],
  ['with an id that is text', { ticket: { ...ticket('A').ticket, group_id: '5' } }, 'group_id'],
  ['of an unknown priority', { ticket: { ...ticket('A').ticket, priority: 'asap' } }, 'priority'],
  [
    'of a requester without a name',
    { ticket: { ...ticket('A').ticket, requester: { email: 'a@b.test' } } },
    'requester',
  ],
  ['with much metadata', { ticket: { ...ticket('A').ticket, metadata: { a: 'x'.repeat(1100) } } }, 'metadata'],
])('the local Zendesk refuses a ticket %s', async (_, body, field) => {
  const { server, url } = await startZendesk();
  const answer = await call(url, 'POST', 'tickets', body);
  expect([answer.status, answer.body]).toEqual([
    422,
    {
      error: 'RecordInvalid',
      description: 'Record validation errors',
      details: { [field]: [{ description: expect.any(String) }] },
    },
  ]);
  expect(server.ticketIds).toEqual([]);
});

test('the local Zendesk knows nobody without credentials, and no page that there is not', async () => {
  const { url } = await startZendesk();
  const answer = await call(url, 'GET', 'tickets', undefined, { authorization: 'Basic x' });
  expect([answer.status, answer.body]).toEqual([401, { error: "Couldn't authenticate you" }]);
  expect((await call(url, 'GET', 'tickets?page[size]=101')).status).toBe(400);
  expect((await call(url, 'GET', 'tickets?page[size]=5&page[after]=x')).status).toBe(400);
  expect((await call(url, 'DELETE', 'tickets/1')).status).toBe(404);
});

test('an agent reads, replies and solves on the page of a ticket', async () => {
  const { server, desk } = await startZendesk();
  const { id } = await desk.createTicket(newTicket({ subject: '<b>Exports</b>' }), first);
  const page = desk.linkTo(id) ?? '';
  expect(await (await fetch(page)).text()).toContain('#1 &#60;b&#62;Exports');
  const body = new URLSearchParams({ text: 'For us only', status: 'pending' });
  await fetch(page, { method: 'POST', body });
  await fetch(page, { method: 'POST', body: new URLSearchParams({ text: 'Done', public: 'yes', status: 'closed' }) });
  expect(server.comments(Number(id)).slice(1)).toMatchObject([
    { author: 'Ada Agent', body: 'For us only', public: false },
    { author: 'Ada Agent', body: 'Done', public: true },
  ]);
  expect((await desk.readTicket(id)).status).toBe('closed');
  expect((await fetch(`${page}7`)).status).toBe(404);
});
