/** Currencies whose amounts Stripe gives in whole units, and in thousandths (docs.stripe.com/currencies). */
const whole = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const thousandths = new Set('BHD JOD KWD OMR TND'.split(' '));

/** A currency's code as we write it. */
export function currencyOf(code: string): string {
  return code.toUpperCase();
}

/** An amount in the smallest unit that Stripe counts in, in units of the currency: 1999 of `usd` is 19.99. */
export function toUnits(amount: number, code: string): number {
  const currency = currencyOf(code);
  if (whole.has(currency)) return amount;
  // Divided, not multiplied by a fraction: so 1999 is 19.99 and nothing else.
  return amount / (thousandths.has(currency) ? 1000 : 100);
}
