import type { Logger } from 'pino';
import Stripe from 'stripe';
import type { BillingSource, CustomerState } from '../billing/source.ts';
import type { CreditGrant, CreditUse, StripeInvoice, StripeSubscription } from '../billing/types.ts';
import { localDay } from '../days.ts';
import { formatDay } from '../format.ts';
import { remainingOf, toBalanceUse, toGrant, toUse } from './stripe/credit.ts';
import { toCustomer } from './stripe/customers.ts';
import { failureOf, hasNoUpcoming, isMissing, isRefused } from './stripe/failures.ts';
import { idOf, idOrNull } from './stripe/ids.ts';
import { faultOf, paymentDetails, toInvoice, toUpcoming } from './stripe/invoices.ts';
import { hasOwnCard, subscriptionDetails, toSubscription } from './stripe/subscriptions.ts';

/** How long Stripe may take to answer, and how often a request is repeated that it did not. */
const ANSWER_MS = 20_000;
const RETRIES = 3;
const PAGE = 100;
/** So far back invoices are read: a year, and what came just before it. */
const INVOICES_BACK_MS = 400 * 86_400_000;
/** Invoices are foreseen that come within so many days: of longer periods much may still change. */
const UPCOMING_DAYS = 35;
/** What can bring an invoice. */
const billed = ['active', 'past_due', 'trialing'];
/** In which an objection to a payment is settled. */
const settled = ['won', 'warning_closed', 'prevented'];

type Options = {
  apiKey: string;
  apiUrl: string;
  timeZone: string;
  /** Where a customer's metadata names our account. */
  metadataKey: string;
  now: () => Date;
  log: Logger;
};

