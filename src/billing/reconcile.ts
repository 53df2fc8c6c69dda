import type { Logger } from 'pino';
import { setDisputed } from '../db/invoices.ts';
import { findChangedCustomers, findCustomersToRead, type Listed } from '../db/stripe-customers.ts';
import type { Db } from '../db/types.ts';
import { fingerprints } from './fingerprint.ts';
import type { BillingSource, InvoiceDispute } from './source.ts';

const dayMs = 86_400_000;
/** So far back invoices are looked at for what webhooks missed. */
const BACK_DAYS = 30;
/** A dispute may last so long. */
const DISPUTES_BACK_DAYS = 130;
/** Customers whose state changes by itself are read again after so long: a part of them in each run, those read longest ago first. */
const STALE_MS = 20 * 3_600_000;
const STALE_PART = 5;
const STALE_LEAST = 200;
/** The invoice that is coming is read from so long before it. */
const AHEAD_DAYS = 35;
const compareAtOnce = 500;
const readAtOnce = 4;

type Work = {
  db: Db;
  billing: BillingSource;
  log: Logger;
  now: Date;
  read(customerId: string): Promise<boolean>;
  /** Aborts between two customers. */
  signal?: AbortSignal;
};

/** What a reconciliation looked at, and the customers that it read: those that were new or stored otherwise are `changed`. */
export type Reconciled = { listed: number; changed: number; read: string[]; failed: { id: string; why: string }[] };

/**
 * Lists all customers, subscriptions and credit and the invoices of 30 days, reads those customers again of whom anything is
 * stored otherwise, whatever webhooks told, and those whose state changes by itself.
 */
export async function reconcile(work: Work): Promise<Reconciled> {
  const { db, billing, now } = work;
  const since = new Date(now.getTime() - BACK_DAYS * dayMs);
  const changed = new Set<string>();
  let listed = 0;
  const compare = async <T>(
    table: Parameters<typeof findChangedCustomers>[1],
    list: AsyncIterable<T>,
    shown: (each: T) => Listed,
  ) => {
    for await (const some of chunks(list, compareAtOnce)) {
      listed += some.length;
      for (const id of await findChangedCustomers(db, table, some.map(shown))) changed.add(id);
    }
  };
  await compare('stripe_customers', billing.listCustomers(), (each) => ({
    id: each.id,
    customerId: each.id,
    fingerprint: fingerprints.customer(each),
  }));
  await compare('subscriptions', billing.listSubscriptions(), (each) => ({
    ...each,
    fingerprint: fingerprints.subscription(each),
  }));
  for (const filter of [{ since }, { status: 'open' as const }]) {
    await compare('invoices', billing.listInvoices(filter), (each) => ({
      ...each,
      fingerprint: fingerprints.invoice(each),
    }));
  }
  await compare('credit_grants', billing.listGrants(), (each) => ({ ...each, fingerprint: fingerprints.grant(each) }));
  const disputes: InvoiceDispute[] = [];
  const disputed = new Date(now.getTime() - DISPUTES_BACK_DAYS * dayMs);
  for await (const dispute of billing.listDisputes(disputed)) disputes.push(dispute);

  const ahead = new Date(now.getTime() + AHEAD_DAYS * dayMs);
  const stale = await findCustomersToRead(db, new Date(now.getTime() - STALE_MS), ahead);
  const part = Math.max(STALE_LEAST, Math.ceil(stale.length / STALE_PART));
  const wanted = [...new Set([...changed, ...stale.slice(0, part)])];
  const { read, failed } = await readAll(work, wanted);
  for (const dispute of disputes) if (await setDisputed(db, dispute)) read.push(dispute.customerId ?? '');
  return { listed, changed: changed.size, read: [...new Set(read)].filter((id) => id !== ''), failed };
}

/** Reads customers, some side by side; one that cannot be read does not keep the others from it. */
async function readAll(
  { read, log, signal }: Work,
  ids: readonly string[],
): Promise<{ read: string[]; failed: Reconciled['failed'] }> {
  const done: string[] = [];
  const failed: Reconciled['failed'] = [];
  const left = [...ids];
  const lane = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      signal?.throwIfAborted();
      try {
        if (await read(id)) done.push(id);
      } catch (error) {
        log.warn({ err: error, customer: id }, 'a customer could not be read from Stripe');
        failed.push({ id, why: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: readAtOnce }, lane));
  return { read: done, failed };
}

async function* chunks<T>(list: AsyncIterable<T>, size: number): AsyncIterable<T[]> {
  let some: T[] = [];
  for await (const each of list) {
    some.push(each);
    if (some.length < size) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
