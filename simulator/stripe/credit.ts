import { later } from './clock.ts';
import { emit } from './events.ts';
import type { CreditTransaction, Grant, Invoice } from './objects.ts';
import { all, find, keep, nextId, type State, seconds } from './state.ts';
import type { NewGrant } from './types.ts';

export type CreditPart = { grant: string; amount: number };

/** Grants credit; it expires by the clock. */
export function grantCredit(state: State, given: NewGrant): string {
  const customer = find(state, 'customer', given.customer);
  const currency = (given.currency ?? customer.currency ?? 'usd').toLowerCase();
  const now = seconds(state);
  const grant = keep(state, 'billing.credit_grant', {
    id: nextId(state, 'credgr'),
    object: 'billing.credit_grant',
    created: now,
    livemode: false,
    metadata: {},
    customer: customer.id,
    name: given.name ?? null,
    category: given.category ?? 'paid',
    amount: money(currency, given.amount),
    applicability_config: { scope: { price_type: 'metered' } },
    priority: given.priority ?? 50,
    effective_at: secondsOf(given.effectiveAt) ?? now,
    expires_at: secondsOf(given.expiresAt),
    voided_at: null,
    updated: now,
  });
  emit(state, 'billing.credit_grant.created', grant);
  credit(state, grant, given.amount, 'credits_granted');
  if (grant.expires_at !== null) later(state, grant.expires_at, () => end(state, grant, 'credits_expired'));
  return grant.id;
}

/** Takes back what is left of a grant. */
export function voidCredit(state: State, id: string): void {
  const grant = find(state, 'billing.credit_grant', id);
  if (grant.voided_at !== null) throw new Error(`The grant ${id} is void already`);
  end(state, grant, 'credits_voided');
  touch(grant, state, { voided_at: seconds(state) });
  emit(state, 'billing.credit_grant.updated', grant);
}

function touch(grant: Grant, state: State, fields: Partial<Grant>): void {
  Object.assign(grant, fields, { updated: seconds(state) });
}

function end(state: State, grant: Grant, type: 'credits_expired' | 'credits_voided'): void {
  if (grant.voided_at !== null) return;
  const rest = leftOf(state, grant);
  if (rest > 0) debit(state, grant, rest, { type, credits_applied: null });
}

/** What is left of a grant, whether or not it may be used yet. */
export function leftOf(state: State, grant: Grant): number {
  return all(state, 'billing.credit_balance_transaction')
    .filter(({ credit_grant }) => credit_grant === grant.id)
    .reduce(
      (left, { credit: plus, debit: minus }) =>
        left + (plus?.amount.monetary.value ?? 0) - (minus?.amount.monetary.value ?? 0),
      0,
    );
}

/** A customer's grants that may be used now, in the order in which Stripe uses them. */
export function usableGrants(state: State, customer: string, currency: string): Grant[] {
  const now = seconds(state);
  return all(state, 'billing.credit_grant')
    .filter(
      (grant) =>
        grant.customer === customer &&
        grant.amount.monetary.currency === currency &&
        grant.voided_at === null &&
        grant.effective_at <= now &&
        (grant.expires_at === null || grant.expires_at > now),
    )
    .sort(
      (one, other) =>
        one.priority - other.priority ||
        (one.expires_at ?? Number.MAX_SAFE_INTEGER) - (other.expires_at ?? Number.MAX_SAFE_INTEGER) ||
        Number(other.category === 'promotional') - Number(one.category === 'promotional') ||
        one.effective_at - other.effective_at ||
        one.created - other.created,
    );
}

/** What of an amount the customer's credit pays, by grant; `taken` is what is spoken for already. */
export function creditFor(
  state: State,
  customer: string,
  currency: string,
  amount: number,
  taken: ReadonlyMap<string, number>,
): CreditPart[] {
  let open = amount;
  return usableGrants(state, customer, currency).flatMap((grant) => {
    const part = Math.min(open, leftOf(state, grant) - (taken.get(grant.id) ?? 0));
    if (part <= 0) return [];
    open -= part;
    return [{ grant: grant.id, amount: part }];
  });
}

/** Spends credit on a line of an invoice; answers with the transaction's id. */
export function spendCredit(state: State, { grant: id, amount }: CreditPart, invoice: string, line: string): string {
  const grant = find(state, 'billing.credit_grant', id);
  return debit(state, grant, amount, {
    type: 'credits_applied',
    credits_applied: { invoice, invoice_line_item: line },
  });
}

/** Gives back what an invoice used. */
export function giveBackCredit(state: State, invoice: Invoice): void {
  for (const { credit_grant, debit: used } of all(state, 'billing.credit_balance_transaction')) {
    if (used?.credits_applied?.invoice !== invoice.id) continue;
    const grant = find(state, 'billing.credit_grant', credit_grant);
    credit(state, grant, used.amount.monetary.value, 'credits_application_invoice_voided', used.credits_applied);
    // What is given back late is gone at once.
    if (grant.expires_at !== null && grant.expires_at <= seconds(state)) end(state, grant, 'credits_expired');
  }
}

function credit(
  state: State,
  grant: Grant,
  amount: number,
  type: NonNullable<CreditTransaction['credit']>['type'],
  of: NonNullable<CreditTransaction['credit']>['credits_application_invoice_voided'] = null,
): void {
  const paid = money(grant.amount.monetary.currency, amount);
  const effective = type === 'credits_granted' ? grant.effective_at : seconds(state);
  record(state, grant, effective, { type, amount: paid, credits_application_invoice_voided: of }, null);
}

function debit(
  state: State,
  grant: Grant,
  amount: number,
  of: Pick<NonNullable<CreditTransaction['debit']>, 'type' | 'credits_applied'>,
): string {
  const paid = money(grant.amount.monetary.currency, amount);
  return record(state, grant, seconds(state), null, { ...of, amount: paid });
}

function record(
  state: State,
  grant: Grant,
  effective_at: number,
  plus: CreditTransaction['credit'],
  minus: CreditTransaction['debit'],
): string {
  const transaction = keep(state, 'billing.credit_balance_transaction', {
    id: nextId(state, 'cbtxn_credit'),
    object: 'billing.credit_balance_transaction',
    created: seconds(state),
    livemode: false,
    credit_grant: grant.id,
    effective_at,
    type: plus ? 'credit' : 'debit',
    credit: plus,
    debit: minus,
  });
  emit(state, 'billing.credit_balance_transaction.created', transaction);
  return transaction.id;
}

const money = (currency: string, value: number) => ({ type: 'monetary' as const, monetary: { currency, value } });

const secondsOf = (date: Date | undefined) => (date === undefined ? null : Math.floor(date.getTime() / 1000));
