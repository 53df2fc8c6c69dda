import type { Scripted } from '../scripted-faults.ts';
import type { Journal } from './journal.ts';
import type { Beside, Invoice, Kind, Kinds, Stored } from './objects.ts';
import { missing } from './refusal.ts';
import type { Delivery, Fault, StripeEvent } from './types.ts';

/** All that the server knows; made once and passed to everything below it. */
export type State = Beside & {
  apiKey: string;
  /** What the clock is ahead of `now` by, and where it stands while it is moved. */
  clock: { now: () => Date; offset: number; at: number | null; due: { at: number; run(): void }[] };
  /** The address from outside, without a slash at its end. */
  url: string;
  fixtures: Record<string, Record<string, unknown>> | null;
  store: { [K in Kind]: Map<string, Kinds[K]> };
  /** The last previews, whose lines may still be asked for. */
  previews: Invoice[];
  events: StripeEvent[];
  /** What was last told of each object, to say what changed. */
  told: Map<string, Record<string, unknown>>;
  /** Events that the webhook has not answered well. */
  undelivered: Set<string>;
  webhook: { url: string | null; secret: string; held: Delivery[] | null; last: Promise<unknown> };
  wrongSignatures: ('secret' | 'past' | 'future')[];
  journal: Journal;
  faults: Scripted<Fault>[];
  /** Lets each answer go that a fault holds. */
  holding: (() => void)[];
  counters: Map<string, number>;
  work: Set<Promise<unknown>>;
  closing: AbortController;
};

/** The clock in milliseconds. */
export const timeOf = ({ clock }: Pick<State, 'clock'>): number => clock.at ?? clock.now().getTime() + clock.offset;

/** The clock as Stripe writes it: whole seconds. */
export const seconds = (state: State): number => Math.floor(timeOf(state) / 1000);

/** The next id with a prefix; counted, so that each run has the same. */
export function nextId(state: State, prefix: string): string {
  const next = (state.counters.get(prefix) ?? 0) + 1;
  state.counters.set(prefix, next);
  return `${prefix}_${String(next).padStart(6, '0')}`;
}

/** Keeps a new object; refuses an id that is taken. */
export function keep<K extends Kind>(state: State, kind: K, object: Kinds[K]): Kinds[K] {
  if (state.store[kind].has(object.id)) throw new Error(`There is a ${kind} ${object.id} already`);
  state.store[kind].set(object.id, object);
  return object;
}

/** An object of a kind; Stripe's 404 if there is none. */
export function find<K extends Kind>(state: State, kind: K, id: string, param = 'id'): Kinds[K] {
  const found = state.store[kind].get(id);
  if (!found) throw missing(nouns[kind] ?? kind.replaceAll('_', ' '), id, param);
  return found;
}

const nouns: Partial<Record<Kind, string>> = {
  payment_intent: 'payment_intent',
  payment_method: 'PaymentMethod',
  'billing.credit_grant': 'credit grant',
  'billing.credit_balance_transaction': 'credit balance transaction',
};

/** All objects of a kind, oldest first. */
export const all = <K extends Kind>(state: State, kind: K): Kinds[K][] => [...state.store[kind].values()];

/** The object of any kind with an id. */
export function findAny(state: State, id: string): Stored | null {
  for (const kept of Object.values(state.store)) {
    const found = kept.get(id);
    if (found) return found;
  }
  return null;
}

/** Counts a promise as work under way until it settles. */
export function track<T>(state: State, promise: Promise<T>): Promise<T> {
  state.work.add(promise);
  const done = () => state.work.delete(promise);
  promise.then(done, done);
  return promise;
}
