import type { Logger } from 'pino';
import { handleStripeEventsSoon } from '../../jobs/handle-stripe-events.ts';
import { insertStripeEvent } from '../../src/db/stripe-events.ts';
import type { Deps } from '../../src/deps.ts';
import { type Route, readBody, sendText } from '../../src/http/server.ts';
import { readStripeWebhook } from '../../src/sources/stripe/webhook.ts';

const MAX_BODY_BYTES = 2_000_000;

const refusals = {
  unsigned: 'The request is not signed as Stripe signs its webhooks.',
  wrong_signature: "The signature is wrong: STRIPE_WEBHOOK_SECRET must be this endpoint's signing secret.",
  wrong_time: 'The request was signed more than five minutes ago, or is dated in the future; check the clocks.',
  no_event: 'The body is not an event of Stripe’s.',
};
const noSecret = 'STRIPE_WEBHOOK_SECRET is not set here, so nothing can be told from Stripe.';

type StripeDeps = Pick<Deps, 'db' | 'queue' | 'now'> & { log: Logger; secret: string | undefined };

/**
 * POST /webhooks/stripe: something happened to an invoice, a subscription, a customer or credit. That somebody is to look is stored,
 * then answered; what is so is asked of Stripe, since events come doubled and in any order.
 */
export function stripeRoute({ db, queue, log, now, secret }: StripeDeps): Route {
  return async (request, response) => {
    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === null) return sendText(response, 413, 'The body is too large\n');
    const signature = request.headers['stripe-signature']?.toString();
    const read = readStripeWebhook({ body, signature, secret: secret ?? '', now: now() });
    if (read.kind === 'refused') {
      log.warn({ why: read.why }, 'a webhook of Stripe was refused');
      const why = secret ? refusals[read.why] : noSecret;
      return sendText(response, read.why === 'no_event' ? 400 : 401, `${why}\n`);
    }
    const isNew = await insertStripeEvent(db, read.event, now());
    if (isNew)
      await queue
        .enqueue('handle-stripe-events', {}, handleStripeEventsSoon)
        .catch((error: unknown) => log.warn({ err: error }, 'work on Stripe could not be ordered; it is done later'));
    sendText(response, 200, 'ok\n');
  };
}
