import type { InvoiceToRead } from '../db/invoices-to-read.ts';
import { inputOf } from './evaluate.ts';
import { fingerprintOf, invoiceValues } from './invoice-metrics.ts';
import { type Changes, end, type Known, readOne } from './note-changes.ts';
import type { Indicator, InvoiceMark, Rule } from './types.ts';

/** Subject of the reading that says that an account's invoices were looked at before. */
const LOOKED_AT = 'every invoice';
const MOST_SUBJECT = 100;

/** Reads a rule of each invoice. An alert keeps its subject when the invoice gets its number. */
export function readInvoices(
  indicator: Indicator,
  rule: Rule,
  known: Known & { applies: boolean },
  changes: Changes,
): void {
  const { invoices, account, applies, day, timeZone = 'UTC' } = known;
  const open = (known.standings ?? []).filter((each) => each.indicator === indicator.id && each.alert?.latest.invoice);
  if (!applies) {
    for (const stored of open) end(indicator, known, stored, 'excluded', changes);
    return;
  }
  if (invoices === undefined) return;
  const looked = known.standing(indicator.id, LOOKED_AT) !== undefined;
  if (invoices && !looked) {
    const none = { met: false, onceUnmet: true, streak: 0, value: null, previous: null };
    changes.readings.push({ account: account.id, indicator: indicator.id, subject: LOOKED_AT, ...none });
  }
  const taken = new Set(open.map(({ subject }) => subject));
  const found = new Set<string>();
  for (const invoice of invoices ?? []) {
    const own = open.find(({ alert }) => alert?.latest.invoice?.id === invoice.id);
    const subject = own?.subject ?? freeSubject(invoice, taken);
    taken.add(subject);
    found.add(invoice.id);
    const stored = own ?? known.standing(indicator.id, subject);
    const values = { ...known.values, ...invoiceValues(invoice, { day, timeZone }) };
    const mark = markOf(invoice);
    readOne(
      indicator,
      rule,
      { ...known, values, input: inputOf(values), stored, dataAt: invoice.readAt, invoice: { subject, mark, looked } },
      changes,
    );
  }
  // Of an account that lost its customer the invoice may stand as it was.
  const resolution = invoices === null ? 'excluded' : 'cleared';
  for (const stored of open) {
    if (!found.has(stored.alert?.latest.invoice?.id ?? '')) end(indicator, known, stored, resolution, changes);
  }
  forget(indicator, known, taken, changes);
}

/** Leaves readings of the invoices that are there, so that those of years do not pile up. */
function forget({ id, rules }: Indicator, known: Known, subjects: ReadonlySet<string>, changes: Changes): void {
  const kept = new Set([LOOKED_AT, ...subjects, ...rules.flatMap((rule) => (rule.forEach ? [] : rule.subject))]);
  for (const { account, indicator, subject, reading } of known.standings ?? []) {
    if (indicator === id && reading && !kept.has(subject)) changes.forgotten.push({ account, indicator, subject });
  }
}

/** What an invoice is called in alerts, which no other one is. */
function freeSubject({ label, id }: InvoiceToRead, taken: ReadonlySet<string>): string {
  const subject = label.slice(0, MOST_SUBJECT).toWellFormed();
  if (!taken.has(subject)) return subject;
  const tail = ` (${id.slice(-20)})`;
  return `${label.slice(0, MOST_SUBJECT - tail.length)}${tail}`.toWellFormed();
}

function markOf(invoice: InvoiceToRead): InvoiceMark {
  const { id, currency, readAt } = invoice;
  return { id, currency, shown: fingerprintOf(invoice), at: readAt.toISOString() };
}
