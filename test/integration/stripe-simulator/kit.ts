import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { onTestFinished } from 'vitest';
import { createStripeServer } from '../../../simulator/stripe/server.ts';
import type { StripeOptions } from '../../../simulator/stripe/types.ts';

const apiKey = 'sk_test_bellwether';
const webhookSecret = 'whsec_bellwether';

/** A day in milliseconds. */
export const DAY = 86_400_000;

/** Seconds of a time. */
export const at = (iso: string): number => new Date(iso).getTime() / 1000;

/** A Stripe whose clock stands still, and the real client of it, which tries nothing again by itself. */
export async function startStripe(options: Partial<StripeOptions> & { start?: string; clientKey?: string } = {}) {
  const { start = '2026-11-20T09:00:00Z', clientKey = apiKey, ...given } = options;
  const server = createStripeServer({ apiKey, webhookSecret, now: () => new Date(start), ...given });
  onTestFinished(() => server.close());
  const { port } = await server.listen();
  const stripe = new Stripe(clientKey, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 });
  return { server, stripe };
}

/** What receives webhooks: it checks each with Stripe's own package, and answers with the statuses given, then 200. */
export async function startWebhook(now: () => Date, statuses: number[] = []) {
  const received: Stripe.Event[] = [];
  const refused: string[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    try {
      const signature = String(req.headers['stripe-signature']);
      const body = Buffer.concat(chunks);
      received.push(Stripe.webhooks.constructEvent(body, signature, webhookSecret, 300, undefined, now().getTime()));
      res.writeHead(statuses.shift() ?? 200).end();
    } catch (error) {
      refused.push(String(error));
      res.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received, refused };
}