/** What Stripe knows of customers, read through its own client. Errors are `UserError` or `StripeUnavailable`. */
export function createStripeSource({ apiKey, apiUrl, timeZone, metadataKey, now, log }: Options): BillingSource {
  const stripe = createClient({ apiKey, apiUrl, log });

  async function findCustomer(id: string, named: readonly string[]): Promise<CustomerState | null> {
    const readAt = now();
    const given = await stripe.customers.retrieve(id).catch(orNone(isMissing));
    if (!given) return null;
    const customer = toCustomer(given, metadataKey);
    if (customer.isDeleted) return { customer, subscriptions: [], invoices: [], grants: [], uses: [], readAt };
    const raw = await all(stripe.subscriptions.list({ customer: id, status: 'all', ...expanded, limit: PAGE }));
    const subscriptions = raw.map(toSubscription).filter(({ customerId }) => customerId === id);
    const made = await readInvoices(id, named, readAt);
    const invoices = [...made, ...(await readUpcoming(id, subscriptions, readAt))];
    const credit = await readCredit(given as Stripe.Customer, made);
    const hasCard = customer.hasCard || raw.some((each) => billed.includes(each.status) && hasOwnCard(each));
    return { customer: { ...customer, hasCard }, subscriptions, invoices, ...credit, readAt };
  }

  /** Those of a year, older ones that stand open, and those that are named. */
  async function readInvoices(customer: string, named: readonly string[], at: Date): Promise<StripeInvoice[]> {
    const since = Math.floor((at.getTime() - INVOICES_BACK_MS) / 1000);
    const recent = await all(stripe.invoices.list({ customer, created: { gte: since }, limit: PAGE }));
    const open = await all(stripe.invoices.list({ customer, status: 'open', created: { lt: since }, limit: PAGE }));
    const listed = new Map([...recent, ...open].map((invoice) => [invoice.id, invoice]));
    for (const id of named.filter((each) => !listed.has(each))) {
      const invoice = await stripe.invoices.retrieve(id).catch(orNone(isMissing));
      if (invoice) listed.set(id, invoice);
    }
    const invoices = await Promise.all([...listed.values()].map(readInvoice));
    return invoices.filter(({ customerId }) => customerId === customer);
  }

  async function readInvoice(given: Stripe.Invoice): Promise<StripeInvoice> {
    const lines = given.lines.has_more ? await all(stripe.invoices.listLineItems(given.id, { limit: PAGE })) : null;
    const invoice = toInvoice(lines ? { ...given, lines: { ...given.lines, data: lines } } : given);
    if (!invoice.isFailed) return invoice;
    // Lists do not tell why a payment failed.
    const whole = await unlessRefused('payments', stripe.invoices.retrieve(given.id, { expand: paymentDetails }));
    return whole
      ? { ...toInvoice({ ...whole, lines: given.lines }), lines: invoice.lines, ...faultOf(whole) }
      : invoice;
  }

  /** What is good to know, but must not keep the rest from being read where a key may not see it: then `null`. */
  async function unlessRefused<T>(what: string, asked: Promise<T>): Promise<T | null> {
    return asked.catch((error: unknown) => {
      if (!isRefused(error)) throw error;
      log.warn({ err: error }, `Stripe does not let us read ${what}`);
      return null;
    });
  }

  /** As `unlessRefused`, of a list: then what came until then is all. */
  async function* unlessRefusedPages<T>(what: string, list: AsyncIterable<T>): AsyncIterable<T> {
    try {
      yield* list;
    } catch (error) {
      if (!isRefused(error)) throw failureOf(error);
      log.warn({ err: error }, `Stripe does not let us read ${what}`);
    }
  }

  async function readUpcoming(
    customer: string,
    subscriptions: readonly StripeSubscription[],
    at: Date,
  ): Promise<StripeInvoice[]> {
    const coming = subscriptions.filter((each) => isComing(each, at));
    const previews = await Promise.all(
      coming.map(async ({ id, periodEnd }) => {
        const asked = stripe.invoices.createPreview({ customer, subscription: id }).catch(orNone(hasNoUpcoming));
        const preview = await unlessRefused('invoices to come', asked);
        if (!preview || !periodEnd) return [];
        const on = localDay(periodEnd, timeZone);
        const label = `coming ${formatDay(on)}${coming.length > 1 ? `, ${id}` : ''}`;
        return [toUpcoming(preview, { subscriptionId: id, on, label })];
      }),
    );
    return previews.flat();
  }

  async function readCredit(
    { id, balance }: Stripe.Customer,
    invoices: readonly StripeInvoice[],
  ): Promise<{ grants: CreditGrant[]; uses: CreditUse[] }> {
    const byId = new Map(invoices.map((invoice) => [invoice.id, invoice]));
    const given = await unlessRefused('credit', all(stripe.billing.creditGrants.list({ customer: id, limit: PAGE })));
    const grants = (given ?? []).flatMap((each) => toGrant(each) ?? []).filter(({ customerId }) => customerId === id);
    const entries =
      grants.length === 0
        ? []
        : await all(stripe.billing.creditBalanceTransactions.list({ customer: id, limit: PAGE }));
    // A balance that was used up is nothing, and was credit.
    const changes =
      balance === 0 && invoices.length === 0
        ? null
        : await unlessRefused('balances', all(stripe.customers.listBalanceTransactions(id, { limit: PAGE })));
    return {
      grants: grants.map((grant) => ({
        ...grant,
        remaining: remainingOf(
          grant,
          entries.filter((entry) => idOf(entry.credit_grant) === grant.id),
        ),
      })),
      uses: [
        ...entries.flatMap((entry) => toUse(entry, id, byId) ?? []),
        ...(changes ?? []).flatMap((entry) => toBalanceUse(entry, byId) ?? []),
      ],
    };
  }

  async function invoiceOf({ payment_intent: intent, charge }: Stripe.Dispute): Promise<string | null> {
    const paid = idOrNull(intent) ?? idOrNull((await stripe.charges.retrieve(idOf(charge))).payment_intent);
    if (paid === null) return null;
    const payment = { type: 'payment_intent' as const, payment_intent: paid };
    const { data } = await stripe.invoicePayments.list({ payment, limit: 1 });
    return idOrNull(data[0]?.invoice);
  }

  async function readDispute(given: Stripe.Dispute) {
    const invoiceId = await invoiceOf(given);
    if (invoiceId === null) return null;
    const { customer } = await stripe.invoices.retrieve(invoiceId);
    return { invoiceId, customerId: idOrNull(customer), isOpen: !settled.includes(given.status) };
  }

  return {
    findCustomer: (id, { invoices = [] } = {}) => translated(() => findCustomer(id, invoices)),
    findDispute: (id) =>
      translated(async () => {
        const dispute = await stripe.disputes.retrieve(id).catch(orNone(isMissing));
        return dispute && readDispute(dispute);
      }),
    findCustomerOfGrant: (id) =>
      translated(async () => {
        const grant = await stripe.billing.creditGrants.retrieve(id).catch(orNone(isMissing));
        return grant ? idOf(grant.customer) : null;
      }),
    listCustomers: () =>
      translatedPages(pages(stripe.customers.list({ limit: PAGE }), (each) => toCustomer(each, metadataKey))),
    listSubscriptions: () =>
      translatedPages(pages(stripe.subscriptions.list({ status: 'all', ...expanded, limit: PAGE }), toSubscription)),
    listInvoices: (filter) =>
      translatedPages(pages(stripe.invoices.list({ ...invoiceFilter(filter), limit: PAGE }), toInvoice)),
    listGrants: () => unlessRefusedPages('credit', pages(stripe.billing.creditGrants.list({ limit: PAGE }), toGrant)),
    listDisputes: async function* (since) {
      const created = { gte: Math.floor(since.getTime() / 1000) };
      yield* unlessRefusedPages('disputes', pages(stripe.disputes.list({ created, limit: PAGE }), readDispute));
    },
  };
}

