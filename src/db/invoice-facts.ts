import { sql } from 'kysely';
import type { InvoiceLine } from '../billing/types.ts';
import { usualOf } from '../billing/usual.ts';
import { localDay } from '../days.ts';
import { earlierInvoices } from './invoices-to-read.ts';
import type { Day, Db } from './types.ts';

type Earlier = { label: string; day: Day; total: number };

/** What an invoice is compared with: those before it, the newest first, and their mean, `null` without any. */
export type UsualFact = {
  kind: 'usual';
  currency: string;
  total: number;
  mean: number | null;
  earlier: readonly Earlier[];
};

/** What makes the difference between an invoice and the last one, the largest first; without one `last` is `null`, and `before` 0. */
export type LinesFact = {
  kind: 'lines';
  currency: string;
  last: { label: string; day: Day } | null;
  lines: readonly { what: string; now: number; before: number }[];
};

type Row = {
  currency: string;
  total: number;
  lines: InvoiceLine[];
  earlier: { label: string; at: string; total: number; lines: InvoiceLine[] }[];
};

/** Looks up what an invoice is compared with, or what makes the difference; `null` when it is gone. */
export async function findInvoiceFact(
  db: Db,
  invoiceId: string,
  what: 'usual' | 'lines',
  timeZone: string,
): Promise<UsualFact | LinesFact | null> {
  const { rows } = await sql<Row>`
    select i.currency, i.total, i.lines, coalesce((
      select json_agg(json_build_object('label', e.label, 'at', e.created_at, 'total', e.total, 'lines', e.lines)
        order by e.created_at desc, e.id)
      from (${earlierInvoices(sql`i`)}) e
    ), '[]') as earlier
    from invoices i where i.id = ${invoiceId}
  `.execute(db);
  const [row] = rows;
  if (!row) return null;
  const { currency, total, lines } = row;
  const earlier = row.earlier.map((each) => ({ ...each, day: localDay(new Date(each.at), timeZone) }));
  if (what === 'usual') {
    const told = earlier.map(({ label, day, total: amount }) => ({ label, day, total: amount }));
    return { kind: 'usual', currency, total, mean: usualOf(earlier), earlier: told };
  }
  const [last] = earlier;
  const drivers = differencesOf(lines, last?.lines ?? []);
  return { kind: 'lines', currency, last: last ? { label: last.label, day: last.day } : null, lines: drivers };
}

/** What each thing costs now and did before, the largest difference first; lines are the same by their item, else by their words. */
function differencesOf(
  lines: readonly InvoiceLine[],
  before: readonly InvoiceLine[],
): { what: string; now: number; before: number }[] {
  const found = new Map<string, { what: string; now: number; before: number }>();
  const add = (list: readonly InvoiceLine[], side: 'now' | 'before') => {
    for (const { what, amount, item } of list) {
      const key = item === null ? `what ${what}` : `item ${item}`;
      const known = found.get(key) ?? { what, now: 0, before: 0 };
      known[side] += amount;
      found.set(key, known);
    }
  };
  add(lines, 'now');
  add(before, 'before');
  const size = (each: { now: number; before: number }) => Math.abs(each.now - each.before);
  return [...found.values()].filter((each) => size(each) > 0.0005).sort((a, b) => size(b) - size(a));
}
