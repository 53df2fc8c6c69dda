import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readZendeskWebhook, type ZendeskWebhook } from '../../../src/sources/zendesk/webhook.ts';
import { first, newComment, newTicket, startZendesk } from './kit.ts';

const webhookSecret = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3RpbmdfJDY=';

type Received = { body: Buffer; signature: string | undefined; timestamp: string | undefined };

/** A Zendesk whose webhook is read by the product's reader. */
async function startListening(options: Parameters<typeof startZendesk>[0] = {}) {
  const started = await startZendesk({ webhookSecret, ...options });
  const received: Received[] = [];
  const told: ZendeskWebhook[] = [];
  const server = createServer((req, res) => {
    void bodyOf(req).then((body) => {
      const header = (name: string) => req.headers[name]?.toString();
      const delivery = {
        body,
        signature: header('x-zendesk-webhook-signature'),
        timestamp: header('x-zendesk-webhook-signature-timestamp'),
      };
      received.push(delivery);
      told.push(readZendeskWebhook({ ...delivery, secret: webhookSecret, now: started.clock.at }));
      res.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  started.server.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/zendesk`);
  return { ...started, received, told };
}

async function bodyOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a webhook', () => {
  test('tells of each event which ticket it is about', async () => {
    const { server, desk, agentId, told } = await startListening();
    const { id } = await desk.createTicket(newTicket(), first);
    server.reply(Number(id), 'Grüße 🎫');
    server.assign(Number(id), agentId);
    server.setStatus(Number(id), 'solved');
    await server.waitForIdle();
    const events = told.map((each) => (each.kind === 'ticket' ? [each.ticketId, each.event] : each));
    expect(events.sort()).toEqual(
      ['agent_assignment_changed', 'comment_added', 'comment_added', 'created', 'status_changed', 'status_changed'].map(
        (name) => [id, `zen:event-type:ticket.${name}`],
      ),
    );
  });

  test('of a trigger of one’s own tells it too', async () => {
    const { server, desk, told } = await startListening({ webhookBody: 'trigger' });
    const { id } = await desk.createTicket(newTicket(), first);
    await server.waitForIdle();
    expect(told[0]).toEqual({ kind: 'ticket', ticketId: id, event: null });
  });

  test('that comes doubled and in any order leads to each comment once, in order', async () => {
    const { server, desk, told } = await startListening();
    const { id, commentId } = await desk.createTicket(newTicket(), first);
    await server.waitForIdle();
    server.holdWebhooks();
    const ids = ['one', 'two', 'three'].map((text) => String(server.reply(Number(id), text)));
    told.length = 0;
    await server.releaseWebhooks((deliveries) => [...deliveries, ...deliveries].reverse());
    expect(told).toHaveLength(6);
    let last = commentId;
    const seen: string[] = [];
    for (const each of told) {
      if (each.kind !== 'ticket') continue;
      const comments = await desk.listComments(each.ticketId, last);
      seen.push(...comments.map((comment) => comment.id));
      last = comments.at(-1)?.id ?? last;
    }
    expect(seen).toEqual(ids);
  });

  test('is refused when it is signed wrongly or dated wrongly', async () => {
    const { server, desk, told } = await startListening();
    server.signWrongly('secret');
    server.signWrongly('timestamp');
    await desk.createTicket(newTicket(), first);
    await server.waitForIdle();
    expect(told.map((each) => each.kind === 'refused' && each.why).sort()).toEqual(['wrong_signature', 'wrong_time']);
  });

  test('is refused when anything was changed, left out or kept for later', async () => {
    const { server, desk, received, clock } = await startListening();
    const { id } = await desk.createTicket(newTicket(), first);
    await desk.addComment(id, newComment(), first);
    await server.waitForIdle();
    const good = { ...received[0]!, secret: webhookSecret, now: clock.at };
    const why = (over: Partial<typeof good>) => {
      const read = readZendeskWebhook({ ...good, ...over });
      return read.kind === 'refused' ? read.why : read.kind;
    };
    const later = (seconds: number) => new Date(clock.at.getTime() + seconds * 1000);
    expect(why({})).toBe('ticket');
    expect(why({ body: Buffer.concat([good.body, Buffer.from(' ')]) })).toBe('wrong_signature');
    expect(why({ timestamp: '2026-11-20T09:00:01Z' })).toBe('wrong_signature');
    expect(why({ signature: `${good.signature}=` })).toBe('wrong_signature');
    expect(why({ signature: 'ü' })).toBe('wrong_signature');
    expect(why({ secret: 'another' })).toBe('wrong_signature');
    expect(why({ signature: undefined })).toBe('unsigned');
    expect(why({ timestamp: undefined })).toBe('unsigned');
    expect(why({ secret: '' })).toBe('unsigned');
    expect([why({ now: later(300) }), why({ now: later(-300) })]).toEqual(['ticket', 'ticket']);
    expect([why({ now: later(301) }), why({ now: later(-301) })]).toEqual(['wrong_time', 'wrong_time']);
  });
});

describe('the body of a signed webhook', () => {
  const now = new Date('2026-11-20T09:00:00Z');
  const read = (text: string, timestamp = '2026-11-20T09:00:00Z') => {
    const body = Buffer.from(text);
    const signature = createHmac('sha256', webhookSecret).update(timestamp).update(body).digest('base64');
    return readZendeskWebhook({ body, signature, timestamp, secret: webhookSecret, now });
  };

  test.each([
    { ticket_id: 7 },
    { ticket_id: ' 7 ', whatever: [] },
    { ticket: { id: '7' } },
    { type: 'zen:event-type:ticket.merged', detail: { id: '7' }, event: null },
    { type: 'zen:event-type:messaging_ticket.message_added', detail: { id: 7 } },
  ])('is about a ticket: %j', (body) => {
    expect(read(JSON.stringify(body))).toMatchObject({ kind: 'ticket', ticketId: '7' });
  });

  test.each([
    '',
    'not JSON',
    'null',
    '[]',
    '{"ticket_id":0}',
    '{"ticket_id":"7/../8"}',
    '{"ticket_id":1.5}',
    '{"type":"zen:event-type:user.created","detail":{"id":"7"}}',
  ])('is about none: %s', (text) => {
    expect(read(text)).toEqual({ kind: 'other' });
  });

  test('has a time in ISO 8601, or it is refused', () => {
    const body = '{"ticket_id":7}';
    expect(read(body, '2026-11-20T10:00:00.5+01:00').kind).toBe('ticket');
    expect(read(body, '1795165200')).toEqual({ kind: 'refused', why: 'wrong_time' });
    expect(read(body, 'now')).toEqual({ kind: 'refused', why: 'wrong_time' });
  });
});
