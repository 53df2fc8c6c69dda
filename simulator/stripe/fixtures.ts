import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { State } from './state.ts';

type Json = Record<string, unknown>;

/** Reads Stripe's example objects, by the name of their kind. */
export function readFixtures(file: string): Record<string, Json> {
  const record = z.record(z.string(), z.unknown());
  return z.object({ resources: z.record(z.string(), record) }).parse(JSON.parse(readFileSync(file, 'utf8'))).resources;
}

/** A copy of an object, laid over the example of its kind where examples were given. */
export function complete(state: State, kind: string, object: object): Json {
  const example = state.fixtures?.[kind];
  const whole = example === undefined ? object : over({ ...example, ...unlike[kind] }, object as Json);
  return structuredClone(whole) as Json;
}

function over(below: Json, above: Json): Json {
  const laid = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const under = laid[name];
    laid[name] = name !== 'metadata' && isPlain(under) && isPlain(value) ? over(under, value) : value;
  }
  return laid;
}

const isPlain = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && (value as Json).object !== 'list';

/** What the examples have only to show that it could be there. */
const unlike: Record<string, Json> = {
  customer: { discount: null, shipping: null },
  subscription: {
    billing_cycle_anchor_config: null,
    billing_schedules: [],
    billing_thresholds: null,
    managed_payments: { enabled: false },
    next_pending_invoice_item_invoice: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
    pending_invoice_item_interval: null,
    pending_update: null,
    transfer_data: null,
    trial_end: null,
    trial_start: null,
  },
  subscription_item: { billing_thresholds: null },
  price: { custom_unit_amount: null, transform_quantity: null },
  product: { default_price: null, description: null, package_dimensions: null },
  plan: { transform_usage: null },
  coupon: { redeem_by: null },
  invoice: {
    customer_shipping: null,
    from_invoice: null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    webhooks_delivered_at: null,
  },
  payment_intent: {
    client_secret: null,
    managed_payments: { enabled: false },
    payment_method_configuration_details: null,
    processing: null,
    shipping: null,
    transfer_data: null,
  },
  charge: { balance_transaction: null, receipt_url: null, shipping: null, source: null, transfer_data: null },
  payment_method: { billing_details: { address: null, email: null, name: null, phone: null, tax_id: null } },
};
