import {
  listDisputes,
  showCharge,
  showDispute,
  showPaymentIntent,
  showPaymentMethod,
  showPrice,
  showProduct,
} from './charges.ts';
import { listCreditTransactions, listGrants, showCreditTransaction, showGrant, summarizeCredit } from './credits.ts';
import { listBalanceTransactions, listCustomers, listPaymentMethods, showCustomer } from './customers.ts';
import { listInvoicePayments, listInvoices, listLines, previewInvoice, showInvoice } from './invoices.ts';
import type { Json } from './json.ts';
import { listEvents, showEvent } from './past-events.ts';
import type { State } from './state.ts';
import { listItems, listSubscriptions, showSubscription } from './subscriptions.ts';

/** A request to the API; `ids` are those in its path. */
export type Call = { ids: string[]; path: string; params: Record<string, unknown> };

type Route = { method: 'GET' | 'POST'; noun: string; path: RegExp; run(state: State, call: Call): Json };

const route = (method: Route['method'], path: string, run: Route['run']): Route => ({
  method,
  noun: path.split('/')[0]!,
  path: new RegExp(`^/v1/${path.replaceAll(':id', '([^/]+)')}$`),
  run,
});
const get = (path: string, run: Route['run']) => route('GET', path, run);
const post = (path: string, run: Route['run']) => route('POST', path, run);

/** What the API answers to. */
export const routes: readonly Route[] = [
  get('customers', listCustomers),
  get('customers/:id', showCustomer),
  get('customers/:id/payment_methods', listPaymentMethods),
  get('customers/:id/balance_transactions', listBalanceTransactions),
  get('subscriptions', listSubscriptions),
  get('subscriptions/:id', showSubscription),
  get('subscription_items', listItems),
  get('invoices', listInvoices),
  post('invoices/create_preview', previewInvoice),
  get('invoices/:id', showInvoice),
  get('invoices/:id/lines', listLines),
  get('invoice_payments', listInvoicePayments),
  get('payment_intents/:id', showPaymentIntent),
  get('payment_methods/:id', showPaymentMethod),
  get('prices/:id', showPrice),
  get('products/:id', showProduct),
  get('charges/:id', showCharge),
  get('disputes', listDisputes),
  get('disputes/:id', showDispute),
  get('billing/credit_grants', listGrants),
  get('billing/credit_grants/:id', showGrant),
  get('billing/credit_balance_summary', summarizeCredit),
  get('billing/credit_balance_transactions', listCreditTransactions),
  get('billing/credit_balance_transactions/:id', showCreditTransaction),
  get('events', listEvents),
  get('events/:id', showEvent),
];

/** The first words below /v1 that are Stripe's. */
export const nouns: ReadonlySet<string> = new Set(routes.map(({ noun }) => noun));
