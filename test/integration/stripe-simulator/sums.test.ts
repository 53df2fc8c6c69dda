import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { randomNumbers } from '../../../simulator/demo/random.ts';
import type { Card, StripeServer } from '../../../simulator/stripe/types.ts';
import { DAY, startStripe } from './kit.ts';

/** A customer with a subscription of any kind, and a year in which anything may happen. */
async function anyYear(server: StripeServer, seed: number): Promise<string> {
  const random = randomNumbers(seed);
  const upTo = (most: number) => Math.floor(random() * most);
  const oneOf = <T>(choices: readonly T[]): T => choices[upTo(choices.length)]!;
  const currency = oneOf(['usd', 'jpy', 'kwd']);
  const customer = server.addCustomer();
  const items = [
    { price: server.addPrice({ currency, unitAmount: 1 + upTo(9999) }), quantity: 1 + upTo(9) },
    { price: server.addPrice({ currency, unitAmount: `${upTo(50)}.${upTo(999)}`, isMetered: true }) },
  ];
  const subscription = server.subscribe({
    customer,
    items,
    tax: { percent: oneOf([0, 7.7, 19]), inclusive: random() < 0.5 },
    ...(random() < 0.5 && { discount: { percentOff: 1 + upTo(99) } }),
    collection: oneOf(['charge_automatically', 'send_invoice'] as const),
  });
  const openInvoice = () => server.ids('invoice').find((id) => server.object(id).status === 'open');
  const acts = [
    () => server.reportUsage(subscription, upTo(500)),
    () => server.changeQuantity(subscription, 1 + upTo(9)),
    () => server.setCard(customer, oneOf<Card>(['ok', 'declined', 'requires_action', null])),
    () => server.adjustBalance(customer, upTo(4000) - 2500),
    () =>
      server.grantCredit({
        customer,
        amount: 1 + upTo(5000),
        expiresAt: new Date(server.now().getTime() + upTo(200) * DAY),
      }),
    () => openInvoice() && server.voidInvoice(openInvoice()!),
    () => openInvoice() && server.markUncollectible(openInvoice()!),
    () => openInvoice() && server.pay(openInvoice()!),
    () => server.addInvoice({ customer, lines: [{ description: 'Service', amount: upTo(900) }] }),
  ];
  for (let step = 0; step < 60; step += 1) {
    if (random() < 0.6) oneOf(acts)();
    await server.advance(DAY * upTo(13));
  }
  return customer;
}

const sum = (list: readonly { amount: number }[] | null) =>
  (list ?? []).reduce((total, { amount }) => total + amount, 0);

/** What an invoice should come to by its own parts. */
function faultsOf(invoice: Stripe.Invoice): string[] {
  const { subtotal, total, total_excluding_tax, total_taxes, total_pretax_credit_amounts, starting_balance } = invoice;
  const lines = invoice.lines.data;
  const included = total_taxes!.filter(({ tax_behavior }) => tax_behavior === 'inclusive');
  const checks: [string, number, number][] = [
    ['subtotal', subtotal, sum(lines)],
    ['credit', sum(total_pretax_credit_amounts), sum(lines.flatMap((line) => line.pretax_credit_amounts ?? []))],
    ['tax', sum(total_taxes), sum(lines.flatMap((line) => line.taxes ?? []))],
    ['total', total, subtotal - sum(total_pretax_credit_amounts) + sum(total_taxes) - sum(included)],
    ['before tax', total_excluding_tax!, total - sum(total_taxes)],
    ['remaining', invoice.amount_remaining, invoice.amount_due - invoice.amount_paid],
    ['due', invoice.amount_due, Math.max(0, total + starting_balance)],
    ...(invoice.ending_balance === null
      ? []
      : [
          ['balance', invoice.amount_due + invoice.ending_balance, total + starting_balance] as [
            string,
            number,
            number,
          ],
        ]),
  ];
  const amounts = checks.flatMap(([, one, other]) => [one, other]);
  return [
    ...checks.filter(([, one, other]) => one !== other).map(([name, one, other]) => `${name}: ${one}, not ${other}`),
    ...(amounts.every(Number.isSafeInteger) ? [] : ['not in whole units']),
  ];
}

test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
  'whatever happens in a year, invoices, balance and credit add up (seed %i)',
  async (seed) => {
    const { server, stripe } = await startStripe();
    const customer = await anyYear(server, seed);
    const invoices = await stripe.invoices.list({ customer }).autoPagingToArray({ limit: 1000 });
    expect(invoices.length).toBeGreaterThan(10);
    // Of more lines than are shown with the invoice, the sums are of all.
    const whole = invoices.filter(({ lines }) => !lines.has_more);
    expect(whole.flatMap((invoice) => faultsOf(invoice).map((fault) => `${invoice.id} ${fault}`))).toEqual([]);

    const found = await stripe.customers.retrieve(customer);
    const moves = await stripe.customers.listBalanceTransactions(customer).autoPagingToArray({ limit: 1000 });
    expect(found).toMatchObject({ balance: sum(moves) });

    for (const grant of await stripe.billing.creditGrants.list({ customer }).autoPagingToArray({ limit: 1000 })) {
      const transactions = await stripe.billing.creditBalanceTransactions
        .list({ customer, credit_grant: grant.id })
        .autoPagingToArray({ limit: 1000 });
      let left = 0;
      for (const { credit, debit } of transactions.toReversed()) {
        left += (credit?.amount.monetary?.value ?? 0) - (debit?.amount.monetary?.value ?? 0);
        expect(left).toBeGreaterThanOrEqual(0);
      }
      if (grant.expires_at! * 1000 <= server.now().getTime()) expect(left).toBe(0);
    }
  },
);
