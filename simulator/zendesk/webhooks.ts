import { createHmac } from 'node:crypto';
import { type State, type StoredTicket, stamp, track } from './state.ts';
import type { Delivery } from './types.ts';

/** Tells the webhook of one event about a ticket, in the background. Zendesk's retries are not simulated. */
export function tellWebhook(state: State, ticket: StoredTicket, name: string): void {
  if (state.webhook.url === null) return;
  const number = (state.counters.get('webhook') ?? 0) + 1;
  state.counters.set('webhook', number);
  const id = `01WEBHOOK${String(number).padStart(17, '0')}`;
  const event = state.webhook.body === 'event' ? `zen:event-type:ticket.${name}` : null;
  const content =
    event === null
      ? { ticket_id: String(ticket.id) }
      : {
          type: event,
          account_id: 12514403,
          id,
          time: stamp(state),
          zendesk_event_version: '2022-11-06',
          subject: `zen:ticket:${ticket.id}`,
          detail: {
            id: String(ticket.id),
            external_id: ticket.external_id,
            status: ticket.status.toUpperCase(),
            updated_at: ticket.updated_at,
          },
          event: {},
        };
  const delivery = { id, ticketId: ticket.id, event, body: JSON.stringify(content) };
  if (state.webhook.held) state.webhook.held.push(delivery);
  else void deliver(state, delivery);
}

/** Sends one signed request to the webhook; nothing is made of its answer. */
export function deliver(state: State, delivery: Delivery): Promise<void> {
  return track(state, send(state, delivery));
}

async function send(state: State, { id, ticketId, event, body }: Delivery): Promise<void> {
  const { url, secret } = state.webhook;
  if (url === null) return;
  const wrong = state.wrongSignatures.shift();
  const at = new Date(state.now().getTime() - (wrong === 'timestamp' ? 3_600_000 : 0));
  const timestamp = at.toISOString().replace(/\.\d+Z$/, 'Z');
  const key = wrong === 'secret' ? `${secret} no more` : secret;
  const status = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Zendesk Webhook',
      'x-zendesk-webhook-id': id,
      'x-zendesk-webhook-signature': createHmac('sha256', key).update(timestamp).update(body).digest('base64'),
      'x-zendesk-webhook-signature-timestamp': timestamp,
    },
    body,
    redirect: 'manual',
    signal: state.closing.signal,
  }).then(
    (response) => response.arrayBuffer().then(() => response.status),
    () => null,
  );
  state.journal.add({ kind: 'webhook', id, ticket: ticketId, event, status });
}
