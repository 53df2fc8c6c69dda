import { createHmac } from 'node:crypto';
import { later } from './clock.ts';
import { type State, seconds, track } from './state.ts';
import type { Delivery, StripeEvent } from './types.ts';

/** Stripe tries again for three days, at growing distances; these are in seconds. */
const retries = [60, 300, 1800, 7200, 18_000, 36_000, 43_200, 43_200, 43_200];
const MISDATED = 600;
const PATIENCE_MS = 10_000;

/** Tells the webhook of an event, in the background; one after the other. */
export function tellWebhook(state: State, event: StripeEvent): void {
  if (state.webhook.url === null) return;
  state.undelivered.add(event.id);
  const delivery = deliveryOf(event);
  if (state.webhook.held) state.webhook.held.push(delivery);
  else void deliver(state, delivery);
}

/** The request that tells of an event. */
export function deliveryOf(event: StripeEvent): Delivery {
  const objectId = typeof event.data.object.id === 'string' ? event.data.object.id : null;
  return { id: event.id, type: event.type, objectId, body: JSON.stringify(event, null, 2) };
}

/** Sends a signed request to the webhook when those before it are answered; tries again later unless it answers 2xx. */
export function deliver(state: State, delivery: Delivery, attempt = 1): Promise<void> {
  const sent = state.webhook.last.then(() => send(state, delivery, attempt));
  state.webhook.last = sent;
  return track(state, sent);
}

async function send(state: State, delivery: Delivery, attempt: number): Promise<void> {
  const { url } = state.webhook;
  if (url === null || state.closing.signal.aborted) return;
  const { id, type, body } = delivery;
  const status = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'stripe-signature': sign(state, body),
    },
    body,
    redirect: 'manual',
    signal: AbortSignal.any([state.closing.signal, AbortSignal.timeout(PATIENCE_MS)]),
  })
    .then((response) => response.arrayBuffer().then(() => response.status))
    .catch(() => null);
  state.journal.add({ kind: 'webhook', id, type, attempt, status });
  if (status !== null && status >= 200 && status < 300) {
    state.undelivered.delete(id);
    const event = state.events.findLast((each) => each.id === id);
    if (event) event.pending_webhooks = 0;
    return;
  }
  const wait = retries[attempt - 1];
  if (wait !== undefined) later(state, seconds(state) + wait, () => void deliver(state, delivery, attempt + 1));
}

/** As `webhooks.generateTestHeaderString` of Stripe's own package does. */
function sign(state: State, body: string): string {
  const wrong = state.wrongSignatures.shift();
  const off = { secret: 0, past: -MISDATED, future: MISDATED }[wrong ?? 'secret'];
  const timestamp = seconds(state) + off;
  const key = wrong === 'secret' ? `${state.webhook.secret} no more` : state.webhook.secret;
  return `t=${timestamp},v1=${createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')}`;
}
