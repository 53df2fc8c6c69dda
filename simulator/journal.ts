/** What happened, in order. `of` is the seq of the entry that this one answers. */
export type JournalEntry = { seq: number; at: string } & JournalFact;

type JournalFact =
  /** The bot called a Web API method; the token is left out. */
  | { kind: 'call'; method: string; args: Record<string, unknown> }
  /** What it was answered; `lost` when the answer never arrived. */
  | { kind: 'answer'; of: number; method: string; status: number; ok: boolean; error: string | null; lost: boolean }
  /** A message came to be or changed. `pings` are the people and groups its text or blocks notify. */
  | {
      kind: 'post' | 'edit';
      channel: string;
      ts: string;
      user: string;
      text: string;
      thread_ts: string | null;
      pings: string[];
    }
  | { kind: 'ephemeral'; channel: string; ts: string; user: string; text: string; pings: string[] }
  | { kind: 'delete'; channel: string; ts: string; user: string }
  | { kind: 'reaction'; channel: string; ts: string; user: string; name: string; removed: boolean }
  | {
      kind: 'view';
      change: 'open' | 'push' | 'update' | 'publish' | 'close';
      user: string;
      view_id: string;
      callback_id: string;
    }
  | { kind: 'file'; file: string; state: 'reserved' | 'uploaded' | 'completing' | 'ready'; name: string }
  /** A request to the bot, each attempt by itself. */
  | {
      kind: 'delivery';
      what: DeliveryKind;
      id: string;
      attempt: number;
      retry_reason: string | null;
      body: Record<string, unknown>;
    }
  /** What the bot answered to it; status is null when it did not. */
  | { kind: 'reply'; of: number; what: DeliveryKind; id: string; status: number | null; body: unknown; ms: number }
  | {
      kind: 'response_url';
      id: string;
      uses: number;
      args: Record<string, unknown>;
      status: number;
      error: string | null;
    }
  | { kind: 'notice'; user: string; channel: string | null; text: string }
  | { kind: 'fault'; method: string; fault: string };

export type DeliveryKind = 'event' | 'command' | 'interaction' | 'options';

export type Journal = {
  /** Appends a frozen copy; returns its seq, which counts from 1. */
  add(fact: JournalFact): number;
  /** All entries so far; changing the list changes nothing. */
  list(): JournalEntry[];
  /** Calls back after each entry until the returned function is called. */
  watch(listener: () => void): () => void;
};

/** A journal that only grows. */
export function createJournal(now: () => Date): Journal {
  const entries: JournalEntry[] = [];
  const listeners = new Set<() => void>();
  return {
    add(fact) {
      const seq = entries.length + 1;
      entries.push(freeze(structuredClone({ seq, at: now().toISOString(), ...fact })));
      for (const listener of [...listeners]) listener();
      return seq;
    },
    list: () => [...entries],
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function freeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
