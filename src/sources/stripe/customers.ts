import type Stripe from 'stripe';
import type { StripeCustomer } from '../../billing/types.ts';
import { currencyOf, toUnits } from './money.ts';

/** A customer; `metadataKey` is where its metadata names our account. */
export function toCustomer(given: Stripe.Customer | Stripe.DeletedCustomer, metadataKey: string): StripeCustomer {
  const nothing = { namedAccount: null, name: null, email: null, currency: null, balance: 0, hasCard: null };
  if (given.deleted) return { id: given.id, ...nothing, isDeleted: true };
  const currency = given.currency ? currencyOf(given.currency) : null;
  return {
    id: given.id,
    namedAccount: given.metadata[metadataKey]?.trim() || null,
    name: given.name?.trim() || null,
    email: given.email?.trim().toLowerCase() || null,
    currency,
    balance: currency === null ? 0 : toUnits(given.balance, currency),
    hasCard: Boolean(given.invoice_settings.default_payment_method ?? given.default_source),
    isDeleted: false,
  };
}
