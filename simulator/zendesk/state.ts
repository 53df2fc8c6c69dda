import type { Scripted } from '../scripted-faults.ts';
import type { Journal } from './journal.ts';
import type { Delivery, Fault, Role, Status } from './types.ts';

export type Person = { id: number; name: string; email: string | null; role: Role; external_id: string | null };
export type Group = { id: number; name: string; deleted: boolean };
export type Via = { channel: string; source: { from: object; to: object; rel: string | null } };

export type StoredFile = { id: number; token: string; name: string; type: string; bytes: Uint8Array };

export type StoredComment = {
  id: number;
  audit_id: number;
  author_id: number;
  body: string;
  public: boolean;
  files: StoredFile[];
  via: Via;
  created_at: string;
  custom: Record<string, unknown>;
};

export type StoredAudit = {
  id: number;
  author_id: number;
  created_at: string;
  custom: Record<string, unknown>;
  via: Via;
  /** What changed, by field. */
  changes: Record<string, unknown>;
  comment: StoredComment | null;
};

export type Fields = {
  external_id: string | null;
  subject: string;
  status: Status;
  priority: string | null;
  group_id: number | null;
  assignee_id: number | null;
  requester_id: number;
  tags: string[];
  custom_fields: { id: number; value: unknown }[];
};

export type StoredTicket = Fields & {
  id: number;
  via: Via;
  created_at: string;
  updated_at: string;
  followup_ids: number[];
  deleted: boolean;
  audits: StoredAudit[];
};

/** All that the server knows; made once and passed to everything below it. */
export type State = {
  email: string;
  apiToken: string;
  now: () => Date;
  /** The address from outside, without a slash at its end. */
  url: string;
  webhook: { url: string | null; secret: string; body: 'event' | 'trigger'; held: Delivery[] | null };
  wrongSignatures: ('secret' | 'timestamp')[];
  commentMetadata: boolean;
  perMinute: number | null;
  /** When the last requests came, for their rate. */
  lately: number[];
  journal: Journal;
  people: Map<number, Person>;
  groups: Map<number, Group>;
  tickets: Map<number, StoredTicket>;
  /** By upload token. */
  uploads: Map<string, { file: StoredFile; expires: number }>;
  /** By the token in their address. */
  files: Map<string, StoredFile>;
  /** What was answered, by Idempotency-Key. */
  remembered: Map<string, { sent: string; status: number; body: unknown; expires: number }>;
  faults: Scripted<Fault>[];
  /** Lets each request go on that a fault holds. */
  holding: (() => void)[];
  counters: Map<string, number>;
  work: Set<Promise<unknown>>;
  closing: AbortController;
};

/** The next id of a kind. Tickets count from 1; the rest are as long as Zendesk's are. */
export function nextId(state: State, kind: 'ticket' | 'other'): number {
  const next = (state.counters.get(kind) ?? (kind === 'ticket' ? 0 : 30_064_117_810_000)) + 1;
  state.counters.set(kind, next);
  return next;
}

/** Now as Zendesk writes it: to the second. */
export const stamp = (state: State): string =>
  state
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');

/** Counts a promise as work under way until it settles. */
export function track<T>(state: State, promise: Promise<T>): Promise<T> {
  state.work.add(promise);
  const done = () => state.work.delete(promise);
  promise.then(done, done);
  return promise;
}

/** The person whose token is used. */
export function ownPerson(state: State): Person {
  const own = [...state.people.values()].find(({ email }) => email === state.email.toLowerCase());
  if (!own) throw new Error('There is no agent with the address of the token');
  return own;
}
