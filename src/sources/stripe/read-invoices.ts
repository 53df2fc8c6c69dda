import type Stripe from 'stripe';
import type { StripeInvoice, StripeSubscription } from '../../billing/types.ts';
import { localDay } from '../../days.ts';
import { formatDay } from '../../format.ts';
import { all, inTurns, orNone, PAGE, type Reading, unlessRefused } from './client.ts';
import { isMissing, whyNoPreview } from './failures.ts';
import { faultOf, paymentDetails, toInvoice, toUpcoming } from './invoices.ts';
import { billed } from './subscriptions.ts';

/** So far back invoices are read: a year, and what came just before it. */
const INVOICES_BACK_MS = 400 * 86_400_000;
/** Invoices are foreseen that come within so many days: of longer periods much may still change. */
const UPCOMING_DAYS = 35;

/** A customer's invoices of a year, older ones that stand open, and those that are named. */
export async function readInvoices(
  reading: Reading,
  customer: string,
  { named, at }: { named: readonly string[]; at: Date },
): Promise<StripeInvoice[]> {
  const { stripe } = reading;
  const since = Math.floor((at.getTime() - INVOICES_BACK_MS) / 1000);
  const recent = await all(stripe.invoices.list({ customer, created: { gte: since }, limit: PAGE }));
  const open = await all(stripe.invoices.list({ customer, status: 'open', created: { lt: since }, limit: PAGE }));
  const listed = new Map([...recent, ...open].map((invoice) => [invoice.id, invoice]));
  for (const id of named.filter((each) => !listed.has(each))) {
    const invoice = await stripe.invoices.retrieve(id).catch(orNone(isMissing));
    if (invoice) listed.set(id, invoice);
  }
  const invoices = await inTurns([...listed.values()], (each) => readInvoice(reading, each));
  return invoices.filter(({ customerId }) => customerId === customer);
}

async function readInvoice(reading: Reading, given: Stripe.Invoice): Promise<StripeInvoice> {
  const { lines } = await withLines(reading, given);
  const invoice = toInvoice({ ...given, lines });
  if (!invoice.isFailed) return invoice;
  // Lists tell neither why a payment failed nor that a bank still works on it.
  const asked = reading.stripe.invoices.retrieve(given.id, { expand: paymentDetails });
  const whole = await unlessRefused(reading, 'payments', asked);
  if (!whole) return invoice;
  const { isUnderWay, ...fault } = faultOf(whole);
  const now = toInvoice({ ...whole, lines });
  return { ...now, ...fault, isFailed: now.isFailed && !isUnderWay };
}

/** An invoice comes with the first of its lines. */
async function withLines({ stripe }: Reading, given: Stripe.Invoice): Promise<Stripe.Invoice> {
  if (!given.lines.has_more) return given;
  const data = await all(stripe.invoices.listLineItems(given.id, { limit: PAGE }));
  return { ...given, lines: { ...given.lines, data } };
}

/** The invoices that a customer's subscriptions will bring soon. */
export async function readUpcoming(
  reading: Reading,
  customer: string,
  { subscriptions, at }: { subscriptions: readonly StripeSubscription[]; at: Date },
): Promise<StripeInvoice[]> {
  const coming = subscriptions.filter((each) => isComing(each, at));
  const previews = await inTurns(coming, async ({ id, periodEnd }) => {
    const preview = await readPreview(reading, customer, id);
    if (!preview || !periodEnd) return [];
    const on = localDay(periodEnd, reading.timeZone);
    const label = `coming ${formatDay(on)}${coming.length > 1 ? `, ${id}` : ''}`;
    return [toUpcoming(await withLines(reading, preview), { subscriptionId: id, on, label })];
  });
  return previews.flat();
}

async function readPreview(reading: Reading, customer: string, subscription: string): Promise<Stripe.Invoice | null> {
  const asked = reading.stripe.invoices.createPreview({ customer, subscription }).catch((error: unknown) => {
    const why = whyNoPreview(error);
    if (why === null) throw error;
    // As where a tax number is missing: the rest of the customer is to be known all the same.
    if (why !== 'none') reading.log.warn({ subscription, why }, 'Stripe does not say what is coming of a subscription');
    return null;
  });
  return unlessRefused(reading, 'invoices to come', asked);
}

function isComing({ status, isPaused, periodEnd, cancelAt }: StripeSubscription, at: Date): boolean {
  if (!billed.includes(status) || isPaused || !periodEnd) return false;
  if (cancelAt && cancelAt < periodEnd) return false;
  return periodEnd.getTime() - at.getTime() <= UPCOMING_DAYS * 86_400_000;
}
