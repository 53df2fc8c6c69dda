import Stripe from 'stripe';
import { z } from 'zod';

const mostSkewMs = 300_000;

/** What a webhook is about. Only who and which counts: what is so is asked of Stripe. */
export type StripeNotice = {
  id: string;
  type: string;
  /** What it is about, of a transaction of credit the grant; `null` where that has no id, as an invoice that is coming. */
  objectId: string | null;
  customerId: string | null;
  subscriptionId: string | null;
  createdAt: Date;
};

/** `refused`: not from Stripe, signed too long ago or ahead of time, or no event. */
export type StripeWebhook =
  | { kind: 'event'; event: StripeNotice }
  | { kind: 'refused'; why: 'unsigned' | 'wrong_signature' | 'wrong_time' | 'no_event' };

/** What is named otherwise than known is not what is meant: an endpoint may be told of all there is. */
/** Ids and types are of letters, digits, points and underscores. */
const word = z.string().regex(/^[\w.-]{1,255}$/);

const reference = z
  .union([word, z.object({ id: word }).transform(({ id }) => id)])
  .nullish()
  .transform((id) => id ?? null)
  .catch(null);

const eventSchema = z.object({
  id: word,
  type: word,
  created: z.int().positive(),
  data: z.object({
    object: z.object({
      object: z.string(),
      id: word.nullish().catch(null),
      customer: reference,
      credit_grant: reference,
      parent: z
        .object({ subscription_details: z.object({ subscription: reference }).nullish() })
        .nullish()
        .transform((parent) => parent?.subscription_details?.subscription ?? null)
        .catch(null),
    }),
  }),
});

/** Reads what a webhook of Stripe's delivers; `body` is as it came, since the signature is of these bytes. */
export function readStripeWebhook({
  body,
  signature,
  secret,
  now,
}: {
  body: Buffer;
  signature: string | undefined;
  secret: string;
  now: Date;
}): StripeWebhook {
  if (!signature || secret === '') return { kind: 'refused', why: 'unsigned' };
  const signedAt = timeOf(signature);
  if (signedAt === null) return { kind: 'refused', why: 'wrong_signature' };
  try {
    // Stripe's client takes what is dated in the future, so the time is looked at here.
    verifier().verifyHeader(body, signature, secret, 0);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError)
      return { kind: 'refused', why: 'wrong_signature' };
    throw error;
  }
  if (Math.abs(now.getTime() - signedAt) > mostSkewMs) return { kind: 'refused', why: 'wrong_time' };
  const event = eventSchema.safeParse(parse(body)).data;
  if (!event) return { kind: 'refused', why: 'no_event' };
  const { object } = event.data;
  const isCustomer = object.object === 'customer';
  return {
    kind: 'event',
    event: {
      id: event.id,
      type: event.type,
      objectId: object.credit_grant ?? object.id ?? null,
      customerId: isCustomer ? (object.id ?? null) : object.customer,
      subscriptionId: object.object === 'subscription' ? (object.id ?? null) : object.parent,
      createdAt: new Date(event.created * 1000),
    },
  };
}

function verifier() {
  const { signature } = Stripe.webhooks;
  if (!signature) throw new Error('Stripe’s client cannot verify signatures here.');
  return signature;
}

/** The one time that a signature names, in milliseconds; `null` where there is none, or another that could be meant. */
function timeOf(signature: string): number | null {
  const times = signature.split(',').filter((part) => part.trimStart().startsWith('t='));
  const [, seconds] = /^t=(\d{1,12})$/.exec(times[0] ?? '') ?? [];
  return times.length === 1 && seconds !== undefined ? Number(seconds) * 1000 : null;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
