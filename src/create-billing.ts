import type { Logger } from 'pino';
import type { BillingSource } from './billing/source.ts';
import type { Config } from './config.ts';
import { createStripeSource } from './sources/stripe.ts';

/** Stripe, where the settings have a key for it; else `null`. `metadataKey` is where a customer's metadata names our account. */
export function createBilling(
  { stripe, timeZone }: Pick<Config, 'stripe' | 'timeZone'>,
  { metadataKey, now, log }: { metadataKey: string; now: () => Date; log: Logger },
): BillingSource | null {
  const { apiKey, apiUrl } = stripe;
  return apiKey ? createStripeSource({ apiKey, apiUrl, timeZone, metadataKey, now, log }) : null;
}
