import { z } from 'zod';
import { type Json, lineJson, toJson } from './json.ts';
import { newestFirst, page } from './lists.ts';
import { expandable, isIn, pageable, readParams, timeRange } from './params.ts';
import { invalid, missing, StripeRefusal } from './refusal.ts';
import { upcoming } from './renewing.ts';
import type { Call } from './routes.ts';
import { all, find, type State } from './state.ts';

const listSchema = z.strictObject({
  ...pageable,
  customer: z.string().optional(),
  subscription: z.string().optional(),
  status: z.enum(['draft', 'open', 'paid', 'void', 'uncollectible']).optional(),
  collection_method: z.enum(['charge_automatically', 'send_invoice']).optional(),
  created: timeRange.optional(),
  due_date: timeRange.optional(),
});

/** GET /v1/invoices */
export function listInvoices(state: State, { params, path }: Call): Json {
  const asked = readParams(listSchema, params);
  if (asked.customer !== undefined) find(state, 'customer', asked.customer, 'customer');
  if (asked.subscription !== undefined) find(state, 'subscription', asked.subscription, 'subscription');
  const invoices = newestFirst(all(state, 'invoice')).filter(
    (each) =>
      (asked.customer === undefined || asked.customer === each.customer) &&
      (asked.subscription === undefined || asked.subscription === each.parent?.subscription_details.subscription) &&
      (asked.status === undefined || asked.status === each.status) &&
      (asked.collection_method === undefined || asked.collection_method === each.collection_method) &&
      isIn(asked.created, each.created) &&
      (asked.due_date === undefined || (each.due_date !== null && isIn(asked.due_date, each.due_date))),
  );
  return page(invoices, asked, path, (each) => toJson(state, each));
}

/** GET /v1/invoices/:id */
export function showInvoice(state: State, { ids, params }: Call): Json {
  readParams(z.strictObject(expandable), params);
  return toJson(state, find(state, 'invoice', ids[0]!));
}

/** GET /v1/invoices/:id/lines, in the invoice's own order; of a preview too. */
export function listLines(state: State, { ids, params, path }: Call): Json {
  const asked = readParams(z.strictObject(pageable), params);
  const invoice = state.previews.find(({ id }) => id === ids[0]) ?? find(state, 'invoice', ids[0]!);
  return page(invoice.lines, asked, path, (line) => lineJson(state, line));
}

const KEPT_PREVIEWS = 20;

const previewSchema = z.strictObject({
  ...expandable,
  customer: z.string().optional(),
  subscription: z.string().optional(),
  preview_mode: z.enum(['next', 'recurring']).optional(),
});

/** POST /v1/invoices/create_preview, of a subscription as it is. */
export function previewInvoice(state: State, { params }: Call): Json {
  const asked = readParams(previewSchema, params);
  if (asked.customer !== undefined && state.deletedCustomers.has(asked.customer))
    throw missing('customer', asked.customer, 'customer');
  if (asked.customer !== undefined) find(state, 'customer', asked.customer, 'customer');
  if (asked.subscription === undefined)
    throw invalid('Missing required param: subscription.', 'parameter_missing', 'subscription');
  const subscription = find(state, 'subscription', asked.subscription, 'subscription');
  if (asked.customer !== undefined && asked.customer !== subscription.customer)
    throw invalid(
      `The subscription ${subscription.id} is not of the customer ${asked.customer}`,
      undefined,
      'subscription',
    );
  const invoice = upcoming(state, subscription);
  if (invoice === null)
    throw new StripeRefusal(404, {
      code: 'invoice_upcoming_none',
      doc_url: 'https://stripe.com/docs/error-codes/invoice-upcoming-none',
      message: `No upcoming invoices for customer: ${subscription.customer}`,
      type: 'invalid_request_error',
    });
  state.previews = [...state.previews.slice(-KEPT_PREVIEWS), invoice];
  return toJson(state, invoice);
}

const paymentsSchema = z.strictObject({
  ...pageable,
  created: timeRange.optional(),
  invoice: z.string().optional(),
  status: z.enum(['open', 'paid', 'canceled']).optional(),
  payment: z
    .strictObject({
      type: z.enum(['payment_intent', 'payment_record']),
      payment_intent: z.string().optional(),
      payment_record: z.string().optional(),
    })
    .optional(),
});

/** GET /v1/invoice_payments */
export function listInvoicePayments(state: State, { params, path }: Call): Json {
  const asked = readParams(paymentsSchema, params);
  const payments = newestFirst(all(state, 'invoice_payment')).filter(
    (each) =>
      (asked.invoice === undefined || asked.invoice === each.invoice) &&
      (asked.status === undefined || asked.status === each.status) &&
      (asked.payment === undefined || asked.payment.payment_intent === each.payment.payment_intent) &&
      isIn(asked.created, each.created),
  );
  return page(payments, asked, path, (each) => toJson(state, each));
}
