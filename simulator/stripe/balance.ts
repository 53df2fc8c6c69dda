import { emit } from './events.ts';
import type { BalanceTransaction, Customer } from './objects.ts';
import { find, keep, nextId, type State, seconds } from './state.ts';

/** Adds to a customer's balance; below zero is in the customer's favour. */
export function adjustBalance(
  state: State,
  customerId: string,
  amount: number,
  { currency, type = 'adjustment', invoice = null }: Partial<Pick<BalanceTransaction, 'currency' | 'type' | 'invoice'>>,
): void {
  const customer = find(state, 'customer', customerId);
  settleCurrency(customer, currency ?? customer.currency ?? 'usd');
  customer.balance += amount;
  keep(state, 'customer_balance_transaction', {
    id: nextId(state, 'cbtxn'),
    object: 'customer_balance_transaction',
    created: seconds(state),
    livemode: false,
    metadata: {},
    customer: customerId,
    currency: customer.currency!,
    amount,
    ending_balance: customer.balance,
    invoice,
    type,
  });
  emit(state, 'customer.updated', customer);
}

/** A customer has the currency of what was made first. */
export function settleCurrency(customer: Customer, currency: string): void {
  customer.currency ??= currency.toLowerCase();
}
