import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Kysely } from 'kysely';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { stripeRoute } from '../handlers/webhooks/stripe.ts';
import { deliverMessages } from '../jobs/deliver-messages.ts';
import { handleStripeEvents } from '../jobs/handle-stripe-events.ts';
import { syncStripe } from '../jobs/sync-stripe.ts';
import { createStripeServer } from '../simulator/stripe/server.ts';
import type { StripeServer } from '../simulator/stripe/types.ts';
import type { Database } from '../src/db/types.ts';
import { serve } from '../src/http/server.ts';
import type { Playbook } from '../src/playbook/types.ts';
import { startTestBot, type TestBot } from './bot.ts';

const apiKey = 'rk_test_bellwether';
const webhookSecret = 'whsec_for_tests';
const fixtures = path.resolve(import.meta.dirname, '../../shared/data/stripe-fixtures.json');

/** A bot beside a Stripe whose clock is its own, which tells it of all that happens. */
export type BilledBot = {
  stripe: StripeServer;
  bot: TestBot;
  /** The settings by which the command line reaches the same Stripe. */
  env: Record<string, string>;
  /** Moves the clock of both on by so many days, and waits until all that follows is done. */
  days(count: number): Promise<void>;
  /** Waits until what Stripe told is done. */
  settle(): Promise<void>;
  /** Compares with Stripe's lists. */
  sync(): Promise<unknown>;
};

/** Starts both; `hears` false: Stripe's webhooks go nowhere. */
export async function startBilledBot(
  given: { db: Kysely<Database>; playbook: Playbook; start: string },
  { hears = true }: { hears?: boolean } = {},
): Promise<BilledBot> {
  const start = new Date(given.start);
  const stripe = createStripeServer({
    apiKey,
    webhookSecret,
    now: () => start,
    ...(existsSync(fixtures) && { fixtures }),
  });
  const { url } = await stripe.listen();
  const now = () => stripe.now();
  const env = { STRIPE_API_KEY: apiKey, STRIPE_API_URL: url, STRIPE_WEBHOOK_SECRET: webhookSecret };
  const bot = await startTestBot({ db: given.db, playbook: given.playbook, now, env });
  const log = pino({ level: 'silent' });
  const route = stripeRoute({ db: given.db, queue: bot.deps.queue, log, now, secret: webhookSecret });
  const routes = { 'POST /webhooks/stripe': route };
  const server = await serve({ host: '127.0.0.1', port: 0, routes, log });
  if (hears) stripe.connect(`http://127.0.0.1:${server.port}/webhooks/stripe`);
  onTestFinished(async () => {
    await stripe.close();
    await server.close();
    await bot.close();
  });
  const settle = async () => {
    await stripe.waitForIdle();
    await handleStripeEvents.run({}, bot.deps);
    await deliverMessages.run({}, bot.deps);
  };
  return {
    stripe,
    bot,
    env,
    settle,
    async days(count) {
      await stripe.setTime(new Date(stripe.now().getTime() + count * 86_400_000));
      await settle();
    },
    sync: () => syncStripe.run({}, bot.deps),
  };
}