const expanded = { expand: subscriptionDetails.map((path) => `data.${path}`) };

function createClient({ apiKey, apiUrl, log }: Pick<Options, 'apiKey' | 'apiUrl' | 'log'>): Stripe {
  const { hostname, port, protocol } = new URL(apiUrl);
  const client = new Stripe(apiKey, {
    host: hostname,
    ...(port && { port }),
    protocol: protocol === 'http:' ? 'http' : 'https',
    timeout: ANSWER_MS,
    maxNetworkRetries: RETRIES,
    telemetry: false,
    appInfo: { name: 'Bellwether' },
  });
  client.on('response', ({ method, path, status, request_id: request }: Stripe.ResponseEvent) =>
    log.debug({ method, path: path.split('?', 1)[0], status, request }, 'asked Stripe'),
  );
  return client;
}

function isComing({ status, isPaused, periodEnd, cancelAt }: StripeSubscription, at: Date): boolean {
  if (!billed.includes(status) || isPaused || !periodEnd) return false;
  if (cancelAt && cancelAt < periodEnd) return false;
  return periodEnd.getTime() - at.getTime() <= UPCOMING_DAYS * 86_400_000;
}

function invoiceFilter(filter: { since: Date } | { status: 'open' }) {
  if ('status' in filter) return filter;
  return { created: { gte: Math.floor(filter.since.getTime() / 1000) } };
}

function orNone(isNone: (error: unknown) => boolean): (error: unknown) => null {
  return (error) => {
    if (isNone(error)) return null;
    throw error;
  };
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of list) found.push(each);
  return found;
}

/** Every page of a list, read as it is asked for; `null` is left out. */
async function* pages<T, Read>(list: AsyncIterable<T>, read: (each: T) => Read | null | Promise<Read | null>) {
  for await (const each of list) {
    const found = await read(each);
    if (found !== null) yield found as Awaited<Read>;
  }
}

async function* translatedPages<T>(list: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* list;
  } catch (error) {
    throw failureOf(error);
  }
}
