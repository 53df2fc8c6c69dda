import { createReadStream, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { addDays, addMonths, daysFrom } from '../../src/days.ts';
import type { BilledAccount } from './measure-errors.ts';

const FILE = resolve(import.meta.dirname, '../../../shared/data/online_retail.csv.gz');
/** The last month that is whole. */
const LAST = '2011-11-01';
/** Months of which each is foretold from those before it. */
const FORETOLD = 6;
/** Every so manieth customer is enough, and is sooner done. */
const EVERY = 4;

type Line = { quantity: string; invoice_date: string; unit_price: string; customer_id: string };

/** Customers of a wholesaler as accounts: pieces ordered a day are their use, a month's orders their bill. `null` where the file is absent. */
export async function readRetail(): Promise<BilledAccount[] | null> {
  if (!existsSync(FILE)) return null;
  const customers = new Map<string, { pieces: Map<string, number>; billed: Map<string, number> }>();
  const lines = createReadStream(FILE)
    .pipe(createGunzip())
    .pipe(parse({ columns: true }));
  for await (const line of lines as AsyncIterable<Line>) {
    const day = line.invoice_date.slice(0, 10);
    const customer = customers.get(line.customer_id) ?? { pieces: new Map(), billed: new Map() };
    customers.set(line.customer_id, customer);
    const quantity = Number(line.quantity);
    add(customer.pieces, day, quantity);
    add(customer.billed, `${day.slice(0, 7)}-01`, quantity * Number(line.unit_price));
  }
  const some = [...customers.values()].filter((_, index) => index % EVERY === 0);
  return some
    .flatMap(({ pieces, billed }) => {
      const first = [...billed.keys()].reduce((least, month) => (month < least ? month : least));
      const usage = new Map(daysFrom(first, addDays(addMonths(LAST, 1), -1)).map((day) => [day, pieces.get(day) ?? 0]));
      const months: BilledAccount['months'][number][] = [];
      for (let from = first; from <= LAST; from = addMonths(from, 1)) {
        months.push({
          from,
          before: addMonths(from, 1),
          amount: Math.max(0, Math.round(100 * (billed.get(from) ?? 0)) / 100),
        });
      }
      return Array.from({ length: FORETOLD }, (_, index) => ({
        usage,
        months: months.slice(0, months.length - index),
      }));
    })
    .filter(({ months }) => months.length > 4);
}

function add(sums: Map<string, number>, key: string, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}
