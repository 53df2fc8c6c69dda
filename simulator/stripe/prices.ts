import { times } from './money.ts';
import type { Price, Tier } from './objects.ts';
import { find, keep, nextId, type State, seconds } from './state.ts';
import type { NewPrice } from './types.ts';

/** Adds a price and its product. */
export function addPrice(state: State, given: NewPrice = {}): string {
  const created = seconds(state);
  const product = nextId(state, 'prod');
  const common = { created, livemode: false, metadata: {}, active: true } as const;
  keep(state, 'product', { id: product, object: 'product', name: given.name ?? 'Plan', updated: created, ...common });
  const id = given.id ?? nextId(state, 'price');
  const isMetered = given.isMetered ?? false;
  const unit = given.tiers === undefined ? amounts(given.unitAmount ?? 1000) : amounts(undefined);
  keep(state, 'price', {
    id,
    object: 'price',
    ...common,
    product,
    nickname: given.name ?? null,
    type: 'recurring',
    currency: (given.currency ?? 'usd').toLowerCase(),
    billing_scheme: given.tiers === undefined ? 'per_unit' : 'tiered',
    unit_amount: unit.whole,
    unit_amount_decimal: unit.decimal,
    tiers_mode: given.tiers === undefined ? null : (given.tiersMode ?? 'graduated'),
    recurring: {
      interval: given.interval ?? 'month',
      interval_count: given.intervalCount ?? 1,
      usage_type: isMetered ? 'metered' : 'licensed',
      meter: isMetered ? nextId(state, 'mtr') : null,
      trial_period_days: null,
    },
  });
  if (given.tiers !== undefined) state.tiers.set(id, given.tiers.map(tierOf));
  return id;
}

function tierOf({ upTo, unitAmount, flatAmount }: NonNullable<NewPrice['tiers']>[number]): Tier {
  const [unit, flat] = [amounts(unitAmount), amounts(flatAmount)];
  return {
    up_to: upTo,
    unit_amount: unit.whole,
    unit_amount_decimal: unit.decimal,
    flat_amount: flat.whole,
    flat_amount_decimal: flat.decimal,
  };
}

/** Only the decimal is set where an amount is no whole number. */
function amounts(given: number | string | undefined): { whole: number | null; decimal: string | null } {
  if (given === undefined) return { whole: null, decimal: null };
  const text = String(given);
  return { whole: /^-?\d+$/.test(text) ? Number(text) : null, decimal: text };
}

export type PricedLine = { description: string; amount: number; quantity: number; unit: string | null };

/** What a quantity of a price costs: a line, or for tiers a line for each that is reached. */
export function pricedLines(state: State, price: Price, quantity: number): PricedLine[] {
  const name = find(state, 'product', price.product).name;
  const line = (text: string, unit: string, count: number): PricedLine => ({
    description: text,
    amount: times(unit, count),
    quantity: count,
    unit,
  });
  if (price.billing_scheme === 'per_unit')
    return [line(`${quantity} × ${name}`, price.unit_amount_decimal ?? '0', quantity)];
  return parts(price, state.tiers.get(price.id) ?? [], quantity).flatMap(({ tier, count, number }) => [
    line(`${count} × ${name} (Tier ${number})`, tier.unit_amount_decimal ?? '0', count),
    ...(tier.flat_amount !== null && quantity > 0
      ? [{ description: `${name} (Tier ${number}, flat fee)`, amount: tier.flat_amount, quantity: 0, unit: null }]
      : []),
  ]);
}

function parts(price: Price, tiers: readonly Tier[], quantity: number) {
  let from = 0;
  const reached = tiers.flatMap((tier, index) => {
    const upTo = tier.up_to ?? Number.POSITIVE_INFINITY;
    const count = Math.min(quantity, upTo) - from;
    const isIn = index === 0 || quantity > from;
    from = upTo;
    return isIn ? [{ tier, count, number: index + 1 }] : [];
  });
  return price.tiers_mode === 'volume' ? reached.slice(-1).map((part) => ({ ...part, count: quantity })) : reached;
}
