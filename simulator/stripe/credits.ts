import { z } from 'zod';
import { leftOf, usableGrants } from './credit.ts';
import { complete } from './fixtures.ts';
import { type Json, toJson } from './json.ts';
import { newestFirst, page } from './lists.ts';
import { expandable, pageable, readParams } from './params.ts';
import { invalid } from './refusal.ts';
import type { Call } from './routes.ts';
import { all, find, type State } from './state.ts';

const grantsSchema = z.strictObject({ ...pageable, customer: z.string().optional() });

/** GET /v1/billing/credit_grants */
export function listGrants(state: State, { params, path }: Call): Json {
  const asked = readParams(grantsSchema, params);
  if (asked.customer !== undefined) find(state, 'customer', asked.customer, 'customer');
  const grants = newestFirst(all(state, 'billing.credit_grant')).filter(
    ({ customer }) => asked.customer === undefined || asked.customer === customer,
  );
  return page(grants, asked, path, (grant) => toJson(state, grant));
}

/** GET /v1/billing/credit_grants/:id */
export function showGrant(state: State, { ids, params }: Call): Json {
  readParams(z.strictObject(expandable), params);
  return toJson(state, find(state, 'billing.credit_grant', ids[0]!));
}

const transactionsSchema = z.strictObject({
  ...pageable,
  customer: z.string().optional(),
  credit_grant: z.string().optional(),
});

/** GET /v1/billing/credit_balance_transactions */
export function listCreditTransactions(state: State, { params, path }: Call): Json {
  const asked = readParams(transactionsSchema, params);
  if (asked.customer === undefined && asked.credit_grant === undefined)
    throw invalid('Missing required param: customer.', 'parameter_missing', 'customer');
  if (asked.customer !== undefined) find(state, 'customer', asked.customer, 'customer');
  const transactions = newestFirst(all(state, 'billing.credit_balance_transaction')).filter(
    ({ credit_grant }) =>
      (asked.credit_grant === undefined || asked.credit_grant === credit_grant) &&
      (asked.customer === undefined || asked.customer === find(state, 'billing.credit_grant', credit_grant).customer),
  );
  return page(transactions, asked, path, (each) => toJson(state, each));
}

/** GET /v1/billing/credit_balance_transactions/:id */
export function showCreditTransaction(state: State, { ids, params }: Call): Json {
  readParams(z.strictObject(expandable), params);
  return toJson(state, find(state, 'billing.credit_balance_transaction', ids[0]!));
}

const summarySchema = z.strictObject({
  ...expandable,
  customer: z.string(),
  filter: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('credit_grant'), credit_grant: z.string() }),
    z.strictObject({
      type: z.literal('applicability_scope'),
      applicability_scope: z.strictObject({
        price_type: z.literal('metered').optional(),
        prices: z.array(z.strictObject({ id: z.string() })).optional(),
      }),
    }),
  ]),
});

/** GET /v1/billing/credit_balance_summary: what may be used now, by currency. */
export function summarizeCredit(state: State, { params }: Call): Json {
  const { customer, filter } = readParams(summarySchema, params);
  find(state, 'customer', customer, 'customer');
  const only =
    filter.type === 'credit_grant'
      ? find(state, 'billing.credit_grant', filter.credit_grant, 'filter[credit_grant]')
      : null;
  const grants = all(state, 'billing.credit_grant').filter(
    (grant) => grant.customer === customer && (only === null || grant === only),
  );
  const currencies = [...new Set(grants.map(({ amount }) => amount.monetary.currency))];
  const balances = currencies.map((currency) => {
    const usable = usableGrants(state, customer, currency).filter((grant) => grants.includes(grant));
    const value = usable.reduce((total, grant) => total + leftOf(state, grant), 0);
    const balance = { type: 'monetary', monetary: { currency, value } };
    return { available_balance: balance, ledger_balance: balance };
  });
  const kind = 'billing.credit_balance_summary';
  return complete(state, kind, { object: kind, customer, livemode: false, balances });
}
