import Stripe from 'stripe';
import { UserError } from '../../errors.ts';

/** Stripe could not be asked just now, or would not answer; later it may. */
export class StripeUnavailable extends Error {
  readonly code = 'stripe_unavailable';
  override readonly name = 'StripeUnavailable';
}

/** What an error of Stripe's client means to us; errors of other kinds as they are. */
export function failureOf(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { requestId, statusCode } = error;
  const id = requestId ? ` (request ${requestId})` : '';
  if (error instanceof Stripe.errors.StripeAuthenticationError)
    return new UserError(`Stripe does not accept STRIPE_API_KEY: copy it anew from Stripe's "API keys"${id}.`);
  if (error instanceof Stripe.errors.StripePermissionError)
    return new UserError(
      `STRIPE_API_KEY may not read what is needed: a restricted key needs "read" for customers, subscriptions, invoices, coupons, payment intents, charges, disputes and billing credits, and what Stripe names${id}: ${error.message}`,
    );
  if (error instanceof Stripe.errors.StripeInvalidRequestError)
    return new Error(`Stripe refused a request${id}: ${error.message}`, { cause: error });
  return new StripeUnavailable(`Stripe could not be asked (${statusCode ?? 'no answer'})${id}: ${error.message}`, {
    cause: error,
  });
}

/** Whether a key may not see something, or the account does not have it at all. */
export function isRefused(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripePermissionError || error instanceof Stripe.errors.StripeInvalidRequestError
  );
}

/** Whether Stripe says that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing';
}

/** Why Stripe does not preview an invoice, by its code; `none`: there is none to come. Null: the error is of another kind. */
export function whyNoPreview(error: unknown): string | null {
  if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) return null;
  return error.code === 'invoice_upcoming_none' ? 'none' : (error.code ?? 'unknown');
}
