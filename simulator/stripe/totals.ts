import { type CreditPart, creditFor } from './credit.ts';
import { percentOf, spread, taxWithin } from './money.ts';
import type { Coupon, CreditAmount, Invoice, Line, TaxAmount } from './objects.ts';
import { find, type State } from './state.ts';

type Totals = Pick<
  Invoice,
  | 'lines'
  | 'subtotal'
  | 'subtotal_excluding_tax'
  | 'total'
  | 'total_excluding_tax'
  | 'total_discount_amounts'
  | 'total_pretax_credit_amounts'
  | 'total_taxes'
  | 'starting_balance'
  | 'ending_balance'
  | 'amount_due'
  | 'amount_remaining'
>;

/**
 * What an invoice's lines come to: discounts, then credit on what is metered, then taxes, each line by itself; then the
 * customer's balance. `use` spends credit and says by which transaction; without it, it only says how much there is.
 */
export function totalsOf(
  state: State,
  invoice: Pick<Invoice, 'id' | 'customer' | 'currency' | 'discounts' | 'lines' | 'parent'>,
  use?: (part: CreditPart, line: Line) => string,
): Totals {
  let lines = invoice.lines.map(
    (line): Line => ({ ...line, discount_amounts: [], pretax_credit_amounts: [], taxes: [] }),
  );
  for (const id of invoice.discounts) lines = discounted(state, lines, id);
  lines = credited(state, invoice, lines, use);
  lines = taxed(state, invoice, lines);

  const taxes = lines.flatMap((line) => line.taxes);
  const tax = sum(taxes);
  const included = sum(taxes.filter(({ tax_behavior }) => tax_behavior === 'inclusive'));
  const subtotal = sum(lines);
  const before = subtotal - sum(lines.flatMap(({ pretax_credit_amounts }) => pretax_credit_amounts));
  const total = before + tax - included;
  return {
    lines,
    subtotal,
    // Less the tax that would be in it without discounts, which is what Stripe has there.
    subtotal_excluding_tax: subtotal - (included === 0 ? 0 : withinAll(state, invoice, lines)),
    total,
    total_excluding_tax: total - tax,
    total_discount_amounts: together(
      lines.flatMap((line) => line.discount_amounts),
      ({ discount }) => discount,
    ),
    total_pretax_credit_amounts: together(
      lines.flatMap((line) => line.pretax_credit_amounts),
      (amount) => amount.discount ?? amount.credit_balance_transaction ?? 'credit',
    ),
    total_taxes: togetherTaxes(taxes),
    ...dueOf(find(state, 'customer', invoice.customer), invoice.currency, total),
  };
}

type Amount = { amount: number };
const sum = (list: readonly Amount[]) => list.reduce((total, { amount }) => total + amount, 0);

function dueOf({ balance, currency }: { balance: number; currency: string | null }, of: string, total: number) {
  const starting = currency === null || currency === of ? balance : 0;
  // What is in the customer's favour pays as far as it goes; what is owed is added. Less than nothing goes to the balance.
  const due = Math.max(0, total + starting);
  const ending = Math.min(0, total + starting);
  return { starting_balance: starting, ending_balance: ending, amount_due: due, amount_remaining: due };
}

const left = (line: Line) => line.amount - sum(line.pretax_credit_amounts);

function discounted(state: State, lines: readonly Line[], id: string): Line[] {
  const coupon: Coupon = find(state, 'coupon', find(state, 'discount', id).source.coupon);
  const weights = lines.map((line) => (line.discountable ? Math.max(0, left(line)) : 0));
  const whole = weights.reduce((total, weight) => total + weight, 0);
  const off = coupon.percent_off === null ? (coupon.amount_off ?? 0) : percentOf(whole, coupon.percent_off);
  const parts = spread(Math.min(off, whole), weights);
  return lines.map((line, index) => {
    const amount = parts[index]!;
    if (amount === 0) return line;
    const credit: CreditAmount = { type: 'discount', amount, discount: id };
    return {
      ...line,
      discount_amounts: [...line.discount_amounts, { amount, discount: id }],
      pretax_credit_amounts: [...line.pretax_credit_amounts, credit],
    };
  });
}

function credited(
  state: State,
  { customer, currency }: Pick<Invoice, 'customer' | 'currency'>,
  lines: readonly Line[],
  use?: (part: CreditPart, line: Line) => string,
): Line[] {
  const taken = new Map<string, number>();
  return lines.map((line) => {
    const price = line.pricing?.price_details.price;
    if (price === undefined || find(state, 'price', price).recurring.usage_type !== 'metered') return line;
    const parts = creditFor(state, customer, currency, left(line), taken);
    const credits = parts.map((part): CreditAmount => {
      if (!use) taken.set(part.grant, (taken.get(part.grant) ?? 0) + part.amount);
      return {
        type: 'credit_balance_transaction',
        amount: part.amount,
        credit_balance_transaction: use ? use(part, line) : null,
      };
    });
    return { ...line, pretax_credit_amounts: [...line.pretax_credit_amounts, ...credits] };
  });
}

const taxOf = (state: State, { id, parent }: Pick<Invoice, 'id' | 'parent'>) =>
  state.taxes.get(parent?.subscription_details.subscription ?? id);

function taxed(state: State, invoice: Pick<Invoice, 'id' | 'parent'>, lines: readonly Line[]): Line[] {
  const tax = taxOf(state, invoice);
  if (!tax) return [...lines];
  return lines.map((line) => {
    const whole = left(line);
    const amount = tax.inclusive ? taxWithin(whole, tax.percent) : percentOf(whole, tax.percent);
    const entry: TaxAmount = {
      type: 'tax_rate_details',
      amount,
      tax_behavior: tax.inclusive ? 'inclusive' : 'exclusive',
      tax_rate_details: { tax_rate: `txr_${String(tax.percent).replace('.', '_')}` },
      taxability_reason: 'standard_rated',
      taxable_amount: tax.inclusive ? whole - amount : whole,
    };
    return { ...line, taxes: [entry] };
  });
}

function withinAll(state: State, invoice: Pick<Invoice, 'id' | 'parent'>, lines: readonly Line[]): number {
  const percent = taxOf(state, invoice)?.percent ?? 0;
  return lines.reduce((total, { amount }) => total + taxWithin(amount, percent), 0);
}

function together<T extends Amount>(list: readonly T[], keyOf: (entry: T) => string): T[] {
  const groups = Map.groupBy(list, keyOf).values();
  return [...groups].map((group) => ({ ...group[0]!, amount: sum(group) }));
}

function togetherTaxes(taxes: readonly TaxAmount[]): TaxAmount[] {
  return together(taxes, ({ tax_rate_details }) => tax_rate_details.tax_rate).map((entry) => ({
    ...entry,
    taxable_amount: taxes.reduce((total, { taxable_amount }) => total + taxable_amount, 0),
  }));
}
