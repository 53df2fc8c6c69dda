import { adjustBalance, settleCurrency } from './balance.ts';
import { later } from './clock.ts';
import { collect } from './collecting.ts';
import { composeInvoice, type NewInvoice } from './composing.ts';
import { spendCredit } from './credit.ts';
import { emit } from './events.ts';
import type { Invoice } from './objects.ts';
import { expectPayment } from './payments.ts';
import { all, find, keep, type State, seconds } from './state.ts';
import { totalsOf } from './totals.ts';

const DRAFT_FOR = 3600;

/** Makes a draft, which is finalised in an hour, at once, or not by itself. */
export function makeInvoice(state: State, given: NewInvoice, finalized: 'now' | 'later' | 'never'): Invoice {
  const invoice = keep(state, 'invoice', composeInvoice(state, given));
  settleCurrency(find(state, 'customer', invoice.customer), invoice.currency);
  const isLeft = given.subscription?.pause_collection?.behavior === 'keep_as_draft';
  const when = isLeft ? 'never' : finalized;
  if (when === 'later') {
    invoice.automatically_finalizes_at = invoice.created + DRAFT_FOR;
    if (invoice.collection_method === 'charge_automatically')
      invoice.next_payment_attempt = invoice.automatically_finalizes_at;
  }
  invoice.auto_advance = when !== 'never';
  if (given.subscription) given.subscription.latest_invoice = invoice.id;
  emit(state, 'invoice.created', invoice);
  if (when === 'now') finalize(state, invoice);
  if (when === 'later')
    later(state, invoice.created + DRAFT_FOR, () => {
      if (invoice.auto_advance) finalize(state, invoice);
    });
  return invoice;
}

/** Finalises a draft: numbers it, spends credit and balance, and asks for what is due. */
export function finalize(state: State, invoice: Invoice): void {
  if (invoice.status !== 'draft' || invoice.last_finalization_error !== null) return;
  if (state.failing.delete(invoice.customer)) {
    failFinalization(state, invoice);
    return;
  }
  const now = seconds(state);
  const totals = totalsOf(state, invoice, (part, line) => spendCredit(state, part, invoice.id, line.id));
  Object.assign(invoice, totals, {
    status: 'open',
    automatically_finalizes_at: null,
    next_payment_attempt: null,
    effective_at: now,
    number: numberOf(state, invoice),
    hosted_invoice_url: `${state.url}/i/${invoice.id}`,
    invoice_pdf: `${state.url}/i/${invoice.id}/pdf`,
  });
  if (invoice.due_date !== null) invoice.due_date += now - invoice.created;
  invoice.status_transitions.finalized_at = now;
  const applied = totals.ending_balance! - totals.starting_balance;
  if (applied !== 0)
    adjustBalance(state, invoice.customer, applied, {
      currency: invoice.currency,
      type: 'applied_to_invoice',
      invoice: invoice.id,
    });
  if (invoice.amount_due > 0) expectPayment(state, invoice);
  emit(state, 'invoice.finalized', invoice);
  collect(state, invoice);
}

function numberOf(state: State, { customer }: Invoice): string {
  const count = all(state, 'invoice').filter((each) => each.customer === customer && each.number !== null).length + 1;
  return `${customer.slice(-8).toUpperCase().replace(/\W|_/g, '')}-${String(count).padStart(4, '0')}`;
}

/** A draft cannot be finalised until somebody mends what is wrong. */
export function failFinalization(state: State, invoice: Invoice): void {
  if (invoice.status !== 'draft') throw new Error(`The invoice ${invoice.id} is no draft`);
  invoice.automatically_finalizes_at = null;
  invoice.next_payment_attempt = null;
  invoice.last_finalization_error = {
    type: 'invalid_request_error',
    code: 'customer_tax_location_invalid',
    message: "The customer's location isn't recognized. Set a valid customer address in order to calculate tax.",
  };
  emit(state, 'invoice.finalization_failed', invoice);
}
