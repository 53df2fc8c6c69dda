import { cancel, changeQuantity, pause, resume } from './altering.ts';
import { adjustBalance } from './balance.ts';
import { attempt, markUncollectible, pay, voidInvoice } from './collecting.ts';
import { grantCredit, voidCredit } from './credit.ts';
import { addCustomer, deleteCustomer, setCard, updateCustomer } from './customers.ts';
import { failFinalization, finalize, makeInvoice } from './invoicing.ts';
import { ownLine } from './lines.ts';
import type { Invoice } from './objects.ts';
import { closeDispute, dispute } from './payments.ts';
import { addPrice } from './prices.ts';
import { find, nextId, type State, seconds } from './state.ts';
import { subscribe } from './subscribing.ts';
import { itemOf } from './subscriptions.ts';
import type { StripeServer } from './types.ts';

type Acts = Pick<
  StripeServer,
  | 'addCustomer'
  | 'addPrice'
  | 'subscribe'
  | 'updateCustomer'
  | 'deleteCustomer'
  | 'setCard'
  | 'adjustBalance'
  | 'reportUsage'
  | 'changeQuantity'
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'addInvoice'
  | 'finalize'
  | 'failFinalization'
  | 'pay'
  | 'attempt'
  | 'voidInvoice'
  | 'markUncollectible'
  | 'dispute'
  | 'closeDispute'
  | 'grantCredit'
  | 'voidCredit'
>;

/** What customers, their banks and the people in Stripe's dashboard do. */
export function createActs(state: State): Acts {
  const invoice = (id: string): Invoice => find(state, 'invoice', id);
  const subscription = (id: string) => find(state, 'subscription', id);
  return {
    addCustomer: (given) => addCustomer(state, given),
    addPrice: (given) => addPrice(state, given),
    subscribe: (given) => subscribe(state, given),
    updateCustomer: (id, fields) => updateCustomer(state, id, fields),
    deleteCustomer: (id) => deleteCustomer(state, id),
    setCard: (id, card) => setCard(state, id, card),
    adjustBalance: (id, amount, currency) =>
      adjustBalance(state, id, amount, currency === undefined ? {} : { currency }),
    reportUsage(id, quantity, at) {
      const { item } = itemOf(state, id, true);
      const time = at === undefined ? seconds(state) : Math.floor(at.getTime() / 1000);
      state.usage.set(item.id, [...(state.usage.get(item.id) ?? []), { at: time, quantity }]);
    },
    changeQuantity(id, quantity, { prorate = true } = {}) {
      const found = itemOf(state, id, false);
      changeQuantity(state, found.subscription, found.item, quantity, prorate);
    },
    pause: (id, options = {}) => pause(state, subscription(id), options),
    resume: (id) => resume(state, subscription(id)),
    cancel: (id, when = 'now') => cancel(state, subscription(id), when),
    addInvoice: (given) => addInvoice(state, given),
    finalize(id) {
      const draft = invoice(id);
      if (draft.status !== 'draft') throw new Error(`The invoice ${id} is no draft`);
      draft.last_finalization_error = null;
      finalize(state, draft);
    },
    failFinalization(id) {
      if (state.store.customer.has(id)) state.failing.add(id);
      else failFinalization(state, invoice(id));
    },
    pay(id) {
      const { status } = invoice(id);
      if (status !== 'open' && status !== 'uncollectible') throw new Error(`The invoice ${id} is ${status}`);
      pay(state, invoice(id));
    },
    attempt(id) {
      if (invoice(id).status !== 'open') throw new Error(`The invoice ${id} is ${invoice(id).status}`);
      attempt(state, invoice(id), true);
    },
    voidInvoice: (id) => voidInvoice(state, invoice(id)),
    markUncollectible: (id) => markUncollectible(state, invoice(id)),
    dispute: (id, options) => dispute(state, id, options),
    closeDispute: (id, status) => closeDispute(state, id, status),
    grantCredit: (given) => grantCredit(state, given),
    voidCredit: (id) => voidCredit(state, id),
  };
}

function addInvoice(state: State, given: Parameters<StripeServer['addInvoice']>[0]): string {
  const customer = find(state, 'customer', given.customer);
  const currency = (given.currency ?? customer.currency ?? 'usd').toLowerCase();
  const collection_method = given.collection ?? 'charge_automatically';
  const period = { start: seconds(state), end: seconds(state) };
  const id = nextId(state, 'in');
  if (given.tax) state.taxes.set(id, given.tax);
  const lines = given.lines.map(({ description, amount, quantity = 1 }) =>
    ownLine(state, currency, { description, amount, quantity, period }),
  );
  const daysUntilDue = collection_method === 'send_invoice' ? (given.daysUntilDue ?? 30) : null;
  const of = { id, customer: customer.id, currency, collection_method, daysUntilDue, lines, period };
  makeInvoice(state, { ...of, billing_reason: 'manual', subscription: null }, given.draft ? 'never' : 'now');
  return id;
}
