import { RowFault } from './faults.ts';

const symbols: Readonly<Record<string, string>> = { $: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY', '₹': 'INR' };
/** How amounts are written: what separates thousands is taken out, what then is left of `,` or `.` is the decimal sign. */
const shapes: readonly { pattern: RegExp; thousands?: RegExp }[] = [
  { pattern: /^\d+(\.\d+|,\d\d?)?$/ },
  { pattern: /^\d{1,3}(,\d{3})+(\.\d\d?)?$/, thousands: /,/g },
  { pattern: /^\d{1,3}(\.\d{3}){2,}$/, thousands: /\./g },
  { pattern: /^\d{1,3}(\.\d{3})+,\d\d?$/, thousands: /\./g },
  { pattern: /^\d{1,3}(['’ \u00a0\u202f]\d{3})+([.,]\d\d?)?$/, thousands: /['’ \u00a0\u202f]/g },
];
const MAX = 1e13;

/**
 * An amount of money, not negative, as a decimal number for the database, which rounds it to cents. `currency` is the
 * row's: a symbol or code in the text must agree with it. Throws RowFault where a separator could mean either thing; with
 * `isNumber`, text of a JSON number, it is a decimal point.
 */
export function toMoney(text: string, currency: string, isNumber: boolean): string {
  // The pattern takes long on long text.
  if (text.length > 50) throw notMoney();
  const [, before = '', amount = '', after = ''] =
    /^([^\d.,-]*?)\s*(-?[\d.,'’ \u00a0\u202f]*\d)\s*([^\d.,-]*)$/.exec(text) ?? [];
  refuseOther(before.trim(), currency);
  refuseOther(after.trim(), currency);
  if (amount.startsWith('-')) throw new RowFault('is negative');
  if (!isNumber && /^[1-9]\d{0,2}\.\d{3}$/.test(amount)) {
    const [whole, part] = amount.split('.');
    throw new RowFault(
      `could mean ${whole}${part} or ${amount}: write ${whole}${part} or ${Number(amount).toFixed(2)}`,
    );
  }
  const shape = shapes.find(({ pattern }) => pattern.test(amount));
  if (!shape) throw notMoney();
  const digits = shape.thousands ? amount.replaceAll(shape.thousands, '') : amount;
  const plain = digits.replace(',', '.');
  if (Number(plain) >= MAX) throw new RowFault('is too large an amount');
  return plain;
}

function refuseOther(mark: string, currency: string): void {
  if (mark === '') return;
  const code = symbols[mark] ?? mark.toUpperCase();
  if (!/^[A-Z]{3}$/.test(code)) throw notMoney();
  if (code !== currency) {
    throw new RowFault(`is in ${code} but the row's currency is ${currency}; give a currency column`);
  }
}

function notMoney(): RowFault {
  return new RowFault('is not an amount of money such as 1200 or 1,200.50');
}
