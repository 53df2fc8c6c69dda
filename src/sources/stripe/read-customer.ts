import type Stripe from 'stripe';
import type { CustomerState } from '../../billing/source.ts';
import type { CreditGrant, CreditUse, StripeInvoice } from '../../billing/types.ts';
import { all, inTurns, orNone, PAGE, type Reading, unlessRefused } from './client.ts';
import { remainingOf, toBalanceUse, toGrant, toUse } from './credit.ts';
import { toCustomer } from './customers.ts';
import { isMissing } from './failures.ts';
import { idOf } from './ids.ts';
import { readInvoices, readUpcoming } from './read-invoices.ts';
import { billed, hasOwnCard, subscriptionsListed, toSubscription } from './subscriptions.ts';

/** All that Stripe knows of a customer, with these invoices however old they are; `null`: it knows no such customer. */
export async function readCustomer(
  reading: Reading,
  id: string,
  named: readonly string[],
): Promise<CustomerState | null> {
  const { stripe, now, metadataKey } = reading;
  const readAt = now();
  const given = await stripe.customers.retrieve(id).catch(orNone(isMissing));
  if (!given) return null;
  const customer = toCustomer(given, metadataKey);
  if (given.deleted) return { customer, subscriptions: [], invoices: [], grants: [], uses: [], readAt };
  const listed = await all(stripe.subscriptions.list({ customer: id, ...subscriptionsListed, limit: PAGE }));
  const raw = await inTurns(listed, (each) => withItems(reading, each));
  const subscriptions = raw.map(toSubscription).filter(({ customerId }) => customerId === id);
  const made = await readInvoices(reading, id, { named, at: readAt });
  const coming = await readUpcoming(reading, id, { subscriptions, at: readAt });
  const credit = await readCredit(reading, given, made);
  const hasCard = customer.hasCard || raw.some((each) => billed.includes(each.status) && hasOwnCard(each));
  return { customer: { ...customer, hasCard }, subscriptions, invoices: [...made, ...coming], ...credit, readAt };
}

/** A subscription comes with the first of its items. */
async function withItems({ stripe }: Reading, given: Stripe.Subscription): Promise<Stripe.Subscription> {
  const { data: shown, has_more: hasMore } = given.items;
  if (!hasMore) return given;
  const items = await all(stripe.subscriptionItems.list({ subscription: given.id, limit: PAGE }));
  const others = items.filter(({ id }) => !shown.some((each) => each.id === id));
  return { ...given, items: { ...given.items, data: [...shown, ...others] } };
}

async function readCredit(
  reading: Reading,
  { id, balance }: Stripe.Customer,
  invoices: readonly StripeInvoice[],
): Promise<{ grants: CreditGrant[]; uses: CreditUse[] }> {
  const { creditGrants, creditBalanceTransactions } = reading.stripe.billing;
  const byId = new Map(invoices.map((invoice) => [invoice.id, invoice]));
  const given = await unlessRefused(reading, 'credit', all(creditGrants.list({ customer: id, limit: PAGE })));
  const grants = (given ?? []).flatMap((each) => toGrant(each) ?? []).filter(({ customerId }) => customerId === id);
  const entries = grants.length === 0 ? [] : await all(creditBalanceTransactions.list({ customer: id, limit: PAGE }));
  const leftOf = (grant: CreditGrant) =>
    remainingOf(
      grant,
      entries.filter((entry) => idOf(entry.credit_grant) === grant.id),
    );
  return {
    grants: grants.map((grant) => ({ ...grant, remaining: leftOf(grant) })),
    uses: [
      ...entries.flatMap((entry) => toUse(entry, id, byId) ?? []),
      ...(await readBalance(reading, { id, balance }, byId)),
    ],
  };
}

/** What invoices took of the customer's balance; one that was used up is nothing, and was credit. */
async function readBalance(
  reading: Reading,
  { id, balance }: Pick<Stripe.Customer, 'id' | 'balance'>,
  invoices: ReadonlyMap<string, StripeInvoice>,
): Promise<CreditUse[]> {
  if (balance === 0 && invoices.size === 0) return [];
  const asked = all(reading.stripe.customers.listBalanceTransactions(id, { limit: PAGE }));
  const entries = await unlessRefused(reading, 'balances', asked);
  return (entries ?? []).flatMap((entry) => toBalanceUse(entry, invoices) ?? []);
}
